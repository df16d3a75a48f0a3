package mail

import (
	"fmt"
	"io"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"doorman/model"
	"doorman/model/config"
)

// How the connection to the relay is protected: Config.Security.
const (
	StartTLS = "starttls" // plain at first, then TLS or nothing
	TLS      = "tls"      // TLS from the first byte (port 465)
	Plain    = "none"     // no TLS: a relay on this machine only, and never a password
)

// Config says how letters look and how they leave. The zero value is not
// usable: Host, From and ResetURL are needed.
type Config struct {
	Host     string        // name or address of the relay; its certificate must be for it
	Port     int           // 0: 587 for starttls, 465 for tls, 25 for none
	Security string        // StartTLS, TLS or Plain; "" means StartTLS
	Username string        // "": no AUTH
	Password string        // a secret: never logged
	Hello    string        // what EHLO says; "" means the name of this machine
	Timeout  time.Duration // for each step of the conversation; 0 means 30 s
	CAFile   string        // PEM file of roots to trust besides the system's
	CA       []byte        // the same, as PEM in memory

	From      string // address, with or without a name: "Example <no-reply@example.org>"
	ReplyTo   string // the same; may be ""
	ResetURL  string // where the link leads, with {token} once; https, or http on loopback
	Subject   string // of the letter with the link; "" means the template's
	Templates string // directory of the operator's own templates; "" means the built-in ones

	DKIM DKIM
}

// String names the relay; the password stays hidden.
func (c Config) String() string { return "mail by " + c.Security + " to " + c.address() }

// Format keeps every verb from printing the password.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// MarshalText keeps the password out of JSON and logs.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// DKIM says how to sign letters (RFC 6376). The zero value signs nothing.
type DKIM struct {
	Domain   string
	Selector string
	KeyFile  string // PEM, RSA or Ed25519, readable by its owner alone
}

const defaultTimeout = 30 * time.Second

// invalid returns an error about one setting of the mail section.
func invalid(field, text, hint string) error {
	return &model.Error{Kind: model.Invalid, Field: "mail." + field, Text: text, Hint: hint}
}

// withDefaults fills in what was left out of the server's part and refuses what
// cannot be right.
func (c Config) withDefaults() (Config, error) {
	ports := map[string]int{StartTLS: 587, TLS: 465, Plain: 25}
	if c.Security == "" {
		c.Security = StartTLS
	}
	if c.Port == 0 {
		c.Port = ports[c.Security]
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	switch {
	case c.Host == "" || strings.ContainsAny(c.Host, " \t\r\n/@"):
		return c, invalid("host", model.Quote(c.Host)+" is not the name of a mail relay", "write it as smtp.example.org")
	case ports[c.Security] == 0:
		return c, invalid("security", "there is no security mode "+model.Quote(c.Security), "use starttls, tls or none")
	case c.Port < 1 || c.Port > 65535:
		return c, invalid("port", strconv.Itoa(c.Port)+" is not a port", "587 is usual for starttls, 465 for tls")
	case c.Security == Plain && !isLoopback(c.Host):
		return c, invalid("security", "without TLS emails go to a relay on this machine only", "use starttls or tls, or host 127.0.0.1")
	case c.Security == Plain && c.Username != "":
		return c, invalid("username", "without TLS no password is sent", "use starttls or tls, or leave the user name empty")
	case c.Username != "" && c.Password == "":
		return c, invalid("password", "is missing for "+model.Quote(c.Username), "put it into a file of mode 0600, the credentials directory or the environment")
	case strings.ContainsAny(c.Username+c.Password, "\x00\r\n"):
		return c, invalid("password", "user name or password holds a line break", "")
	case strings.ContainsAny(c.Hello, " \t\r\n"):
		return c, invalid("hello", model.Quote(c.Hello)+" is not a host name", "")
	}
	return c, nil
}

func isLoopback(host string) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		return a.Unmap().IsLoopback()
	}
	return strings.EqualFold(host, "localhost")
}

func (c Config) address() string { return net.JoinHostPort(c.Host, strconv.Itoa(c.Port)) }

// parseMailbox reads an address that may have a name before it. The address
// itself has to pass the same rules as a recipient's.
func parseMailbox(field, s string) (mail.Address, error) {
	a, err := mail.ParseAddress(s)
	if err == nil {
		_, err = model.ParseEmail(a.Address)
	}
	if err != nil || strings.ContainsAny(s, "\r\n\x00") {
		return mail.Address{}, invalid(field, model.Quote(s)+" is not a mail address", "write it as Example <no-reply@example.org>")
	}
	return *a, nil
}

const tokenMark = "{token}"

// urlBytes are the characters that mean the same in a text, in an HTML
// attribute and to every mail program that looks for links.
const urlBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#@!$&*+,;=%[]"

// checkResetURL refuses a link base from which a letter could lead elsewhere,
// or travel in the clear.
func checkResetURL(s string) (*url.URL, error) {
	bad := func(text string) (*url.URL, error) {
		return nil, invalid("reset_url", text, "write it as https://app.example.org/reset/{token}")
	}
	if strings.Count(s, tokenMark) != 1 {
		return bad("must hold {token} exactly once")
	}
	filled := strings.Replace(s, tokenMark, "0", 1)
	if strings.Trim(filled, urlBytes) != "" || strings.ContainsFunc(filled, func(r rune) bool { return !strings.ContainsRune(urlBytes, r) }) {
		return bad("holds a character that a link in an email cannot have")
	}
	u, err := url.Parse(filled)
	if err != nil || u.Host == "" || u.User != nil {
		return bad("is not a web address")
	}
	if !strings.HasPrefix(s, u.Scheme+"://"+u.Host) {
		return bad("has {token} in its host")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return bad("must begin with https:// (http only on this machine)")
	}
	return u, nil
}

// Check says what is wrong with the settings, with the templates and keys that
// they name among them. Nothing is sent.
func (c Config) Check() error {
	// Letters are written with any key in the same way.
	if _, err := NewPress(c, make(model.Key, model.KeySize), model.SchemeSecret); err != nil {
		return err
	}
	s, err := NewSender(c)
	if err != nil {
		return err
	}
	return s.Close()
}

// FromConfig is the configuration of an installation as this package takes it.
// The password is kept elsewhere.
func FromConfig(m config.Mail) Config {
	return Config{
		Host: m.Host, Port: m.Port, Security: m.Security, Username: m.Username, Hello: m.Hello,
		Timeout: m.Timeout.Duration, CAFile: m.CAFile,
		From: m.From, ReplyTo: m.ReplyTo, ResetURL: m.ResetURL, Subject: m.Subject, Templates: m.Templates,
		DKIM: DKIM{Domain: m.DKIM.Domain, Selector: m.DKIM.Selector, KeyFile: m.DKIM.KeyFile},
	}
}
