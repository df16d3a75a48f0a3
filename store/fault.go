package store

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
)

// faultError is a panic of a goroutine beside the work, as an error of the work:
// nothing else would catch it, and the terminal would be left as it is.
type faultError struct {
	what  string
	stack []byte
}

// Error is for the log: what is known of the fault, and where it was. The value
// of a panic stays out of it unless the runtime made it: it may be a secret.
func (e *faultError) Error() string { return e.what + "\n" + string(e.stack) }

func isFault(err error) bool { return errors.As(err, new(*faultError)) }

// caught makes an error of a panic; defer it in every goroutine.
func caught(err *error) {
	r := recover()
	if r == nil {
		return
	}
	e := &faultError{what: fmt.Sprintf("a panic of type %T", r), stack: debug.Stack()}
	if own, ok := r.(runtime.Error); ok {
		e.what = own.Error()
	}
	*err = e
}
