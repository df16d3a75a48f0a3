package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// line is one open connection to the relay, greeted, encrypted and logged in.
// Its user holds it alone.
type line struct {
	conn    *meter // underneath TLS: closing it ends any waiting
	client  *smtp.Client
	cfg     Config
	step    Step
	reused  bool
	used    time.Time
	ending  atomic.Bool // the letter is with the relay, its answer is awaited
	wrapped net.Conn    // what SMTP runs over at first: conn, or TLS over it
}

// endPatience is how many times longer than for any other step the answer to
// a whole letter is waited for: giving up then means a letter sent twice
// (RFC 5321 §4.5.3.2.6 requests ten minutes).
const endPatience = 4

// lastWord is how long the answer to a whole letter is waited for after the
// sender was told to stop, for the same reason.
const lastWord = 2 * time.Second

// dial opens a connection and brings it to where letters can be sent. note is
// called after each step with what was found; it may be nil.
func dial(ctx context.Context, cfg Config, tlsConfig *tls.Config, note func(Step, string)) (*line, error) {
	if note == nil {
		note = func(Step, string) {}
	}
	l := &line{cfg: cfg, step: StepConnect}
	if err := l.open(ctx, tlsConfig, note); err != nil {
		if l.conn != nil {
			_ = l.conn.Close()
		}
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, failed(l.step, err, cfg.Password)
	}
	return l, nil
}

func (l *line) open(ctx context.Context, tlsConfig *tls.Config, note func(Step, string)) error {
	if err := l.connect(ctx); err != nil {
		return err
	}
	note(StepConnect, "connected to "+l.conn.RemoteAddr().String())
	defer l.guard(ctx)()
	if l.cfg.Security == TLS {
		if err := l.wrap(ctx, tlsConfig, note); err != nil {
			return err
		}
	}
	if err := l.greet(); err != nil {
		return err
	}
	note(StepGreet, "answers as "+answer(l.client.HelloResponse()))
	if l.cfg.Security == StartTLS {
		if err := l.startTLS(tlsConfig, note); err != nil {
			return err
		}
	}
	if l.cfg.Username == "" {
		return nil
	}
	return l.auth(note)
}

// guard closes the connection as soon as ctx ends, whatever is being waited
// for; the returned function lifts the guard.
func (l *line) guard(ctx context.Context) func() {
	stop := context.AfterFunc(ctx, func() {
		if l.ending.Load() {
			_ = l.conn.SetDeadline(time.Now().Add(lastWord))
			return
		}
		_ = l.conn.Close()
	})
	return func() { stop() }
}

// maxTalk is how much a relay may say in one step, in bytes, TLS and all: an
// endless answer would otherwise fill the memory until the time is up.
const maxTalk = 1 << 20

// meter ends a connection whose other side talks without end.
type meter struct {
	net.Conn
	heard int
}

// Read reads, until too much was said since the last step began.
func (m *meter) Read(b []byte) (int, error) {
	if m.heard > maxTalk {
		return 0, errors.New("the server talks without end")
	}
	n, err := m.Conn.Read(b)
	m.heard += n
	return n, err
}

// patience begins a step: it grants the relay that many time-outs to answer.
func (l *line) patience(times int) error {
	l.conn.heard = 0
	return l.conn.SetDeadline(time.Now().Add(time.Duration(times) * l.cfg.Timeout))
}

func (l *line) connect(ctx context.Context) error {
	d := net.Dialer{Timeout: l.cfg.Timeout}
	conn, err := d.DialContext(ctx, "tcp", l.cfg.address())
	if err != nil {
		return err
	}
	l.conn = &meter{Conn: conn}
	l.wrapped = l.conn
	if a, ok := conn.RemoteAddr().(*net.TCPAddr); l.cfg.Security == Plain && (!ok || !a.IP.IsLoopback()) {
		return errors.New("the relay is not on this machine, and without TLS emails go nowhere else")
	}
	return l.patience(1)
}

func (l *line) wrap(ctx context.Context, c *tls.Config, note func(Step, string)) error {
	l.step = StepTLS
	t := tls.Client(l.conn, c)
	if err := t.HandshakeContext(ctx); err != nil {
		return err
	}
	l.wrapped = t
	note(StepTLS, describe(t.ConnectionState()))
	return l.patience(1)
}

func (l *line) greet() (err error) {
	l.step = StepGreet
	if l.client, err = smtp.NewClient(l.wrapped, l.cfg.Host); err != nil {
		return err
	}
	l.step = StepHello
	if err := l.patience(1); err != nil {
		return err
	}
	return l.client.Hello(l.cfg.Hello)
}

// startTLS turns the connection into an encrypted one or fails: a relay, or
// someone on the way, that hides STARTTLS gets neither password nor letter.
func (l *line) startTLS(c *tls.Config, note func(Step, string)) error {
	l.step = StepTLS
	if ok, _ := l.client.Extension("STARTTLS"); !ok {
		return errors.New("the server offers no STARTTLS: nothing was sent")
	}
	if err := l.patience(1); err != nil {
		return err
	}
	if err := l.client.StartTLS(c); err != nil {
		return err
	}
	state, err := l.client.GetTLSConnectionState()
	if err != nil {
		return err
	}
	note(StepTLS, describe(*state))
	return nil
}

