package mail

import (
	"cmp"
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

// Test sends a test email with these settings and tells in lines how far it came,
// also when there is an error.
func (c Config) Test(ctx context.Context, to string) (string, error) {
	if err := c.Check(); err != nil {
		return "", err
	}
	s, err := NewSender(c)
	if err != nil {
		return "", err
	}
	defer s.Close()
	checks, err := s.Test(ctx, to)
	reply := ""
	for _, check := range checks {
		reply += check.Name + ": " + check.Text + "\n"
	}
	return reply, err
}

// probeTime is how long a relay may take for each step of a probe.
const probeTime = 10 * time.Second

// Probe looks whether the relay takes emails with these settings, as far as that
// can be known without sending one.
func (c Config) Probe(ctx context.Context) error {
	c.Timeout = min(cmp.Or(c.Timeout, probeTime), probeTime)
	s, err := NewSender(c)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Probe(ctx)
}

// Probe goes as far with the relay as it can without sending anything: up to
// the sender's name. The error is worded for the person.
func (s *Sender) Probe(ctx context.Context) error {
	from, err := parseMailbox("from", s.cfg.From)
	if err != nil {
		return err
	}
	address, err := wireAddress(from.Address)
	if err != nil {
		return invalid("from", err.Error(), "")
	}
	l, err := dial(ctx, s.cfg, s.tls, nil)
	if err == nil {
		defer l.hangUp()
		if err = l.sender(ctx, address); err != nil {
			err = failed(l.step, err, s.cfg.Password)
		}
	}
	return told(err, s.cfg.address(), "the relay's answer tells why")
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
	if m, err = m.wire(); err != nil {
		return Mail{}, nil, told(err, s.cfg.address(), "the part after the @ must be a domain")
	}
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
	if hint := e.Cause().hint(); hint != "" && (e.Step != StepAuth || e.Cause() == CauseBusy) {
		return hint
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
	case StepHello:
		return "is this the port for mail? The relay ended the conversation at EHLO; mail.hello is the name it was given"
	}
	return ""
}
