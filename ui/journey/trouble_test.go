//go:build unix

package journey

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// What other programs write into the database may be meant for the terminal.
func TestHostileTextStaysText(t *testing.T) {
	s := newSite(t).people("ada@example.org")
	evil := "\x1b]0;owned\x07\x1b[2J\u202e\u200b\x9b31m\r\n漢字👩‍👩‍👧‍👦"
	quoted := strings.ReplaceAll(evil, "'", "''")
	s.exec(`INSERT INTO Account (id, email, email_confirmed, is_super_user) VALUES ('` + strings.Repeat("b", 32) + `', 'aa` + quoted + `@example.org', 1, 0);
		INSERT INTO PasswordReset (id, created_date, was_used, used_ip_address, requested_agent, user_id)
		VALUES ('` + strings.Repeat("c", 32) + `', strftime('%Y-%m-%d %H:%M:%f000', 'now'), 0, '` + quoted + `', '` + quoted + `', '` + strings.Repeat("b", 32) + `')`)
	c := s.open(200, 60, nil).send("2").sees("ada@example.org", "aa").send("g").on("aa").send(enter).sees("Accounts > aa").send(enter).sees(" > Reset ")
	c.send("3").sees("Resets ─").on("aa").send("2").sees("Accounts ─").fits("doorman", "? help")
	for _, list := range []string{"accounts", "resets"} {
		s.run(list)
	}
	c.sees("all accounts").send("q").ends(0) // reached by its digit, Accounts is the top: one q quits
	for _, bad := range []string{"\x1b]0;owned", "\x1b[2J\u202e", "\u202e", "\u200b\u009b"} {
		if i := bytes.Index(s.shown(), []byte(bad)); i >= 0 {
			t.Errorf("%q reached the terminal", bad)
		}
	}
}

// The file is gone: the screen says so, and the console still ends in order.
func TestTheFileIsDeleted(t *testing.T) {
	s := newSite(t).people(crowd(3)...)
	c := s.open(80, 24, nil).send("2").on("person.000")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(s.db + suffix); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	c.sees("NO STORE", "person.000").send("q").ends(0)
}

// Another program that keeps its lock: the write fails with a reason, nothing
// is half done, and later it works.
func TestALockThatStays(t *testing.T) {
	s := newSite(t).people(crowd(3)...)
	c := s.open(80, 24, nil).send("2").on("person.000")
	unlock := s.lock()
	c.send("i").sees("Issue a reset", "https://").send("y").sees("another program keeps the database locked")
	unlock()
	s.issuedOnce(0)
	c.send("i").sees("Issue a reset", "https://").send("y").sees("issued a reset")
	s.issuedOnce(1)
	c.send("q").ends(0)
}

// A courier that was started to survive its terminal does.
func TestDeliverUnderNohup(t *testing.T) {
	s := newSite(t).people("ada@example.org")
	cmd := exec.Command("/bin/sh", "-c", `trap '' HUP; exec "$0" deliver`, program)
	cmd.Env, cmd.Dir = s.env(), s.dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	waitFor(t, "the lease of the courier", func() bool { return s.count(`SELECT count(*) FROM doorman_lease WHERE name = 'sender'`) == 1 })
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	s.run("issue", "ada@example.org")
	s.letters(1)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("asked to end, it ended with %v", err)
	}
}
