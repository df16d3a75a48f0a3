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

// summaryIn tells in one line, in at most room cells, whether something needs a
// person now: how bad, where from, since when, and who is on it. What is not judged
// yet is said before anything is called quiet.
func (p *clusters) summaryIn(room int) string {
	t, now := p.env.Theme, p.env.Now()
	of := countText(p.figures.requests) + " in " + p.inWords()
	all := p.everything()
	waiting := 0
	for waiting < len(all) && all[waiting].waits(now) {
		waiting++
	}
	switch {
	case p.trouble != nil:
		return t.Bad.Paint(t.Sign("problem").Glyph + " the clusters cannot be read: the current state is unknown")
	case !p.Loaded():
		return t.Dim.Paint("… judging")
	case waiting > 0:
		return p.alarm(all[0], all[1:waiting], room)
	case len(all) > 0 && all[0].isActive():
		r := all[0]
		return p.calm(term.Show(r.name)+" "+term.Show(p.env.verdict(r.said))+", "+liveText(r.Live), t.Warn, t.Sign(severity(r.Cluster)).Glyph, of, room)
	case p.figures.known && p.figures.requests.N == 0 && len(all) == 0:
		return t.Dim.Paint("nothing to judge: " + of)
	case len(all) > 0:
		return p.calm("nothing needs you, "+model.Plural(len(all), "cluster")+" over or handled", t.Good, "✓", of, room)
	}
	return p.calm("all quiet", t.Good, "✓", of, room)
}

func liveText(n int) string { return model.Thousands(n) + " live" }

// calm draws a headline of a moment at which nothing is new. Over requests that
// are not judged yet it says until when it holds, and has no sign of its own.
func (p *clusters) calm(text string, ink theme.Ink, glyph, of string, room int) string {
	t := p.env.Theme
	if pending := p.pending(); pending != "" {
		return t.Warn.Paint(term.Fit("… "+pending+"; before: "+text, min(room, term.Width("… "+pending+"; before: "+text))))
	}
	text = glyph + " " + text
	if tail := "   " + of; term.Width(text+tail) <= room {
		return ink.Paint(text) + t.Dim.Paint(tail)
	}
	return ink.Paint(term.Fit(text, min(room, term.Width(text))))
}

// pending words what is not judged yet, "" when everything is.
func (p *clusters) pending() string {
	r := p.env.Store.ClusterReading()
	switch {
	case !r.Whole:
		return model.Percent(r.Share()) + " of the resets judged so far"
	case r.Fresh > 0:
		return model.Plural(r.Fresh, "request") + " since " + p.env.brief(r.FreshSince) + " not judged yet"
	}
	return ""
}

// alarm words the cluster that needs a person most, and how many more do.
func (p *clusters) alarm(r ranked, more []ranked, room int) string {
	t := p.env.Theme
	s := t.Sign(severity(r.Cluster))
	text := s.Glyph + " " + severity(r.Cluster) + ": " + term.Show(r.name) + " since " + p.env.brief(r.Start) + ", unclaimed"
	add := func(tail string) {
		if term.Width(text+tail) <= room {
			text += tail
		}
	}
	if r.Live > 0 {
		add(", " + liveText(r.Live))
	}
	if len(more) > 0 {
		live := 0
		for _, m := range more {
			if m.Live > 0 {
				live++
			}
		}
		tail := "   +" + strconv.Itoa(len(more)) + " more"
		if live > 0 {
			tail += ", " + strconv.Itoa(live) + " live"
		}
		add(tail)
	}
	if pending := p.pending(); pending != "" {
		add("   " + pending)
	}
	return s.Ink.Paint(term.Fit(text, min(room, term.Width(text))))
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
	return []string{"", t.Dim.Paint(term.Fit(" enter its resets  c contain  a acknowledge  d done", w))}
}
