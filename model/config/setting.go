package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"doorman/model"
)

// Origin says where the value of a setting comes from.
type Origin string

// The origins, in rising order of weight.
const (
	FromDefault Origin = "default"
	FromFile    Origin = "file"
	FromEnv     Origin = "environment"
	FromFlag    Origin = "flag"
)

// Setting describes one setting: its key, what it is for and the value it has.
type Setting struct {
	Key    string // "mail.host"
	About  string
	Value  string
	Origin Origin
}

// Env returns the name of the environment variable that overrides a setting:
// DOORMAN_MAIL_HOST for mail.host. DOORMAN_DB is short for DOORMAN_DB_PATH.
func Env(key string) string {
	return "DOORMAN_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// entry ties the key of a setting to its place in a Config.
type entry struct {
	key   string
	about string
	of    func(*Config) any // a *string, *int, *bool or *Span
	only  []string          // the values it may have; none means any
}

func entries() []entry {
	return slices.Concat([]entry{
		{"db.path", "database file, a path or sqlite:PATH", func(c *Config) any { return &c.DB.Path }, nil},
		{"db.timezone", "zone in which the file's times are written", func(c *Config) any { return &c.DB.Timezone }, nil},
		{"db.key_file", "file with the link key, mode 0600", func(c *Config) any { return &c.DB.KeyFile }, nil},
	}, mailEntries(), []entry{
		{"reset.ttl", "lifetime of a new reset; 0s means the database's own", func(c *Config) any { return &c.Reset.TTL }, nil},
		{"reset.per_account", "requests an account in the window; 0: no bound", func(c *Config) any { return &c.Reset.PerAccount }, nil},
		{"reset.per_source", "requests an IPv4 address or IPv6 /64 in the window; 0: no bound", func(c *Config) any { return &c.Reset.PerSource }, nil},
		{"reset.window", "the window of both bounds", func(c *Config) any { return &c.Reset.Window }, nil},
		{"audit.lookups", "true: looking up an account or an address is logged, too", func(c *Config) any { return &c.Audit.Lookups }, nil},
		{"audit.head_file", "file that takes the newest signed head of the log", func(c *Config) any { return &c.Audit.HeadFile }, nil},
		{"audit.head_run", "command that gets each signed head on its standard input", func(c *Config) any { return &c.Audit.HeadRun }, nil},
		{"audit.head_every", "entries from one signed head to the next; 0: only at the end", func(c *Config) any { return &c.Audit.HeadEvery }, nil},
		{"ui.theme", "auto, dark, light or plain", func(c *Config) any { return &c.UI.Theme }, []string{"auto", "dark", "light", "plain"}},
	})
}

func mailEntries() []entry {
	return []entry{
		{"mail.host", "name of the mail relay; without it no emails leave", func(c *Config) any { return &c.Mail.Host }, nil},
		{"mail.port", "0: 587 for starttls, 465 for tls, 25 for none", func(c *Config) any { return &c.Mail.Port }, nil},
		{"mail.security", "starttls, tls or none (this machine only)", func(c *Config) any { return &c.Mail.Security }, []string{"starttls", "tls", "none"}},
		{"mail.username", "name to log in with", func(c *Config) any { return &c.Mail.Username }, nil},
		{"mail.password_file", "file with the password, mode 0600", func(c *Config) any { return &c.Mail.PasswordFile }, nil},
		{"mail.hello", "what EHLO says; empty: this machine's name", func(c *Config) any { return &c.Mail.Hello }, nil},
		{"mail.ca_file", "PEM file of roots to trust besides the system's", func(c *Config) any { return &c.Mail.CAFile }, nil},
		{"mail.timeout", "of each step of the conversation", func(c *Config) any { return &c.Mail.Timeout }, nil},
		{"mail.from", "sender: Example <no-reply@example.org>", func(c *Config) any { return &c.Mail.From }, nil},
		{"mail.reply_to", "where answers go", func(c *Config) any { return &c.Mail.ReplyTo }, nil},
		{"mail.reset_url", "where the link leads, with {token} once", func(c *Config) any { return &c.Mail.ResetURL }, nil},
		{"mail.subject", "subject of the email; empty: the template's", func(c *Config) any { return &c.Mail.Subject }, nil},
		{"mail.templates", "directory of your own templates", func(c *Config) any { return &c.Mail.Templates }, nil},
		{"mail.dkim.domain", "domain to sign for", func(c *Config) any { return &c.Mail.DKIM.Domain }, nil},
		{"mail.dkim.selector", "selector of the DKIM key", func(c *Config) any { return &c.Mail.DKIM.Selector }, nil},
		{"mail.dkim.key_file", "PEM file of the DKIM key", func(c *Config) any { return &c.Mail.DKIM.KeyFile }, nil},
	}
}

// set reads a value from the environment or the command line.
func (e entry) set(c *Config, text string) error {
	switch p := e.of(c).(type) {
	case *string:
		*p = text
	case *int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return &model.Error{Kind: model.Invalid, Text: model.Quote(text) + " is not a whole number"}
		}
		*p = n
	case *bool:
		yes, err := strconv.ParseBool(text)
		if err != nil {
			return &model.Error{Kind: model.Invalid, Text: model.Quote(text) + " is neither true nor false"}
		}
		*p = yes
	case *Span:
		return p.UnmarshalText([]byte(text))
	default:
		return fmt.Errorf("setting %s is of no known type", e.key)
	}
	return nil
}

func (e entry) text(c *Config) string {
	switch p := e.of(c).(type) {
	case *string:
		return *p
	case *int:
		return strconv.Itoa(*p)
	case *bool:
		return strconv.FormatBool(*p)
	case *Span:
		return p.String()
	}
	return ""
}

// check refuses a value that the setting cannot have.
func (e entry) check(c *Config) error {
	v := e.text(c)
	if len(e.only) > 0 && !slices.Contains(e.only, v) {
		return &model.Error{Kind: model.Invalid, Text: "cannot be " + model.Quote(v), Hint: "use one of " + strings.Join(e.only, ", ")}
	}
	if p, ok := e.of(c).(*int); ok && *p < 0 {
		return &model.Error{Kind: model.Invalid, Text: "cannot be below zero"}
	}
	if strings.ContainsAny(v, "\x00\r\n") {
		return &model.Error{Kind: model.Invalid, Text: "holds a line break"}
	}
	return nil
}

// UnknownEnv returns the names among the given variables ("NAME=value") that
// begin with DOORMAN_ but that nothing reads: misspelt ones, mostly. Besides the
// settings, the names in others are read.
func UnknownEnv(environ []string, others ...string) []string {
	known := append([]string{"DOORMAN_DB"}, others...)
	for _, e := range entries() {
		known = append(known, Env(e.key))
	}
	var unknown []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "DOORMAN_") && !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}
