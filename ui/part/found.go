package part

import (
	"slices"
	"strings"

	"doorman/ui/term"
	"doorman/ui/theme"
)

// SetFound says what is searched for: it stands out in the rows, in any case of
// letters. None: nothing does.
func (t *Table[T]) SetFound(parts ...string) {
	var found []string
	for _, p := range parts {
		if p = strings.ToLower(strings.TrimSpace(p)); p != "" {
			found = append(found, p)
		}
	}
	if !slices.Equal(found, t.found) {
		t.found, t.keep.lines = found, nil
	}
}

// emphasize writes the text of a cell with what is searched for in an ink of its
// own. ink is in force before and after.
func (t *Table[T]) emphasize(b *strings.Builder, text string, width int, right bool, ink theme.Ink) {
	var fitted strings.Builder
	term.FitTo(&fitted, term.Show(text), width, right)
	rest := fitted.String()
	low := strings.ToLower(rest)
	if len(low) != len(rest) { // the places of one are not those of the other
		b.WriteString(rest)
		return
	}
	for {
		at, n := t.firstFound(low)
		if at < 0 {
			b.WriteString(rest)
			return
		}
		b.WriteString(rest[:at])
		ink.End(b)
		t.theme.Found.PaintTo(b, rest[at:at+n])
		ink.Start(b)
		rest, low = rest[at+n:], low[at+n:]
	}
}

// firstFound returns where the first of what is searched for begins and how long
// it is; -1 for nowhere.
func (t *Table[T]) firstFound(low string) (at, n int) {
	at = -1
	for _, p := range t.found {
		if i := strings.Index(low, p); i >= 0 && (at < 0 || i < at) {
			at, n = i, len(p)
		}
	}
	return at, n
}
