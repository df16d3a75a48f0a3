package mail

import (
	"bytes"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	smtpd "github.com/emersion/go-smtp"
)

// Capture is a mail server in this process that keeps what it takes and
// forwards nothing. It speaks real SMTP on a port of 127.0.0.1, with TLS and a
// password, and can be told to misbehave.
type Capture struct {
	o        CaptureOptions
	cert     identity
	listener net.Listener
	secure   *smtpd.Server // offers STARTTLS, or speaks TLS at once
	bare     *smtpd.Server // offers no TLS at all
	queues   map[*smtpd.Server]*queue
	done     chan struct{}
	closing  sync.Once
	running  sync.WaitGroup

	mu    sync.Mutex // guards what follows
	fault ServerFault
	kept  []Captured // oldest first
	total int
	tries map[string]int // by recipient
	dials int
}

// CaptureOptions tunes a capture server. The zero value keeps 1000 letters and
// misbehaves never.
type CaptureOptions struct {
	Security string // StartTLS, TLS or Plain; "" means StartTLS
	Username string // "" with Password "": "doorman" and a random password; unused with Plain
	Password string
	Port     int // 0 means any free one
	Keep     int // how many letters, the newest; 0 means 1000
	// Fault decides how a letter is treated by its recipient and its attempt,
	// counted from 1 by recipient; nil means well. FaultByName is one.
	Fault func(to string, attempt int) Fault
	// Received is called with each letter before it is acknowledged, on the
	// goroutine of its connection; nil: not called.
	Received func(Captured)

	certificate *identity // nil: a new one
}

// Fault is how the server treats one letter.
type Fault string

// The faults of a letter. The zero value is none.
const (
	FaultNone     Fault = ""
	FaultDefer    Fault = "451"     // answers RCPT with 451
	FaultRefuse   Fault = "550"     // answers RCPT with 550
	FaultNoRelay  Fault = "554"     // answers RCPT with 554: relaying denied
	FaultDeferEnd Fault = "451-end" // answers the whole letter with 451
	FaultBlockEnd Fault = "554-end" // answers the whole letter with 554
	FaultDrop     Fault = "drop"    // hangs up instead of taking the whole letter
	FaultLost     Fault = "lost"    // takes the letter, but hangs up before the answer
	FaultTaken    Fault = "taken"   // answers 250, then hangs up
	FaultStall    Fault = "stall"   // never answers the whole letter
)

// FaultByName reads the fault from the recipient: "550.anything@example.org".
func FaultByName(to string, _ int) Fault {
	name, _, _ := strings.Cut(to, "@")
	name, _, _ = strings.Cut(name, ".")
	all := []Fault{FaultDefer, FaultRefuse, FaultNoRelay, FaultDeferEnd, FaultBlockEnd, FaultDrop, FaultLost, FaultTaken, FaultStall}
	if slices.Contains(all, Fault(name)) {
		return Fault(name)
	}
	return FaultNone
}

// ServerFault is how the server treats everybody who connects from now on.
type ServerFault string

// The faults of the server. The zero value is none.
const (
	ServerWell        ServerFault = ""
	ServerMute        ServerFault = "mute"         // accepts the connection and says nothing
	ServerRefusesAuth ServerFault = "refuses-auth" // answers 535 to every password
	ServerLosesTLS    ServerFault = "loses-tls"    // offers neither STARTTLS nor AUTH
	ServerTurnsAway   ServerFault = "turns-away"   // greets with 421 and hangs up
	ServerHangsUp     ServerFault = "hangs-up"     // hangs up without a word
)

const (
	defaultKeep = 1000
	maxCaptured = 1 << 20 // bytes of a letter
)

// NewCapture starts a server; Close ends it.
func NewCapture(o CaptureOptions) (*Capture, error) {
	if o.Security == "" {
		o.Security = StartTLS
	}
	if o.Keep <= 0 {
		o.Keep = defaultKeep
	}
	if o.Security == Plain {
		o.Username, o.Password = "", ""
	} else if o.Username == "" {
		o.Username, o.Password = "doorman", randomPassword()
	}
	if o.certificate == nil {
		own, err := selfSigned()
		if err != nil {
			return nil, err
		}
		o.certificate = &own
	}
	c := &Capture{o: o, cert: *o.certificate, done: make(chan struct{}), tries: map[string]int{}}
	var err error
	if c.listener, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(o.Port))); err != nil {
		return nil, err
	}
	tlsConfig := &tls.Config{Certificates: []tls.Certificate{c.cert.pair}, MinVersion: tls.VersionTLS12}
	c.secure, c.bare = c.server(tlsConfig), c.server(nil)
	c.queues = map[*smtpd.Server]*queue{}
	for _, s := range []*smtpd.Server{c.secure, c.bare} {
		q := &queue{conns: make(chan net.Conn), done: c.done, addr: c.listener.Addr()}
		c.queues[s] = q
		c.running.Go(func() { _ = s.Serve(q) })
	}
	c.running.Go(func() { c.accept(tlsConfig) })
	return c, nil
}

