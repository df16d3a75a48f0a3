package page

import (
	"fmt"
	"testing"

	"doorman/model"
	"doorman/model/transfer"
)

// In the console a hint names keys and places; flags belong to the command line.
func TestHintsFitTheConsole(t *testing.T) {
	_, format := transfer.FormatOf("resets.txt")
	for name, c := range map[string]struct {
		err  error
		hint string
	}{
		"key":       {&model.Error{Text: "no", Hint: "add --wide", Key: "type the number"}, "type the number"},
		"flag":      {&model.Error{Text: "no", Hint: "name another with --db"}, ""},
		"flag only": {&model.Error{Text: "no", Hint: "--db names it"}, ""},
		"plain":     {&model.Error{Text: "no", Hint: "lift the hold first"}, "lift the hold first"},
		"wrapped":   {fmt.Errorf("export: %w", format), "end the name in .jsonl or .csv"},
	} {
		if _, hint := Problem(c.err); hint != c.hint {
			t.Errorf("%s: hint %q, want %q", name, hint, c.hint)
		}
	}
}
