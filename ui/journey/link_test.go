//go:build unix

package journey

import (
	"bytes"
	"encoding/base64"
	"os/exec"
	"strings"
	"testing"
)

// copied waits until the program has put n texts on the clipboard and returns
// the last.
func (c *console) copied(n int) string {
	c.t.Helper()
	const begin = "\x1b]52;c;"
	c.until("a text on the clipboard", func() bool { return bytes.Count(c.bytes(), []byte(begin)) >= n })
	raw := string(c.bytes())
	raw = raw[strings.LastIndex(raw, begin)+len(begin):]
	text, err := base64.StdEncoding.DecodeString(raw[:strings.IndexAny(raw, "\a\x1b")])
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

// paste runs a command line as a person would paste it.
func (s *site) paste(line string) string {
	s.t.Helper()
	cmd := exec.Command("sh", "-c", `doorman() { "$PROGRAM" "$@"; }; `+line)
	cmd.Env, cmd.Dir = append(s.env(), "PROGRAM="+program), s.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return string(out)
}

// The command that L copies prints what the list shows, from any directory and
// for any database.
func TestTheCopiedCommandRuns(t *testing.T) {
	s := newSite(t).people(crowd(5)...)
	for i, who := range crowd(5) {
		s.run("request", who, "--ip", []string{"203.0.113.9", "198.51.100.7"}[i%2], "--agent", `it's "curl"`)
	}
	s.run("issue", "person.004@example.org")
	c := s.open(120, 40, []string{"--db", s.db}).send("3").sees("Resets ─", "person.004")
	c.send("f", `since:1d ip:203.0.113.0/24 agent:"it's"`, enter).sees("1 of 3").send("L")
	line := c.copied(1)
	if out := s.paste(line + " -o jsonl"); strings.Count(out, "\n") != 3 {
		t.Errorf("%s:\n%s", line, out)
	}
	c.send("f", "\x15", "-state:used person.004", enter).sees("1 of").send("L")
	if line = c.copied(2); !strings.Contains(line, "--filter ") {
		t.Error(line)
	}
	if out := s.paste(line + " -o jsonl"); !strings.Contains(out, "person.004") || strings.Contains(out, "person.003") {
		t.Errorf("%s:\n%s", line, out)
	}
	n := 2
	s.run("block", "203.0.113.0/24", "--yes")
	for _, keys := range []string{"2", "5", "6", "4", "7", "2" + enter, "1f-severity:past" + enter, "4s", "4f\x15by:nobody" + enter, "7s", "7f\x15-state:closed" + enter} {
		c.send(strings.Split(keys, "")...)
		n++
		line = c.send("L").copied(n)
		cmd := exec.Command("sh", "-c", `doorman() { "$PROGRAM" "$@"; }; `+line)
		cmd.Env, cmd.Dir = append(s.env(), "PROGRAM="+program), "/"
		if out, err := cmd.CombinedOutput(); err != nil && cmd.ProcessState.ExitCode() != 3 {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
	}
	c.send("q").send("q").ends(0)
}

// The command that Y copies opens the console at the same place.
func TestTheCopiedLinkLeadsBack(t *testing.T) {
	s := newSite(t).people(crowd(60)...)
	c := s.open(80, 24, []string{"--db", s.db}).send("2").on("person.000").send("/", "person.0", enter).sees("/person.0", "1 of").send("jjj").on("person.003").send("Y")
	line := c.copied(1)
	c.sees("sent to the terminal's clipboard").send("q").ends(0)
	words := strings.Fields(line)
	if words[0] != "doorman" {
		t.Fatal(line)
	}
	c = s.open(80, 24, words[1:]).on("person.003").sees("/person.0", "4 of").send(esc).misses("/person.0").send("q").ends(0)
	s.open(80, 24, []string{"--view", "account", "--select", "person.007@example.org"}).sees("Clusters > person.007@example.org").send("q").sees("Clusters ─").send("q").ends(0)
	for _, args := range [][]string{{"--view", "nowhere"}, {"--view", "resets", "--filter", "state:x\x1b]0;y\a"}, {"--select", "a"}, {"--view", "reset", "--select", "a\nb"}} {
		c := s.start(80, 24, args).ends(2).sees("doorman: hint: ") // what it wrote may come after its end
		if out := string(c.bytes()); strings.Contains(out, "\x1b]0;y") || !strings.Contains(out, "doorman: hint: ") {
			t.Errorf("%q: %q", args, out)
		}
	}
}
