package mail

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	smtpd "github.com/emersion/go-smtp"
)

// session is one conversation, up to STARTTLS or from it on.
type session struct {
	capture *Capture
	conn    *smtpd.Conn
	authed  bool
	from    string
	to      string
	fault   Fault
}

func (s *session) needsAuth() bool {
	_, secure := s.conn.TLSConnectionState()
	return secure && s.capture.o.Username != ""
}

// AuthMechanisms offers PLAIN; the library keeps it from being offered in the
// clear.
func (s *session) AuthMechanisms() []string {
	if !s.needsAuth() {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth checks the one user name and password.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		o := s.capture.o
		if s.capture.serverFault() == ServerRefusesAuth || user != o.Username || password != o.Password {
			return smtpd.ErrAuthFailed
		}
		s.authed = true
		return nil
	}), nil
}

// Mail begins a letter.
func (s *session) Mail(from string, _ *smtpd.MailOptions) error {
	if s.capture.o.Security != Plain && !s.authed {
		return answerOf(530, "5.7.0", "log in first")
	}
	s.from = from
	return nil
}

// Rcpt names the reader, and with that what will go wrong.
func (s *session) Rcpt(to string, _ *smtpd.RcptOptions) error {
	s.to, s.fault = to, FaultNone
	if f := s.capture.o.Fault; f != nil {
		s.fault = f(to, s.capture.attempt(to))
	}
	switch s.fault {
	case FaultDefer:
		return answerOf(451, "4.7.1", "try again later")
	case FaultRefuse:
		return answerOf(550, "5.1.1", "no such mailbox")
	case FaultNoRelay:
		return answerOf(554, "5.7.1", "Relay access denied")
	}
	return nil
}

// Data takes the letter, or treats it as its fault says.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	switch s.fault {
	case FaultDeferEnd:
		return answerOf(451, "4.3.0", "try again later")
	case FaultBlockEnd:
		return answerOf(554, "5.7.1", "not wanted here")
	case FaultDrop:
		return s.conn.Conn().Close()
	case FaultStall:
		<-s.capture.done
		return s.conn.Conn().Close()
	}
	m := s.capture.keep(s.from, s.to, bytes.Clone(raw))
	if f := s.capture.o.Received; f != nil {
		f(m)
	}
	switch s.fault {
	case FaultLost:
		return s.conn.Conn().Close()
	case FaultTaken:
		if _, err := io.WriteString(s.conn.Conn(), "250 2.0.0 Ok: queued as LAST\r\n"); err != nil {
			return err
		}
		return s.conn.Conn().Close()
	}
	return answerOf(250, "2.0.0", "Ok: queued as "+strconv.Itoa(s.capture.Total()))
}

// Reset forgets the letter that was begun.
func (s *session) Reset() { s.from, s.to, s.fault = "", "", FaultNone }

// Logout ends the conversation.
func (s *session) Logout() error { return nil }

func answerOf(code int, enhanced, text string) error {
	var e smtpd.EnhancedCode
	for i, part := range strings.SplitN(enhanced, ".", 3) {
		e[i], _ = strconv.Atoi(part)
	}
	return &smtpd.SMTPError{Code: code, EnhancedCode: e, Message: text}
}

// queue is a listener that is fed connections by hand.
type queue struct {
	conns chan net.Conn
	done  chan struct{}
	addr  net.Addr
}

func (q *queue) push(c net.Conn) {
	select {
	case q.conns <- c:
	case <-q.done:
		_ = c.Close()
	}
}

// Accept returns the next connection.
func (q *queue) Accept() (net.Conn, error) {
	select {
	case c := <-q.conns:
		return c, nil
	case <-q.done:
		return nil, net.ErrClosed
	}
}

// Close does nothing: the capture server ends the queue.
func (q *queue) Close() error { return nil }

// Addr returns the address that the connections came in on.
func (q *queue) Addr() net.Addr { return q.addr }

func randomPassword() string { return rand.Text() }

// identity is a certificate, and itself as the root to trust, as PEM.
type identity struct {
	pair tls.Certificate
	root []byte
}

// selfSigned makes a certificate for this machine's loopback names that is its
// own root, good for a year.
func selfSigned() (identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return identity{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return identity{}, err
	}
	t := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: "localhost"},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(365 * 24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, IsCA: true}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return identity{}, err
	}
	return identity{pair: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		root: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}, nil
}
