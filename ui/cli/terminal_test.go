//go:build unix

package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// patience is how long a test waits for the program to say something.
const patience = 3 * time.Minute

// seat is a program that runs on a terminal of its own.
type seat struct {
	t    *testing.T
	tty  *os.File
	cmd  *exec.Cmd
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
	done chan struct{}
}

// sit starts the program on a terminal, in dir.
func sit(t *testing.T, dir string, args ...string) *seat {
	t.Helper()
	s := &seat{t: t, cmd: program(dir, args...), more: make(chan struct{}, 1), done: make(chan struct{})}
	var err error
	if s.tty, err = pty.StartWithSize(s.cmd, &pty.Winsize{Rows: 24, Cols: 100}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.tty.Close() })
	go s.read()
	return s
}

// program is the program under test with a home of its own.
func program(dir string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(binary, "doorman"), args...)
	c.Dir = dir
	c.Env = []string{"HOME=" + dir, "XDG_CONFIG_HOME=" + dir, "XDG_DATA_HOME=" + dir, "XDG_STATE_HOME=" + dir, "TERM=xterm-256color", "PATH=" + os.Getenv("PATH")}
	return c
}

func (s *seat) read() {
	defer close(s.done)
	buf := make([]byte, 4096)
	for {
		n, err := s.tty.Read(buf)
		s.mu.Lock()
		s.text.Write(buf[:n])
		s.mu.Unlock()
		select {
		case s.more <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

func (s *seat) shown() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// await waits until the program has shown something.
func (s *seat) await(want string) {
	s.t.Helper()
	s.awaitAfter(0, want)
}

// awaitAfter waits until the program has shown something behind the first n bytes.
func (s *seat) awaitAfter(n int, want string) {
	s.t.Helper()
	late := time.After(patience)
	for !strings.Contains(s.shown()[n:], want) {
		select {
		case <-s.more:
		case <-s.done: // and all that it wrote was read
			if !strings.Contains(s.shown()[n:], want) {
				s.t.Fatalf("ended without %q:\n%s", want, s.shown())
			}
		case <-late:
			s.t.Fatalf("waiting for %q:\n%s", want, s.shown())
		}
	}
}

func (s *seat) enter(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s.tty, text); err != nil {
		s.t.Fatal(err)
	}
}

// status waits for the end of the program.
func (s *seat) status() int {
	s.t.Helper()
	<-s.done
	return exitStatus(s.t, s.cmd.Wait())
}

func exitStatus(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit == nil {
		return 0
	}
	return exit.ExitCode()
}

// must runs the program without a terminal and returns what it printed.
func must(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := program(dir, args...).Output()
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return string(out)
}

// liveResets makes a database with n live resets.
func liveResets(t *testing.T, n int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"created":"2026-03-01T00:00:00Z","email":"p%d@example.org","ip":"203.0.113.7","expires":"2100-01-01T00:00:00Z"}`+"\n", i)
	}
	if err := os.WriteFile(filepath.Join(dir, "in.jsonl"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, dir, "--db", "a.db", "import", "resets", "in.jsonl")
	return dir
}

func live(t *testing.T, dir string) int {
	t.Helper()
	c := program(dir, "--db", "a.db", "resets", "--state", "live", "-o", "jsonl", "--limit", "0")
	out, err := c.Output()
	if s := exitStatus(t, err); s != 0 && s != 3 {
		t.Fatalf("status %d", s)
	}
	return bytes.Count(out, []byte("\n"))
}

func TestRevokeAsks(t *testing.T) {
	for _, c := range []struct {
		name   string
		n      int
		answer string
		status int
		left   int
	}{
		{"yes", 3, "y\r", 0, 0},
		{"no", 3, "n\r", 1, 3},
		{"nothing", 3, "\r", 1, 3},
		{"many, the email alone", 21, "y\r", 1, 21},
		{"many, their number", 21, "21\r", 0, 0},
		{"interrupted", 3, "\x03", 130, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := liveResets(t, c.n)
			s := sit(t, dir, "--db", "a.db", "revoke", "--ip", "203.0.113.0/24")
			s.await(fmt.Sprintf("would revoke %d live resets of %d accounts", c.n, c.n))
			s.await(fmt.Sprintf("revoke %d live resets of %d accounts? ", c.n, c.n))
			s.enter(c.answer)
			if got := s.status(); got != c.status {
				t.Errorf("exit status %d, want %d:\n%s", got, c.status, s.shown())
			}
			if got := live(t, dir); got != c.left {
				t.Errorf("%d are live, want %d", got, c.left)
			}
		})
	}
}

func TestCancelAsks(t *testing.T) {
	dir := liveResets(t, 1)
	must(t, dir, "--db", "a.db", "issue", "p0@example.org")
	id := strings.SplitN(strings.Split(must(t, dir, "--db", "a.db", "outbox", "-o", "csv"), "\n")[1], ",", 2)[0]
	s := sit(t, dir, "--db", "a.db", "outbox", "cancel", id)
	s.await("cancel 1 email? [y/N]")
	s.enter("yes\r")
	if got := s.status(); got != 0 {
		t.Errorf("exit status %d:\n%s", got, s.shown())
	}
}

func TestImportShowsProgress(t *testing.T) {
	dir := liveResets(t, 5000)
	s := sit(t, dir, "--db", "b.db", "import", "resets", "in.jsonl")
	s.await("[#")
	s.await(" %  read ")
	s.await("\x1b[Kread      5000")
	if got := s.status(); got != 0 {
		t.Errorf("exit status %d:\n%s", got, s.shown())
	}
}

// CSV leaves text from outside as it is for other programs, but not for a
// terminal.
// What is exported to the terminal itself is not drawn over by a bar.
func TestExportToTheTerminal(t *testing.T) {
	s := sit(t, liveResets(t, 3), "--db", "a.db", "export", "resets", "--format", "csv")
	if status, text := s.status(), s.shown(); status != 0 || strings.Count(text, "\n") != 4 || strings.Contains(text, "\x1b") || strings.Contains(text, "written") {
		t.Errorf("status %d, %q", status, text)
	}
}

func TestTerminalGetsNoEscapes(t *testing.T) {
	dir := t.TempDir()
	text := `{"created":"2026-03-01T00:00:00Z","email":"a@example.org","user_agent":"\u001b]0;owned\u0007\u009b2J"}`
	if err := os.WriteFile(filepath.Join(dir, "in.jsonl"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, dir, "--db", "a.db", "import", "resets", "in.jsonl")
	if out := must(t, dir, "--db", "a.db", "resets", "-o", "csv"); !strings.Contains(out, "\x1b]0;owned") {
		t.Errorf("CSV is not exact: %q", out)
	}
	for _, format := range []string{"table", "csv", "json", "jsonl"} {
		s := sit(t, dir, "--db", "a.db", "resets", "-o", format)
		s.status()
		if got := s.shown(); strings.ContainsAny(got, "\x1b\a\u009b") || !strings.Contains(got, "owned") {
			t.Errorf("%s: %q", format, got)
		}
	}
}

func TestDeliverEndsBySignal(t *testing.T) {
	for _, c := range []struct {
		signal syscall.Signal
		status int
	}{{syscall.SIGINT, 130}, {syscall.SIGTERM, 0}} {
		dir := liveResets(t, 1)
		cmd := program(dir, "--db", "a.db", "deliver")
		cmd.Env = append(cmd.Env, "DOORMAN_MAIL_HOST=127.0.0.1", "DOORMAN_MAIL_PORT=1", "DOORMAN_MAIL_SECURITY=none",
			"DOORMAN_MAIL_FROM=no-reply@example.org", "DOORMAN_MAIL_RESET_URL=https://app.example.org/{token}")
		words, err := cmd.StderrPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 200)
		if n, err := words.Read(buf); err != nil || !strings.Contains(string(buf[:n]), "sending emails") {
			t.Fatalf("%q %v", buf[:n], err)
		}
		if err := cmd.Process.Signal(c.signal); err != nil {
			t.Fatal(err)
		}
		if got := exitStatus(t, cmd.Wait()); got != c.status {
			t.Errorf("%v: exit status %d, want %d", c.signal, got, c.status)
		}
	}
}
