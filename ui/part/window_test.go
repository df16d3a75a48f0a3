package part

import (
	"strconv"
	"testing"
)

// Whoever walks through a million rows, to the end and back, holds a few screens
// of them at any time.
func TestWindowStaysSmall(t *testing.T) {
	const all, screen = 1_000_000, 36
	tb := NewTable(testTheme(), strconv.Itoa, Column[int]{Title: "n", Min: 8, Cell: func(n int) Cell { return Cell{Text: strconv.Itoa(n)} }})
	tb.Round = func() int64 { return 1 }
	tb.SetSize(80, screen+1)
	read := func(a Ask) Chunk[int] {
		from, to := 0, a.Limit
		switch {
		case a.After != "":
			from, _ = strconv.Atoi(a.After)
			from, to = from+1, from+1+a.Limit
		case a.Before != "":
			to, _ = strconv.Atoi(a.Before)
			from = to - a.Limit
		case a.Last:
			from, to = all-a.Limit, all
		}
		from, to = max(from, 0), min(to, all)
		c := Chunk[int]{}
		for n := from; n < to; n++ {
			c.Rows = append(c.Rows, n)
		}
		if from > 0 {
			c.Prev = strconv.Itoa(from)
		}
		if to < all {
			c.Next = strconv.Itoa(to - 1)
		}
		return c
	}
	tb.Take(tb.Start(), read(tb.Start()))
	most := 0
	walk := func(halves, steps int) {
		for range steps {
			tb.MoveScreens(halves)
			for a, need := tb.Need(); need; a, need = tb.Need() {
				tb.Take(a, read(a))
			}
			most = max(most, tb.Len())
			_ = tb.View()
		}
	}
	walk(2, 3000)
	if n, _ := tb.Current(); n != 3000*screen {
		t.Errorf("after 3000 screens the cursor is on row %d", n)
	}
	tb.Take(tb.End(), read(tb.End()))
	walk(-2, 500)
	walk(2, 600)
	if n, _ := tb.Current(); n != all-1 {
		t.Errorf("at the end the cursor is on row %d", n)
	}
	if most > 8*screen {
		t.Errorf("%d rows were held at once", most)
	}
}
