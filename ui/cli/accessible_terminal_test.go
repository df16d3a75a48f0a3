//go:build unix

package cli_test

import (
	"strings"
	"testing"
)

// The whole of a triage in lines: see the worst, its evidence, contain it, take
// that back, find a person, issue a reset. Not one control sequence is written.
func TestTriageInLines(t *testing.T) {
	dir := attacked(t)
	s := sit(t, dir, "--db", "a.db", "--accessible")
	after := 0
	await := func(want string) {
		t.Helper()
		s.awaitAfter(after, want)
	}
	enter := func(text string) {
		t.Helper()
		after = len(s.shown())
		s.enter(text + "\r")
	}
	await("worst first:")
	await("network 203.0.113.0/26, score")
	await("What next? ")
	enter("m")
	await("z: undo the last batch")
	await("What next? ")
	place := strings.Index(s.shown(), ": network 203.0.113.0/26, score")
	number := s.shown()[strings.LastIndex(s.shown()[:place], "\n")+1 : place]
	enter(number)
	await("unfinished")
	await("c contains it")
	enter("c")
	await("type 60 to confirm: ")
	enter("y")
	await("not confirmed, nothing was changed")
	await("What next? ")
	if blocked(t, dir, "203.0.113.7") {
		t.Fatal("an email was enough for 60 resets")
	}
	enter("contain 203.0.113.0/26 --reason \"ticket 4711\"")
	await("type 60 to confirm: ")
	enter("60")
	await("contained: ")
	await("What next? ")
	if !blocked(t, dir, "203.0.113.7") {
		t.Fatal("nothing was contained")
	}
	enter("b")
	await("203.0.113.0/26")
	await("What next? ")
	enter("z")
	await("Undo the batch ")
	enter("y")
	await("What next? ")
	if blocked(t, dir, "203.0.113.7") {
		t.Fatal("nothing was undone")
	}
	enter("a")
	await("Any part of the address:")
	enter("@")
	await("1: ")
	await("What next? ")
	enter("1")
	await("i issues a reset")
	enter("i")
	await("mail the link? y or n:")
	enter("y")
	await("queued")
	await("What next? ")
	enter("99")
	await("has no number 99")
	await("What next? ")
	enter("say \"so")
	await("a quote is not closed")
	await("What next? ")
	enter("frobnicate")
	await("unknown command")
	await("What next? ")
	enter("q")
	if got := s.status(); got != 0 {
		t.Errorf("exit status %d", got)
	}
	if i := strings.IndexAny(s.shown(), "\x1b\a\u202e"); i >= 0 {
		t.Errorf("a control character was written: %q", s.shown()[max(i-40, 0):min(i+40, len(s.shown()))])
	}
}

// The end of the input is the end of the conversation, and a reader looks only.
func TestLinesEnd(t *testing.T) {
	dir := attacked(t)
	s := sit(t, dir, "--db", "a.db", "--accessible", "--read-only")
	s.await("Opened read-only: nothing can be changed.")
	s.await("What next? ")
	s.enter("hold p1@example.org\r")
	s.await("read-only")
	s.enter("\x04")
	if got := s.status(); got != 0 {
		t.Errorf("exit status %d:\n%s", got, s.shown())
	}
	s = sit(t, dir, "--db", "a.db", "--accessible")
	s.await("What next? ")
	s.enter("\x03")
	if got := s.status(); got != 130 {
		t.Errorf("interrupted: exit status %d", got)
	}
}
