//go:build unix

package journey

import (
	"fmt"
	"html"
	"strings"

	"github.com/hinshun/vt10x"
)

// A cell of a picture, in pixels, and the size of the letters in it.
const (
	cellWidth  = 9
	cellHeight = 20
	fontSize   = 15
)

// palette is what a terminal shows where a program leaves the colour to it.
type palette struct{ front, back string }

// paletteOf has the backgrounds that the theme's contrast is reckoned on.
func paletteOf(dark bool) palette {
	if dark {
		return palette{"#e4e6eb", "#1e1e2e"}
	}
	return palette{"#24292f", "#ffffff"}
}

func (p palette) colour(c vt10x.Color) string {
	switch c {
	case vt10x.DefaultFG:
		return p.front
	case vt10x.DefaultBG:
		return p.back
	}
	return fmt.Sprintf("#%06x", uint32(c))
}

// boldMode is vt10x's own, which it does not export.
const boldMode = 1 << 2

// cell is one character as a picture has it.
type cell struct {
	r           rune
	front, back string
	bold        bool
}

// svg draws a screen cell by cell. Blocks and lines are drawn as such, so that
// they meet whatever the font; everything else is text that is held to the grid.
func svg(vt vt10x.View, p palette, title string) string {
	cols, rows := vt.Size()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="%d">`+"\n",
		(cols+2)*cellWidth, (rows+1)*cellHeight, fontSize)
	fmt.Fprintf(&b, "<title>%s</title>\n<rect width=\"100%%\" height=\"100%%\" rx=\"8\" fill=\"%s\"/>\n", html.EscapeString(title), p.back)
	for y := range rows {
		line := make([]cell, cols)
		for x := range cols {
			g := vt.Cell(x, y)
			line[x] = cell{max(g.Char, ' '), p.colour(g.FG), p.colour(g.BG), g.Mode&boldMode != 0}
		}
		svgLine(&b, line, p, y*cellHeight+cellHeight/2)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// svgLine draws one line whose top is at the given height.
func svgLine(b *strings.Builder, line []cell, p palette, top int) {
	left := func(x int) int { return (x + 1) * cellWidth }
	for x := 0; x < len(line); {
		end := x + 1
		for end < len(line) && line[end].back == line[x].back {
			end++
		}
		if line[x].back != p.back {
			fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`+"\n", left(x), top, (end-x)*cellWidth, cellHeight, line[x].back)
		}
		x = end
	}
	for x := 0; x < len(line); {
		c, end := line[x], x+1
		drawn := shape(c.r, 0, 0, 1) != ""
		same := func(d cell) bool {
			return d.front == c.front && d.bold == c.bold && d.back == c.back && (drawn && d.r == c.r || !drawn && d.r != ' ' && shape(d.r, 0, 0, 1) == "")
		}
		for end < len(line) && c.r != ' ' && same(line[end]) {
			end++
		}
		switch {
		case c.r == ' ':
		case drawn:
			fmt.Fprintf(b, `<path d="%s" fill="%s"/>`+"\n", shape(c.r, left(x), top, end-x), c.front)
		default:
			svgText(b, line[x:end], left(x), top)
		}
		x = end
	}
}

func svgText(b *strings.Builder, word []cell, x, top int) {
	var text strings.Builder
	for _, c := range word {
		text.WriteRune(c.r)
	}
	weight := ""
	if word[0].bold {
		weight = ` font-weight="bold"`
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" textLength="%d" lengthAdjust="spacingAndGlyphs" fill="%s"%s>%s</text>`+"\n",
		x, top+cellHeight*3/4, len(word)*cellWidth, word[0].front, weight, html.EscapeString(text.String()))
}

// shape returns the path of n equal blocks or lines in a row, "" for what is
// text.
func shape(r rune, x, y, n int) string {
	box := func(x, y, w, h int) string { return fmt.Sprintf("M%d %dh%dv%dh-%dz", x, y, w, h, w) }
	w, midX, midY := n*cellWidth, x+cellWidth/2, y+cellHeight/2
	switch {
	case r >= '▁' && r <= '█':
		h := int(r-'▁'+1) * cellHeight / 8
		return box(x, y+cellHeight-h, w, h)
	case r == '─':
		return box(x, midY, w, 1)
	case r == '│' && n == 1:
		return box(midX, y, 1, cellHeight)
	case r == '┌' && n == 1:
		return box(midX, midY, x+cellWidth-midX, 1) + box(midX, midY, 1, y+cellHeight-midY)
	case r == '┐' && n == 1:
		return box(x, midY, midX-x+1, 1) + box(midX, midY, 1, y+cellHeight-midY)
	case r == '└' && n == 1:
		return box(midX, midY, x+cellWidth-midX, 1) + box(midX, y, 1, midY-y)
	case r == '┘' && n == 1:
		return box(x, midY, midX-x+1, 1) + box(midX, y, 1, midY-y)
	}
	return ""
}
