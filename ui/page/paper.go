package page

import (
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/part"
	"doorman/ui/term"
	"doorman/ui/theme"
)

// paper shows text that may be longer than the screen.
type paper struct {
	theme     *theme.Theme
	w, h      int
	top, last int // first line shown; the furthest that it can be
}

// SetSize gives the paper its place.
func (p *paper) SetSize(w, h int) { p.w, p.h = w, h }

// show draws lines, which may be styled and are no wider than the paper. When
// they do not fit, the last line tells how many are hidden.
func (p *paper) show(lines []string) string {
	room := p.h
	if len(lines) > p.h {
		room = max(p.h-1, 1)
	}
	p.last = max(len(lines)-room, 0)
	p.top = max(min(p.top, p.last), 0)
	out := lines[p.top:min(p.top+room, len(lines))]
	if p.last == 0 {
		return strings.Join(out, "\n")
	}
	more := "  the end"
	if n := p.last - p.top; n > 0 {
		more = "  ↓ " + model.Plural(n, "more line")
	}
	if p.top > 0 {
		more += ", ↑ " + strconv.Itoa(p.top) + " above"
	}
	return strings.Join(out, "\n") + "\n" + p.theme.Dim.Paint(term.Fit(more, p.w))
}

// absent draws why there is nothing to show; without a reason it is still being
// read.
func (p *paper) absent(note []string) string {
	out := ""
	for _, l := range note {
		out += "\n" + p.theme.Dim.Paint(term.Fit("  "+term.Show(l), p.w))
	}
	return out
}

// moves returns the actions of scrolling. They are in no footer.
func (p *paper) moves() []Action {
	by := func(n int) func() tea.Cmd {
		return func() tea.Cmd { p.top = max(min(p.top+n, p.last), 0); return nil }
	}
	half := max(p.h/2, 1)
	return []Action{
		{Keys: []string{"j", "down"}, Help: "a line down", Run: by(1)},
		{Keys: []string{"k", "up"}, Help: "a line up", Run: by(-1)},
		{Keys: []string{"ctrl+d"}, Help: "half a screen down", Run: by(half)},
		{Keys: []string{"ctrl+u"}, Help: "half a screen up", Run: by(-half)},
		{Keys: []string{"pgdown"}, Help: "a screen down", Run: by(2 * half)},
		{Keys: []string{"pgup"}, Help: "a screen up", Run: by(-2 * half)},
		{Keys: []string{"g", "home"}, Help: "to the start", Run: by(-p.top)},
		{Keys: []string{"G", "end"}, Help: "to the end", Run: by(p.last)},
	}
}

// Wheel implements part of Clicker.
func (p *paper) Wheel(lines int) tea.Cmd {
	p.top = max(min(p.top+lines, p.last), 0)
	return nil
}

// Click implements part of Clicker.
func (p *paper) Click(int, int) tea.Cmd { return nil }

// section is a heading over what follows, after a blank line.
func section(t *theme.Theme, title string) []string { return []string{"", t.Head.Paint(" " + title)} }

// fieldLines is part.Details as lines.
func fieldLines(t *theme.Theme, fields []part.Field, w int) []string {
	return strings.Split(part.Details(t, fields, w), "\n")
}
