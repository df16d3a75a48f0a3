//go:build unix

package journey

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var rankOf = regexp.MustCompile(`([\d,]+) of ([\d,]+)`)

// total reads how long the list on the screen is.
func (c *console) total() int {
	m := rankOf.FindStringSubmatch(c.screen())
	if m == nil {
		return -1
	}
	n, _ := strconv.Atoi(strings.ReplaceAll(m[2], ",", ""))
	return n
}

// The demo: someone looks around for the first time. The console is there before
// the service is, and shows every outcome: emails that failed, an exception, two
// colleagues, a case that one of them holds.
func TestDemo(t *testing.T) {
	s := newHome(t)
	c := s.open(120, 40, []string{"demo", "--accounts", "2000", "--resets", "10000"})
	c.send("2").sees("CAPTURE", "all accounts", "1 of 2,000")

	c.send("5").sees("Outbox ─", "✓ sent")
	c.until("a failed and an undeliverable email", func() bool {
		return strings.Contains(c.screen(), "1 failed") && strings.Contains(c.screen(), "1 undeliverable")
	})
	before := c.total()
	c.until("more emails", func() bool { return c.total() > before })

	c.send("/", "state:sent", enter).sees("✓ sent").misses("◷ queued   ")
	c.send(enter).sees("Outbox > ", "Subject", "Hello,", "https://service.example/reset/")
	c.send("\t", "\t").sees("Content-Type")
	for range 4 {
		c.send("\x04")
	}
	c.send("q").sees("state:sent").send("3").sees("Resets ─")
	c.send("1").sees("Clusters ─", "@ robin").send("4").sees("Blocks ─", "✓ allow", "robin").send("7").sees("@ acknowledged", "robin")
	c.send("6").sees("Audit ─", "sam", "robin").send("2").sees("all accounts").send("q").ends(0)

	if !strings.Contains(string(drawn(s.shown())), "A service is being made up") && !strings.Contains(string(s.shown()), "making up the service") {
		t.Error("the first frame came only when the service was made up")
	}
	for what, text := range map[string][]byte{"printed": s.shown(), "drawn": drawn(s.shown())} {
		if m := anyToken.Find(text); m != nil {
			t.Errorf("a token was %s: %s…", what, m[:8])
		}
	}
	s.files(func(path string, _ []byte) {
		if strings.Contains(path, "doorman-demo-") {
			t.Errorf("the demo left %s behind", path)
		}
	})
}

// Not on a terminal the demo is a report.
func TestDemoInAPipe(t *testing.T) {
	s := newHome(t)
	out := s.run("demo", "--accounts", "2000", "--resets", "10000")
	for _, want := range []string{"accounts 2,000", "network 203.0.113.0/24", "why:", " 1 failed 1 undeliverable"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "\x1b") {
		t.Error("escape sequences in a pipe")
	}
}
