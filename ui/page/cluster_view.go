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
	p.list.SetSize(w, max(h-p.line, 1))
}

func (p *cluster) fit() { p.SetSize(p.w, p.h) }

// head draws what stands above the resets.
func (p *cluster) head() []string {
	if !p.have {
		return nil
	}
	t := p.env.Theme
	lines := append(p.asked.lines(p.w), p.env.evidence(p.row, p.w)...)
	if len(p.curve.counts) > 0 {
		lines = append(lines, term.Fit(p.curveLine(), p.w))
	}
	lines = lines[:max(min(len(lines), p.h-tableLeast-1), 0)]
	title := "resets"
	if p.row.On == detect.OnRequest {
		title = "resets asked for from there since it began"
		if !p.curve.to.IsZero() {
			title += ", the last " + p.env.ago(p.curve.to)
		}
	}
	return append(lines, ends(t.Head.Paint(title), p.place(), p.w))
}

// View draws the evidence above the resets.
func (p *cluster) View() string {
	if !p.have {
		sheet := paper{theme: p.env.Theme, w: p.w, h: p.h}
		return sheet.absent(p.lost())
	}
	if n := len(p.head()); n != p.line {
		p.fit()
	}
	return strings.Join(append(p.head(), p.body()), "\n")
}

// lost tells why there is no cluster, and what is known of it all the same.
func (p *cluster) lost() []string {
	note := p.missing()
	c := p.last
	if len(note) == 0 || p.read.Busy() || p.have {
		return note
	}
	if c.Key == "" {
		return []string{"This cluster is not raised any more.", "It was called a false positive, lies in an exception, or nothing fed it for two weeks.", "q goes back, 7 shows the cases"}
	}
	lines := []string{"This cluster is not raised any more. What was said about it:", "",
		c.Subject, string(c.State) + " by " + orDash(c.By) + ", " + p.env.moment(c.At), "opened " + p.env.moment(c.Opened)}
	if c.State == model.CaseOpen {
		lines = append(lines, "7 shows the cases, where a closes it")
	}
	return append(lines, c.Note, "", "q goes back")
}
