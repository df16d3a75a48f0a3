package model

import "time"

// LetterState is where a letter stands on its way out.
type LetterState string

// The states of a letter. Sent means that the relay took it, never that it
// arrived.
const (
	Queued        LetterState = "queued"
	Sending       LetterState = "sending"
	Sent          LetterState = "sent"
	Failed        LetterState = "failed"        // will be tried again
	Undeliverable LetterState = "undeliverable" // given up
	Cancelled     LetterState = "cancelled"
)

// LetterStates lists every state.
func LetterStates() []LetterState {
	return []LetterState{Queued, Sending, Sent, Failed, Undeliverable, Cancelled}
}

// ParseLetterState reads a letter state by its name.
func ParseLetterState(s string) (LetterState, error) {
	for _, st := range LetterStates() {
		if string(st) == s {
			return st, nil
		}
	}
	return "", &Error{Kind: Invalid, Field: "state", Text: "there is no email state " + Quote(s),
		Hint: "use queued, sending, sent, failed, undeliverable or cancelled"}
}

// LetterKind says which template a letter is made from.
type LetterKind string

// The kinds of letter.
const (
	LetterIssued    LetterKind = "reset-issued"    // holds the link
	LetterCompleted LetterKind = "reset-completed" // tells the owner that the password was changed (ASVS 5.0 §6.3.7)
)

// Words is what an email of the kind is about, as screens say it.
func (k LetterKind) Words() string {
	switch k {
	case LetterIssued:
		return "reset link"
	case LetterCompleted:
		return "password changed"
	}
	return string(k)
}

// Letter is one row of the outbox. It holds no secret: the link is derived when
// the letter is written. Times are UTC; a zero time means never.
type Letter struct {
	ID        string
	Kind      LetterKind
	ResetID   ResetID
	AccountID string
	To        string // the address on record when the letter was queued
	State     LetterState
	Attempts  int
	Created   time.Time
	NextTry   time.Time // when the courier may take it; for Queued and Failed
	SentAt    time.Time
	Expires   time.Time // of the reset; the link is dead after it
	MessageID string    // fixed when queued, without angle brackets: every attempt carries the same
	Reply     string    // the relay's answer to the accepted letter; hostile
	LastError string    // why the last attempt failed, without secrets; hostile
	BatchID   string    // the batch that cancelled it, or ""
	// SecretHash of the reset, so that the courier can see that its key is the
	// right one before a dead link goes out; "" in SchemeID.
	SecretHash string
}

// Outcome is what an attempt to send a letter came to.
type Outcome struct {
	State   LetterState // Sent, Failed, Undeliverable, Cancelled; Queued gives the lease back without counting an attempt
	Reply   string      // the relay's answer, for Sent
	Err     string      // the reason, for the others
	NextTry time.Time   // for Failed
}
