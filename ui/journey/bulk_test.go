//go:build unix

package journey

import (
	"crypto/sha256"
	"testing"
)

// Revoking many: the plan first, then the number typed, and z takes it back.
func TestRevokeManyAndTakeItBack(t *testing.T) {
	s := newSite(t).people(crowd(25)...)
	for _, who := range crowd(25) {
		s.run("request", who, "--ip", "203.0.113.9", "--agent", "Firefox")
	}
	live := func() int {
		return s.count(`SELECT count(*) FROM PasswordReset WHERE revoked_date IS NULL AND was_used = 0`)
	}
	if n := live(); n != 20 {
		t.Fatalf("%d live resets: the bound by source is 20", n)
	}
	for _, who := range crowd(25)[20:] {
		s.run("issue", who)
	}
	c := s.open(80, 24, nil).send("3").sees("Resets ─", "person.024").send("A").sees("25 marked")
	c.send("x").sees("Revoke 25 marked resets", "25 live resets of 25 accounts", "type 25 to confirm")
	c.send("y", "2", enter).sees("type 25 to confirm")
	if n := live(); n != 25 {
		t.Fatalf("%d live: a wrong number was enough", n)
	}
	c.send("r", "flood", enter).sees("reason flood").send("2", "5", enter).sees("revoked 25 resets", "z undoes it").misses("● live")
	if n := live(); n != 0 {
		t.Fatalf("%d live resets are left", n)
	}
	if n := s.count(`SELECT count(*) FROM doorman_audit WHERE verb = 'revoke' AND reason = 'flood'`); n != 1 {
		t.Errorf("%d audit entries", n)
	}
	c.send("z").sees("undone").sees("● live")
	if n := live(); n != 25 {
		t.Errorf("%d of 25 came back", n)
	}
	c.send("z").sees("there is nothing to undo")
}

// A read-only console says why its keys are off, and leaves the file alone.
func TestReadOnlyChangesNothing(t *testing.T) {
	s := newSite(t).people(crowd(3)...)
	s.run("issue", "person.001@example.org")
	before := sha256.Sum256([]byte(s.read(s.db)))
	c := s.open(80, 24, []string{"--read-only"}).send("2").sees("READ-ONLY").on("person.000")
	for _, key := range []string{"i", "!"} {
		c.send(key).sees(key + ": opened read-only").send("?").sees("Keys:").send(esc).misses("Keys:")
	}
	c.send("3").sees("Resets ─").on("person.001").send("x").sees("x: opened read-only").send("X").sees("X: ")
	c.send("5").sees("Outbox ─").on("person.001").send("r").sees("r: opened read-only").send("x").sees("x: opened read-only")
	c.send("q").ends(0)
	if sha256.Sum256([]byte(s.read(s.db))) != before {
		t.Error("the file changed")
	}
	if n := s.relay.Total(); n != 0 {
		t.Errorf("a read-only console sent %d emails", n)
	}
}
