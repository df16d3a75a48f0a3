package part

import (
	"slices"

	"doorman/ui/theme"

	"github.com/dustin/go-humanize"
)

// Table shows a window of a list that may be far longer than memory: it holds
// about three screens of rows, and Need says which rows to fetch next. Moving
// and drawing cost the same in a list of a hundred and of a hundred million.
type Table[T any] struct {
	Notice []string // shown instead of rows while there are none: why, and what to do
	// Round changes whenever a cell may show something else although its row is the
	// same, as an age does; rows are drawn once a round. Nil: drawn for every view.
	Round func() int64

	theme  *theme.Theme
	key    func(T) string
	all    []Column[T] // as they were given
	cols   []Column[T] // as the operator has arranged them
	width  int
	height int
	fit    []fitted

	rows   []T
	chunks []span // how the rows came, in order
	base   int    // rows of the list before rows[0]; -1: unknown
	top    int    // index of the first row on the screen
	cur    int    // index of the row under the cursor
	total  int
	known  bool // total is exact
	loaded bool
	sort   string
	desc   bool
	picked int  // index of the picked column
	chosen bool // the operator picked it

	keep   keep
	found  []string // what is searched for, in lower case: it stands out in the rows
	marks  map[string]T
	anchor string // key of the row that was marked last
}

// NewTable makes an empty table. key gives the identity of a row, which keeps
// cursor and marks on their records while the list changes under them.
func NewTable[T any](t *theme.Theme, key func(T) string, cols ...Column[T]) *Table[T] {
	return &Table[T]{theme: t, key: key, all: cols, cols: cols, marks: map[string]T{}}
}

// SetSize gives the table its place, header line included.
func (t *Table[T]) SetSize(w, h int) {
	t.width, t.height, t.keep.lines = w, h, nil
	t.fit = layout(t.cols, w)
	t.settle()
}

// screen is the number of rows that fit.
func (t *Table[T]) screen() int { return max(t.height-1, 1) }

// Current returns the row under the cursor; false when there is none.
func (t *Table[T]) Current() (T, bool) {
	if t.cur < 0 || t.cur >= len(t.rows) {
		var none T
		return none, false
	}
	return t.rows[t.cur], true
}

// Key is the identity of a row.
func (t *Table[T]) Key(row T) string { return t.key(row) }

// Len returns how many rows are held, not how many there are.
func (t *Table[T]) Len() int { return len(t.rows) }

// Loaded reports whether an answer has arrived since the table was made or
// forgot its rows.
func (t *Table[T]) Loaded() bool { return t.loaded }

// Forget drops the rows, as when the filter changes; marks stay.
func (t *Table[T]) Forget() {
	t.rows, t.chunks, t.base, t.top, t.cur, t.loaded, t.total, t.known = nil, nil, 0, 0, 0, false, 0, false
	t.keep.lines = nil
}

// SetTotal says how long the list is; exact is false where there are more.
func (t *Table[T]) SetTotal(n int, exact bool) { t.total, t.known = n, exact }

// Move moves the cursor by n rows within the rows held.
func (t *Table[T]) Move(n int) {
	t.cur += n
	t.settle()
}

// MoveScreens moves by halves of a screen: 1 is half a screen down.
func (t *Table[T]) MoveScreens(halves int) {
	n := halves * t.screen() / 2
	t.top += n
	t.Move(n)
}

// ToStart moves to the first row of those held; Top requests the list's own.
func (t *Table[T]) ToStart() { t.cur = 0; t.settle() }

// ToEnd moves to the last row of those held.
func (t *Table[T]) ToEnd() { t.cur = len(t.rows) - 1; t.settle() }

// PickAt picks the column whose title stands at a cell of the header; false when
// there is none that can be sorted by.
func (t *Table[T]) PickAt(x int) bool {
	at := gutter
	for _, f := range t.fit {
		if x >= at && x < at+f.width && t.cols[f.index].Sort != "" {
			t.picked = f.index
			return true
		}
		at += f.width + gap
	}
	return false
}

// Click puts the cursor on the row at the given line of the view; false when
// there is none.
func (t *Table[T]) Click(line int) bool {
	i := t.top + line - 1
	if line < 1 || i >= len(t.rows) || i < 0 {
		return false
	}
	t.cur = i
	return true
}

