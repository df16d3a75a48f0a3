package page

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// Every view keeps to its size from the smallest screen on.
func TestNoViewIsWiderThanTheScreen(t *testing.T) {
	for _, w := range []int{60, 61, 79, 99, 100, 101, 150, 250} {
		for _, v := range Views() {
			m := busy()
			m.letters = postbag().letters
			d := drive(t, m, sampleOpen(m, v.Name), w, 16)
			lines := strings.Split(d.page.View(), "\n")
			if len(lines) > 16 {
				t.Errorf("%s at %d: %d lines", v.Name, w, len(lines))
			}
			for _, l := range lines {
				if got := ansi.StringWidth(l); got > w {
					t.Errorf("%s at %d: a line is %d cells wide: %q", v.Name, w, got, ansi.Strip(l))
				}
			}
		}
	}
}
