//go:build unix

package journey

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hinshun/vt10x"
)

// Fast typing and slow lines: several keys in one read, one key in two.
func TestKeysInClumpsAndPieces(t *testing.T) {
	c := newSite(t).people(crowd(60)...).open(80, 24, nil)
	c.send("2").on("person.000").send("jjj").on("person.003").send("jjjkj" + down + "j").on("person.008")
	for _, pause := range []time.Duration{0, 5 * time.Millisecond, 12 * time.Millisecond} {
		for !c.send("2").sees("all accounts").send("g").on("person.000").sendInPieces(pause, "\x1b", "[", "B") {
		}
		c.on("person.001")
	}
	c.send("G").on("person.059").send("g").on("person.000")
	c.send("/person.04" + enter + "jj").on("person.042")
	c.send(esc).sees("all accounts")
	// Late answers of the terminal are no keys.
	c.send("\x1b]11;rgb:ffff/ffff/ffff\x1b\\", "\x1b[?62;22c", "\x1b[?1;2c").send("g").on("person.000").send("j").on("person.001")
	c.send("\x1b[200~iy\x1b[201~").send("j").on("person.002")
	if n := c.site.count(`SELECT count(*) FROM PasswordReset`); n != 0 {
		t.Error("a paste issued a reset")
	}
	c.send("q").ends(0)
}

// maxGap is the longest pause within a sequence that the console has to bear,
// with some air.
const maxGap = 20 * time.Millisecond

// sendInPieces writes pieces with pauses between them. It reports false when the
// machine made a pause longer than counts.
func (c *console) sendInPieces(pause time.Duration, pieces ...string) bool {
	c.t.Helper()
	inTime := true
	for i, p := range pieces {
		began := time.Now()
		if i > 0 {
			time.Sleep(pause)
		}
		c.send(p)
		inTime = inTime && time.Since(began) < maxGap
	}
	return inTime
}

// A terminal may have any size at any time, also while a list is loading.
func TestResizing(t *testing.T) {
	s := newSite(t).people(crowd(300)...)
	c := s.open(80, 24, nil)
	c.send("2").on("person.000").fits("doorman", "? help")
	c.resize(60, 20).fits("doorman", "? help").resize(59, 19).sees("have 59×19, need 60×20")
	c.resize(200, 60).fits("doorman", "? help").sees("person.050")
	for _, size := range [][2]int{{1, 1}, {2, 50}, {200, 1}, {61, 21}} {
		c.resize(size[0], size[1]).send("G", "g", "?")
		c.send(" ").send("\x7f", "\x7f")
	}
	c.resize(80, 24).sees("Keys: ").send(esc).misses("Keys: ")
	for i := range 30 {
		end, row := "G", "person.299"
		if i%2 == 1 {
			end, row = "g", "person.000"
		}
		c.send("3", "2", end).resize(60+7*i%140, 20+3*i%40).send("/x").resize(61+5*i%140, 21+7*i%40).send("\x7f", enter, end).on(row)
	}
	c.resize(120, 40).fits("doorman", "? help").sees("all accounts").send("q").ends(0)
	if files, _ := filepath.Glob(s.path("state/doorman/doorman-crash-*")); len(files) > 0 {
		t.Errorf("it crashed: %s", s.read(files[0]))
	}
}

// Started in a window that is too small, the console waits for a bigger one.
func TestStartedTooSmall(t *testing.T) {
	c := newSite(t).people(crowd(3)...).start(40, 10, nil).sees("have 40×10, need 60×20")
	c.resize(80, 24).send("2").on("person.000").resize(40, 10).sees("have 40×10").send("q").ends(0)
}

