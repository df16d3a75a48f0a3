package model

import (
	"net/mail"
	"strings"
	"time"
	"unicode"
)

// Account is a person's login in the application that Doorman looks after. The
// password hash is not part of it: Doorman never reads that column.
type Account struct {
	ID             string
	Email          string
	Created        time.Time // zero where the application wrote none
	EmailConfirmed bool
	SuperUser      bool
	Held           time.Time // zero: not held
	HeldBy         string
}

// IsHeld reports whether no reset may be issued or redeemed for the account.
func (a Account) IsHeld() bool { return !a.Held.IsZero() }

// AccountRow is an account as lists show it, with figures about its resets.
type AccountRow struct {
	Account
	Resets    int       // all resets ever
	Live      int       // those that could be redeemed now
	LastReset time.Time // when the newest was requested; zero: never
	Flag      Flag      // of the worst cluster that a reset of it belongs to; zero for none, and where that was not looked up
}

// maxEmail is the longest address that can be in an SMTP path (RFC 5321
// §4.5.3.1.3, less the angle brackets).
const maxEmail = 254

// ParseEmail checks one bare address as Doorman stores and mails it. Display
// names, quoted local parts, control characters and anything that net/mail
// would read differently are refused: a letter must go to exactly what is on
// record.
func ParseEmail(s string) (string, error) {
	s = strings.TrimSpace(s)
	bad := func(text string) (string, error) {
		return "", &Error{Kind: Invalid, Field: "email", Text: text, Hint: "write it as name@example.org"}
	}
	switch {
	case s == "":
		return bad("is empty")
	case len(s) > maxEmail:
		return bad("is longer than 254 bytes")
	case strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.IsSpace(r) || r == unicode.ReplacementChar || unicode.Is(unicode.Cf, r)
	}):
		return bad("holds a space or an invisible character")
	case strings.ContainsAny(s, `"<>,;:\()[]`):
		return bad("holds a character that no plain address has")
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || a.Name != "" {
		return bad("is not a mail address")
	}
	return s, nil
}
