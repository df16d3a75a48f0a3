package part

import (
	"strings"

	"doorman/ui/term"
	"doorman/ui/theme"
)

// Chart is a row of bars, the newest at the right. A bar that is not zero shows,
// however small; zero is a baseline.
type Chart struct {
	Counts []int
	Top    int                   // what fills the height; 0: the largest count
	Ink    func(i int) theme.Ink // of a bar; nil: none
	Empty  theme.Ink             // of the baseline
}

// eighths is how many heights a cell can show.
const eighths = 8

// BarStart is the cell at which bar i of n begins in width cells: bars fill the
// width, so that some may be a cell wider than others.
func BarStart(i, n, width int) int { return (i*width + n - 1) / max(n, 1) }

// Lines draws the chart in height lines of exactly width cells, the top one
// first. Bars that do not fit are left out at the left.
func (c Chart) Lines(width, height int) []string {
	counts := c.Counts[max(len(c.Counts)-width, 0):]
	skipped := len(c.Counts) - len(counts)
	top := c.Top
	for _, n := range counts {
		top = max(top, n)
	}
	lines := make([]string, height)
	for y := range lines {
		var b strings.Builder
		below := (height - 1 - y) * eighths
		for i, n := range counts {
			glyph := barGlyph(barUnits(n, top, height) - below)
			bar := strings.Repeat(string(glyph), BarStart(i+1, len(counts), width)-BarStart(i, len(counts), width))
			switch {
			case glyph == ' ':
				b.WriteString(bar)
			case n <= 0:
				c.Empty.PaintTo(&b, bar)
			case c.Ink == nil:
				b.WriteString(bar)
			default:
				c.Ink(skipped+i).PaintTo(&b, bar)
			}
		}
		if len(counts) == 0 {
			b.WriteString(term.Spaces(width))
		}
		lines[y] = b.String()
	}
	return lines
}

// barUnits is the height of a bar in eighths of a cell.
func barUnits(n, top, height int) int {
	if n <= 0 || top <= 0 {
		return 1
	}
	most := height*eighths - 1
	return 1 + max((min(n, top)*most+top-1)/top, 1)
}

// barGlyph draws what of a bar falls into a cell.
func barGlyph(units int) rune {
	if units <= 0 {
		return ' '
	}
	return '▁' + rune(min(units, eighths)-1)
}

// Bar draws a share of a whole as a bar of at most width cells; a share that is
// not zero shows.
func Bar(n, whole, width int) string {
	if n <= 0 || whole <= 0 {
		return ""
	}
	return strings.Repeat("█", min(max((n*width+whole/2)/whole, 1), width))
}

// Shade is one cell that tells how many of something there are, compared with
// the most.
func Shade(n, most int) rune {
	switch {
	case n <= 0:
		return '·'
	case most <= 1 || n*4 > most*3:
		return '█'
	case n*2 > most:
		return '▓'
	case n*4 > most:
		return '▒'
	}
	return '░'
}