func describe(s tls.ConnectionState) string {
	name := "a certificate without a name"
	if len(s.PeerCertificates) > 0 {
		c := s.PeerCertificates[0]
		name = "certificate of " + c.Subject.CommonName
		if len(c.DNSNames) > 0 {
			name = "certificate of " + c.DNSNames[0]
		}
		name += ", valid until " + c.NotAfter.UTC().Format(time.DateOnly)
	}
	return answer(tls.VersionName(s.Version) + ", " + name)
}

// auth logs in with the first of PLAIN, LOGIN, SCRAM-SHA-256 and CRAM-MD5 that
// the relay offers. PLAIN comes first since it works with every way of keeping
// passwords, and the connection is encrypted to a verified name.
func (l *line) auth(note func(Step, string)) error {
	l.step = StepAuth
	_, offer := l.client.Extension("AUTH")
	mechanisms := strings.Fields(strings.ToUpper(offer))
	for _, name := range []string{"PLAIN", "LOGIN", "SCRAM-SHA-256", "CRAM-MD5"} {
		for _, m := range mechanisms {
			if m != name {
				continue
			}
			if err := l.patience(1); err != nil {
				return err
			}
			if err := l.client.Auth(l.mechanism(name)); err != nil {
				return err
			}
			note(StepAuth, "logged in with "+name)
			return nil
		}
	}
	return errors.New("the server offers no way to log in that Doorman knows: " + offer)
}

func (l *line) mechanism(name string) smtp.Auth {
	user, password, host := l.cfg.Username, l.cfg.Password, l.cfg.Host
	switch name {
	case "LOGIN":
		return smtp.LoginAuth(user, password, host, false)
	case "SCRAM-SHA-256":
		return smtp.ScramSHA256Auth(user, password)
	case "CRAM-MD5":
		return smtp.CRAMMD5Auth(user, password)
	}
	return smtp.PlainAuth("", user, password, host, false)
}

// deliver sends one letter and returns the relay's answer. Once there is one,
// the letter is out, whatever the connection does next.
func (l *line) deliver(ctx context.Context, from, to string, raw []byte, note func(Step, string)) (string, error) {
	defer l.guard(ctx)()
	l.step = StepFrom
	plain := isASCII(from) && isASCII(to)
	l.client.SkipSMTPUTF8(plain)
	if international, _ := l.client.Extension("SMTPUTF8"); !plain && !international {
		if !isASCII(from) {
			return "", needsUTF8("sender", from)
		}
		l.step = StepTo
		return "", needsUTF8("recipient", to)
	}
	say := func(step Step, do func() error) error {
		l.step = step
		if err := l.patience(1); err != nil {
			return err
		}
		if err := do(); err != nil {
			return err
		}
		note(step, "accepted")
		return nil
	}
	if err := say(StepFrom, func() error { return l.client.Mail("<" + from + ">") }); err != nil {
		return "", err
	}
	if err := say(StepTo, func() error { return l.client.Rcpt("<" + to + ">") }); err != nil {
		return "", err
	}
	return l.handOver(ctx, raw)
}

// sender names the sender to the relay, then ends the transaction.
func (l *line) sender(ctx context.Context, from string) error {
	defer l.guard(ctx)()
	l.step = StepFrom
	l.client.SkipSMTPUTF8(isASCII(from))
	if international, _ := l.client.Extension("SMTPUTF8"); !isASCII(from) && !international {
		return needsUTF8("sender", from)
	}
	if err := l.patience(1); err != nil {
		return err
	}
	if err := l.client.Mail("<" + from + ">"); err != nil {
		return err
	}
	return l.reset()
}

// handOver sends the letter itself and waits for the relay's answer to it.
func (l *line) handOver(ctx context.Context, raw []byte) (string, error) {
	l.step = StepData
	w, err := l.client.Data()
	if err != nil {
		return "", err
	}
	if _, err := w.Write(raw); err != nil {
		return "", err
	}
	l.step = StepEnd
	if err := l.patience(endPatience); err != nil {
		return "", err
	}
	l.ending.Store(true)
	defer l.ending.Store(false)
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	reply := "250"
	if d, ok := w.(*smtp.DataCloser); ok {
		reply += " " + d.ServerResponse()
	}
	return reply, nil
}

// reset makes the connection fit for the next letter after one was refused, or
// reports that it is not.
func (l *line) reset() error {
	if l.step == StepEnd {
		return nil // the answer to a whole letter ends its transaction (RFC 5321 §4.1.1.4)
	}
	if err := l.patience(1); err != nil {
		return err
	}
	return l.client.Reset()
}

// hangUp says goodbye without waiting long for the answer.
func (l *line) hangUp() {
	_ = l.conn.SetDeadline(time.Now().Add(time.Second))
	_ = l.client.Quit()
	_ = l.conn.Close()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
