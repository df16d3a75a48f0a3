// Package cli is Doorman's command line: one file a command, the same use
// cases as the pages of the console. Data goes to stdout, words to stderr.
package cli

import (
	"cmp"
	"context"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/adrg/xdg"
	"golang.org/x/term"

	"doorman/model"
	"doorman/model/config"
)

// Host is the world as the commands see it. NewHost fills in what the operating
// system knows; main adds the functions, which may be nil where a program does
// without: the command then says that it is not available.
type Host struct {
	Version string // of the program, "v0.1.0 (commit)"

	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Terminal reports whether a person sits at the given stream: "stdin",
	// "stdout" or "stderr".
	Terminal func(stream string) bool

	// Secret is how a line is read that the terminal does not show, and how the
	// terminal shows what is typed again when no one waits for the line any more.
	// Nil: it is read as any other line.
	Secret func() (read func() (string, error), stop func())

	Now    func() time.Time
	Getenv func(string) string

	ConfigFile string // where the configuration is looked for unless told otherwise
	Database   string // the database unless told otherwise
	LogFile    string // where Log writes, for the person to look; "" when Log is nil
	User       string // the operator unless told otherwise
	Address    string // where the operator's SSH connection comes from, "" for none
	Origin     string // where the operator sits, for the audit log

	// Catch is deferred in goroutines: it takes a panic and ends the program in
	// order. Nil: panics go on.
	Catch func()

	// Log takes the errors that are not meant for people. Nil: they are shown.
	Log func(err error)

	// Open opens the database. Errors end the program with status 2.
	Open func(ctx context.Context, o OpenOptions) (*Session, error)
	// Console runs the console until the operator quits; it opens the database
	// itself. What kept it from opening is marked with NotStarted.
	Console func(ctx context.Context, o OpenOptions) error
	// CheckLink says what is wrong with where the console is to open.
	CheckLink func(Link) error
	// Demo opens a new throw-away database whose letters are captured.
	Demo func(ctx context.Context, o DemoOptions) (*DemoSession, error)
	// Build makes a new database for benchmarks.
	Build func(ctx context.Context, o OpenOptions, b BuildOptions) error
	// Bench measures Doorman beside other programs.
	Bench func(ctx context.Context, o OpenOptions, b BenchOptions) error
	// TestMail sends a test letter. The reply tells in lines how far it came, also
	// when there is an error.
	TestMail func(ctx context.Context, c config.Loaded, to string) (reply string, err error)
	// CheckMail says what is wrong with the settings of the mail, the templates and
	// the keys among them. Nothing is sent.
	CheckMail func(c config.Loaded) error
	// CheckSetting says what is wrong with one setting of the mail, by its name
	// without the section, beside those that were given before it.
	CheckSetting func(m config.Mail, name string) error
	// ProbeMail talks to the relay up to the sender's name. Nothing is sent.
	ProbeMail func(ctx context.Context, c config.Loaded) error
	// Secrets tells where the link key and the mail password would be read
	// from, and what is wrong with them, for doctor. It never returns them.
	Secrets func(c config.Loaded) []model.Check
	// Keys lists the keys of the console, page by page, as the configuration
	// has them.
	Keys func(c config.Loaded) ([]KeyLine, error)
}

// KeyLine is one line of the key table of the console.
type KeyLine struct {
	Page string // "everywhere", "Accounts", …
	Key  string
	Does string
}

// OpenOptions says which database to open and who does it.
type OpenOptions struct {
	Config   config.Loaded
	Path     string         // of the file
	Zone     *time.Location // nil: what the file remembers
	ReadOnly bool
	Create   bool // make the file when it is absent
	// NeedKey requests the link key: it is made when there is none yet. Without
	// it a key that is there is still used.
	NeedKey bool
	Act     model.Act     // the operator, without a reason
	Link    Link          // where the console opens
	Making  func() string // what a demo still makes up; nil, or "": nothing
	Program string        // how this program is called for the same database, as a shell takes it
}

// Link is a place in the console. The zero value is its first view.
type Link struct{ View, Filter, Select, Window string }

// Session is an open database and what works on it.
type Session struct {
	Store Store
	// Courier makes the part that sends letters. It fails with a hint when no
	// mail is configured. Close ends its connection too.
	Courier func() (Courier, error)
	Close   func() error
}

// Courier sends the letters that are due.
type Courier interface {
	Run(ctx context.Context) error
	Once(ctx context.Context) (sent int, err error)
	Status() model.CourierStatus
}

// NewHost returns a Host with everything that the operating system knows: the
// standard streams, the clock, the environment, the usual places, the user.
func NewHost() Host {
	streams := map[string]*os.File{"stdin": os.Stdin, "stdout": os.Stdout, "stderr": os.Stderr}
	h := Host{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Terminal: func(name string) bool {
			f := streams[name]
			return f != nil && term.IsTerminal(int(f.Fd()))
		},
		Secret:     secretLine,
		Version:    version(),
		Now:        time.Now,
		Getenv:     os.Getenv,
		ConfigFile: filepath.Join(xdg.ConfigHome, "doorman", "config.toml"),
		Database:   filepath.Join(xdg.DataHome, "doorman", "doorman.db"),
		User:       userName(),
		Address:    sshAddress(os.Getenv),
	}
	h.Origin = origin(h)
	return h
}

// secretLine is Host.Secret on standard input.
func secretLine() (read func() (string, error), stop func()) {
	fd := int(os.Stdin.Fd())
	was, err := term.GetState(fd)
	if err != nil {
		return func() (string, error) { return "", err }, func() {}
	}
	return func() (string, error) {
		b, err := term.ReadPassword(fd)
		return string(b), err
	}, func() { _ = term.Restore(fd, was) }
}

// version is what the build knows of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			v += " (" + s.Value[:12] + ")"
		}
	}
	return cmp.Or(v, "(devel)")
}

func userName() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	if name := os.Getenv("USER"); name != "" {
		return name
	}
	return "unknown"
}

// origin names this machine and the far end of an SSH connection, if there is
// one.
func origin(h Host) string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		name = "unknown host"
	}
	if h.Address != "" {
		name += " from " + h.Address
	}
	return model.CleanText(name, 200)
}

// sshAddress is what the SSH server says of the far end.
func sshAddress(getenv func(string) string) string {
	return firstWord(cmp.Or(getenv("SSH_CONNECTION"), getenv("SSH_CLIENT")))
}
