package part

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Heads returns the titles of the columns, in their order.
func (t *Table[T]) Heads() []string {
	out := make([]string, len(t.cols))
	for i, c := range t.cols {
		out[i] = c.Title
	}
	return out
}

// PickedTitle returns the title of the picked column, "" before one was
// picked.
func (t *Table[T]) PickedTitle() string {
	if t.chosen && t.picked < len(t.cols) {
		return t.cols[t.picked].Title
	}
	return ""
}

// Values returns what the columns hold of a row, in the order of Heads, without
// the sign before a word.
func (t *Table[T]) Values(row T) []string {
	out := make([]string, len(t.cols))
	for i, c := range t.cols {
		out[i] = unsigned(c.stored(row))
	}
	return out
}

// stored is what a column holds of a row before it was worded for people.
func (c *Column[T]) stored(row T) string {
	if c.Raw != nil {
		return c.Raw(row)
	}
	return c.Cell(row).Text
}

// unsigned cuts the sign of a state from the word behind it.
func unsigned(text string) string {
	r, n := utf8.DecodeRuneInString(text)
	if word, signed := strings.CutPrefix(text[n:], " "); signed && (r > 0x7f || strings.ContainsRune("!+?i", r)) {
		return word
	}
	return text
}

// AtTop reports whether the first row of the list is on the screen.
func (t *Table[T]) AtTop() bool { return t.AtStart() && t.top == 0 }

// Shown returns the rows that are on the screen.
func (t *Table[T]) Shown() []T {
	return slices.Clone(t.rows[min(t.top, len(t.rows)):min(t.top+t.screen(), len(t.rows))])
}
