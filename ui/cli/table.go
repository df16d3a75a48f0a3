package cli

import (
	"bufio"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"doorman/model/transfer"
	"doorman/ui/term"
)

// maxCell bounds the width of a table cell, in columns; JSON and CSV are exact.
const maxCell = 60

// maxHeld is how many records a table measures before it prints; later ones
// are fitted to those before, so that a list of any length fits into memory.
const maxHeld = 1000

// table prints records as aligned columns, as wide as what they show.
type table[T any] struct {
	out     io.Writer
	columns []transfer.Column[T]
	rows    [][]string
	widths  []int
}

// Write keeps a record until there are enough of them to print, or Close.
func (t *table[T]) Write(v *T) error {
	if t.widths == nil {
		t.widths = make([]int, len(t.columns))
		header := make([]string, len(t.columns))
		for i, c := range t.columns {
			header[i] = strings.ToUpper(strings.ReplaceAll(c.Name, "_", " "))
		}
		t.rows = append(t.rows, header)
	}
	cells := make([]string, len(t.columns))
	for i, c := range t.columns {
		cells[i] = ansi.Truncate(term.Show(c.Of(v).Cell()), maxCell, "…")
	}
	if t.rows = append(t.rows, cells); len(t.rows) < maxHeld {
		return nil
	}
	return t.Close()
}

// Close prints what is held; without records it prints nothing.
func (t *table[T]) Close() error {
	err := align(t.out, t.widths, t.rows)
	t.rows = t.rows[:0]
	return err
}

// align prints rows in columns two spaces apart, at least as wide as given.
func align(w io.Writer, widths []int, rows [][]string) error {
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], ansi.StringWidth(cell))
		}
	}
	out := bufio.NewWriter(w)
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", widths[i]-ansi.StringWidth(cell)+2))
			}
		}
		_, _ = out.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return out.Flush()
}
