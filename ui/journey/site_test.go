//go:build unix

package journey

import (
	"bytes"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	_ "github.com/glebarez/go-sqlite"

	"doorman/mail"
	"doorman/model"
)

// program is the path of the binary under test.
var program string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "doorman-journey-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "doorman")
	env, args := building()
	build := exec.Command("go", slices.Concat([]string{"build", "-buildvcs=false", "-o", program}, args, []string{"doorman"})...)
	build.Env = append(os.Environ(), env)
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		return 1
	}
	// These tests wait more than they work: more of them than processors run at
	// once, unless told otherwise.
	flag.Parse()
	if p := flag.Lookup("test.parallel"); p.Value.String() == p.DefValue {
		if err := p.Value.Set("8"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}

// resetURL is where the links of the letters lead.
const resetURL = "https://app.example.org/reset/{token}"

// site is an installation of its own: home, configuration, key, password, a
// relay that takes its letters, and all that its commands ever printed.
type site struct {
	t        *testing.T
	dir      string
	db       string // the usual place
	relay    *mail.Capture
	key      model.Key
	password string

	mu      sync.Mutex
	printed bytes.Buffer
}

// relayOption tunes the relay of a site.
type relayOption func(*mail.CaptureOptions)

// newSite makes a home with a configuration and a key, and starts the relay.
func newSite(t *testing.T, tune ...relayOption) *site {
	t.Helper()
	s := newHome(t)
	o := mail.CaptureOptions{Username: "doorman", Password: randomHex(16)}
	for _, f := range tune {
		f(&o)
	}
	var err error
	if s.relay, err = mail.NewCapture(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.relay.Close() })
	s.key, s.password = make(model.Key, model.KeySize), o.Password
	_, _ = rand.Read(s.key)
	s.write("key", hex.EncodeToString(s.key))
	s.write("password", s.password)
	s.write("ca.pem", string(s.relay.CA()))
	c := s.relay.Config()
	s.write("config/doorman/config.toml", fmt.Sprintf(`[db]
key_file = %q
[mail]
host = %q
port = %d
username = %q
password_file = %q
ca_file = %q
hello = "localhost"
from = "Example <no-reply@example.org>"
reset_url = %q
`, s.path("key"), c.Host, c.Port, c.Username, s.path("password"), s.path("ca.pem"), resetURL))
	return s
}

// newHome makes an empty home, as on the day after the installation. Tests that
// have one of their own run side by side: most of their time is waiting.
func newHome(t *testing.T) *site {
	t.Helper()
	t.Parallel()
	s := &site{t: t, dir: t.TempDir()}
	s.db = s.path("data/doorman/doorman.db")
	for _, d := range []string{"home", "config", "data", "state", "tmp"} {
		if err := os.Mkdir(s.path(d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *site) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

// write writes a file that only its owner may read.
func (s *site) write(name, text string) string {
	s.t.Helper()
	path := s.path(name)
	err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600))
	if err != nil {
		s.t.Fatal(err)
	}
	return path
}

func (s *site) read(path string) string {
	s.t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

// env is the whole environment of the program; nothing of the tester's own
// reaches it.
func (s *site) env(more ...string) []string {
	return append([]string{
		"PATH=/usr/bin:/bin", "TERM=xterm-256color", "LANG=C.UTF-8", "DOORMAN_OPERATOR=anna", "GORACE=halt_on_error=1",
		"HOME=" + s.path("home"), "TMPDIR=" + s.path("tmp"), "XDG_CONFIG_HOME=" + s.path("config"),
		"XDG_DATA_HOME=" + s.path("data"), "XDG_STATE_HOME=" + s.path("state"),
	}, more...)
}

// result is what a command left behind.
type result struct {
	out, err string
	status   int
}

// try runs a command to its end with the given standard input.
func (s *site) try(stdin string, args ...string) result {
	s.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env, cmd.Dir = s.env(), s.dir
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	s.note(out.Bytes())
	s.note(errs.Bytes())
	return result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// run runs a command that has to succeed and returns what it printed.
func (s *site) run(args ...string) string {
	s.t.Helper()
	r := s.try("", args...)
	if r.status != 0 {
		s.t.Fatalf("doorman %s: exit status %d\n%s%s", strings.Join(args, " "), r.status, r.out, r.err)
	}
	return r.out
}

// note keeps what the program showed, for the search for secrets.
func (s *site) note(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.printed.Write(b)
}

func (s *site) shown() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.printed.Bytes())
}

// people fills the database with accounts.
func (s *site) people(emails ...string) *site {
	s.t.Helper()
	file := s.write("people.csv", "email\n"+strings.Join(emails, "\n")+"\n")
	s.run("import", "accounts", file)
	return s
}

// crowd names n accounts: person.000@example.org and so on.
func crowd(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("person.%03d@example.org", i))
	}
	return out
}

// letters waits until the relay has taken n letters and returns them.
func (s *site) letters(n int) []mail.Captured {
	s.t.Helper()
	waitFor(s.t, fmt.Sprintf("%d emails at the relay", n), func() bool { return s.relay.Total() >= n })
	return s.relay.Messages()
}

// token takes the token out of a letter.
func (s *site) token(m mail.Captured) string {
	s.t.Helper()
	t, ok := m.Token(resetURL)
	if !ok {
		s.t.Fatalf("%v holds no link", m)
	}
	return t.Reveal()
}

// count runs a query that gives one number, as another program would.
func (s *site) count(query string, args ...any) int {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.db+"?_pragma=busy_timeout(120000)")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRow(query, args...).Scan(&n); err != nil {
		s.t.Fatal(query, err)
	}
	return n
}

// exec runs statements, as another program would.
func (s *site) exec(statements string) {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.db+"?_pragma=busy_timeout(120000)")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statements); err != nil {
		s.t.Fatal(err)
	}
}

// files calls f with every file below the site.
func (s *site) files(f func(path string, content []byte)) {
	s.t.Helper()
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil {
			f(path, b)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
