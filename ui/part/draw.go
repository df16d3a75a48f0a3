package part

import (
	"strings"

	"doorman/ui/term"
)

// View draws the table: exactly as many lines as SetSize gave it.
func (t *Table[T]) View() string {
	var b strings.Builder
	b.Grow((t.width + 40) * t.height)
	t.header(&b)
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
			t.theme.Dim.PaintTo(&b, term.Fit("  "+l, t.width))
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
		if f.index == t.picked && c.Sort != "" && len(t.cols) > 1 {
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

func (t *Table[T]) row(b *strings.Builder, i int) {
	row := t.rows[i]
	_, marked := t.marks[t.key(row)]
	selected := i == t.cur
	if selected {
		var plain strings.Builder
		t.cells(&plain, row, marked, true, false)
		t.theme.Selected.PaintTo(b, term.Fit(plain.String(), t.width))
		return
	}
	t.cells(b, row, marked, false, true)
}

func (t *Table[T]) cells(b *strings.Builder, row T, marked, selected, inked bool) {
	b.WriteByte(map[bool]byte{false: ' ', true: '>'}[selected])
	switch {
	case !marked:
		b.WriteByte(' ')
	case inked:
		t.theme.Marked.PaintTo(b, "*")
	default:
		b.WriteByte('*')
	}
	for i, f := range t.fit {
		c := &t.cols[f.index]
		cell := c.Cell(row)
		text := term.Show(cell.Text)
		if c.Right {
			text = term.FitRight(text, f.width)
		} else {
			text = term.Fit(text, f.width)
		}
		if inked {
			cell.Ink.PaintTo(b, text)
		} else {
			b.WriteString(text)
		}
		if i < len(t.fit)-1 {
			b.WriteString(term.Spaces(gap))
		}
	}
}
