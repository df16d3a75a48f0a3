package theme

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// Ink is a style worked out once, as the escape sequences before and after the
// text: painting costs one concatenation, where a lipgloss style costs
// microseconds a cell. The zero Ink leaves text as it is. Inks do not nest.
type Ink struct{ open, close string }

// Paint returns s in the ink. s must be one line without styles of its own.
func (i Ink) Paint(s string) string {
	if i.open == "" || s == "" {
		return s
	}
	return i.open + s + i.close
}

// PaintTo writes s in the ink.
func (i Ink) PaintTo(b *strings.Builder, s string) {
	b.WriteString(i.open)
	b.WriteString(s)
	b.WriteString(i.close)
}

// Start and End write what is before and after text in the ink, for text
// that is written piece by piece.
func (i Ink) Start(b *strings.Builder) { b.WriteString(i.open) }

// End ends what Start began.
func (i Ink) End(b *strings.Builder) { b.WriteString(i.close) }

// hue is one colour in all its forms: for dark and light backgrounds in 24 bits
// and in 256 colours, and the nearest of the terminal's own sixteen. Where none
// of the sixteen can be read on white in the usual palettes there is none: the
// sign and the word say the same.
type hue struct{ dark, light, dark256, light256, ansi, ansiLight string }

// The hues reach a contrast of 4.5:1 on black and on white (WCAG 2.2 §1.4.3), at
// every level; the sixteen in the palettes of xterm and of VGA.
const (
	none   = ""
	grey   = "grey"
	blue   = "blue"
	green  = "green"
	amber  = "amber"
	red    = "red"
	violet = "violet"
)

func hueOf(name string) hue {
	switch name {
	case grey:
		return hue{"#8a8f98", "#5f656d", "245", "241", "7", ""}
	case blue:
		return hue{"#7aa2f7", "#1f5fbf", "111", "25", "14", "4"}
	case green:
		return hue{"#7fc77f", "#1e7b34", "114", "28", "10", ""}
	case amber:
		return hue{"#e0af68", "#8a5a00", "179", "94", "11", ""}
	case red:
		return hue{"#ff7a85", "#b3202c", "210", "124", "9", "1"}
	}
	return hue{"#c099ff", "#7a3fbf", "141", "91", "13", "5"}
}

// attr is a set of attributes that need no colour.
type attr int

const (
	bold attr = 1 << iota
	reverse
	underline
)

// mixer makes inks for one renderer at one level.
type mixer struct {
	r     *lipgloss.Renderer
	level Level
}

func (m mixer) mix(name string, a attr) Ink {
	switch m.level {
	case Dumb:
		return Ink{}
	case NoColor:
		return bare(a)
	}
	s := m.r.NewStyle().Bold(a&bold != 0).Reverse(a&reverse != 0).Underline(a&underline != 0)
	if name != none {
		h := hueOf(name)
		s = s.Foreground(lipgloss.CompleteAdaptiveColor{
			Dark:  lipgloss.CompleteColor{TrueColor: h.dark, ANSI256: h.dark256, ANSI: h.ansi},
			Light: lipgloss.CompleteColor{TrueColor: h.light, ANSI256: h.light256, ANSI: h.ansiLight},
		})
	}
	open, end, _ := strings.Cut(s.Render("x"), "x")
	return Ink{open, end}
}

// bare returns an ink of attributes alone: NO_COLOR speaks of colour only, but
// termenv drops bold and reverse with it, and the selection would disappear.
func bare(a attr) Ink {
	codes := []string{}
	for _, c := range []struct {
		a    attr
		code string
	}{{bold, "1"}, {underline, "4"}, {reverse, "7"}} {
		if a&c.a != 0 {
			codes = append(codes, c.code)
		}
	}
	if len(codes) == 0 {
		return Ink{}
	}
	return Ink{"\x1b[" + strings.Join(codes, ";") + "m", "\x1b[0m"}
}
