package page

import (
	"strconv"
	"strings"

	"doorman/model/detect"
	"doorman/ui/part"
	"doorman/ui/term"
	"doorman/ui/theme"
)

// From so many cells on the pictures stand beside evidence and resets; on a tall
// screen between them; else they are turned to.
const (
	picturesBeside = 150
	picturesTall   = 34
	picturesMost   = 84
)

// pictureWidth is the room that the pictures have.
func (p *cluster) pictureWidth() int {
	if p.w >= picturesBeside {
		return picturesMost
	}
	return p.w
}

// courseLines draws how the requests came over time, before it began in another
// ink than since.
func (p *cluster) courseLines(w, tall int) []string {
	c, t := p.picture.course, p.env.Theme
	if len(c.Requests) == 0 {
		return nil
	}
	counts := c.Requests
	if p.row.On == detect.OnUse {
		counts = c.Uses
	}
	began := int(p.row.Start.Sub(c.From) / c.Step)
	ink := func(i int) theme.Ink {
		if i < began {
			return t.Info
		}
		return t.Bad
	}
	names := make([]string, max(tall, 2))
	peak := peakOf(counts)
	names[0] = "peak  " + short(peak) + "/" + part.Span(c.Step)
	if p.picture.usual >= 0 {
		names[1] = "usual " + figure(p.picture.usual) + "/" + part.Span(c.Step)
	}
	var lines []string
	room := max(w-chartLabel-1, 1)
	for i, l := range (part.Chart{Counts: counts, Ink: ink, Empty: t.Border}).Lines(room, tall) {
		lines = append(lines, t.Dim.Paint(term.Fit(" "+names[i], chartLabel))+l)
	}
	when, _, _ := strings.Cut(p.env.brief(p.row.Start), " ")
	label := "began " + when
	if tall < 2 && names[1] != "" {
		label = names[1]
	}
	return append(lines, t.Dim.Paint(term.Fit(" "+label, chartLabel)+p.env.axis(c, room)))
}

// mapLines draws which parts of the network took part; none where there is no
// map of it.
func (p *cluster) mapLines(w int) []string {
	const label = 11
	t := p.env.Theme
	g, ok := gridOf(p.row.Prefix)
	if !ok || p.row.Kind != detect.ByPrefix || len(p.picture.addrs) == 0 {
		return nil
	}
	cols := min(g.cells, 64)
	for cols > 8 && cols > w-label {
		cols /= 2
	}
	counts := g.counts(p.picture.addrs)
	most := peakOf(counts)
	lines := []string{t.Head.Paint(term.Fit(" "+p.mapTitle(g, counts), w))}
	for at := 0; at < g.cells; at += cols {
		var b strings.Builder
		t.Dim.PaintTo(&b, term.FitRight(g.label(at, label-2), label-1)+" ")
		for _, n := range counts[at : at+cols] {
			if n == 0 {
				t.Border.PaintTo(&b, string(part.Shade(n, most)))
			} else {
				t.Bad.PaintTo(&b, string(part.Shade(n, most)))
			}
		}
		lines = append(lines, term.Fit(b.String(), w))
	}
	return lines
}

// mapTitle tells what a cell is and how many of them took part.
func (p *cluster) mapTitle(g grid, counts []int) string {
	filled := 0
	for _, n := range counts {
		if n > 0 {
			filled++
		}
	}
	what := "/" + strconv.Itoa(g.bits) + "s"
	if g.bits == 32 {
		what = "addresses"
	}
	return "map of the /" + strconv.Itoa(g.prefix.Bits()) + ": " + strconv.Itoa(filled) + " of " + strconv.Itoa(g.cells) + " " + what + " took part"
}

// label is how the addresses of a cell differ from others of the network: ".64" in
// an IPv4 /24, the end of an IPv6 address, in at most n characters.
func (g grid) label(cell, n int) string {
	a := g.begins(cell)
	if !a.Is4() {
		return tail(a.String(), n)
	}
	octets := strings.Split(a.String(), ".")
	return "." + strings.Join(octets[min(g.prefix.Bits()/8, 3):], ".")
}

// tail keeps the end of an address in at most n cells, which is where the
// addresses of a network differ.
func tail(s string, n int) string {
	for len(s) > n {
		i := strings.IndexAny(s[1:], ".:")
		if i < 0 {
			return s[len(s)-n:]
		}
		s = s[i+1:]
	}
	return s
}

// shareLines draws the most frequent values of something as bars: a full one is
// all of the resets looked at.
func (p *cluster) shareLines(title string, shares []share, w, most int) []string {
	const full = 14
	t := p.env.Theme
	if len(shares) == 0 || most < 1 {
		return nil
	}
	lines := []string{t.Head.Paint(term.Fit(" "+title+": "+strconv.Itoa(len(shares)), w))}
	for _, s := range shares[:min(most, len(shares))] {
		bar := term.Fit(part.Bar(s.n, p.picture.of, full), full)
		lines = append(lines, " "+t.Info.Paint(bar)+term.FitRight(short(s.n), 6)+"  "+term.Fit(term.Show(orDash(s.name)), max(w-full-9, 1)))
	}
	return lines
}

// pictures draws all that there is room for in w by h cells.
func (p *cluster) pictures(w, h int) []string {
	t := p.env.Theme
	if p.picture.of == 0 {
		return []string{t.Dim.Paint(" reading its resets…")}
	}
	lines := p.mapLines(w)
	if len(lines) > 0 {
		lines = append(lines, "")
	}
	each := min(max((h-len(lines)-4)/3-2, 2), 9)
	for _, l := range [][]string{
		p.shareLines("accounts", p.picture.people, w, each), p.shareLines("agents", agentShares(p.picture.agents), w, each),
		p.shareLines("addresses", p.picture.sources, w, each),
	} {
		lines = append(append(lines, l...), "")
	}
	if p.picture.cut {
		lines = append(lines, t.Dim.Paint(term.Fit(" of the newest "+strconv.Itoa(p.picture.of)+" resets", w)))
	}
	return lines[:min(len(lines), max(h, 0))]
}

// band draws the map and the bars side by side, for a tall screen that is not
// wide.
func (p *cluster) band(w int) []string {
	left := p.mapLines(min(w-36, 76))
	if len(left) == 0 {
		return nil
	}
	room := term.Width(left[0])
	right := p.shareLines("accounts", p.picture.people, w-room-1, 1)
	right = append(right, p.shareLines("agents", agentShares(p.picture.agents), w-room-1, len(left)-3)...)
	for i := range left {
		if i < len(right) {
			left[i] += " " + right[i]
		}
	}
	return append(left, "")
}
