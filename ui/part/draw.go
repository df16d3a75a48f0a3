package part

import (
	"strings"

	"doorman/ui/term"
)

// View draws the table: exactly as many lines as SetSize gave it.
func (t *Table[T]) View() string {
	var b strings.Builder
	b.Grow(max((t.width+40)*t.height, 0))
	t.header(&b)
	if t.Round == nil {
		t.keep.lines = nil
	} else if round := t.Round(); round != t.keep.round {
		t.keep = keep{round: round}
	}
	end := min(t.top+t.screen(), len(t.rows))
	for i := t.top; i < end; i++ {
		b.WriteByte('\n')
		t.row(&b, i)
	}
	lines := 1 + end - t.top
	if len(t.rows) == 0 {
		lines = 1
		for _, l := range t.Notice {
			if lines+1 >= t.height {
				break
			}
			b.WriteString("\n")
			if lines == 1 {
				b.WriteString("\n")
				lines++
			}
			t.theme.Dim.PaintTo(&b, term.Fit("  "+term.Show(l), t.width))
			lines++
		}
	}
	for ; lines < t.height; lines++ {
		b.WriteByte('\n')
	}
	return b.String()
}

func (t *Table[T]) header(b *strings.Builder) {
	b.WriteString(term.Spaces(gutter))
	for i, f := range t.fit {
		c := t.cols[f.index]
		title := c.Title
		if c.Sort != "" && c.Sort == t.sort {
			title += map[bool]string{false: " ↑", true: " ↓"}[t.desc]
		}
		if f.index == t.picked && (c.Sort != "" || t.chosen) && len(t.cols) > 1 {
			title = "[" + title + "]"
		}
		if c.Right {
			title = term.FitRight(title, f.width)
		} else {
			title = term.Fit(title, f.width)
		}
		t.theme.Head.PaintTo(b, title)
		if i < len(t.fit)-1 {
			b.WriteString(term.Spaces(gap))
		}
	}
}

// row draws a row. Under the cursor it is one ink from edge to edge, because
// inks do not nest.
func (t *Table[T]) row(b *strings.Builder, i int) {
	row := t.rows[i]
	marked := false
	if len(t.marks) > 0 {
		_, marked = t.marks[t.key(row)]
	}
	if i != t.cur {
		b.WriteString(t.kept(i, marked))
		return
	}
	t.theme.Selected.Start(b)
	b.WriteByte('>')
	if marked {
		b.WriteByte('*')
	} else {
		b.WriteByte(' ')
	}
	b.WriteString(term.Spaces(t.width - gutter - t.cells(b, row, false)))
	t.theme.Selected.End(b)
}

// keep is the rows as they were drawn last.
type keep struct {
	lines []keptLine // of the rows held; "" where none was drawn yet
	round int64
}

type keptLine struct {
	text   string
	marked bool
}

// kept returns a row as it stands away from the cursor, drawing it only where
// that was not done since something changed.
func (t *Table[T]) kept(i int, marked bool) string {
	if len(t.keep.lines) != len(t.rows) {
		t.keep.lines = make([]keptLine, len(t.rows))
	}
	if l := t.keep.lines[i]; l.text != "" && l.marked == marked {
		return l.text
	}
	var b strings.Builder
	b.Grow(t.width + 60)
	if marked { // apart from the text of the row: without colour it would read as a part of it
		t.theme.Marked.PaintTo(&b, "*")
	} else {
		b.WriteByte(' ')
	}
	b.WriteByte(' ')
	t.cells(&b, t.rows[i], true)
	t.keep.lines[i] = keptLine{b.String(), marked}
	return b.String()
}

// cells draws the cells of a row and returns how wide they are.
func (t *Table[T]) cells(b *strings.Builder, row T, inked bool) int {
	width := 0
	for i, f := range t.fit {
		c := &t.cols[f.index]
		cell := c.Cell(row)
		if i > 0 {
			b.WriteString(term.Spaces(gap))
			width += gap
		}
		ink := t.theme.Selected
		if inked {
			ink = cell.Ink
			ink.Start(b)
		}
		if len(t.found) == 0 {
			term.FitTo(b, term.Show(cell.Text), f.width, c.Right)
		} else {
			t.emphasize(b, cell.Text, f.width, c.Right, ink)
		}
		if inked {
			ink.End(b)
		}
		width += f.width
	}
	return width
}
