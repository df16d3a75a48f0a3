package page

import (
	"strings"
	"unicode"

	"doorman/model"
)

// The language of filter lines: words between blanks. "field:value" narrows by a
// field; any other word is text to look for. Double quotes keep blanks and colons
// in one word: agent:"Mozilla/5.0 (X11".

// word is one word of a filter line; field is "" for text.
type word struct{ field, value string }

// queryField is a field of a filter line, and what its value looks like.
type queryField struct{ name, form string }

// split cuts a filter line into words.
func split(line string) ([]word, error) {
	var out []word
	for rest := strings.TrimLeftFunc(line, unicode.IsSpace); rest != ""; rest = strings.TrimLeftFunc(rest, unicode.IsSpace) {
		var w word
		if i := strings.IndexByte(rest, ':'); i > 0 && isName(rest[:i]) {
			w.field, rest = strings.ToLower(rest[:i]), rest[i+1:]
		}
		if strings.HasPrefix(rest, `"`) {
			end := strings.IndexByte(rest[1:], '"')
			if end < 0 {
				return nil, &model.Error{Kind: model.Invalid, Text: "a quote is not closed", Hint: `write it as agent:"two words"`}
			}
			w.value, rest = rest[1:end+1], rest[end+2:]
		} else {
			end := strings.IndexFunc(rest, unicode.IsSpace)
			if end < 0 {
				end = len(rest)
			}
			w.value, rest = rest[:end], rest[end:]
		}
		out = append(out, w)
	}
	return out, nil
}

func isName(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < 'A' || r > 'z' || r > 'Z' && r < 'a' })
}

// join writes words as a filter line that split reads back. Fields without a
// value are left out.
func join(words []word) string {
	var out []string
	for _, w := range words {
		v := strings.ReplaceAll(w.value, `"`, "")
		if v == "" {
			continue
		}
		if strings.ContainsFunc(v, unicode.IsSpace) || w.field == "" && strings.Contains(v, ":") {
			v = `"` + v + `"`
		}
		if w.field != "" {
			v = w.field + ":" + v
		}
		out = append(out, v)
	}
	return strings.Join(out, " ")
}

// with returns the line with one field set anew, or without it when value is "".
// A line that cannot be read starts over.
func with(line, field, value string) string {
	old, _ := split(line)
	words := []word{{field, value}}
	for _, w := range old {
		if w.field != field {
			words = append(words, w)
		}
	}
	return join(words)
}

// valueOf returns the value of a field in a line, "" when it is not there.
func valueOf(line, field string) string {
	words, _ := split(line)
	for _, w := range words {
		if w.field == field {
			return w.value
		}
	}
	return ""
}

// read hands every word of a line to take, text last and in one piece. It
// refuses fields that are not in the list, that stand twice or have no value.
func read(line string, fields []queryField, take func(word) error) error {
	words, err := split(line)
	if err != nil {
		return err
	}
	var text []string
	seen := map[string]bool{}
	for _, w := range words {
		if w.field == "" {
			text = append(text, w.value)
			continue
		}
		switch f, ok := fieldNamed(fields, w.field); {
		case !ok:
			return &model.Error{Kind: model.Invalid, Text: "there is no field " + model.Quote(w.field), Hint: "use " + names(fields) + ", or put it in quotes"}
		case seen[w.field]:
			return &model.Error{Kind: model.Invalid, Field: w.field, Text: "stands twice", Hint: f.form}
		case w.value == "":
			return &model.Error{Kind: model.Invalid, Field: w.field, Text: "needs a value", Hint: f.form}
		}
		seen[w.field] = true
		if err := take(w); err != nil {
			return err
		}
	}
	if len(text) == 0 {
		return nil
	}
	return take(word{value: strings.Join(text, " ")})
}

func fieldNamed(fields []queryField, name string) (queryField, bool) {
	for _, f := range fields {
		if f.name == name {
			return f, true
		}
	}
	return queryField{}, false
}

func names(fields []queryField) string {
	var out []string
	for _, f := range fields {
		out = append(out, f.name+":")
	}
	return strings.Join(out, " ")
}

// advice tells what can be typed at the end of a line: the values of the field
// that is being typed, or the fields; text says what other words look for.
func advice(line string, fields []queryField, text string) string {
	last := line[strings.LastIndexFunc(line, unicode.IsSpace)+1:]
	if name, _, ok := strings.Cut(last, ":"); ok {
		if f, ok := fieldNamed(fields, strings.ToLower(name)); ok {
			return f.name + ": " + f.form
		}
	}
	return names(fields) + "  other words: " + text
}
