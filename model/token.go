package model

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"unique"
)

// Scheme says what the token in a link is made of. It is a setting of the
// database, not of the console.
type Scheme string

// The schemes.
const (
	SchemeSecret Scheme = "secret" // token = id.secret; the store keeps only a hash of the secret
	SchemeID     Scheme = "id"     // token = id, as the course's application has it: ids are credentials
)

// Key is the key that link secrets are derived from. It lives outside the
// store and prints as nothing but its fingerprint.
type Key []byte

// KeySize is the length of a Key in bytes.
const KeySize = 32

// String returns the fingerprint in brackets.
func (k Key) String() string { return "key[" + k.Fingerprint() + "]" }

// Format prints the fingerprint whatever the verb: %d would print the bytes.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// MarshalText keeps JSON and logs from holding the key.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Fingerprint identifies the key without giving it away: 8 hex characters, or
// "none". A database remembers it, so that a wrong key is noticed before a
// letter with a dead link goes out.
func (k Key) Fingerprint() string {
	if len(k) == 0 {
		return "none"
	}
	return hex.EncodeToString(k.derive("fingerprint/v1", "")[:4])
}

// AuditSeed derives the 32-byte Ed25519 seed that signs the heads of the audit
// log.
func (k Key) AuditSeed() []byte { return k.derive("audit/v1", "") }

func (k Key) derive(purpose, id string) []byte {
	h := hmac.New(sha256.New, k)
	h.Write([]byte(purpose + "\x00" + id))
	return h.Sum(nil)
}

// Token is what is in a link. It is a secret: String hides it, and Reveal
// is for the letter alone.
type Token struct{ id, secret unique.Handle[string] } // handles, as in ResetID

// NewToken derives the token of a reset: HMAC-SHA256(key, "reset/v1\0"+id) as
// unpadded base64url after the id, or the id alone in SchemeID. The same reset
// always has the same token, so a letter sent twice holds one link.
func NewToken(k Key, id ResetID, scheme Scheme) Token {
	if scheme == SchemeID {
		return makeToken(id.Full(), "")
	}
	return makeToken(id.Full(), base64.RawURLEncoding.EncodeToString(k.derive("reset/v1", id.Full())))
}

func makeToken(id, secret string) Token {
	t := Token{id: unique.Make(id)}
	if secret != "" {
		t.secret = unique.Make(secret)
	}
	return t
}

// maxToken bounds what ParseToken looks at; a real token has 32 or 76 bytes.
const maxToken = 128

// ParseToken reads a token from a link. It accepts both schemes; whether the
// secret is right is for Matches to say.
func ParseToken(s string) (Token, error) {
	s = strings.TrimSpace(s)
	id, secret, _ := strings.Cut(s, ".")
	if len(s) > maxToken || len(id) != 32 || !isHex(id) {
		return Token{}, &Error{Kind: Invalid, Field: "token", Text: "is not a reset token",
			Hint: "pass what stood in the link, whole, on standard input"}
	}
	return makeToken(strings.ToLower(id), secret), nil
}

// ID returns the id part of the token.
func (t Token) ID() string { return reveal(t.id) }

// Hash returns SHA-256 of the secret as 64 hex characters, what the store
// keeps; "" for a token without a secret. A plain hash is enough above 112 bits
// of entropy (NIST SP 800-63B-4 §3.1.3).
func (t Token) Hash() string {
	secret := reveal(t.secret)
	if secret == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Matches reports whether the token may redeem a reset with the given stored
// hash, comparing in constant time. A reset without a hash can be redeemed by
// its id alone, and only in SchemeID.
func (t Token) Matches(hash string, scheme Scheme) bool {
	if hash == "" {
		return scheme == SchemeID && reveal(t.secret) == ""
	}
	return subtle.ConstantTimeCompare([]byte(t.Hash()), []byte(hash)) == 1
}

// Reveal returns the token itself, for the link in a letter.
func (t Token) Reveal() string {
	secret := reveal(t.secret)
	if secret == "" {
		return t.ID()
	}
	return t.ID() + "." + secret
}

// String hides the token.
func (t Token) String() string { return "[token hidden]" }

// GoString hides the token from %#v.
func (t Token) GoString() string { return t.String() }
