package cli

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"doorman/model/transfer"
	"doorman/ui/term"
)

// printFields prints one record, a line a field.
func printFields[T any](a *app, columns []transfer.Column[T], v *T) error {
	rows := make([][]string, len(columns))
	for i, c := range columns {
		name := strings.ReplaceAll(c.Name, "_", " ")
		rows[i] = []string{name, ansi.Truncate(term.Show(c.Of(v).Cell()), maxLine, "…")}
	}
	return align(a.Stdout, make([]int, 2), rows)
}

// maxLine bounds a field that has a line to itself, in columns.
const maxLine = 1000

// printOne prints one record: as fields, or in the format requested, where
// json is one object.
func printOne[T any](a *app, o *output, s shape[T], v *T) error {
	switch o.name {
	case "table":
		return printFields(a, s.exact, v)
	case "csv":
		return printAll(a, o, s, []T{*v})
	}
	_, err := a.Stdout.Write(append(transfer.AppendJSON(nil, s.exact, v), '\n'))
	return err
}
