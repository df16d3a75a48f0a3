package mail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"

	"doorman/model"
)

// Sender hands letters to the relay, one after the other over one connection
// that it keeps open. Safe for concurrent use.
type Sender struct {
	cfg  Config
	tls  *tls.Config
	dkim *gomail.DKIMSigner // nil: letters are not signed

	mu   sync.Mutex
	line *line // nil: not connected
}

// Format names the relay alone: fmt would print what the fields hold, the
// password among it.
func (s *Sender) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.cfg.String()) }

// maxIdle is how long an unused connection is trusted. Relays end idle
// connections after 30 s and more (Postfix: 300 s).
const maxIdle = 20 * time.Second

// NewSender checks the server's part of the configuration and reads key and
// root files. It does not connect.
func NewSender(cfg Config) (*Sender, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if cfg.Hello == "" {
		if cfg.Hello, err = os.Hostname(); err != nil || cfg.Hello == "" {
			cfg.Hello = "localhost"
		}
	}
	s := &Sender{cfg: cfg}
	if s.tls, err = tlsConfig(cfg); err != nil {
		return nil, err
	}
	if s.dkim, err = newSigner(cfg.DKIM); err != nil {
		return nil, err
	}
	return s, nil
}

func tlsConfig(cfg Config) (*tls.Config, error) {
	c := &tls.Config{ServerName: cfg.Host, MinVersion: tls.VersionTLS12}
	pem := cfg.CA
	if cfg.CAFile != "" {
		b, err := readFile(cfg.CAFile)
		if err != nil {
			return nil, &model.Error{Kind: model.Unavailable, Field: "mail.ca_file", Text: "cannot read " + model.Quote(cfg.CAFile), Err: err}
		}
		pem = append(bytes.Clone(pem), append([]byte("\n"), b...)...)
	}
	if len(pem) == 0 {
		return c, nil
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, invalid("ca_file", "holds no certificate in PEM form", "")
	}
	c.RootCAs = roots
	return c, nil
}

// Server returns host and port of the relay.
func (s *Sender) Server() string { return s.cfg.address() }

// Send hands one letter over and returns the relay's answer ("250 2.0.0 Ok:
// queued as …"; hostile). A nil error means that the relay took it, even if the
// connection broke right after. Any other error is a *SendError, except for a
// letter that could not be put into MIME form. When ctx ends Send returns at
// once, but waits up to 2 s for the answer to a letter that is already out.
func (s *Sender) Send(ctx context.Context, m Mail) (string, error) {
	m, err := m.wire()
	if err != nil {
		return "", err
	}
	raw, err := s.compose(m)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if err := s.ready(ctx); err != nil {
			return "", err
		}
		l := s.line
		reply, err := l.deliver(ctx, m.From.Address, m.To, raw, func(Step, string) {})
		if err == nil {
			l.reused, l.used = true, time.Now()
			return answer(reply, m.secrets...), nil
		}
		if ctx.Err() != nil && l.step != StepEnd {
			err = context.Cause(ctx)
		}
		e := failed(l.step, err, append(m.secrets, s.cfg.Password)...)
		e.international = !isASCII(m.To)
		stale := l.reused && e.Step == StepFrom && (e.Code == 0 || e.Code == codeClosing)
		s.settle(e)
		if !stale || ctx.Err() != nil {
			return "", e
		}
	}
}

// ready sees to it that there is a connection worth trying.
func (s *Sender) ready(ctx context.Context) error {
	if s.line != nil && time.Since(s.line.used) > maxIdle {
		s.line.hangUp()
		s.line = nil
	}
	if s.line != nil {
		return nil
	}
	l, err := dial(ctx, s.cfg, s.tls, nil)
	if err != nil {
		return err
	}
	l.used = time.Now()
	s.line = l
	return nil
}

// settle keeps the connection after a refusal and drops it after a breakdown.
func (s *Sender) settle(e *SendError) {
	l := s.line
	if e.Code != 0 && e.Code != codeClosing && (e.Lone() || !e.Trouble()) && l.reset() == nil {
		l.reused, l.used = true, time.Now()
		return
	}
	_ = l.conn.Close()
	s.line = nil
}

// Close ends the connection politely. The next Send opens a new one.
func (s *Sender) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.line != nil {
		s.line.hangUp()
		s.line = nil
	}
	return nil
}

// compose puts a letter into MIME form and signs it. The same letter gives the
// same bytes each time, but for the signature's time.
func (s *Sender) compose(m Mail) ([]byte, error) {
	sum := sha256.Sum256([]byte(m.MessageID))
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary("doorman-"+hex.EncodeToString(sum[:16])))
	msg.FromMailAddress(&m.From)
	if m.ReplyTo.Address != "" {
		msg.ReplyToMailAddress(&m.ReplyTo)
	}
	if err := msg.To(m.To); err != nil {
		return nil, &model.Error{Kind: model.Invalid, Field: "email", Text: "is not a mail address", Err: err}
	}
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.MessageID)
	msg.SetDateWithValue(m.Date.UTC())
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	if s.dkim != nil {
		msg.SetDKIM(s.dkim)
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("compose email: %w", err)
	}
	return b.Bytes(), nil
}
