package model

import (
	"slices"
	"time"
)

// State is what became of a reset.
type State string

// The states of a reset, in the order in which they are tested.
const (
	Used       State = "used"
	Revoked    State = "revoked"
	Superseded State = "superseded"
	Expired    State = "expired"
	Live       State = "live"
)

// States lists every state in the order of test.
func States() []State { return []State{Used, Revoked, Superseded, Expired, Live} }

// ParseState reads a state by its name.
func ParseState(s string) (State, error) {
	for _, st := range States() {
		if string(st) == s {
			return st, nil
		}
	}
	return "", &Error{Kind: Invalid, Field: "state", Text: "there is no state " + Quote(s),
		Hint: "use used, revoked, superseded, expired or live"}
}

// Lifetimes of a reset. OWASP advises 30 to 60 minutes for a link in a mail;
// ASVS 5.0 §6.4 and NIST SP 800-63B-4 allow 24 hours at most. An adopted
// database keeps the course's rule of one day.
const (
	DefaultLifetime = time.Hour
	AdoptedLifetime = 24 * time.Hour
	MaxLifetime     = 24 * time.Hour
	MinLifetime     = time.Minute
)

// Reset is one PasswordReset record. Times are UTC; a zero time means never.
type Reset struct {
	ID             ResetID
	AccountID      string // "" where the record names no one
	Email          string // of the account, "" where it is gone
	Created        time.Time
	Expires        time.Time // filled from Created and the default lifetime where the row has none
	Used           time.Time
	WasUsed        bool // the course's flag: set when used, revoked or superseded
	Revoked        time.Time
	RevokedBy      string
	RevokeReason   string
	SupersededBy   ResetID
	RequestedIP    string      // as recorded, unparsed: hostile
	RequestedAgent string      // hostile
	UsedIP         string      // where it was redeemed; hostile
	UsedAgent      string      // hostile
	IssuedBy       string      // operator who issued it; "" when a person asked
	BatchID        string      // the last batch that changed it, or ""
	Letter         LetterState // of its newest letter, "" for none
	Flag           Flag        // of the worst cluster that it belongs to; zero for none, and where that was not looked up
}

// State tells what the reset is at the given moment. A row whose flag is set
// but that has no date of any kind was spent by another program: it is used.
// A row without any creation time cannot be shown to be valid: it is expired.
func (r Reset) State(now time.Time) State {
	switch {
	case !r.Used.IsZero():
		return Used
	case !r.Revoked.IsZero():
		return Revoked
	case !r.SupersededBy.IsZero():
		return Superseded
	case r.WasUsed:
		return Used
	case r.Expires.IsZero() || !now.Before(r.Expires):
		return Expired
	}
	return Live
}

// CheckLifetime refuses a lifetime outside MinLifetime…MaxLifetime.
func CheckLifetime(d time.Duration) error {
	if d < MinLifetime || d > MaxLifetime {
		return &Error{Kind: Invalid, Field: "ttl", Text: "a reset lives from 1 minute to 24 hours, not " + d.String(),
			Hint: "OWASP advises 30 to 60 minutes for a link in a mail"}
	}
	return nil
}

// Flag marks what belongs to a cluster.
type Flag struct {
	Key      string // of the cluster
	Name     string // what the cluster is: a network, "the account", "agent curl 8"
	Severity Severity
}

// WorseThan reports whether the cluster is worse than another one, or the other is
// none.
func (f Flag) WorseThan(other Flag) bool {
	return !f.IsZero() && (other.IsZero() || slices.Index(Severities(), f.Severity) < slices.Index(Severities(), other.Severity))
}

// IsZero reports whether there is no cluster.
func (f Flag) IsZero() bool { return f.Key == "" }
