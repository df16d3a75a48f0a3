package transfer

import (
	"bufio"
	"encoding/csv"
	"io"
	"strings"
)

// Column is one field of a record: its name and how to get at it.
type Column[T any] struct {
	Name string
	Of   func(*T) Value
}

// Writer writes records in one format. Nothing reaches the underlying writer
// for certain before Close.
type Writer[T any] struct {
	out     *bufio.Writer
	columns []Column[T]
	format  Format
	buf     []byte
	csv     *csv.Writer
	cells   []string
	rows    int
}

// NewWriter starts a list of records. In CSV the names of the columns are
// written even if no record follows.
func NewWriter[T any](w io.Writer, f Format, columns []Column[T]) (*Writer[T], error) {
	t := &Writer[T]{out: bufio.NewWriterSize(w, 64<<10), columns: columns, format: f}
	if f != CSV {
		return t, nil
	}
	t.csv, t.cells = csv.NewWriter(t.out), make([]string, len(columns))
	for i, c := range columns {
		t.cells[i] = c.Name
	}
	return t, t.csv.Write(t.cells)
}

// Write adds one record.
func (t *Writer[T]) Write(v *T) error {
	t.rows++
	if t.format == CSV {
		for i, c := range t.columns {
			t.cells[i] = guardCell(c.Of(v).String())
		}
		return t.csv.Write(t.cells)
	}
	b := t.buf[:0]
	if t.format == JSON {
		b = append(b, "[\n  "...)
		if t.rows > 1 {
			b = append(b[:0], ",\n  "...)
		}
	}
	b = AppendJSON(b, t.columns, v)
	if t.format == JSONL {
		b = append(b, '\n')
	}
	t.buf = b
	_, err := t.out.Write(b)
	return err
}

// Close ends the list and passes on what is still held back. The underlying
// writer stays open.
func (t *Writer[T]) Close() error {
	if t.format == JSON {
		end := "\n]\n"
		if t.rows == 0 {
			end = "[]\n"
		}
		if _, err := t.out.WriteString(end); err != nil {
			return err
		}
	}
	if t.csv != nil {
		t.csv.Flush()
		if err := t.csv.Error(); err != nil {
			return err
		}
	}
	return t.out.Flush()
}

// AppendJSON adds one record to b as a JSON object on one line.
func AppendJSON[T any](b []byte, columns []Column[T], v *T) []byte {
	b = append(b, '{')
	for i, c := range columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, c.Name)
		b = append(b, ':')
		b = c.Of(v).AppendJSON(b)
	}
	return append(b, '}')
}

// formulaStart holds what makes a spreadsheet read a cell as a formula, the
// full-width forms among it.
const formulaStart = "=+-@\t\r\n＝＋－＠"

// guardCell puts an apostrophe before a cell that a spreadsheet would run. Of
// cells that begin with apostrophes and then such a character it makes one
// more, so that unguardCell is exact.
func guardCell(s string) string {
	if isFormula(s) {
		return "'" + s
	}
	return s
}

// unguardCell takes back what guardCell did.
func unguardCell(s string) string {
	if strings.HasPrefix(s, "'") && isFormula(s) {
		return s[1:]
	}
	return s
}

func isFormula(s string) bool {
	i := 0
	for i < len(s) && s[i] == '\'' {
		i++
	}
	for _, r := range s[i:] {
		return strings.ContainsRune(formulaStart, r)
	}
	return false
}
