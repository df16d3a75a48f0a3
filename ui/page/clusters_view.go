package page

import (
	"strconv"
	"strings"

	"doorman/model"
	"doorman/ui/term"
	"doorman/ui/theme"
)

// From wide cells on the evidence stands beside the list; otherwise the why of
// the row under the cursor stands below it.
const (
	wideScreen = 120
	whyLines   = 2
)

// SetSize gives the list what the lines above it and the evidence leave.
func (p *clusters) SetSize(w, h int) {
	p.w, p.h = w, h
	p.line = len(p.head())
	if w >= wideScreen {
		p.list.SetSize(p.listWidth(), h-p.line)
		return
	}
	p.list.SetSize(w, h-p.line-whyLines)
}

// above draws the summary and the timeline.
func (p *clusters) above() []string {
	return append([]string{ends(p.summaryIn(p.w-term.Width(p.place())-4), p.place(), p.w)}, p.chart()...)
}

// listWidth is the part of a wide screen that the list takes.
func (p *clusters) listWidth() int { return p.w - min(p.w*2/5, 84) - 1 }

// View draws the summary, the timeline, the list, and what speaks about the row
// under the cursor.
func (p *clusters) View() string {
	lines := p.head()
	if p.w >= wideScreen {
		return strings.Join(append(lines, p.beside()...), "\n")
	}
	lines = append(lines, p.body())
	return strings.Join(append(lines, p.whyBelow()...), "\n")
}

// summary tells in one line whether something is wrong now: how bad, where from,
// since when, and whether somebody is on it, in at most room cells.
func (p *clusters) summaryIn(room int) string {
	t := p.env.Theme
	of := countText(p.figures.requests) + " in " + p.inWords()
	var waiting, live int
	all := p.everything()
	for _, r := range all {
		if r.rank() == 0 {
			waiting++
			live += r.Live
		}
	}
	switch {
	case p.trouble != nil:
		return t.Bad.Paint(t.Sign("problem").Glyph + " nobody can tell whether something is wrong now")
	case !p.Loaded():
		return t.Dim.Paint("… judging")
	case waiting > 0:
		return p.alarm(all[0], waiting-1, live, room)
	case p.figures.known && p.figures.requests.N == 0 && len(all) == 0:
		return t.Dim.Paint("nothing to judge: " + of)
	case len(all) > 0:
		return t.Good.Paint("✓ nothing waits for you, "+model.Plural(len(all), "cluster")+" over or dealt with") + t.Dim.Paint("   "+of)
	}
	return t.Good.Paint("✓ all quiet") + t.Dim.Paint("   "+of)
}

// alarm words the worst cluster that waits, and how many more do.
func (p *clusters) alarm(r ranked, more, live, room int) string {
	t := p.env.Theme
	s := t.Sign(severity(r.Cluster))
	text := s.Glyph + " " + severity(r.Cluster) + ": " + term.Show(r.name) + " since " + p.env.brief(r.Start) + ", " + onIt(r)
	if tail := ", " + strconv.Itoa(live) + " live"; live > 0 && term.Width(text+tail) <= room {
		text += tail
	}
	if tail := "   +" + strconv.Itoa(more) + " more"; more > 0 && term.Width(text+tail) <= room {
		text += tail
	}
	return s.Ink.Paint(term.Fit(text, min(room, term.Width(text))))
}

// onIt words whether somebody deals with a cluster.
func onIt(r ranked) string {
	switch {
	case r.said.State == "":
		return "nobody on it"
	case r.handled():
		return string(r.said.State)
	}
	return orDash(r.said.By) + " on it"
}

// whyBelow draws the why of the row under the cursor.
func (p *clusters) whyBelow() []string {
	out := make([]string, whyLines)
	r, ok := p.Current()
	if !ok {
		return out
	}
	text := term.Show(r.Why)
	if r.Takeovers > 0 {
		text = takeovers(r.Cluster) + ". " + text
	}
	for i, l := range wrap(text, p.w-1) {
		if i < whyLines {
			out[i] = p.env.Theme.Dim.Paint(term.Fit(l, p.w))
		}
	}
	return out
}

// beside draws the list with the evidence at its right.
func (p *clusters) beside() []string {
	t := p.env.Theme
	left := strings.Split(p.body(), "\n")
	room := p.w - p.listWidth() - 2
	var right []string
	if r, ok := p.Current(); ok {
		right = append([]string{t.Strong.Paint(term.Fit(" "+term.Show(r.name), room)), ""}, p.env.evidence(r, room)...)
		right = append(right, p.env.agentBars(r.Cluster, room)...)
		right = append(right, hint(t, room)...)
	}
	for i := range left {
		text := ""
		if i < len(right) {
			text = right[i]
		}
		left[i] = term.Fit(left[i], p.listWidth()) + t.Border.Paint("│") + term.Fit(text, room)
	}
	return left
}

// hint tells what can be done about a cluster.
func hint(t *theme.Theme, w int) []string {
	return []string{"", t.Dim.Paint(term.Fit(" enter its resets  c contain  a acknowledge", w))}
}
