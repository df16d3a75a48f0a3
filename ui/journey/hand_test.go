//go:build unix

package journey

import (
	"os"
	"strings"
	"testing"
)

// The budget of the contract: everything that one agent asked for in the last
// hour is revoked in at most eight keys beside what is typed.
func TestRevokeAllOfOneAgentInEightKeys(t *testing.T) {
	s := newSite(t).people(crowd(9)...)
	for i, who := range crowd(9) {
		s.run("request", who, "--ip", "203.0.113.9", "--agent", []string{"curl/8", "Firefox", "Safari"}[i%3])
	}
	c := s.open(80, 24, nil)
	const typed = "agent:curl since:1h"
	keys := []string{"3", "f", typed, enter, "X", "y"}
	if n := len(keys) - 1; n > 8 {
		t.Fatalf("%d keys beside the text", n)
	}
	c.send(keys[:5]...).sees("3 live resets of 3 accounts").send(keys[5:]...).sees("revoked 3 resets", "z undoes it")
	live := func(agent string) int {
		return s.count(`SELECT count(*) FROM PasswordReset WHERE requested_agent = ? AND revoked_date IS NULL AND was_used = 0`, agent)
	}
	if live("curl/8") != 0 || live("Firefox") != 3 || live("Safari") != 3 {
		t.Errorf("live are %d, %d, %d", live("curl/8"), live("Firefox"), live("Safari"))
	}
	c.send("q").ends(0)
}

// Saved filters, columns and the order of a list are there in the next console.
func TestHabitsSurviveARestart(t *testing.T) {
	s := newSite(t).people(crowd(30)...)
	c := s.open(100, 24, nil).send("2").on("person.000").send("O").on("person.029").send("/", "person.01", enter).sees("1 of 10")
	c.send("S").sees("save as").send("teens", enter).sees("[teens]").send("C").sees("Columns").send("j", " ").sees("hidden").send(enter).misses("hidden")
	c.send("q").ends(0)
	c = s.open(100, 24, nil).send("2").on("person.029").sees("address ↓", "[all]").misses("state").send("\t").sees("[teens]").on("person.019")
	c.send(":", "teens").sees("filter teens").send(esc).misses("filter teens").send("q").ends(0)
	s.open(100, 24, []string{"--operator", "bob"}).send("2").on("person.000").sees("state").misses("teens").send("q").ends(0)
	files, _ := os.ReadDir(s.path("state/doorman"))
	for _, f := range files {
		if info, err := f.Info(); err != nil || strings.HasPrefix(f.Name(), "console-") && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v", f.Name(), info.Mode())
		}
	}
}

// An export from the console is a private file, is in the log, and replaces none.
func TestExportFromTheConsole(t *testing.T) {
	s := newSite(t).people(crowd(30)...)
	file := s.path("people.jsonl")
	c := s.open(100, 24, nil).send("2").on("person.000").send("/", "person.01", enter).sees("1 of 10").send("\x13").sees("export to", "all that match")
	c.send("\x15", file, enter).sees("10 records written to")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 || strings.Count(s.read(file), "\n") != 10 {
		t.Fatalf("%v, %v:\n%s", info, err, s.read(file))
	}
	if n := s.count(`SELECT count(*) FROM doorman_audit WHERE verb = 'export'`); n != 1 {
		t.Errorf("%d entries in the log", n)
	}
	c.send("\x13").sees("export to").send("\x15", file, enter).sees("exists already").send(esc).misses("export to").send("q").ends(0)
}
