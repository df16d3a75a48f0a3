package mail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"strings"
	"syscall"

	"doorman/model"
)

// Step is a part of the conversation with the relay.
type Step string

// The steps, in order.
const (
	StepConnect Step = "connect"
	StepGreet   Step = "greeting"
	StepHello   Step = "EHLO"
	StepTLS     Step = "TLS"
	StepAuth    Step = "AUTH"
	StepFrom    Step = "MAIL"
	StepTo      Step = "RCPT"
	StepData    Step = "DATA"
	StepEnd     Step = "end of data"
)

// SendError says at which step sending failed and what follows from it: exactly
// one of Permanent, Temporary and Trouble is true. Its text comes partly from
// the relay and is hostile, but holds neither password nor link.
type SendError struct {
	Step Step
	Code int    // the relay's answer; 0 when there was none
	Text string // the answer, or what went wrong
	Err  error  // the cause, or nil; never shown, only tested

	own           bool // no relay was asked: none can take this email
	international bool // the recipient needed SMTPUTF8
}

// Error returns the step and what went wrong there.
func (e *SendError) Error() string {
	if e.Code != 0 {
		return fmt.Sprintf("%s: %d %s", e.Step, e.Code, e.Text)
	}
	return fmt.Sprintf("%s: %s", e.Step, e.Text)
}

// Unwrap returns the cause, or nil.
func (e *SendError) Unwrap() error { return e.Err }

// Trouble reports that the relay takes no email at the moment, or none from us:
// the email is not to blame and no attempt of it should be counted. That is
// everything before an email is named, a relay that goes away at MAIL, where
// nothing is known of a recipient yet, and a refusal that our settings cause.
func (e *SendError) Trouble() bool {
	switch e.Step {
	case StepConnect, StepGreet, StepHello, StepTLS, StepAuth:
		return true
	case StepFrom:
		if e.Code == 0 {
			return true
		}
	}
	c := e.Cause()
	return c != "" && (c != CauseBusy || e.Step == StepFrom)
}

// Lone reports trouble that may concern one recipient only: a relay may pass on
// emails to some domains and not to others.
func (e *SendError) Lone() bool {
	switch e.Cause() {
	case "", CauseLogin, CauseTLS, CauseBusy:
		return false
	}
	return e.Step == StepTo || e.Step == StepData || e.Step == StepEnd
}

// reason is the error with what to change about it.
func (e *SendError) reason() string {
	if hint := hintFor(e); hint != "" && e.Trouble() {
		return e.Error() + " (" + hint + ")"
	}
	return e.Error()
}

// Permanent reports that the relay will never take this email: an answer of
// 500 to 599 to one of its commands, or an address that it cannot take.
func (e *SendError) Permanent() bool {
	return !e.Trouble() && (e.own || e.Code >= 500 && e.Code <= 599)
}

// Temporary reports that the letter may be taken later: 400 to 499, silence, or
// a connection that broke.
func (e *SendError) Temporary() bool { return !e.Trouble() && !e.Permanent() }

// codeClosing is the answer of a server that is going away (RFC 5321 §3.8).
const codeClosing = 421

// maxAnswer bounds what is kept of an answer, in bytes.
const maxAnswer = 500

// answer makes the relay's words storable, without secrets, on one line.
func answer(s string, secrets ...string) string {
	return model.CleanText(strings.Join(strings.Fields(hide(s, secrets...)), " "), maxAnswer)
}

// failed turns the error of a step into a *SendError.
func failed(step Step, err error, secrets ...string) *SendError {
	e := &SendError{Step: step, Err: err}
	var said *textproto.Error
	var protocol textproto.ProtocolError
	var timeout net.Error
	var own ownRefusal
	switch {
	case errors.As(err, &own):
		e.Text, e.own = own.Error(), true
	case errors.As(err, &said):
		e.Code, e.Text = said.Code, said.Msg
		e.Err = nil // it repeats the answer, secrets and all
	case errors.As(err, &protocol):
		e.Text, e.Err = "the server does not speak SMTP: "+protocol.Error(), nil
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		e.Text = "no answer in time"
	case errors.Is(err, context.Canceled), errors.Is(err, net.ErrClosed):
		e.Text = "interrupted"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		e.Text = "the server hung up"
	default:
		e.Text = err.Error()
	}
	var network *net.OpError
	if errors.As(err, &network) {
		secrets = nil // no word of it is the relay's
	}
	e.Text = answer(e.Text, secrets...)
	return e
}
