package page

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"doorman/ui/theme"
)

// rung is a step of the colour ladder, and the styles that it may use.
type rung struct {
	name  string
	level theme.Level
	dark  bool
	may   *regexp.Regexp
}

func rungs() []rung {
	const attributes = `0|1|4|7`
	only := func(more string) *regexp.Regexp {
		return regexp.MustCompile(`^\x1b\[(` + attributes + more + `)(;(` + attributes + more + `))*m$`)
	}
	return []rung{
		{"truecolor-dark", theme.TrueColor, true, only(`|38;2;\d+;\d+;\d+`)}, {"truecolor-light", theme.TrueColor, false, only(`|38;2;\d+;\d+;\d+`)},
		{"256-dark", theme.ANSI256, true, only(`|38;5;\d+`)}, {"256-light", theme.ANSI256, false, only(`|38;5;\d+`)},
		{"16-dark", theme.ANSI16, true, only(`|3[0-7]|9[0-7]`)}, {"16-light", theme.ANSI16, false, only(`|3[0-7]|9[0-7]`)},
		{"no-color", theme.NoColor, true, only(``)},
		{"dumb", theme.Dumb, true, regexp.MustCompile(`^$`)},
	}
}

// TestRungs draws every page on every step of the colour ladder: the same words
// on each, and only what that terminal understands.
func TestRungs(t *testing.T) {
	styles := regexp.MustCompile(`\x1b[^m]*m?`)
	for _, v := range Views() {
		t.Run(v.Name, func(t *testing.T) {
			words := ""
			for _, r := range rungs() {
				t.Run(r.name, func(t *testing.T) {
					m := busy()
					m.letters = postbag().letters
					e := testEnv(m)
					e.Theme = theme.New(lipgloss.NewRenderer(io.Discard), r.level, r.dark)
					d := driveEnv(t, e, m, sampleOpen(m, v.Name), 80, 20)
					screen := e.Theme.Plain(d.screen())
					for _, s := range styles.FindAllString(screen, -1) {
						if !r.may.MatchString(s) {
							t.Errorf("%q is more than the terminal understands", s)
						}
					}
					plain := ansi.Strip(screen)
					switch {
					case r.level == theme.Dumb:
						if i := strings.IndexFunc(plain, func(c rune) bool { return c > '~' }); i >= 0 {
							t.Errorf("not ASCII: %q", plain[i:min(i+20, len(plain))])
						}
					case words == "":
						words = plain
					case plain != words:
						t.Errorf("other words than with all colours:\n%s", firstDifference(words, plain))
					}
					golden.RequireEqual(t, screen)
				})
			}
		})
	}
}

// firstDifference shows the first line in which two screens differ.
func firstDifference(a, b string) string {
	bs := strings.Split(b, "\n")
	for i, l := range strings.Split(a, "\n") {
		if i >= len(bs) || l != bs[i] {
			return fmt.Sprintf("line %d: %q", i, l)
		}
	}
	return ""
}
