//go:build unix

package cli_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// attacked makes a database with the attacks of traffic.
func attacked(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "in.jsonl"), []byte(traffic(time.Now().UTC())), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, dir, "--db", "a.db", "import", "resets", "in.jsonl")
	return dir
}

// blocked asks doorman check.
func blocked(t *testing.T, dir, ip string) bool {
	t.Helper()
	err := program(dir, "--db", "a.db", "check", ip).Run()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 3) {
		t.Fatal(err)
	}
	return err != nil
}

func TestContainAsks(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer string
		status int
	}{
		{"the email alone", "y\r", 1},
		{"nothing", "\r", 1},
		{"interrupted", "\x03", 130},
		{"the number", "60\r", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := attacked(t)
			s := sit(t, dir, "--db", "a.db", "contain", "203.0.113.0/26")
			s.await("would contain network 203.0.113.0/26")
			s.await("would revoke 60 live resets of 60 accounts")
			s.await("contain network 203.0.113.0/26: revoke 60 live resets of 60 accounts, block 203.0.113.0/26? type 60 to confirm: ")
			s.enter(c.answer)
			if got := s.status(); got != c.status {
				t.Errorf("exit status %d, want %d:\n%s", got, c.status, s.shown())
			}
			if got := blocked(t, dir, "203.0.113.7"); got != (c.status == 0) {
				t.Errorf("blocked: %v", got)
			}
		})
	}
}

// The agent of a cluster is text from outside, and is in the plan, in the
// question and in what is done.
func TestContainShowsNoEscapes(t *testing.T) {
	dir := attacked(t)
	var list []struct{ Key, Kind string }
	if err := json.Unmarshal([]byte(must(t, dir, "--db", "a.db", "clusters", "--since", "all", "-o", "json")), &list); err != nil {
		t.Fatal(err)
	}
	for _, cluster := range list {
		if cluster.Kind != "agent" {
			continue
		}
		s := sit(t, dir, "--db", "a.db", "contain", cluster.Key)
		s.await("type 240 to confirm: ")
		s.enter("240\r")
		if got := s.status(); got != 0 || strings.ContainsAny(s.shown(), "\x1b\a\u202e") || !strings.Contains(s.shown(), "owned") {
			t.Errorf("exit status %d: %q", got, s.shown())
		}
		return
	}
	t.Fatal("no cluster of an agent")
}

func TestWideBlocksAskTwice(t *testing.T) {
	for _, c := range []struct {
		name    string
		answers []string
		status  int
	}{
		{"no", []string{"n\r"}, 1},
		{"one yes", []string{"y\r", "y\r"}, 1},
		{"yes and the network", []string{"y\r", "20.0.0.0/12\r"}, 0},
		{"interrupted", []string{"y\r", "\x03"}, 130},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := liveResets(t, 1)
			s := sit(t, dir, "--db", "a.db", "block", "20.0.0.0/12", "--for", "1h")
			s.await("warning: ")
			s.await("block 20.0.0.0/12 until 20")
			s.await("[y/N] ")
			s.enter(c.answers[0])
			if len(c.answers) > 1 {
				s.await("20.0.0.0/12 is wide: whole providers live there. Type the network to confirm: ")
				s.enter(c.answers[1])
			}
			if got := s.status(); got != c.status {
				t.Errorf("exit status %d, want %d:\n%s", got, c.status, s.shown())
			}
			if got := blocked(t, dir, "20.1.2.3"); got != (c.status == 0) {
				t.Errorf("blocked: %v", got)
			}
		})
	}
}

// With --wide the second yes is given already.
func TestWideBlocksAskOnceWithTheFlag(t *testing.T) {
	dir := liveResets(t, 1)
	s := sit(t, dir, "--db", "a.db", "block", "20.0.0.0/12", "--wide")
	s.await("[y/N] ")
	s.enter("y\r")
	if got := s.status(); got != 0 || !blocked(t, dir, "20.1.2.3") {
		t.Errorf("exit status %d:\n%s", got, s.shown())
	}
}

func TestUnblockAsks(t *testing.T) {
	dir := liveResets(t, 1)
	must(t, dir, "--db", "a.db", "block", "203.0.113.0/24", "--yes")
	for _, c := range []struct {
		answer string
		status int
		left   bool
	}{{"n\r", 1, true}, {"y\r", 0, false}} {
		s := sit(t, dir, "--db", "a.db", "unblock", "203.0.113.0/24")
		s.await("unblock 203.0.113.0/24: block (until 20")
		s.await("[y/N] ")
		s.enter(c.answer)
		if got := s.status(); got != c.status || blocked(t, dir, "203.0.113.7") != c.left {
			t.Errorf("%q: exit status %d:\n%s", c.answer, got, s.shown())
		}
	}
}
