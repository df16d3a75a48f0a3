package part

import (
	"slices"
	"time"
)

// Ask names the rows that a table wants. The strings are the list's cursors.
type Ask struct {
	After, Before string
	Last          bool      // the end of the list
	At            time.Time // the list from this time on
	Limit         int

	kind askKind
}

// IsAgain reports whether the ask is one for the rows that are held already.
func (a Ask) IsAgain() bool { return a.kind == askAgain }

// Backwards reports whether the rows are read from their end.
func (a Ask) Backwards() bool { return a.Last || a.Before != "" }

type askKind int

const (
	askStart   askKind = iota // replace everything, cursor to the first row
	askFrom                   // replace everything, cursor to the first row, more stands above it
	askEnd                    // replace everything, cursor to the last row
	askMore                   // add below
	askEarlier                // add above
	askAgain                  // the same rows again, cursor stays on its record
)

// Chunk is an answer: rows in list order, and the places before and after them
// ("" where the list ends).
type Chunk[T any] struct {
	Rows       []T
	Prev, Next string
}

// span remembers how a run of rows came, so that it can be requested again.
type span struct {
	n          int
	ask        Ask
	prev, next string
}

// minChunk keeps small screens from asking for a handful of rows at a time.
const minChunk = 30

func (t *Table[T]) chunk() int { return max(t.screen(), minChunk) }

// Start requests the start of the list.
func (t *Table[T]) Start() Ask { return Ask{Limit: 2 * t.chunk()} }

// End requests the end of the list.
func (t *Table[T]) End() Ask { return Ask{Last: true, Limit: 2 * t.chunk(), kind: askEnd} }

// From requests a list in the order of time from a time on.
func (t *Table[T]) From(at time.Time) Ask { return Ask{At: at, Limit: 2 * t.chunk(), kind: askFrom} }

// AtStart and AtEnd report whether the window touches the list's own ends.
func (t *Table[T]) AtStart() bool { return len(t.chunks) == 0 || t.chunks[0].prev == "" }

// AtEnd reports whether the last row of the list is held.
func (t *Table[T]) AtEnd() bool {
	return len(t.chunks) == 0 || t.chunks[len(t.chunks)-1].next == ""
}

// Again requests the rows that are held, to see what became of them. An answer
// that falls short of Limit is to be followed by what comes after it, in the
// same Take, so that the cursor never loses its record in between.
func (t *Table[T]) Again() Ask {
	if len(t.chunks) == 0 {
		return t.Start()
	}
	a := t.chunks[0].ask
	a.kind, a.Limit = askAgain, max(len(t.rows), 2*t.chunk())
	if a.Before != "" || a.Last {
		a.Limit = t.chunks[0].n
	}
	return a
}

// Held is the number of rows that Again is to bring back in all.
func (t *Table[T]) Held() int { return len(t.rows) }

// Need tells what to fetch so that the cursor does not run into the end of the
// rows held, also when it goes by pages faster than rows come; false when
// nothing.
func (t *Table[T]) Need() (Ask, bool) {
	switch {
	case len(t.chunks) == 0:
		return Ask{}, false
	case !t.AtEnd() && t.cur+2*t.screen() >= len(t.rows):
		return Ask{After: t.chunks[len(t.chunks)-1].next, Limit: t.chunk(), kind: askMore}, true
	case !t.AtStart() && t.cur < 2*t.screen():
		return Ask{Before: t.chunks[0].prev, Limit: t.chunk(), kind: askEarlier}, true
	}
	return Ask{}, false
}

// IsShort reports whether the rows held end within a screen of the cursor, and the
// list does not.
func (t *Table[T]) IsShort() bool {
	return !t.AtEnd() && t.cur+t.screen() >= len(t.rows) || !t.AtStart() && t.cur < t.screen()
}

// Take takes the answer to an Ask. Chunks are adjacent and in list order.
func (t *Table[T]) Take(a Ask, chunks ...Chunk[T]) {
	rows, spans := join(a, chunks)
	t.keep.lines = nil
	switch a.kind {
	case askMore:
		t.rows, t.chunks = append(t.rows, rows...), append(t.chunks, spans...)
		t.trimTop()
	case askEarlier:
		t.rows, t.chunks = append(rows, t.rows...), append(spans, t.chunks...)
		t.cur, t.top = t.cur+len(rows), t.top+len(rows)
		t.base = max(t.base-len(rows), -1)
		t.trimBottom()
	case askAgain:
		t.again(rows, spans)
	default:
		t.rows, t.chunks, t.base, t.top, t.cur = rows, spans, 0, 0, 0
		switch a.kind {
		case askFrom:
			t.base = -1
		case askEnd:
			t.base, t.cur = -1, len(rows)-1
		}
	}
	if t.AtStart() {
		t.base = 0
	} else if t.base < 0 && t.known && t.AtEnd() {
		t.base = max(t.total-len(t.rows), 0)
	}
	t.loaded = true
	t.settle()
}

// again replaces the rows and puts the cursor back on its record, on the same
// line of the screen; at the very top the screen stays, so that new rows show.
func (t *Table[T]) again(rows []T, spans []span) {
	old, had := t.Current()
	line := t.cur - t.top
	t.rows, t.chunks = rows, spans
	if had {
		k := t.key(old)
		if i := slices.IndexFunc(rows, func(r T) bool { return t.key(r) == k }); i >= 0 {
			t.cur = i
			if t.top > 0 {
				t.top = i - line
			}
		}
	}
	for _, r := range rows {
		if _, marked := t.marks[t.key(r)]; marked {
			t.marks[t.key(r)] = r
		}
	}
}

func join[T any](a Ask, chunks []Chunk[T]) ([]T, []span) {
	var rows []T
	var spans []span
	for i, c := range chunks {
		if len(c.Rows) == 0 && i > 0 {
			continue
		}
		ask := a
		if i > 0 {
			ask = Ask{After: spans[i-1].next}
		}
		rows = append(rows, c.Rows...)
		spans = append(spans, span{len(c.Rows), ask, c.Prev, c.Next})
	}
	return rows, spans
}

// trimTop lets go of rows far above the cursor.
func (t *Table[T]) trimTop() {
	for len(t.chunks) > 1 {
		n := t.chunks[0].n
		if len(t.rows)-n < 4*t.chunk() || t.cur < n+2*t.screen() {
			return
		}
		t.rows, t.chunks = slices.Clone(t.rows[n:]), t.chunks[1:]
		t.cur, t.top = t.cur-n, t.top-n
		if t.base >= 0 {
			t.base += n
		}
	}
}

// trimBottom lets go of rows far below the cursor.
func (t *Table[T]) trimBottom() {
	for len(t.chunks) > 1 {
		last := len(t.chunks) - 1
		n := len(t.rows) - t.chunks[last].n
		if n < 4*t.chunk() || t.cur >= n-2*t.screen() {
			return
		}
		t.rows, t.chunks = t.rows[:n], t.chunks[:last]
	}
}
