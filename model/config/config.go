// Package config reads how this installation of Doorman is set up: a TOML
// file, the environment and the command line, in rising order of weight. It
// does no I/O: anyone who calls it passes the bytes in. Secrets never stand here.
package config

import (
	"strings"
	"time"

	"doorman/model"
)

// Config is what Doorman knows about its installation. Load fills in the
// defaults.
type Config struct {
	DB        DB               `toml:"db"`
	Mail      Mail             `toml:"mail"`
	Reset     Reset            `toml:"reset"`
	Detect    Detect           `toml:"detect"`
	UI        UI               `toml:"ui"`
	Audit     Audit            `toml:"audit"`
	Operators map[string]Grant `toml:"operators"`
}

// DB says which database to open.
type DB struct {
	Path     string `toml:"path"`     // a path or sqlite:PATH; "" means the usual place
	Timezone string `toml:"timezone"` // in which the file's times are written; "" means what the file remembers, else UTC
	KeyFile  string `toml:"key_file"` // holds the link key; "" means the usual place
}

// Mail says how letters look and how they leave. An empty Host means that no
// letters leave at all.
type Mail struct {
	Host         string `toml:"host"`
	Port         int    `toml:"port"`     // 0: 587 for starttls, 465 for tls, 25 for none
	Security     string `toml:"security"` // starttls, tls or none
	Username     string `toml:"username"`
	PasswordFile string `toml:"password_file"` // of mode 0600
	Hello        string `toml:"hello"`         // what EHLO says; "" means the name of this machine
	CAFile       string `toml:"ca_file"`
	Timeout      Span   `toml:"timeout"` // of each step of the conversation
	From         string `toml:"from"`
	ReplyTo      string `toml:"reply_to"`
	ResetURL     string `toml:"reset_url"` // holds {token} once
	Subject      string `toml:"subject"`   // "" means the template's
	Templates    string `toml:"templates"` // directory of the operator's own; "" means the built-in ones
	DKIM         DKIM   `toml:"dkim"`
}

// DKIM says how to sign letters. The zero value signs nothing.
type DKIM struct {
	Domain   string `toml:"domain"`
	Selector string `toml:"selector"`
	KeyFile  string `toml:"key_file"`
}

// Reset bounds what people may request.
type Reset struct {
	TTL        Span `toml:"ttl"`         // 0 means the database's own
	PerAccount int  `toml:"per_account"` // requests an account in Window; 0: no bound
	PerSource  int  `toml:"per_source"`  // requests an IPv4 address or IPv6 /64 in Window; 0: no bound
	Window     Span `toml:"window"`
}

// Detect is kept for the detection engine.
type Detect struct{}

// Audit says what the operators' log holds besides the acts, and where its
// signed heads go.
type Audit struct {
	Lookups   bool   `toml:"lookups"`    // looking up an account or an address is an entry, too
	HeadFile  string `toml:"head_file"`  // takes the newest head; "" for none
	HeadRun   string `toml:"head_run"`   // a command that gets the newest head on its standard input; "" for none
	HeadEvery int    `toml:"head_every"` // entries from one head to the next; 0: only at the end of a command or console
}

// UI says how the console looks.
type UI struct {
	Theme string            `toml:"theme"` // auto, dark, light or plain
	Keys  map[string]string `toml:"keys"`  // the operator's own keys, by the usual one
}

// Defaults returns the configuration of an installation that says nothing.
func Defaults() Config {
	return Config{
		Mail:  Mail{Security: "starttls", Timeout: Span{30 * time.Second}},
		Reset: Reset{PerAccount: 5, PerSource: 20, Window: Span{time.Hour}},
		UI:    UI{Theme: "auto"},
		Audit: Audit{HeadEvery: 100},
	}
}

// Throttle returns the bounds on requests as the store takes them.
func (c Config) Throttle() model.Throttle {
	return model.Throttle{PerAccount: c.Reset.PerAccount, PerSource: c.Reset.PerSource, Window: c.Reset.Window.Duration}
}

// Zone returns the time zone of the database file, or nil where none is named.
func (c Config) Zone() (*time.Location, error) {
	if c.DB.Timezone == "" {
		return nil, nil
	}
	loc, err := time.LoadLocation(c.DB.Timezone)
	if err != nil {
		return nil, &model.Error{Kind: model.Invalid, Field: "db.timezone",
			Text: "there is no time zone " + model.Quote(c.DB.Timezone), Hint: "write it as Europe/Berlin, UTC or Local", Err: err}
	}
	return loc, nil
}

// Role returns what an operator may do. Where the file names no operators
// everybody is an admin; where it names some, all others only look.
func (c Config) Role(operator string) model.Role {
	if len(c.Operators) == 0 {
		return model.Admin
	}
	if g, ok := c.Operators[operator]; ok {
		return g.Role
	}
	return model.Viewer
}

// FilePath returns the path that a DSN names. Only SQLite is spoken as yet.
func FilePath(dsn string) (string, error) {
	path := strings.TrimPrefix(dsn, "sqlite:")
	if path == dsn {
		if scheme, _, ok := strings.Cut(dsn, "://"); ok {
			return "", &model.Error{Kind: model.Invalid, Field: "db", Text: "databases of the kind " + model.Quote(scheme) + " are not supported",
				Hint: "name a SQLite file: --db doorman.db"}
		}
	}
	if path == "" || strings.ContainsAny(path, "\x00?") || path == ":memory:" {
		return "", &model.Error{Kind: model.Invalid, Field: "db", Text: model.Quote(dsn) + " is not the path of a database file",
			Hint: "name a SQLite file: --db doorman.db"}
	}
	return path, nil
}
