package page

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// loading is a page whose reads answer when the test lets them: in any order,
// between resizes.
type loading struct {
	driver
	waiting []tea.Cmd
}

// hold keeps commands back.
func (l *loading) hold(cmd tea.Cmd) {
	for _, m := range l.env.Sent() {
		if a, ok := m.(Ask); ok {
			l.ask = &a
		}
	}
	if cmd != nil {
		l.waiting = append(l.waiting, cmd)
	}
}

// release runs one of the commands that wait.
func (l *loading) release(i int) {
	if len(l.waiting) == 0 {
		return
	}
	i %= len(l.waiting)
	cmd := l.waiting[i]
	l.waiting = append(l.waiting[:i:i], l.waiting[i+1:]...)
	switch m := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range m {
			l.hold(c)
		}
	case Answer:
		l.hold(m.Deliver())
	case Saved, Toast, Open:
	default:
		l.hold(l.page.Update(m))
	}
}

// keep checks that the page keeps to a size, where one can be worked with.
func (l *loading) keep(t *testing.T, w, h int) {
	t.Helper()
	l.page.SetSize(w, h)
	lines := strings.Split(l.page.View(), "\n")
	if w < 60 || h < 16 {
		return
	}
	if len(lines) > h {
		t.Errorf("%s: %d lines at %d×%d", l.page.Title(), len(lines), w, h)
	}
	for _, line := range lines {
		if n := ansi.StringWidth(line); n > w {
			t.Errorf("%s at %d×%d: a line is %d cells wide: %q", l.page.Title(), w, h, n, ansi.Strip(line))
		}
	}
}

// FuzzResize changes the size of a page, from 1×1 to 300×100, while its answers
// come late and keys arrive. Each pair of bytes is one thing that happens.
func FuzzResize(f *testing.F) {
	f.Add([]byte("the quick brown fox jumps over the lazy dog, resizing as it goes along"))
	f.Add([]byte{0, 0, 0, 255, 1, 3, 1, 9, 0, 90, 2, 0, 2, 1, 2, 2, 0, 40, 2, 3, 0, 1})
	f.Add([]byte{2, 0, 2, 0, 2, 0, 2, 0, 0, 10, 1, 0, 1, 1, 1, 2, 0, 200, 1, 3, 1, 4, 1, 5, 2, 9, 0, 0, 1, 6, 0, 128})
	keys := []string{"j", "k", "G", "g", "ctrl+d", " ", "A", "enter", "/", "x", "i", "c", "f", "s", "tab", "esc", "pgdown", "O", "w", "y"}
	f.Fuzz(func(t *testing.T, script []byte) {
		for _, v := range Views() {
			m := busy()
			m.letters = postbag().letters
			l := &loading{driver: driver{t: t, env: testEnv(m), store: m}}
			l.page = v.Make(l.env, sampleOpen(m, v.Name))
			l.keep(t, 1, 1)
			l.hold(l.page.Init())
			for i := 0; i+1 < len(script) && i < 200; i += 2 {
				b := int(script[i+1])
				switch script[i] % 3 {
				case 0:
					l.keep(t, 1+b*300/256, 1+(b*7+i)%100)
				case 1:
					l.strike(keys[b%len(keys)])
				case 2:
					l.release(b)
				}
			}
			l.keep(t, 80, 20)
		}
	})
}

// strike presses a key, if it does anything here.
func (l *loading) strike(k string) {
	if ty, ok := l.page.(Typist); ok && ty.Typing() {
		l.hold(l.page.Update(keyMsg(k)))
		return
	}
	if a, ok := Find(l.page.Actions(), k); ok && a.Why() == "" {
		l.hold(a.Run())
	}
}
