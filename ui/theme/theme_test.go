package theme

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
)

func TestEveryLevelShowsTheSelection(t *testing.T) {
	for _, l := range []Level{NoColor, ANSI16, ANSI256, TrueColor} {
		for _, dark := range []bool{true, false} {
			th := New(lipgloss.NewRenderer(io.Discard), l, dark)
			if got := th.Selected.Paint("row"); !strings.Contains(got, "7") || ansi.Strip(got) != "row" {
				t.Errorf("level %d: selection is %q", l, got)
			}
		}
	}
	th := New(lipgloss.NewRenderer(io.Discard), Dumb, true)
	if got := th.Bad.Paint("x"); got != "x" {
		t.Errorf("dumb terminal gets %q", got)
	}
}

func TestNoColorHasNoColor(t *testing.T) {
	th := New(lipgloss.NewRenderer(io.Discard), NoColor, true)
	for name, s := range th.signs {
		if got := s.Ink.Paint("x"); strings.Contains(got, "3") || strings.Contains(got, "9") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestPlainKeepsWidths(t *testing.T) {
	th := New(lipgloss.NewRenderer(io.Discard), Dumb, true)
	const frame = "● live … ▁▂▃▄▅▆▇█ ≥ 50 │─┌┐└┘ \uFFFD ◌ × ◷"
	got := th.Plain(frame)
	if ansi.StringWidth(got) != ansi.StringWidth(frame) {
		t.Errorf("%q is %d cells, %q %d", frame, ansi.StringWidth(frame), got, ansi.StringWidth(got))
	}
	for name, s := range th.signs {
		if p := th.Plain(s.Glyph); len(p) != 1 || utf8.RuneCountInString(s.Glyph) != 1 {
			t.Errorf("%s has no plain sign: %q", name, p)
		}
	}
	if rich := New(lipgloss.NewRenderer(io.Discard), NoColor, true); rich.Plain(frame) != frame {
		t.Error("a terminal that can draw signs lost them")
	}
}

func TestDetect(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		p    termenv.Profile
		want Level
	}{
		{nil, termenv.TrueColor, TrueColor},
		{nil, termenv.ANSI256, ANSI256},
		{nil, termenv.ANSI, ANSI16},
		{map[string]string{"NO_COLOR": "1"}, termenv.TrueColor, NoColor},
		{map[string]string{"TERM": "dumb", "NO_COLOR": "1"}, termenv.Ascii, Dumb},
	} {
		if got := Detect(func(k string) string { return c.env[k] }, c.p); got != c.want {
			t.Errorf("%v: level %d, want %d", c.env, got, c.want)
		}
	}
}

func TestNeedsASCII(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want bool
	}{
		{nil, false},
		{map[string]string{"TERM": "dumb"}, true},
		{map[string]string{"TERM": "linux", "LANG": "en_US.UTF-8"}, true},
		{map[string]string{"LC_ALL": "C"}, true},
		{map[string]string{"LC_ALL": "C.UTF-8", "LANG": "C"}, false},
		{map[string]string{"LANG": "de_DE.utf8"}, false},
		{map[string]string{"LANG": "de_DE@euro"}, true},
	} {
		if got := NeedsASCII(func(k string) string { return c.env[k] }); got != c.want {
			t.Errorf("%v: %v", c.env, got)
		}
	}
}

// luminance is the relative luminance of a colour "#rrggbb" (WCAG 2.2).
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	v, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for i, weight := range []float64{0.0722, 0.7152, 0.2126} {
		c := float64(v>>(8*i)&0xff) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func TestContrast(t *testing.T) {
	for _, name := range []string{grey, blue, green, amber, red, violet} {
		h := hueOf(name)
		for rung, pairs := range map[string][][2]string{
			"24 bits": {{h.dark, "#000000"}, {h.dark, "#1e1e2e"}, {h.light, "#ffffff"}},
			"256":     {{fixed(t, h.dark256), "#000000"}, {fixed(t, h.dark256), "#1e1e2e"}, {fixed(t, h.light256), "#ffffff"}},
			"16":      sixteen(t, h),
		} {
			for _, p := range pairs {
				if r := contrast(t, p[0], p[1]); r < 4.5 {
					t.Errorf("%s in %s: %s on %s has %.1f:1", name, rung, p[0], p[1], r)
				}
			}
		}
	}
}

// contrast is the ratio of two colours (WCAG 2.2 §1.4.3), 1 to 21.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// fixed is a colour of the palette of 256 beyond the first sixteen: a cube of
// six steps a part, then a ramp of greys.
func fixed(t *testing.T, index string) string {
	t.Helper()
	n, err := strconv.Atoi(index)
	if err != nil || n < 16 || n > 255 {
		t.Fatalf("%q is not one of the fixed colours", index)
	}
	if n >= 232 {
		v := 8 + 10*(n-232)
		return fmt.Sprintf("#%02x%02x%02x", v, v, v)
	}
	steps := []int{0, 95, 135, 175, 215, 255}
	n -= 16
	return fmt.Sprintf("#%02x%02x%02x", steps[n/36], steps[n/6%6], steps[n%6])
}

// sixteen pairs a hue's places among the sixteen with their backgrounds, in the
// palettes of xterm and of VGA, which most terminals start from.
func sixteen(t *testing.T, h hue) [][2]string {
	t.Helper()
	var pairs [][2]string
	for _, palette := range []string{
		"000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff",
		"000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa 555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff",
	} {
		colours := strings.Fields(palette)
		for _, c := range [][2]string{{h.ansi, "#000000"}, {h.ansiLight, "#ffffff"}} {
			if c[0] == "" {
				continue // the terminal's own text
			}
			n, err := strconv.Atoi(c[0])
			if err != nil {
				t.Fatal(err)
			}
			pairs = append(pairs, [2]string{"#" + colours[n], c[1]})
		}
	}
	return pairs
}
