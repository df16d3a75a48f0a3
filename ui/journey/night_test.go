//go:build unix

package journey

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// task is one thing that an operator does in a night on call.
type task struct {
	name  string
	steps []step
	left  string // keys that lead back, not counted
}

// step is what is typed before the operator looks, and what is there then. Text
// and the number of a plan stand in one piece.
type step struct {
	keys []string
	sees []string
}

func press(keys ...string) step { return step{keys: keys} }

func (s step) then(sees ...string) step { s.sees = sees; return s }

// keyCount is how many keys a task takes beside text, and whether it has text.
func (k task) keyCount() (n int, text bool) {
	for _, s := range k.steps {
		for _, key := range s.keys {
			if utf8.RuneCountInString(key) == 1 {
				n++
			} else {
				text = true
			}
		}
	}
	return n, text
}

// nightTasks are done in this order, each from where the one before ended.
func nightTasks() []task {
	return []task{
		{"see the worst network with its evidence", []step{press(enter).then("18 for 18 accounts, 18 live now", "why", "against")}, ""},
		{"contain it, and undo", []step{press("c", "y").then("contained 198.51.100.32/30: 18 revoked"), press("z").then("undone: 18 resets")}, "q"},
		{"find an account and issue a reset", []step{press("2").then("person.000"), press("/", "hopper", enter, "i", "y").then("issued a reset for Grace.Hopper@navy.example")}, esc},
		{"why did an email not arrive", []step{press("5").then("person.003"), press("f", "state:undeliverable", enter).then("1 of 1"), press(enter).then("550 5.1.1 no such user")}, "q"},
		{"revoke what an agent requested in the last hour", []step{press("3").then("person.117"), press("f", "agent:python since:1h", enter).then("1 of 18"),
			press("X").then("18 live resets of 18 accounts"), press("y").then("revoked 18 resets")}, "z"},
		{"except an office, and contain around it", []step{press("4").then("192.0.2.0/24"), press("a", "198.51.100.35", enter).then("Exception for 198.51.100.35"), press("y").then("added exception 198.51.100.35"),
			press("1").then("198.51.100.32/"), press("c").then("live in the exception 198.51.100.35/32"), press("y").then("contained 198.51.100.32/")}, "z"},
		{"leave a note", []step{press("n", "called the provider", enter).then("note added")}, ""},
		{"call it a false positive, and back", []step{press("d", "f").then("false positive"), press("z").then("undone")}, ""},
		{"see what a colleague did", []step{press("6").then("hold"), press("f", "by:sam", enter).then("person.005@example.org", "1 of")}, esc},
		{"export the evidence", []step{press("1").then("198.51.100.32/"), press(enter).then("why"), press("f").then("Resets", "1 of 18"), press("\x13").then("export to resets-"), press(enter).then("18 records", ".csv")}, "qq"},
		{"look at the last hour, day and week", []step{press("t").then("last 7 d"), press("t").then("last 90 d"), press("t").then("last 1 h"), press("t").then("last 24 h")}, ""},
		{"is this address blocked", []step{press("4").then("192.0.2.0/24"), press("/", "192.0.2.77", enter).then("192.0.2.77 is blocked")}, esc},
		{"from a flagged reset to its cluster", []step{press("3").then("person.117"), press("/", "person.117", enter).then("1 of"), press("c").then("why", "against")}, "q"},
	}
}

// TestNightOnCall does thirteen tasks on the real program, in both sizes, and holds
// their keys to the table in PERFORMANCE.md.
func TestNightOnCall(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {200, 60}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			s := newSite(t).underAttack(attack)
			s.people("Grace.Hopper@navy.example")
			s.run("hold", "person.005@example.org", "--operator", "sam", "--yes")
			s.run("block", "192.0.2.0/24", "--yes")
			s.run("issue", "person.003@example.org")
			s.exec(`UPDATE doorman_outbox SET state = 'undeliverable', last_error = '550 5.1.1 no such user' WHERE recipient LIKE 'person.003%'`)
			c := s.open(size[0], size[1], nil).on("198.51.100.32/30")
			for _, k := range nightTasks() {
				for _, at := range k.steps {
					c.send(at.keys...).sees(at.sees...)
				}
				c.send(strings.Split(k.left, "")...)
			}
			c.send("q").send("q")
		})
	}
	var b strings.Builder
	b.WriteString("\n| task | keys |\n|---|---|\n")
	for _, k := range nightTasks() {
		n, text := k.keyCount()
		with := map[bool]string{true: " and the text"}[text]
		fmt.Fprintf(&b, "| %s | %d%s |\n", k.name, n, with)
	}
	generatedIn(t, performance, "night", b.String()+"\n")
	if _, err := os.Stat(performance); err != nil {
		t.Fatal(err)
	}
}
