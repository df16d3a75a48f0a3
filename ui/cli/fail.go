package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"doorman/model"
	"doorman/ui/term"
)

// The exit statuses.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNo          = 3
	exitInterrupted = 130
)

// errNothing ends a command whose list came out empty; it has reported it already.
var errNothing = errors.New("nothing matched")

// usageError is a command line that cannot be read.
type usageError struct{ text, command string }

func (e *usageError) Error() string { return e.text }

// startError is a failure before the work began: configuration, database, key.
type startError struct{ error }

func (e startError) Unwrap() error { return e.error }

// NotStarted marks the failure of a console that never opened: exit status 2.
func NotStarted(err error) error {
	if err == nil {
		return nil
	}
	return startError{err}
}

// statusError gives an error another exit status than its kind has.
type statusError struct {
	error
	status int
}

func (e statusError) Unwrap() error { return e.error }

// hinted gives an error another hint.
type hinted struct {
	error
	hint string
}

func (e hinted) Unwrap() error { return e.error }

// unavailable says that the program was built or started without something.
func unavailable(what string) error {
	return &model.Error{Kind: model.Unavailable, Text: what + " is not available in this program"}
}

// report tells the person what went wrong and returns the exit status.
func (a *app) report(ctx context.Context, err error) int {
	if ctx.Err() != nil {
		a.say("interrupted")
		return exitInterrupted
	}
	var said *model.Error
	var usage *usageError
	switch {
	case errors.Is(err, errNothing):
	case errors.As(err, &said):
		hint := said.Hint
		if other := (hinted{}); errors.As(err, &other) {
			hint = strings.TrimPrefix(hint+"; "+other.hint, "; ")
		}
		a.complain(said.Error(), hint)
	case errors.As(err, &usage):
		a.complain(usage.text, usage.command+" --help tells how to use it")
	case isCobraUsage(err):
		a.complain(err.Error(), "doorman --help lists the commands")
	case a.Log != nil:
		a.Log(err)
		a.complain("something unexpected went wrong", "the details are in "+a.LogFile)
	default:
		a.complain(err.Error(), "")
	}
	return status(err)
}

func status(err error) int {
	var own statusError
	var usage *usageError
	switch {
	case errors.As(err, &own):
		return own.status
	case errors.Is(err, errNothing), model.IsKind(err, model.NotFound):
		return exitNo
	case errors.As(err, new(startError)), errors.As(err, &usage), model.IsKind(err, model.Invalid), isCobraUsage(err):
		return exitUsage
	}
	return exitFailed
}

// isCobraUsage recognises the usage errors that cobra makes without a type.
func isCobraUsage(err error) bool {
	s := err.Error()
	for _, start := range []string{"unknown command ", "accepts ", "requires at ", "required flag", "if any flags in the group", "at least one of the flags"} {
		if strings.HasPrefix(s, start) {
			return true
		}
	}
	return false
}

// complain writes an error and a hint to stderr. Both may repeat text from
// outside.
func (a *app) complain(text, hint string) {
	text, rest, _ := strings.Cut(text, "\n")
	fmt.Fprintf(a.Stderr, "doorman: error: %s\n", term.Show(text))
	if rest = strings.Join(strings.Fields(rest), " "); rest != "" {
		hint = rest // cobra's "Did you mean this?"
	}
	if hint != "" {
		fmt.Fprintf(a.Stderr, "doorman: hint: %s\n", term.Show(hint))
	}
}

// say writes words, never data, to stderr.
func (a *app) say(format string, args ...any) {
	fmt.Fprintf(a.Stderr, "doorman: %s\n", term.Show(fmt.Sprintf(format, args...)))
}
