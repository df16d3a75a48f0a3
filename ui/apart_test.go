package ui

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"doorman/ui/term"
)

// Colour alone sets no two words apart: where the style changes between two
// cells without a blank, one of them is a sign. So every screen reads the same
// with NO_COLOR and on a plain terminal. The edge of a box is no such sign.
func TestWordsStayApartWithoutColour(t *testing.T) {
	screens := 0
	for _, dir := range []string{"testdata", "page/testdata"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".golden" {
				return err
			}
			screen, err := os.ReadFile(path)
			screens++
			for n, line := range strings.Split(string(screen), "\n") {
				for _, together := range runTogether(line) {
					t.Errorf("%s:%d: colour alone sets %q apart", path, n+1, together)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if screens < 200 {
		t.Errorf("only %d screens were looked at", screens)
	}
}

// runTogether returns the pairs of cells that colour alone sets apart.
func runTogether(line string) []string {
	var pairs []string
	last, lastStyle, style := ' ', "", ""
	for _, m := range regexp.MustCompile(`\x1b\[([0-9;]*)m|.`).FindAllStringSubmatch(line, -1) {
		if strings.HasPrefix(m[0], "\x1b[") {
			style = strings.TrimPrefix(m[1], "0")
			continue
		}
		r := []rune(m[0])[0]
		found := isUnderlined(style) || isUnderlined(lastStyle) // the part of a word that a search has found
		if !found && style != lastStyle && (isWord(last) && (isWord(r) || isEdge(r)) || isEdge(last) && isWord(r)) {
			pairs = append(pairs, string(last)+string(r))
		}
		last, lastStyle = r, style
	}
	return pairs
}

func isUnderlined(style string) bool { return slices.Contains(strings.Split(style, ";"), "4") }

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func isEdge(r rune) bool { return strings.ContainsRune("│┌┐└┘", r) }

func TestRunTogether(t *testing.T) {
	for line, want := range map[string]int{
		"\x1b[1mred\x1b[0mgreen": 1, "\x1b[1mred\x1b[0m green": 0, "\x1b[1mred \x1b[0mgreen": 0, "p\x1b[37m│\x1b[0m": 1, "\x1b[37m│\x1b[0m4": 1,
		"\x1b[1m/\x1b[0mword": 0, "plain": 0, "per\x1b[1;4;4mson\x1b[0m.1": 0,
	} {
		if got := runTogether(line); len(got) != want {
			t.Errorf("%q: %q", line, got)
		}
	}
}

// The two ends of a line never touch, however little room there is.
func TestEndsStayApart(t *testing.T) {
	for w := 12; w < 40; w++ {
		got := ends("a line of some words", "[CAPTURE]", w)
		if term.Width(got) != w || !strings.HasSuffix(got, " [CAPTURE]") {
			t.Errorf("at %d: %q", w, got)
		}
	}
}
