package part

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"doorman/ui/theme"
)

func testTheme() *theme.Theme {
	return theme.New(lipgloss.NewRenderer(io.Discard), theme.TrueColor, true)
}

// numbers is a list of n rows that a table pages through; cursors are positions.
type numbers int

func (n numbers) answer(a Ask) Chunk[int] {
	from := 0
	limit := a.Limit
	switch {
	case a.Last:
		from = max(int(n)-limit, 0)
	case a.After != "":
		v, _ := strconv.Atoi(a.After)
		from = v + 1
	case a.Before != "":
		v, _ := strconv.Atoi(a.Before)
		from = max(v-limit, 0)
		limit = v - from
	}
	to := min(from+limit, int(n))
	c := Chunk[int]{}
	for i := from; i < to; i++ {
		c.Rows = append(c.Rows, i)
	}
	if from > 0 {
		c.Prev = strconv.Itoa(from)
	}
	if to < int(n) {
		c.Next = strconv.Itoa(to - 1)
	}
	return c
}

func (n numbers) fill(t *Table[int], a Ask) {
	t.Take(a, n.answer(a))
	for {
		need, ok := t.Need()
		if !ok {
			return
		}
		t.Take(need, n.answer(need))
	}
}

func numberTable(w, h int) *Table[int] {
	t := NewTable(testTheme(), strconv.Itoa, Column[int]{Title: "n", Min: 8, Flex: 1, Cell: func(i int) Cell { return Cell{Text: strconv.Itoa(i)} }})
	t.SetSize(w, h)
	return t
}

func TestALongListIsWalkedInAWindow(t *testing.T) {
	const n = numbers(5000)
	tab := numberTable(40, 21)
	n.fill(tab, tab.Start())
	most := 0
	for want := range int(n) {
		if got, _ := tab.Current(); got != want {
			t.Fatalf("row %d is %d", want, got)
		}
		most = max(most, tab.Len())
		tab.Move(1)
		if a, ok := tab.Need(); ok {
			n.fill(tab, a)
		}
	}
	for want := int(n) - 1; want >= 0; want-- {
		if got, _ := tab.Current(); got != want {
			t.Fatalf("row %d is %d on the way back", want, got)
		}
		most = max(most, tab.Len())
		tab.Move(-1)
		if a, ok := tab.Need(); ok {
			n.fill(tab, a)
		}
	}
	if most > 200 {
		t.Errorf("held %d rows for a screen of 20", most)
	}
}

func TestJumpingToTheEndAndBack(t *testing.T) {
	const n = numbers(1000)
	tab := numberTable(40, 21)
	n.fill(tab, tab.Start())
	if got := tab.Position(); got != "1 of 60+" {
		t.Errorf("position %q", got)
	}
	n.fill(tab, tab.End())
	if got, _ := tab.Current(); got != 999 {
		t.Errorf("the end is %d", got)
	}
	if got := tab.Position(); got != "of 60+" {
		t.Errorf("position %q", got)
	}
	tab.SetTotal(1000, true)
	n.fill(tab, tab.End())
	if got := tab.Position(); got != "1,000 of 1,000" {
		t.Errorf("position %q", got)
	}
	n.fill(tab, tab.Start())
	if got := tab.Position(); got != "1 of 1,000" {
		t.Errorf("position %q", got)
	}
}

func TestAgainKeepsThePlaceInTheMiddle(t *testing.T) {
	const n = numbers(2000)
	tab := numberTable(40, 21)
	n.fill(tab, tab.Start())
	for range 700 {
		tab.Move(1)
		if a, ok := tab.Need(); ok {
			n.fill(tab, a)
		}
	}
	before := tab.View()
	for range 3 {
		a := tab.Again()
		chunks := []Chunk[int]{n.answer(a)}
		for got := len(chunks[0].Rows); got < tab.Held() && chunks[len(chunks)-1].Next != ""; {
			c := n.answer(Ask{After: chunks[len(chunks)-1].Next, Limit: tab.Held() - got})
			chunks = append(chunks, c)
			got += len(c.Rows)
		}
		tab.Take(a, chunks...)
	}
	if after := tab.View(); after != before {
		t.Errorf("the screen moved:\n%s\n--- was\n%s", ansi.Strip(after), ansi.Strip(before))
	}
}

func TestShrinkingListsDoNotPanic(t *testing.T) {
	tab := numberTable(40, 10)
	numbers(100).fill(tab, tab.Start())
	tab.ToEnd()
	for _, n := range []numbers{50, 7, 1, 0, 3} {
		a := tab.Again()
		tab.Take(a, n.answer(Ask{Limit: a.Limit}))
		tab.View()
		tab.Move(5)
		tab.SetSize(12, 3)
		tab.View()
		tab.SetSize(40, 10)
	}
}

