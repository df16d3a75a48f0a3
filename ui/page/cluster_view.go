package page

import (
	"strings"

	"doorman/model"
	"doorman/model/detect"
	"doorman/ui/term"
)

// tableLeast is what the resets keep of the page, header included: the evidence
// is cut before them.
const tableLeast = 4

// SetSize gives the resets what the evidence leaves.
func (p *cluster) SetSize(w, h int) {
	p.w, p.h = w, h
	p.line = len(p.head())
	p.list.SetSize(p.mainWidth(), max(h-p.line, 1))
}

func (p *cluster) fit() { p.SetSize(p.w, p.h) }

// mainWidth is what the pictures beside it leave to evidence and resets.
func (p *cluster) mainWidth() int {
	if p.w >= picturesBeside {
		return p.w - picturesMost - 2
	}
	return p.w
}

// courseTall is how tall the bars over time are.
func (p *cluster) courseTall() int {
	switch {
	case p.turned && p.h >= 28 || p.h >= 50:
		return 4
	case p.turned || p.h >= picturesTall:
		return 2
	}
	return 1
}

// head draws what is above the resets.
func (p *cluster) head() []string {
	if !p.have {
		return nil
	}
	t, w := p.env.Theme, p.mainWidth()
	lines := append(p.asked.lines(p.w), p.env.evidence(p.row, w)...)
	if p.w < picturesBeside {
		lines = append(lines, p.courseLines(w, p.courseTall())...)
		if p.h >= picturesTall {
			lines = append(append(lines, ""), p.band(w)...)
		}
	}
	lines = lines[:max(min(len(lines), p.h-tableLeast-1), 0)]
	return append(lines, ends(t.Head.Paint(p.listTitle()), p.place(), w))
}

// listTitle says which resets the list holds: all from the source of the cluster
// in its time, of which some are its evidence, or those that only ids name.
func (p *cluster) listTitle() string {
	c := p.row.Cluster
	if _, ok := resetsOf(c); !ok {
		return "its resets"
	}
	title := "all resets from there"
	switch c.Kind {
	case detect.ByAccount:
		title = "all resets of the account"
	case detect.ByAgent:
		title = "all resets with the agent"
	}
	if c.Hot {
		title += " since " + p.env.brief(c.Start)
	} else {
		title += ", " + p.env.span(c.Start, c.End)
	}
	return title + "; " + model.Thousands(c.Requests) + " are evidence"
}

// View draws the evidence above the resets, and the pictures where there is room
// for them.
func (p *cluster) View() string {
	if !p.have {
		sheet := paper{theme: p.env.Theme, w: p.w, h: p.h}
		return sheet.absent(p.lost())
	}
	if n := len(p.head()); n != p.line {
		p.fit()
	}
	switch {
	case p.w >= picturesBeside:
		return p.spread()
	case p.turned:
		lines := append(p.asked.lines(p.w), p.courseLines(p.w, p.courseTall())...)
		lines = append(lines, "")
		return strings.Join(append(lines, p.pictures(p.w, p.h-len(lines))...), "\n")
	}
	return strings.Join(append(p.head(), p.body()), "\n")
}

// spread draws the pictures at the right of everything else.
func (p *cluster) spread() string {
	left := strings.Split(strings.Join(append(p.head(), p.body()), "\n"), "\n")
	right := append(p.courseLines(picturesMost, p.courseTall()), "")
	right = append(right, p.pictures(picturesMost, len(left)-len(right))...)
	for i := range left {
		text := ""
		if i < len(right) {
			text = right[i]
		}
		left[i] = term.Fit(left[i], p.mainWidth()) + " " + p.env.Theme.Border.Paint("│") + term.Fit(text, picturesMost)
	}
	return strings.Join(left, "\n")
}

// lost tells why there is no cluster, and what is known of it all the same.
func (p *cluster) lost() []string {
	note := p.missing()
	c := p.last
	if len(note) == 0 || p.read.Busy() || p.have {
		return note
	}
	if c.Key == "" {
		return []string{"This cluster is no longer raised.", "It is a false positive, is covered by an exception, or had no requests for two weeks.", "q goes back, 7 shows the cases"}
	}
	lines := []string{"This cluster is no longer raised. Its case:", "",
		c.Subject, p.env.verdict(c), "opened " + p.env.moment(c.Opened)}
	if !c.State.IsHandled() {
		lines = append(lines, "7 shows the cases, where d closes it")
	}
	return append(lines, c.Note, "", "q goes back")
}
