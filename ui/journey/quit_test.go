//go:build unix

package journey

import (
	"database/sql"
	"errors"
	"os"
	"syscall"
	"testing"
)

// However the console ends, the terminal is as it was, and the exit status says
// whether a person wanted it.
func TestQuitting(t *testing.T) {
	for name, end := range map[string]struct {
		do     func(c *console)
		status int
	}{
		"q":      {func(c *console) { c.send("q") }, 0},
		"ctrl+c": {func(c *console) { c.send(ctrlC) }, 0},
		"q deep": {func(c *console) { c.send(enter).sees("Accounts > ").send("q").sees("all accounts").send("q") }, 0},
		"INT":    {func(c *console) { c.signal(os.Interrupt) }, 130},
		"TERM":   {func(c *console) { c.signal(syscall.SIGTERM) }, 130},
		"HUP":    {func(c *console) { c.signal(syscall.SIGHUP) }, 130},
	} {
		t.Run(name, func(t *testing.T) {
			c := newSite(t).people(crowd(3)...).open(80, 24, nil)
			c.send("2").on("person.000")
			end.do(c)
			c.ends(end.status)
		})
	}
}

// A terminal that goes away, as when a connection is cut, ends the console; it
// does not stay behind and send letters unseen.
func TestALostTerminalEndsTheConsole(t *testing.T) {
	s := newSite(t).people(crowd(3)...)
	c := s.open(80, 24, nil)
	c.send("2").on("person.000")
	if err := errors.Join(c.tty.Close(), c.master.Close()); err != nil {
		t.Fatal(err)
	}
	s.people("aaa@example.org") // what is drawn now ends the read that keeps the terminal open
	waitFor(t, "the end of the console", func() bool {
		select {
		case <-c.done:
			return true
		default:
			return false
		}
	})
	if n := s.count(`SELECT count(*) FROM doorman_lease`); n != 0 {
		t.Error("it still holds a lease")
	}
}

// What was accepted is done, however soon after it the console is told to end:
// here another program keeps the database locked meanwhile.
func TestWritesUnderWayAreFinished(t *testing.T) {
	for name, end := range map[string]struct {
		do     func(c *console)
		status int
	}{
		"q":    {func(c *console) { c.send("q").sees("finishing 1 write, then quitting") }, 0},
		"TERM": {func(c *console) { c.signal(syscall.SIGTERM).until("the main screen", c.mainScreen) }, 130},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t).people(crowd(3)...)
			c := s.open(80, 24, nil).send("2").on("person.000").send("i").sees("Issue a reset", "https://")
			unlock := s.lock()
			c.send("y").sees("1 write under way")
			end.do(c)
			unlock()
			c.ends(end.status)
			s.issuedOnce(1)
		})
	}
}

// A signal in the middle of anything leaves the whole of it or nothing.
func TestASignalLeavesNothingHalfDone(t *testing.T) {
	s := newSite(t).people(crowd(3)...)
	c := s.open(80, 24, nil).send("2").on("person.000").send("i").sees("Issue a reset", "https://").send("y")
	c.signal(syscall.SIGTERM).ends(130)
	s.issuedOnce(s.count(`SELECT count(*) FROM PasswordReset`))
}

// issuedOnce checks that a reset has its line in the log and its letter.
func (s *site) issuedOnce(n int) {
	s.t.Helper()
	resets := s.count(`SELECT count(*) FROM PasswordReset WHERE issued_by = 'anna'`)
	entries := s.count(`SELECT count(*) FROM doorman_audit WHERE verb = 'issue'`)
	letters := s.count(`SELECT count(*) FROM doorman_outbox`)
	if resets != n || entries != n || letters != n || n > 1 {
		s.t.Errorf("%d resets, %d audit entries, %d emails: want %d of each", resets, entries, letters, n)
	}
}

// lock keeps others from writing to the database until unlock is called.
func (s *site) lock() (unlock func()) {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.db+"?_pragma=busy_timeout(120000)")
	if err != nil {
		s.t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		s.t.Fatal(err)
	}
	return func() {
		if _, err := db.Exec("ROLLBACK"); err != nil {
			s.t.Error(err)
		}
		_ = db.Close()
	}
}

// With a shell behind it ctrl+z stops the console; without one nobody could ever
// bring it back, so there it does nothing.
func TestSuspendWithoutAShell(t *testing.T) {
	c := newSite(t).people(crowd(3)...).open(80, 24, nil)
	c.send("2").on("person.000").send("\x1a").send("j").on("person.001").send("q").ends(0)
}