func TestEveryWidthIsFilledExactly(t *testing.T) {
	cell := func(s string) func(int) Cell { return func(int) Cell { return Cell{Text: s} } }
	for w := 30; w < 220; w++ {
		tab := NewTable(testTheme(), strconv.Itoa,
			Column[int]{Title: "address", Min: 20, Flex: 3, Cell: cell("日本語のアドレス@example.org, long enough to be cut")},
			Column[int]{Title: "n", Min: 5, Right: true, Drop: 1, Cell: cell("12")},
			Column[int]{Title: "agent", Min: 30, Flex: 1, Drop: 2, Cell: cell("a\x1b[31m\u202eb\u0301\u0302\u0303")})
		tab.SetSize(w, 6)
		numbers(10).fill(tab, tab.Start())
		tab.Mark()
		for i, l := range strings.Split(tab.View(), "\n") {
			if got := ansi.StringWidth(l); got > w {
				t.Fatalf("width %d, line %d: %d cells", w, i, got)
			}
		}
	}
}

func TestMarksFollowTheirRecords(t *testing.T) {
	tab := numberTable(40, 10)
	numbers(30).fill(tab, tab.Start())
	tab.Mark()
	tab.Move(4)
	tab.MarkRange()
	if got := tab.Marks(); got != 6 {
		t.Errorf("%d marks", got)
	}
	if !tab.ClearMarks() || tab.ClearMarks() {
		t.Error("clearing marks")
	}
}

func FuzzTable(f *testing.F) {
	f.Add(uint16(500), []byte("jjjGkkg"))
	f.Fuzz(func(t *testing.T, size uint16, keys []byte) {
		n := numbers(size % 3000)
		tab := numberTable(40, 12)
		n.fill(tab, tab.Start())
		for _, k := range keys {
			switch k % 8 {
			case 0:
				tab.Move(1)
			case 1:
				tab.Move(-1)
			case 2:
				tab.MoveScreens(2)
			case 3:
				tab.MoveScreens(-2)
			case 4:
				n.fill(tab, tab.End())
			case 5:
				n.fill(tab, tab.Start())
			case 6:
				tab.SetSize(40, 3+int(k)/8)
			case 7:
				tab.Mark()
			}
			if a, ok := tab.Need(); ok {
				n.fill(tab, a)
			}
			for i := 1; i < len(tab.rows); i++ {
				if tab.rows[i] != tab.rows[i-1]+1 {
					t.Fatalf("rows %d and %d are neighbours", tab.rows[i-1], tab.rows[i])
				}
			}
			if v, ok := tab.Current(); ok && tab.base >= 0 && tab.base+tab.cur != v {
				t.Fatalf("position %d of row %d", tab.base+tab.cur, v)
			}
			tab.View()
		}
	})
}

func BenchmarkTable(b *testing.B) {
	cols, dim := []Column[int]{}, testTheme().Dim
	for i := range 8 {
		cols = append(cols, Column[int]{Title: fmt.Sprintf("column %d", i), Min: 20, Flex: 1, Cell: func(int) Cell { return Cell{Text: "person.00@example.org", Ink: dim} }})
	}
	tab := NewTable(testTheme(), strconv.Itoa, cols...)
	tab.SetSize(200, 51)
	numbers(100000).fill(tab, tab.Start())
	b.ReportAllocs()
	for b.Loop() {
		_ = tab.View()
	}
}

func TestColumnsThatCanGoMakeRoom(t *testing.T) {
	cell := func(int) Cell { return Cell{} }
	cols := []Column[int]{{Title: "a", Min: 10, Ideal: 20, Flex: 1, Cell: cell}, {Title: "b", Min: 10, Cell: cell}, {Title: "c", Min: 10, Drop: 1, Cell: cell}}
	for width, want := range map[int][]fitted{
		50: {{0, 24}, {1, 10}, {2, 12 - gap}}, 46: {{0, 20}, {1, 10}, {2, 10}}, 45: {{0, 31}, {1, 10}}, 34: {{0, 20}, {1, 10}}, 33: {{0, 19}, {1, 10}},
		24: {{0, 10}, {1, 10}}, 20: {{0, 8}, {1, 8}},
	} {
		if got := layout(cols, width); !slices.Equal(got, want) {
			t.Errorf("%d: %v, want %v", width, got, want)
		}
	}
}