func (c *Capture) server(t *tls.Config) *smtpd.Server {
	s := smtpd.NewServer(smtpd.BackendFunc(func(conn *smtpd.Conn) (smtpd.Session, error) {
		return &session{capture: c, conn: conn}, nil
	}))
	s.Domain = "capture.invalid"
	s.TLSConfig = t
	s.MaxMessageBytes = maxCaptured
	s.MaxRecipients = 1
	s.EnableSMTPUTF8 = true
	s.ReadTimeout, s.WriteTimeout = 5*time.Minute, time.Minute
	s.ErrorLog = log.New(io.Discard, "", 0)
	return s
}

// Config returns how to send to this server: host, port, protection, password
// and the root to trust. The letters' part is left empty.
func (c *Capture) Config() Config {
	a := c.listener.Addr().(*net.TCPAddr)
	return Config{Host: a.IP.String(), Port: a.Port, Security: c.o.Security, Username: c.o.Username, Password: c.o.Password, Hello: "localhost", CA: c.cert.root}
}

// CA returns the certificate to trust, as PEM.
func (c *Capture) CA() []byte { return bytes.Clone(c.cert.root) }

// SetFault changes how the server treats those who connect from now on. Open
// connections stay as they are.
func (c *Capture) SetFault(f ServerFault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fault = f
}

func (c *Capture) serverFault() ServerFault {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fault
}

// Messages returns the letters that are kept, oldest first.
func (c *Capture) Messages() []Captured {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.kept)
}

// Find returns the kept letters with a Message-ID, oldest first: more than one
// when a letter was sent again.
func (c *Capture) Find(messageID string) []Captured {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found []Captured
	for _, m := range c.kept {
		if m.MessageID == messageID {
			found = append(found, m)
		}
	}
	return found
}

// Total counts the letters ever taken.
func (c *Capture) Total() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.total
}

// Connections counts the connections ever accepted.
func (c *Capture) Connections() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dials
}

// Close stops taking connections and hangs up on everybody.
func (c *Capture) Close() error {
	c.closing.Do(func() {
		close(c.done)
		_ = c.listener.Close()
		_ = c.secure.Close()
		_ = c.bare.Close()
	})
	c.running.Wait()
	return nil
}

// attempt counts how often a recipient was named.
func (c *Capture) attempt(to string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.tries) > 100*c.o.Keep {
		clear(c.tries)
	}
	c.tries[to]++
	return c.tries[to]
}

func (c *Capture) keep(from, to string, raw []byte) Captured {
	m := Captured{From: from, To: to, Raw: raw, At: time.Now()}
	if parsed, err := mail.ReadMessage(bytes.NewReader(raw)); err == nil {
		m.MessageID = strings.Trim(strings.TrimSpace(parsed.Header.Get("Message-Id")), "<>")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total++
	c.kept = append(c.kept, m)
	if len(c.kept) > c.o.Keep {
		c.kept = slices.Delete(c.kept, 0, len(c.kept)-c.o.Keep)
	}
	return m
}

// accept hands each connection to the server that is to treat it.
func (c *Capture) accept(t *tls.Config) {
	for {
		conn, err := c.listener.Accept()
		if err != nil {
			return
		}
		c.mu.Lock()
		c.dials++
		fault := c.fault
		c.mu.Unlock()
		switch {
		case fault == ServerHangsUp:
			_ = conn.Close()
		case fault == ServerTurnsAway:
			_, _ = conn.Write([]byte("421 4.3.2 capture.invalid is busy\r\n"))
			_ = conn.Close()
		case fault == ServerMute:
			c.running.Go(func() { c.ignore(conn) })
		case fault == ServerLosesTLS || c.o.Security == Plain:
			c.queues[c.bare].push(conn)
		case c.o.Security == TLS:
			c.queues[c.secure].push(tls.Server(conn, t))
		default:
			c.queues[c.secure].push(conn)
		}
	}
}

// ignore listens to a connection and never says a word.
func (c *Capture) ignore(conn net.Conn) {
	gone := make(chan struct{})
	c.running.Go(func() {
		select {
		case <-c.done:
		case <-gone:
		}
		_ = conn.Close()
	})
	_, _ = io.Copy(io.Discard, conn)
	close(gone)
}
