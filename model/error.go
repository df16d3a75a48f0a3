package model

import "errors"

// Kind says what sort of thing went wrong, so that a caller can choose an exit
// status or a colour without reading the text.
type Kind string

// The kinds of error. The zero value is not one of them.
const (
	Invalid     Kind = "invalid"     // the input cannot be right: a usage error
	NotFound    Kind = "not found"   // nothing matches
	Conflict    Kind = "conflict"    // someone else was first, or the state has moved on
	Refused     Kind = "refused"     // a rule forbids it: held, blocked, not allowed
	ReadOnly    Kind = "read-only"   // the store was opened for looking only
	Unavailable Kind = "unavailable" // file, disk, lock, server: the world outside
)

// Error is written for the person who reads it and is shown as it stands. Any
// other error goes to the log and is shown as one fixed sentence.
type Error struct {
	Kind  Kind
	Field string // the input field at fault, or ""
	Text  string // what is wrong, lower case, no full stop
	Hint  string // what to do about it, or ""
	Key   string // the same in the console, where commands and flags mean nothing; "": Hint
	Err   error  // the cause, or nil; never shown, only tested
}

// Error returns Text, led by Field where there is one.
func (e *Error) Error() string {
	if e.Field != "" {
		return e.Field + ": " + e.Text
	}
	return e.Text
}

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error { return e.Err }

// IsKind reports whether err is, or wraps, an *Error of kind k.
func IsKind(err error, k Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == k
}
