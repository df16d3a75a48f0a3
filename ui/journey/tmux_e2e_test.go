//go:build e2e && unix

package journey

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// pane is the program in a real terminal multiplexer.
type pane struct {
	t      *testing.T
	socket string
	w, h   int
}

// inTmux starts the demo in a window of the given size.
func inTmux(t *testing.T, w, h int, env ...string) *pane {
	t.Helper()
	s := newHome(t)
	p := &pane{t, filepath.Join(s.dir, "tmux"), w, h}
	script := "exec env -i"
	for _, e := range append(s.env("TERM=tmux-256color"), env...) {
		script += " '" + e + "'"
	}
	script += " '" + program + "' demo --accounts 2000 --resets 10000"
	p.tmux("new-session", "-d", "-x", fmt.Sprint(w), "-y", fmt.Sprint(h), script)
	t.Cleanup(func() {
		_ = exec.Command("tmux", "-S", p.socket, "kill-server").Run()
		waitFor(t, "the demo to clean up after its terminal is gone", func() bool {
			left, _ := filepath.Glob(s.path("tmp/doorman-demo-*"))
			return len(left) == 0
		})
	})
	p.sees("? help")
	return p
}

// tmux runs a command of tmux and returns what it printed.
func (p *pane) tmux(args ...string) string {
	p.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", p.socket, "-f", "/dev/null"}, args...)...).CombinedOutput()
	if err != nil {
		p.t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (p *pane) screen() string { return p.tmux("capture-pane", "-p") }

func (p *pane) send(keys ...string) *pane {
	p.t.Helper()
	p.tmux(append([]string{"send-keys"}, keys...)...)
	return p
}

func (p *pane) sees(texts ...string) *pane {
	p.t.Helper()
	p.until(fmt.Sprintf("%q", texts), func() bool {
		s := p.screen()
		for _, text := range texts {
			if !strings.Contains(s, text) {
				return false
			}
		}
		return true
	})
	return p
}

// misses waits until a text is not on the screen.
func (p *pane) misses(text string) *pane {
	p.t.Helper()
	p.until("no "+text, func() bool { return !strings.Contains(p.screen(), text) })
	return p
}

// until waits for what a condition says of the screen, and shows the screen
// when it never comes.
func (p *pane) until(what string, cond func() bool) {
	p.t.Helper()
	for end := time.Now().Add(patience); !cond(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatalf("waited in vain for %s; the screen:\n%s", what, p.screen())
		}
	}
}

// fits checks that nothing is wider than the window and that the edges of the
// console are at the edges of it.
func (p *pane) fits() *pane {
	p.t.Helper()
	lines := strings.Split(strings.TrimSuffix(p.screen(), "\n"), "\n")
	if len(lines) != p.h {
		p.t.Errorf("%d lines in a window of %d", len(lines), p.h)
	}
	for _, l := range lines {
		if n := ansi.StringWidth(l); n > p.w {
			p.t.Errorf("%d cells in a window of %d: %q", n, p.w, l)
		}
	}
	if !strings.Contains(lines[0], "doorman") || !strings.Contains(lines[0], "CAPTURE") {
		p.t.Errorf("the header is %q", lines[0])
	}
	if !strings.Contains(lines[len(lines)-1], "  ") {
		p.t.Errorf("the footer is %q", lines[len(lines)-1])
	}
	return p
}

func TestDemoInTmux(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {200, 60}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			p := inTmux(t, size[0], size[1])
			p.send("2").sees("all accounts", "1 of 2,000").fits() // the service has been made up
			p.send("/", "smith").sees("/smith").fits().send("Enter", "i").sees("Issue a reset", "Cancel").fits()
			p.send("y").sees("issued a reset").fits().send("Enter").sees("Accounts > ").fits()
			p.send("3").sees("Resets ─").fits().send("s").sees("state:live").misses("✓ used").send("x").sees("Cancel").fits().send("n").misses("Cancel")
			p.send("5").sees("Outbox ─", "Ok: queued as").fits().send("Enter").sees("Outbox > ").fits()
			p.send("6").sees("Audit ─").fits().send("?").sees("Keys: ").fits().send("Escape").misses("Keys: ")
			p.tmux("resize-window", "-x", "60", "-y", "20")
			p.w, p.h = 60, 20
			p.send("2").sees("Accounts ─", "? help").fits()
		})
	}
}

var inkOfText = regexp.MustCompile(`38;2;(\d+);(\d+);(\d+)m`)

// What the terminal says of its background decides the colours: all of them
// stand out from it.
func TestDarkAndLight(t *testing.T) {
	for ground, readable := range map[string]func(luma int) bool{
		"15;0": func(luma int) bool { return luma > 110 },
		"0;15": func(luma int) bool { return luma < 145 },
	} {
		t.Run(ground, func(t *testing.T) {
			p := inTmux(t, 80, 24, "COLORFGBG="+ground, "COLORTERM=truecolor")
			p.send("2").sees("all accounts").fits()
			inks := inkOfText.FindAllStringSubmatch(p.tmux("capture-pane", "-p", "-e"), -1)
			if len(inks) < 3 {
				t.Fatal("no colours at all")
			}
			for _, ink := range inks {
				r, _ := strconv.Atoi(ink[1])
				g, _ := strconv.Atoi(ink[2])
				b, _ := strconv.Atoi(ink[3])
				if luma := (299*r + 587*g + 114*b) / 1000; !readable(luma) {
					t.Errorf("the ink %v is hard to read here", ink[1:])
				}
			}
		})
	}
}
