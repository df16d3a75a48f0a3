// Package part holds the pieces that pages are made of: a table over a window
// of a long list, dialogs, a prompt, blocks of details, a sparkline. They are
// state and methods; messages reach them through the page that owns them.
package part

import "doorman/ui/theme"

// Column is one column of a table of T.
type Column[T any] struct {
	Title string
	Min   int    // cells that it needs
	Ideal int    // cells that it gets before columns that can go get any; 0: Min
	Flex  int    // its share of what is left over; 0: none
	Right bool   // aligned right, for numbers
	Drop  int    // on a narrow screen the columns with the highest Drop go first; 0 stays
	Sort  string // what to sort by when this column is chosen; "" when it cannot
	Cell  func(T) Cell
	Exact func(T) string // what is copied of it, where the cell shows less; nil: the text of the cell
	Raw   func(T) string // what is stored, where the cell words it: counted, revealed and copied in its place; nil: the text of the cell
}

// Cell is what a column shows of a row. The text may come from outside: the
// table makes it safe. Ink is left out in the row under the cursor.
type Cell struct {
	Text string
	Ink  theme.Ink
}

// gap is the blank between columns, in cells; gutter holds the cursor and the mark.
const (
	gap    = 2
	gutter = 2
)

// fitted is a column as laid out for a width.
type fitted struct{ index, width int }

// layout chooses the columns that fit and shares out what is left. Columns that
// can go make room for the ideal width of the others before those have to do
// with their least.
func layout[T any](cols []Column[T], width int) []fitted {
	base := make([]int, len(cols))
	keep := make([]bool, len(cols))
	need := gutter - gap
	for i, c := range cols {
		base[i], keep[i] = max(c.Min, c.Ideal), true
		need += base[i] + gap
	}
	for need > width {
		worst := -1
		for i, c := range cols {
			if keep[i] && c.Drop > 0 && (worst < 0 || c.Drop >= cols[worst].Drop) {
				worst = i
			}
		}
		if worst < 0 {
			break
		}
		keep[worst] = false
		need -= base[worst] + gap
	}
	if need > width {
		for i, c := range cols {
			if keep[i] {
				need -= base[i] - c.Min
				base[i] = c.Min
			}
		}
	}
	fit := share(cols, base, keep, width-need)
	shrink(fit, need-width)
	return fit
}

// minColumn is what a column keeps when even the most needed ones do not fit.
const minColumn = 4

// shrink takes cells away from the widest column, as often as need be.
func shrink(fit []fitted, over int) {
	for ; over > 0; over-- {
		widest := 0
		for i, f := range fit {
			if f.width > fit[widest].width {
				widest = i
			}
		}
		if len(fit) == 0 || fit[widest].width <= minColumn {
			return
		}
		fit[widest].width--
	}
}

// share gives the spare cells to the columns with Flex; what is lost in rounding
// goes to the first of them.
func share[T any](cols []Column[T], base []int, keep []bool, spare int) []fitted {
	flex, out, first := 0, []fitted{}, -1
	for i, c := range cols {
		if keep[i] {
			flex += c.Flex
		}
	}
	left := max(spare, 0)
	for i, c := range cols {
		if !keep[i] {
			continue
		}
		w := base[i]
		if flex > 0 && spare > 0 {
			w += spare * c.Flex / flex
			left -= spare * c.Flex / flex
			if c.Flex > 0 && first < 0 {
				first = len(out)
			}
		}
		out = append(out, fitted{i, w})
	}
	if first >= 0 {
		out[first].width += left
	}
	return out
}
