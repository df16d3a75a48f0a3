package mail

import (
	"context"
	"crypto/x509"
	"errors"
	"time"

	"doorman/model"
)

// Test sends a letter without a link to an address, over a connection of its
// own, and tells what each step came to. The last check is the one that failed,
// where one did; the error is then a *SendError or about the configuration. The
// texts are partly the relay's: hostile. A *SendError is worded for the person.
func (s *Sender) Test(ctx context.Context, to string) ([]model.Check, error) {
	var checks []model.Check
	note := func(step Step, text string) {
		checks = append(checks, model.Check{Name: string(step), OK: true, Text: text})
	}
	fail := func(step Step, err error) ([]model.Check, error) {
		e := failed(step, err, s.cfg.Password)
		var known *SendError
		if errors.As(err, &known) {
			e = known
		}
		return append(checks, model.Check{Name: string(e.Step), Text: e.Error(), Hint: hintFor(e)}), told(e, s.cfg.address(), "the relay's answer tells why")
	}
	m, raw, err := s.trialLetter(to)
	if err != nil {
		return nil, err
	}
	l, err := dial(ctx, s.cfg, s.tls, note)
	if err != nil {
		return fail(StepConnect, err)
	}
	defer l.hangUp()
	reply, err := l.deliver(ctx, m.From.Address, m.To, raw, note)
	if err != nil {
		return fail(l.step, err)
	}
	note(StepEnd, "accepted: "+answer(reply))
	return checks, nil
}

// trialLetter makes the test letter.
func (s *Sender) trialLetter(to string) (Mail, []byte, error) {
	to, err := model.ParseEmail(to)
	if err != nil {
		return Mail{}, nil, err
	}
	from, err := parseMailbox("from", s.cfg.From)
	if err != nil {
		return Mail{}, nil, err
	}
	const text = "This is a test email. If you can read it, emails leave this machine\nand reach you. There is nothing to do.\n"
	const subject = "Test email"
	m := Mail{From: from, To: to, Subject: subject, Text: text, HTML: htmlFromText(subject, text, ""),
		MessageID: "test-" + model.NewID() + "@doorman.invalid", Date: time.Now()}
	raw, err := s.compose(m)
	return m, raw, err
}

// told words a *SendError for the person, with what to look at or otherwise do.
// Other errors stay as they are.
func told(err error, server, otherwise string) error {
	var e *SendError
	if !errors.As(err, &e) {
		return err
	}
	hint := hintFor(e)
	if hint == "" {
		hint = otherwise
	}
	return &model.Error{Kind: model.Unavailable, Text: "the mail relay " + server + " took no email: " + e.Error(), Hint: hint, Err: err}
}

// hintFor says what to look at after a failed step.
func hintFor(e *SendError) string {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	switch {
	case errors.As(e.Err, &unknown):
		return "set mail.ca_file to the root that signed the relay's certificate"
	case errors.As(e.Err, &name):
		return "set mail.host to a name that the relay's certificate is for"
	}
	switch e.Step {
	case StepConnect:
		return "is the relay running, and may this machine reach its port?"
	case StepGreet:
		return "is this the port for mail? security = tls goes with 465, starttls with 587"
	case StepTLS:
		return "does the relay offer TLS on this port? security = tls goes with 465, starttls with 587"
	case StepAuth:
		return "check mail.username and the password"
	case StepFrom:
		return "may this account send as mail.from?"
	}
	return ""
}
