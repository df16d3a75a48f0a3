package page

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"doorman/model"
	"doorman/ui/part"
	"doorman/ui/theme"
)

// driver plays the shell to one page: it runs every command at once, delivers
// answers, holds the open dialog, and remembers what the page asked for.
type driver struct {
	t      *testing.T
	page   Page
	env    *Env
	store  *memory
	w, h   int
	ask    *Ask
	opened []Open
	saved  []Saved
	toasts []Toast
}

// testNow is when every test takes place.
func testNow() time.Time { return time.Date(2026, 11, 23, 3, 4, 5, 0, time.UTC) }

// testEnv is a session of a responder on the given store.
func testEnv(m *memory) *Env {
	m.now = testNow
	return &Env{Store: m, Preview: samplePress{}, Now: testNow, Zone: time.UTC, Lifetime: time.Hour,
		Theme: theme.New(lipgloss.NewRenderer(io.Discard), theme.ANSI16, true),
		Act:   model.Act{Operator: "ada", Role: model.Responder, Origin: "test"}}
}

// drive opens a view at a size and runs it until it rests.
func drive(t *testing.T, m *memory, o Open, w, h int) *driver {
	t.Helper()
	return driveEnv(t, testEnv(m), m, o, w, h)
}

func driveEnv(t *testing.T, e *Env, m *memory, o Open, w, h int) *driver {
	t.Helper()
	v, ok := ViewNamed(o.View)
	if !ok {
		t.Fatalf("there is no view %q", o.View)
	}
	d := &driver{t: t, env: e, store: m, w: w, h: h, page: v.Make(e, o)}
	d.page.SetSize(w, h)
	d.do(d.page.Init())
	return d
}

// do runs a command and all that follows from it.
func (d *driver) do(cmd tea.Cmd) {
	d.t.Helper()
	for _, m := range d.env.Sent() {
		d.take(m)
	}
	if cmd == nil {
		return
	}
	d.take(cmd())
}

func (d *driver) take(msg tea.Msg) {
	d.t.Helper()
	switch m := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range m {
			d.do(c)
		}
	case Answer:
		d.do(m.Deliver())
	case Ask:
		d.ask = &m
	case Open:
		d.opened = append(d.opened, m)
	case Toast:
		d.toasts = append(d.toasts, m)
	case Saved:
		d.saved = append(d.saved, m)
		d.do(d.page.Update(Changed{Kind: m.Kind}))
	default:
		d.do(d.page.Update(msg))
	}
}

// press types keys, each named as tea.KeyMsg.String names it.
func (d *driver) press(keys ...string) *driver {
	d.t.Helper()
	for _, k := range keys {
		d.key(k)
	}
	return d
}

// write types text, rune by rune.
func (d *driver) write(text string) *driver {
	d.t.Helper()
	return d.press(strings.Split(text, "")...)
}

func (d *driver) key(k string) {
	d.t.Helper()
	if d.ask != nil {
		d.answer(k)
		return
	}
	if t, ok := d.page.(Typist); ok && t.Typing() {
		d.do(d.page.Update(keyMsg(k)))
		return
	}
	if k == "esc" {
		if u, ok := d.page.(Unwinder); ok {
			cmd, _ := u.Unwind()
			d.do(cmd)
		}
		return
	}
	a, ok := Find(d.page.Actions(), k)
	if !ok {
		d.t.Fatalf("%q does nothing on %s", k, d.page.Title())
	}
	if why := a.Why(); why != "" {
		d.toasts = append(d.toasts, Toast{Text: why, Warn: true})
		return
	}
	d.do(a.Run())
}

func (d *driver) answer(k string) {
	d.t.Helper()
	a := *d.ask
	switch a.Dialog.Key(k) {
	case part.Accepted:
		d.ask = nil
		d.do(a.Do())
	case part.Refused:
		d.ask = nil
		if a.Not != nil {
			d.do(a.Not())
		}
	}
}

func keyMsg(k string) tea.KeyMsg {
	if k == " " {
		return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}
	}
	for t := tea.KeyType(-100); t < 128; t++ {
		if t != tea.KeyRunes && (tea.Key{Type: t}).String() == k {
			return tea.KeyMsg{Type: t}
		}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)}
}

// screen is what the page and the dialog over it show.
func (d *driver) screen() string {
	v := part.Clamp(d.page.View(), d.w, d.h)
	if d.ask != nil {
		v = part.Overlay(v, d.ask.Dialog.View(d.w, d.h), d.w)
	}
	return v
}

// golden compares the screen with the golden file of the test, and checks that
// the page keeps to its size.
func (d *driver) golden() {
	d.t.Helper()
	lines := strings.Split(d.page.View(), "\n")
	if len(lines) > d.h {
		d.t.Errorf("%d lines on a page of %d", len(lines), d.h)
	}
	for i, l := range lines {
		if w := ansi.StringWidth(l); w > d.w {
			d.t.Errorf("line %d is %d cells wide, the page %d: %q", i, w, d.w, ansi.Strip(l))
		}
	}
	golden.RequireEqual(d.t, d.screen())
}

// sees fails the test unless the screen shows the text.
func (d *driver) sees(want string) *driver {
	d.t.Helper()
	if s := ansi.Strip(d.screen()); !strings.Contains(s, want) {
		d.t.Fatalf("the screen does not show %q:\n%s", want, s)
	}
	return d
}

// misses fails the test if the screen shows the text.
func (d *driver) misses(text string) *driver {
	d.t.Helper()
	if s := ansi.Strip(d.screen()); strings.Contains(s, text) {
		d.t.Fatalf("the screen shows %q:\n%s", text, s)
	}
	return d
}

// acts fails the test unless exactly these acts reached the store.
func (d *driver) acts(want ...string) *driver {
	d.t.Helper()
	if !slices.Equal(d.store.acts, want) {
		d.t.Fatalf("acts are %q, want %q", d.store.acts, want)
	}
	return d
}

// atSizes runs a test of a page at the three sizes of the golden files; the
// shell takes four lines of the screen.
func atSizes(t *testing.T, test func(t *testing.T, w, h int)) {
	t.Helper()
	for _, s := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		t.Run(fmt.Sprintf("%dx%d", s[0], s[1]), func(t *testing.T) { test(t, s[0], s[1]-4) })
	}
}

// samplePress writes the same letter to everybody.
type samplePress struct{}

func (samplePress) Preview(l model.Letter) (model.Preview, error) {
	if l.To == "" {
		return model.Preview{}, errors.New("no recipient")
	}
	return model.Preview{From: "help@example.org", To: l.To, Subject: "Set a new password",
		Text: "Hello,\n\nfollow this link to set a new password:\n\nhttps://example.org/reset/[link goes here]\n\nIt works once, until " +
			l.Expires.Format("15:04 MST") + "."}, nil
}

// noting is a clipboard that keeps what it was given last.
func noting(into *string) func(string) tea.Cmd {
	return func(text string) tea.Cmd {
		*into = text
		return nil
	}
}
