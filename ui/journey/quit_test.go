//go:build unix

package journey

import (
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

// What was accepted is done, however soon after it the console is told to end.
func TestWritesUnderWayAreFinished(t *testing.T) {
	for name, end := range map[string]func(c *console){
		"q":    func(c *console) { c.send("q").ends(0) },
		"TERM": func(c *console) { c.until("the write", wrote(c)).signal(syscall.SIGTERM).ends(130) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t).people(crowd(3)...)
			c := s.open(80, 24, nil).send("2").on("person.000").send("i").sees("Issue a reset", "https://").send("y")
			end(c)
			resets := s.count(`SELECT count(*) FROM PasswordReset WHERE issued_by = 'anna'`)
			entries := s.count(`SELECT count(*) FROM doorman_audit WHERE verb = 'issue'`)
			letters := s.count(`SELECT count(*) FROM doorman_outbox`)
			if resets != 1 || entries != 1 || letters != 1 {
				t.Errorf("%d resets, %d audit entries, %d letters: want one of each", resets, entries, letters)
			}
		})
	}
}

// wrote tells that the dialog has been accepted.
func wrote(c *console) func() bool {
	return func() bool { return c.site.count(`SELECT count(*) FROM PasswordReset`) == 1 }
}
