package theme

import (
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
)

func TestEveryLevelShowsTheSelection(t *testing.T) {
	for _, l := range []Level{NoColor, ANSI16, ANSI256, TrueColor} {
		for _, dark := range []bool{true, false} {
			th := New(lipgloss.NewRenderer(io.Discard), l, dark)
			if got := th.Selected.Paint("row"); !strings.Contains(got, "7") || ansi.Strip(got) != "row" {
				t.Errorf("level %d: selection is %q", l, got)
			}
		}
	}
	th := New(lipgloss.NewRenderer(io.Discard), Dumb, true)
	if got := th.Bad.Paint("x"); got != "x" {
		t.Errorf("dumb terminal gets %q", got)
	}
}

func TestNoColorHasNoColor(t *testing.T) {
	th := New(lipgloss.NewRenderer(io.Discard), NoColor, true)
	for name, s := range th.signs {
		if got := s.Ink.Paint("x"); strings.Contains(got, "3") || strings.Contains(got, "9") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestPlainKeepsWidths(t *testing.T) {
	th := New(lipgloss.NewRenderer(io.Discard), Dumb, true)
	const frame = "● live … ▁▂▃▄▅▆▇█ ≥ 50 │─┌┐└┘ \uFFFD ◌ × ◷"
	got := th.Plain(frame)
	if ansi.StringWidth(got) != ansi.StringWidth(frame) {
		t.Errorf("%q is %d cells, %q %d", frame, ansi.StringWidth(frame), got, ansi.StringWidth(got))
	}
	for name, s := range th.signs {
		if p := th.Plain(s.Glyph); len(p) != 1 || utf8.RuneCountInString(s.Glyph) != 1 {
			t.Errorf("%s has no plain sign: %q", name, p)
		}
	}
	if rich := New(lipgloss.NewRenderer(io.Discard), NoColor, true); rich.Plain(frame) != frame {
		t.Error("a terminal that can draw signs lost them")
	}
}

func TestDetect(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		p    termenv.Profile
		want Level
	}{
		{nil, termenv.TrueColor, TrueColor},
		{nil, termenv.ANSI256, ANSI256},
		{nil, termenv.ANSI, ANSI16},
		{map[string]string{"NO_COLOR": "1"}, termenv.TrueColor, NoColor},
		{map[string]string{"TERM": "dumb", "NO_COLOR": "1"}, termenv.Ascii, Dumb},
	} {
		if got := Detect(func(k string) string { return c.env[k] }, c.p); got != c.want {
			t.Errorf("%v: level %d, want %d", c.env, got, c.want)
		}
	}
}