// settle keeps cursor and window inside the rows and the cursor on the screen.
func (t *Table[T]) settle() {
	t.cur = max(min(t.cur, len(t.rows)-1), 0)
	t.top = max(min(t.top, len(t.rows)-t.screen()), 0)
	t.top = max(min(t.top, t.cur), t.cur-t.screen()+1)
}

// Position tells where the cursor is and how long the list is, as "13 of 20,000",
// "13 of 50+" while it is not counted, or "of 20,000" after a jump to the end
// of a list of unknown length.
func (t *Table[T]) Position() string {
	if len(t.rows) == 0 {
		return "0"
	}
	n, more := t.total, "+"
	last := t.chunks[len(t.chunks)-1].next == ""
	switch {
	case t.base >= 0 && last:
		n, more = t.base+len(t.rows), ""
	case t.known && t.total >= t.base+len(t.rows):
		more = ""
	default:
		n = max(n, max(t.base, 0)+len(t.rows))
	}
	of := "of " + humanize.Comma(int64(n)) + more
	if t.base < 0 {
		return of
	}
	return humanize.Comma(int64(t.base+t.cur+1)) + " " + of
}

// SetSort tells the header which order the rows are in; by is a Column.Sort.
func (t *Table[T]) SetSort(by string, desc bool) { t.sort, t.desc = by, desc }

// Pick moves the picked column by n among those that are shown.
func (t *Table[T]) Pick(n int) {
	at := 0
	for i, f := range t.fit {
		if f.index == t.picked {
			at = i
		}
	}
	if k := len(t.fit); k > 0 {
		t.picked, t.chosen = t.fit[((at+n)%k+k)%k].index, true
	}
}

// Picked returns the Sort of the picked column, "" when it cannot be sorted by.
func (t *Table[T]) Picked() string {
	if t.picked >= len(t.cols) {
		return ""
	}
	return t.cols[t.picked].Sort
}

// Mark marks the row under the cursor, or takes its mark away, and moves on.
func (t *Table[T]) Mark() {
	row, ok := t.Current()
	if !ok {
		return
	}
	k := t.key(row)
	if _, marked := t.marks[k]; marked {
		delete(t.marks, k)
	} else {
		t.marks[k] = row
	}
	t.anchor = k
	t.Move(1)
}

// MarkRange marks the rows from the one that was marked last to the cursor. Where
// that one is not held any more it marks the row under the cursor alone and
// returns false.
func (t *Table[T]) MarkRange() bool {
	from := slices.IndexFunc(t.rows, func(r T) bool { return t.key(r) == t.anchor })
	lost := from < 0 && t.anchor != ""
	if from < 0 {
		from = t.cur
	}
	for i := min(from, t.cur); i <= max(from, t.cur) && i < len(t.rows); i++ {
		t.marks[t.key(t.rows[i])] = t.rows[i]
	}
	return !lost
}

// MarkRows marks the given rows, which need not be held.
func (t *Table[T]) MarkRows(rows []T) {
	for _, r := range rows {
		t.marks[t.key(r)] = r
	}
}

// ClearMarks takes all marks away and reports whether there were any.
func (t *Table[T]) ClearMarks() bool {
	had := len(t.marks) > 0
	clear(t.marks)
	t.anchor = ""
	return had
}

// Marked returns the marked rows in the order of their keys.
func (t *Table[T]) Marked() []T {
	keys := make([]string, 0, len(t.marks))
	for k := range t.marks {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	out := make([]T, len(keys))
	for i, k := range keys {
		out[i] = t.marks[k]
	}
	return out
}

// Marks returns how many rows are marked.
func (t *Table[T]) Marks() int { return len(t.marks) }

// Fields returns every column of the row under the cursor with its whole text,
// also of columns that the screen has no room for; none without a row. The texts
// are not yet made safe.
func (t *Table[T]) Fields() []Field {
	row, ok := t.Current()
	if !ok {
		return nil
	}
	out := make([]Field, len(t.cols))
	for i, c := range t.cols {
		out[i] = Field{Name: c.Title, Value: c.stored(row)}
	}
	return out
}

// Rows returns the rows that are held. They belong to the table.
func (t *Table[T]) Rows() []T { return t.rows }
