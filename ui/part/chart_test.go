package part

import (
	"strings"
	"testing"

	"doorman/ui/term"
	"doorman/ui/theme"
)

func TestChart(t *testing.T) {
	for _, c := range []struct {
		counts []int
		w, h   int
		want   string
	}{
		{[]int{0, 1, 7}, 3, 1, "▁▂█"},
		{[]int{0, 1, 15}, 3, 2, "  █|▁▂█"},
		{[]int{0, 1000, 1}, 6, 1, "▁▁██▂▂"},
		{[]int{1, 2, 3, 4}, 2, 1, "▇█"},
		{nil, 4, 1, "    "},
		{[]int{5}, 3, 1, "███"},
		{[]int{0, 0}, 2, 1, "▁▁"},
	} {
		if got := strings.Join(Chart{Counts: c.counts}.Lines(c.w, c.h), "|"); got != c.want {
			t.Errorf("%v in %d×%d: %q, want %q", c.counts, c.w, c.h, got, c.want)
		}
	}
}

// Whatever the counts, the lines are as wide as they should be, in every ink.
func TestChartsKeepToTheirPlace(t *testing.T) {
	th := testTheme()
	for w := 1; w < 60; w++ {
		for n := range 80 {
			counts := make([]int, n)
			for i := range counts {
				counts[i] = i * i % 17
			}
			c := Chart{Counts: counts, Top: n % 5, Ink: func(i int) theme.Ink { return th.Bad }, Empty: th.Dim}
			for _, l := range c.Lines(w, 1+n%4) {
				if term.Width(l) != w {
					t.Fatalf("%d bars in %d cells: %d", n, w, term.Width(l))
				}
			}
		}
	}
}

func TestBarsAndShades(t *testing.T) {
	for want, got := range map[string]string{"": Bar(0, 10, 8), "█": Bar(1, 1000, 8), "████": Bar(5, 10, 8), "████████": Bar(12, 10, 8)} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := string([]rune{Shade(0, 9), Shade(1, 9), Shade(3, 9), Shade(5, 9), Shade(9, 9), Shade(1, 1)}); got != "·░▒▓██" {
		t.Error(got)
	}
}
