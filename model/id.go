package model

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
	"unicode/utf8"
	"unique"
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
	plain string // an id that is no credential
	// A credential is held by a handle, because fmt calls no method on what an
	// unexported field holds and would print a string; of a handle it prints an
	// address in memory. It costs some 2 µs, so the others do without.
	hidden unique.Handle[string]
}

// NewResetID wraps the id of a reset in a database of the given scheme.
func NewResetID(id string, scheme Scheme) ResetID {
	if id == "" || scheme != SchemeID {
		return ResetID{plain: id}
	}
	return ResetID{hidden: unique.Make(id)}
}

// Full returns the whole id. It is for queries and for the letter, never for a
// screen, a log, an export or an audit entry.
func (r ResetID) Full() string {
	if r.plain != "" {
		return r.plain
	}
	return reveal(r.hidden)
}

func reveal(h unique.Handle[string]) string {
	if h == (unique.Handle[string]{}) {
		return ""
	}
	return h.Value()
}

// IsZero reports whether there is no id at all.
func (r ResetID) IsZero() bool { return r == ResetID{} }

// String returns what may be shown.
func (r ResetID) String() string {
	if r.plain != "" {
		return r.plain
	}
	return Mask(reveal(r.hidden))
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
	cut := maskedLength
	for cut > 0 && !utf8.RuneStart(id[cut]) {
		cut--
	}
	return id[:cut] + "…"
}

// CleanRef makes a typed or pasted reference comparable: spaces, a trailing
// "…" or "..." and, in a uuid, the dashes go, and hex is lowered.
func CleanRef(s string) string {
	s = strings.TrimSpace(s)
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(s, "…"), "..."))
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
