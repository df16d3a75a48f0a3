package term

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Fit pads or cuts s to exactly width cells; what is cut ends in "…". It counts
// as ansi.StringWidth does and passes escape sequences through, so give it text
// that Show has seen. A width below one gives "".
func Fit(s string, width int) string {
	if width <= 0 {
		return ""
	}
	w := Width(s)
	if w > width {
		s = ansi.Truncate(s, width, "…")
		w = Width(s)
	}
	if w == width {
		return s
	}
	return s + Spaces(width-w)
}

// FitRight is Fit with the padding on the left, for numbers.
func FitRight(s string, width int) string {
	if w := Width(s); w < width {
		return Spaces(width-w) + s
	}
	return Fit(s, width)
}

// FitTo writes s as Fit or, with right, FitRight gives it, without making a
// string in between when s is plain ASCII.
func FitTo(b *strings.Builder, s string, width int, right bool) {
	switch n := len(s); {
	case n > width || !isPlain(s):
		if right {
			s = FitRight(s, width)
		} else {
			s = Fit(s, width)
		}
		b.WriteString(s)
	case right:
		b.WriteString(Spaces(width - n))
		b.WriteString(s)
	default:
		b.WriteString(s)
		b.WriteString(Spaces(width - n))
	}
}

// Width returns the number of cells that s takes, escape sequences not counted.
func Width(s string) int {
	if isPlain(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

// Spaces returns n spaces, none for n below one. Up to a wide screen it does
// not allocate.
func Spaces(n int) string {
	const blank = "                                                                                " +
		"                                                                                " +
		"                                                                                "
	switch {
	case n <= 0:
		return ""
	case n <= len(blank):
		return blank[:n]
	}
	return strings.Repeat(" ", n)
}
