//go:build unix

package journey

import (
	"strings"
	"testing"
)

// What other processes commit is on the screen without a key, and the cursor
// stays on its row.
func TestChangesOfOthersArrive(t *testing.T) {
	s := newSite(t).people(crowd(30)...)
	for _, who := range crowd(3) {
		s.run("issue", who)
	}
	c := s.open(80, 24, nil).send("3").sees("Resets ─", "person.000", "person.001", "person.002")
	c.send("j").on("person.001")
	row := func(text string) int {
		for i, l := range c.lines() {
			if strings.Contains(l, text) {
				return i
			}
		}
		return -1
	}
	s.run("request", "person.007@example.org", "--ip", "203.0.113.9", "--agent", "Firefox")
	c.sees("person.007").on("person.001")
	if row("person.007") > row("person.001") {
		t.Errorf("the newest reset is not above:\n%s", c.screen())
	}
	s.run("revoke", "--account", "person.001@example.org", "--yes")
	c.sees("revoked").on("person.001")

	c.send("2").sees("all accounts").send("j", "j").on("person.002")
	s.people("aaa@example.org")
	c.sees("aaa@example.org").on("person.002")
	c.send("u").sees("PAUSED")
	s.people("aab@example.org")
	c.send("u").sees("aab@example.org").on("person.002")
}
