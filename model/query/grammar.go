package query

import (
	"slices"
	"strings"

	"doorman/model"
)

// Field is a field of a filter line.
type Field struct {
	Name   string
	Form   string   // what its value looks like, in words
	Values []string // what it can be, or usually is; nil: anything
	List   bool     // takes several values with commas
	Not    bool     // may exclude
	Use    string   // what the flag of the command line says, its placeholder in backquotes
	Titles []string // of the columns of which it narrows the list to a value
	Column string   // of the table that holds its text; "": what it selects is more than that
	Part   bool     // any part of that column, in any case
}

// Grammar is the language of one kind of list.
type Grammar struct {
	Fields []Field
	Text   string // what words without a field look for
	// Check reads a line and says what is wrong with it. Spans count back from
	// the moment of the call.
	Check func(line string) error
}

// FieldOf is the field that narrows a list to a value of the column with a title.
func (g Grammar) FieldOf(title string) (Field, bool) {
	for _, f := range g.Fields {
		if slices.Contains(f.Titles, title) {
			return f, true
		}
	}
	return Field{}, false
}

// Names lists the fields as they are typed.
func (g Grammar) Names() string { return strings.Join(names(g.Fields), " ") }

func names(fields []Field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.Name + ":"
	}
	return out
}

func fieldNamed(fields []Field, name string) (Field, bool) {
	for _, f := range fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// read hands every word of a line to take, text last and in one piece. It
// refuses fields that are not in the list, that stand twice, have no value or
// cannot exclude.
func read(line string, fields []Field, take func(Word) error) error {
	words, err := Split(line)
	if err != nil {
		return err
	}
	var text *Word
	seen := map[string]bool{}
	for _, w := range words {
		if w.Field == "" {
			text = gathered(text, w)
			continue
		}
		if err := at(w, admit(w, fields, seen)); err != nil {
			return err
		}
		seen[w.Field] = true
		if err := at(w, take(w)); err != nil {
			return err
		}
	}
	if text == nil {
		return nil
	}
	return at(*text, take(*text))
}

// gathered joins text that stands in several places.
func gathered(text *Word, w Word) *Word {
	if text == nil {
		return &w
	}
	return &Word{Value: text.Value + " " + w.Value, At: text.At, End: w.End}
}

func admit(w Word, fields []Field, seen map[string]bool) error {
	f, ok := fieldNamed(fields, w.Field)
	switch {
	case !ok:
		return &model.Error{Kind: model.Invalid, Text: "there is no field " + model.Quote(w.Field), Hint: unknownHint(w.Field, fields)}
	case seen[w.Field]:
		return &model.Error{Kind: model.Invalid, Field: w.Field, Text: "stands twice", Hint: f.Form}
	case w.Value == "":
		return &model.Error{Kind: model.Invalid, Field: w.Field, Text: "needs a value", Hint: f.Form}
	case w.Not && !f.Not:
		return &model.Error{Kind: model.Invalid, Field: w.Field, Text: "cannot exclude", Hint: "of the fields here only " + negatable(fields) + " can"}
	}
	return nil
}

func unknownHint(name string, fields []Field) string {
	if near := model.Nearest(name+":", names(fields)); near != "" {
		return "did you mean " + near + "? There are " + strings.Join(names(fields), " ")
	}
	return "use " + strings.Join(names(fields), " ") + ", or put it in quotes"
}

func negatable(fields []Field) string {
	var out []string
	for _, f := range fields {
		if f.Not {
			out = append(out, f.Name+":")
		}
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, " ")
}
