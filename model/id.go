package model

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
)

// NewID returns a random uuid4 (RFC 9562 §5.4) as 32 lower-case hex characters
// without dashes: the form of every primary key.
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return hex.EncodeToString(b[:])
}

// maskedLength is how much of an id that is a credential may be seen.
const maskedLength = 8

// ResetID is the primary key of a reset. Where the database uses the id itself
// as the token (SchemeID) it is a credential: it then prints and marshals as
// its first 8 characters and "…", and only Full gives it away. The zero value
// is no id.
type ResetID struct {
	full   string
	masked bool
}

// NewResetID wraps the id of a reset in a database of the given scheme.
func NewResetID(id string, scheme Scheme) ResetID {
	return ResetID{full: id, masked: scheme == SchemeID}
}

// Full returns the whole id. It is for queries and for the letter, never for a
// screen, a log, an export or an audit entry.
func (r ResetID) Full() string { return r.full }

// IsZero reports whether there is no id at all.
func (r ResetID) IsZero() bool { return r.full == "" }

// String returns what may be shown.
func (r ResetID) String() string {
	if !r.masked {
		return r.full
	}
	return Mask(r.full)
}

// GoString keeps %#v from printing a credential.
func (r ResetID) GoString() string { return "model.ResetID(" + r.String() + ")" }

// MarshalText returns what String does, so that JSON never holds a credential.
func (r ResetID) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// Mask cuts an id to its first 8 characters and "…"; shorter ones are hidden
// whole.
func Mask(id string) string {
	if id == "" {
		return ""
	}
	if len(id) <= maskedLength {
		return "…"
	}
	return id[:maskedLength] + "…"
}

// CleanRef makes a typed or pasted reference comparable: spaces, a trailing
// "…" or "..." and, in a uuid, the dashes go, and hex is lowered.
func CleanRef(s string) string {
	s = strings.TrimSpace(s)
	s = strings.TrimSuffix(strings.TrimSuffix(s, "…"), "...")
	if h := strings.ReplaceAll(s, "-", ""); isHex(h) {
		return strings.ToLower(h)
	}
	return s
}

func isHex(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return s != ""
}
