package page

import (
	"strings"
	"testing"

	"doorman/ui/term"
)

// The two ends of a line never touch, however little room there is.
func TestEndsStayApart(t *testing.T) {
	for w := 14; w < 60; w++ {
		got := ends("all resets that the filter selects", "1 of 441", w)
		if term.Width(got) != w || !strings.HasSuffix(got, " 1 of 441 ") {
			t.Errorf("at %d: %q", w, got)
		}
	}
}