// Over a slow line keys come in clumps, and the terminal's answers between them:
// none is lost, and no answer is taken for a key.
func TestSlowLine(t *testing.T) {
	c := newSite(t).people(crowd(60)...).open(80, 24, nil, farTerminal)
	c.send("2").on("person.000")
	want := 0
	for _, clump := range []string{"j", "jjj", "\x1b[Bj", "jj\x1b[B\x1b[Bkj", "jjjjjjjjjj", "k\x1b[A", "\x1b]11;rgb:1010/1010/1010\ajj", "j\x1b[?62;22cj", "j\x1bj", "jj\x1b\x1b\x1b[A", "G", "g\x1b[B"} {
		for _, key := range []string{"j", "\x1b[B"} {
			want += strings.Count(clump, key)
		}
		for _, key := range []string{"k", "\x1b[A"} {
			want -= strings.Count(clump, key)
		}
		switch clump[0] {
		case 'G':
			want = 59
		case 'g':
			want = 1
		}
		c.send(clump).on(fmt.Sprintf("person.%03d", want))
	}
	c.send("/son.03", "\xc3", "\xa9\x7f", "7\r").on("person.037").send("q").ends(0)
}

// Without colours the selection and the marks are still there.
func TestSelectionWithoutColour(t *testing.T) {
	for _, env := range []string{"NO_COLOR=1", "TERM=dumb", "TERM=vt100"} {
		t.Run(env, func(t *testing.T) {
			c := newSite(t).people(crowd(5)...).open(80, 24, nil, withEnv(env))
			c.send("2").on("person.000").send("j").on("person.001").send(" ").sees("1 marked")
			c.until("a mark", func() bool { return strings.Contains(c.screen(), "* person.001") })
			if strings.Contains(env, "NO_COLOR") && coloured(c) {
				t.Error("there is a colour on the screen")
			}
			c.send("q").ends(0)
		})
	}
}

// coloured reports whether any cell has a colour of its own.
func coloured(c *console) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	cols, rows := c.vt.Size()
	for y := range rows {
		for x := range cols {
			g := c.vt.Cell(x, y)
			if max(g.FG, g.BG) < vt10x.DefaultFG {
				return true
			}
		}
	}
	return false
}

// A terminal that answers no question does not make the commands slow, because they
// ask none: what they write is what they write into a pipe. Nor does it keep the
// console from starting.
func TestATerminalThatAnswersNothing(t *testing.T) {
	s := newSite(t).people(crowd(3)...)
	for _, args := range [][]string{{"version"}, {"accounts", "-o", "jsonl"}, {"completion", "bash"}} {
		piped := s.run(args...)
		c := s.start(80, 24, args, muteTerminal).ends(0)
		if shown := strings.ReplaceAll(string(c.bytes()), "\r\n", "\n"); shown != piped {
			t.Errorf("%q writes %q on a terminal and %q into a pipe", args, shown, piped)
		}
	}
	s.open(80, 24, nil, muteTerminal).send("2").on("person.000").send("q").ends(0)
}

// Keys that come while a program writes do not get into its text, where they would
// cut a character in two, and nothing of the text is lost at the end.
func TestKeysTypedWhileAProgramWrites(t *testing.T) {
	s := newHome(t)
	text := strings.Repeat(strings.Repeat("日", 400)+"\n", 300)
	file := s.write("text", text)
	c := s.start(80, 24, nil, withoutEcho, func(c *console) { c.cmd.Path, c.cmd.Args = "/bin/cat", []string{"cat", file} })
	for range 200 {
		c.send("n")
	}
	if !c.drain() {
		t.Fatal("it does not end")
	}
	if got := strings.ReplaceAll(string(c.bytes()), "\r\n", "\n"); got != text {
		t.Errorf("%d bytes arrived as %d other ones", len(text), len(got))
	}
}

// Without a terminal there is no console, and nothing is made.
func TestNoTerminalNoConsole(t *testing.T) {
	s := newHome(t)
	r := s.try("")
	if r.status != 1 && r.status != 2 || !strings.Contains(r.err, "needs a terminal") {
		t.Errorf("%+v", r)
	}
	if _, err := os.Stat(s.db); err == nil {
		t.Error("a database was made")
	}
}

// With NO_MOTION times are by the clock and the header holds a number, no curve.
func TestNoMotion(t *testing.T) {
	s := newSite(t).people(crowd(3)...)
	s.open(120, 40, nil, withEnv("NO_MOTION=1")).sees("resets/min 0", "times in").send("q").ends(0)
	s.open(120, 40, nil).sees("resets/min ▁").send("q").ends(0)
}
