package part

import (
	"cmp"
	"slices"
)

// Arrangement is how an operator wants the columns of a table, by their titles.
// The zero value leaves the choice to the table; titles that no column has mean
// nothing.
type Arrangement struct {
	Hide  []string `json:"hide,omitempty"`  // never shown
	Pin   []string `json:"pin,omitempty"`   // the last to go on a narrow screen
	Order []string `json:"order,omitempty"` // the first ones, the others follow in their own order
}

// Arrange lays the columns out as the operator wants them. One is always shown.
func (t *Table[T]) Arrange(a Arrangement) {
	picked := ""
	if t.picked < len(t.cols) {
		picked = t.cols[t.picked].Title
	}
	place := func(c Column[T]) int {
		if i := slices.Index(a.Order, c.Title); i >= 0 {
			return i
		}
		return len(a.Order)
	}
	all := slices.Clone(t.all)
	slices.SortStableFunc(all, func(x, y Column[T]) int { return cmp.Compare(place(x), place(y)) })
	t.cols = slices.DeleteFunc(slices.Clone(all), func(c Column[T]) bool { return slices.Contains(a.Hide, c.Title) })
	if len(t.cols) == 0 {
		t.cols = all[:1:1]
	}
	for i := range t.cols {
		if slices.Contains(a.Pin, t.cols[i].Title) {
			t.cols[i].Drop = 0
		}
	}
	t.picked = max(slices.IndexFunc(t.cols, func(c Column[T]) bool { return c.Title == picked }), 0)
	t.fit, t.keep.lines = layout(t.cols, t.width), nil
}

// Titles lists all columns in the order of an arrangement, and which of them the
// screen has room for now.
func (t *Table[T]) Titles(a Arrangement) (titles []string, shown map[string]bool) {
	shown = map[string]bool{}
	for _, f := range t.fit {
		shown[t.cols[f.index].Title] = true
	}
	for _, title := range a.Order {
		if slices.ContainsFunc(t.all, func(c Column[T]) bool { return c.Title == title }) && !slices.Contains(titles, title) {
			titles = append(titles, title)
		}
	}
	for _, c := range t.all {
		if !slices.Contains(titles, c.Title) {
			titles = append(titles, c.Title)
		}
	}
	return titles, shown
}

// MoveTo puts the cursor on a row of those held.
func (t *Table[T]) MoveTo(i int) { t.cur = i; t.settle() }

// Begin says how many rows of the list lie before those held.
func (t *Table[T]) Begin(before int) { t.base = before }

// PickedCell returns the title of the column that the operator picked and what
// it exactly holds in the row under the cursor; false before they have.
func (t *Table[T]) PickedCell() (title, exact string, ok bool) {
	row, there := t.Current()
	if !t.chosen || !there || t.picked >= len(t.cols) {
		return "", "", false
	}
	c := &t.cols[t.picked]
	if c.Exact != nil {
		return c.Title, c.Exact(row), true
	}
	return c.Title, c.stored(row), true
}
