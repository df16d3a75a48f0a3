package ui

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"

	"doorman/model"
	"doorman/ui/page"
	"doorman/ui/term"
	"doorman/ui/theme"
)

func runOptions(keys string) (Options, *stand, *bytes.Buffer) {
	store, out := newStand(), &bytes.Buffer{}
	return Options{Watch: store, Input: strings.NewReader(keys), Output: out, Env: &page.Env{Store: store, Now: time.Now,
		Theme: theme.New(lipgloss.NewRenderer(io.Discard), theme.NoColor, true), Act: model.Act{Operator: "ada", Role: model.Responder}}}, store, out
}

func TestRunEndsWithQ(t *testing.T) {
	o, _, _ := runOptions("q")
	if err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	o, _, _ := runOptions("")
	cancel()
	if err := Run(ctx, o); err != nil {
		t.Fatal(err)
	}
}

func TestAPanicInACommandLeavesAFileAndAWorkingTerminal(t *testing.T) {
	dir := t.TempDir()
	c := newConsole(t, 80, 24)
	g := &guarded{shell: c.s, crash: &term.Crash{Dir: dir, Version: "test"}}
	stopped := false
	g.crash.OnCrash(func() { stopped = true })
	msg := g.guard(tea.Batch(func() tea.Msg { panic("at night") }, func() tea.Msg { return nil }))()
	for _, cmd := range msg.(tea.BatchMsg) {
		cmd()
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) != 1 || !stopped || g.crash.Err() == nil {
		t.Errorf("%d files, stopped %v, %v", len(files), stopped, g.crash.Err())
	}
}

// faulty is a page that panics when it is drawn.
type faulty struct{ page.Page }

func (faulty) View() string { panic("a fault") }

func TestAPanicInTheLoopEndsRun(t *testing.T) {
	c := newConsole(t, 80, 24)
	c.s.nav.places[0][0] = faulty{c.s.nav.places[0][0]}
	g := &guarded{shell: c.s, crash: &term.Crash{Dir: t.TempDir()}}
	stopped := false
	g.crash.OnCrash(func() { stopped = true })
	if v := g.View(); v != "" || !stopped {
		t.Errorf("%q, stopped %v", v, stopped)
	}
	text, err := os.ReadFile(strings.TrimSpace(g.crash.Err().Error()[strings.LastIndex(g.crash.Err().Error(), " "):]))
	if err != nil || strings.Contains(string(text), "a fault") {
		t.Errorf("%v, %s", err, text)
	}
}

func TestASCII(t *testing.T) {
	c := newConsole(t, 80, 24, func(o *Options) { o.Env.Theme.ASCII = true })
	for _, keys := range []string{"", "?", "<esc>i", "<esc>:"} {
		for _, r := range c.press(keys).screen() {
			if r > 0x7e {
				t.Fatalf("%q shows %q:\n%s", keys, r, c.screen())
			}
		}
	}
}
