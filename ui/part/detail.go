package part

import (
	"strings"

	"doorman/ui/term"
	"doorman/ui/theme"
)

// Field is one line of a block of details. The value may come from outside.
type Field struct {
	Name  string
	Value string
	Ink   theme.Ink
}

// Details draws fields one below the other, names aligned, in width cells. On a
// screen of 100 cells or more they stand in two columns, read downwards.
func Details(t *theme.Theme, fields []Field, width int) string {
	names := 0
	for _, f := range fields {
		names = max(names, term.Width(f.Name))
	}
	line := func(f Field, w int) string {
		return t.Dim.Paint(term.Fit(f.Name, names)) + "  " + f.Ink.Paint(term.Fit(term.Show(f.Value), w-names-2))
	}
	if width < 100 {
		out := make([]string, len(fields))
		for i, f := range fields {
			out[i] = line(f, width)
		}
		return strings.Join(out, "\n")
	}
	half := (len(fields) + 1) / 2
	w := (width - gap) / 2
	out := make([]string, half)
	for i := range half {
		out[i] = line(fields[i], w)
		if i+half < len(fields) {
			out[i] += term.Spaces(gap) + line(fields[i+half], w)
		}
	}
	return strings.Join(out, "\n")
}

// DetailLines tells how many lines Details takes for n fields.
func DetailLines(n, width int) int {
	if width < 100 {
		return n
	}
	return (n + 1) / 2
}

// Sparkline draws counts as bars, one cell each, the newest at the right; the
// largest fills the cell, and zero is a blank baseline.
func Sparkline(counts []int) string {
	top := 0
	for _, n := range counts {
		top = max(top, n)
	}
	var b strings.Builder
	for _, n := range counts {
		switch {
		case n <= 0:
			b.WriteRune('▁')
		default:
			b.WriteRune('▁' + rune((n*7+top-1)/top))
		}
	}
	return b.String()
}
