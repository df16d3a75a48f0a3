//go:build e2e && unix

package term

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/term"
)

// TestMain lets tmux run this test's own binary in a pane, where it measures.
func TestMain(m *testing.M) {
	if name := os.Getenv("DOORMAN_MEASURE"); name != "" {
		if err := measure(name); err != nil {
			_ = os.WriteFile(name+".error", []byte(err.Error()), 0o600)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// measure writes each line of a file to the terminal, asks where the cursor is then,
// and writes the columns to another file.
func measure(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	state, err := term.MakeRaw(int(os.Stdin.Fd()))
	if err != nil {
		return err
	}
	defer func() { _ = term.Restore(int(os.Stdin.Fd()), state) }()
	lines, in, out := strings.Split(string(text), "\n"), bufio.NewReader(os.Stdin), strings.Builder{}
	for len(lines) > 0 {
		n := min(len(lines), 50)
		if _, err := os.Stdout.WriteString("\r\x1b[2K" + strings.Join(lines[:n], "\x1b[6n\r\x1b[2K") + "\x1b[6n"); err != nil {
			return err
		}
		for _, l := range lines[:n] {
			answer, err := in.ReadString('R')
			if err != nil {
				return err
			}
			row, column := 0, 0
			if _, err := fmt.Sscanf(answer, "\x1b[%d;%dR", &row, &column); err != nil {
				return fmt.Errorf("after %q: %q: %w", l, answer, err)
			}
			fmt.Fprintln(&out, column-1)
		}
		lines = lines[n:]
	}
	if err := os.WriteFile(name+".part", []byte(out.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(name+".part", name+".widths")
}

// tmux draws whatever Show writes, of every script, as wide as Width says.
func TestTmuxDrawsWhatWidthSays(t *testing.T) {
	var lines []string
	scriptTexts(func(text string) { lines = append(lines, Show(text)) })
	dir := t.TempDir()
	name := filepath.Join(dir, "lines")
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "tmux")
	tmux := exec.Command("tmux", "-S", socket, "-f", "/dev/null", "-u", "new-session", "-d", "-x", "300", "-y", "10",
		"DOORMAN_MEASURE='"+name+"' '"+self+"'; tmux -S '"+socket+"' wait-for -S measured")
	tmux.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	if out, err := tmux.CombinedOutput(); err != nil {
		t.Fatalf("tmux: %v\n%s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", socket, "kill-server").Run() })
	if out, err := exec.Command("tmux", "-S", socket, "wait-for", "measured").CombinedOutput(); err != nil {
		t.Logf("tmux wait-for: %v\n%s", err, out) // the session may be over already
	}
	widths, err := os.ReadFile(name + ".widths")
	if err != nil {
		why, _ := os.ReadFile(name + ".error")
		t.Fatalf("%v: %s", err, why)
	}
	bad := 0
	for i, w := range strings.Fields(string(widths)) {
		if fmt.Sprint(Width(lines[i])) == w {
			continue
		}
		if bad++; bad <= 20 {
			t.Errorf("%+q: tmux draws %s cells, Width says %d", lines[i], w, Width(lines[i]))
		}
	}
	if n := len(strings.Fields(string(widths))); n != len(lines) || bad > 20 {
		t.Errorf("%d lines of %d were measured, %d are wrong", n, len(lines), bad)
	}
}
