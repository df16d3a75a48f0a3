// Package query is the language of filter lines, as the console and deep links
// take them: words between blanks. "field:value" narrows by a field,
// "-field:value" excludes where the field allows it, any other word is text to
// look for. Double quotes keep blanks and colons in one word:
// agent:"Mozilla/5.0 (X11"; inside them \" is a quote and \\ a backslash.
package query

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"doorman/model"
)

// MaxLine bounds a filter line, in bytes.
const MaxLine = 1000

// Word is one word of a filter line.
type Word struct {
	Field   string // lower case; "" for text
	Value   string
	Not     bool // what it selects is excluded
	At, End int  // where it stands in the line, in bytes; not set for a word that was made
}

// Error is a filter line that cannot be read. It wraps a *model.Error for the
// person, and points at the word.
type Error struct {
	At, End int // of the word in the line, in bytes
	Err     error
}

// Error is what is wrong with the word.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the *model.Error.
func (e *Error) Unwrap() error { return e.Err }

func at(w Word, err error) error {
	if err == nil {
		return nil
	}
	var there *Error
	if errors.As(err, &there) {
		return err
	}
	return &Error{w.At, w.End, err}
}

// Split cuts a filter line into words.
func Split(line string) ([]Word, error) {
	if len(line) > MaxLine || !utf8.ValidString(line) || strings.ContainsFunc(line, unicode.IsControl) {
		return nil, &Error{0, len(line), &model.Error{Kind: model.Invalid, Field: "filter", Text: "is longer than 1000 bytes or no text",
			Hint: "write it as state:live agent:curl since:24h"}}
	}
	var out []Word
	for i := 0; ; {
		i += len(line[i:]) - len(strings.TrimLeftFunc(line[i:], unicode.IsSpace))
		if i == len(line) {
			return out, nil
		}
		w, err := scan(line, i)
		if err != nil {
			return nil, err
		}
		out, i = append(out, w), w.End
	}
}

// scan reads the word that begins at i.
func scan(line string, i int) (Word, error) {
	w := Word{At: i}
	if c := fieldEnd(line[i:]); c > 0 {
		w.Not = line[i] == '-'
		w.Field = strings.ToLower(strings.TrimPrefix(line[i:i+c], "-"))
		i += c + 1
	}
	if strings.HasPrefix(line[i:], `"`) {
		value, n, ok := unquote(line[i:])
		if !ok {
			return w, &Error{w.At, len(line), &model.Error{Kind: model.Invalid, Text: "a quote is not closed", Hint: `write it as agent:"two words"`}}
		}
		w.Value, w.End = value, i+n
		return w, nil
	}
	w.End = len(line)
	if n := strings.IndexFunc(line[i:], unicode.IsSpace); n >= 0 {
		w.End = i + n
	}
	w.Value = line[i:w.End]
	return w, nil
}

// fieldEnd returns where the colon behind a field stands, or -1 for none.
func fieldEnd(s string) int {
	i := strings.IndexByte(s, ':')
	if i > 0 && isName(strings.TrimPrefix(s[:i], "-")) {
		return i
	}
	return -1
}

func isName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < 'A' || r > 'z' || r > 'Z' && r < 'a' })
}

// unquote reads a quoted value and returns how many bytes it takes.
func unquote(s string) (value string, n int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), i + 1, true
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
		}
		b.WriteByte(s[i])
	}
	return "", len(s), false
}

// quote writes a value so that Split reads it back as one word's.
func quote(w Word) string {
	v := w.Value
	switch {
	case strings.ContainsFunc(v, unicode.IsSpace), strings.HasPrefix(v, `"`), w.Field == "" && (strings.Contains(v, ":") || v == ""):
	default:
		return v
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
}

// Join writes words as a filter line that Split reads back. Words without a
// value are left out.
func Join(words ...Word) string {
	var out []string
	for _, w := range words {
		if w.Value == "" {
			continue
		}
		v := quote(w)
		if w.Field != "" {
			v = w.Field + ":" + v
		}
		if w.Not {
			v = "-" + v
		}
		out = append(out, v)
	}
	return strings.Join(out, " ")
}

// With returns the line with one field replaced, or without it when value is "".
// A line that cannot be read starts over.
func With(line, field, value string) string {
	old, _ := Split(line)
	words := []Word{{Field: field, Value: value}}
	for _, w := range old {
		if w.Field != field {
			words = append(words, w)
		}
	}
	return Join(words...)
}

// ValueOf returns the value of a field in a line, "" when it is not there or
// excludes.
func ValueOf(line, field string) string {
	words, _ := Split(line)
	for _, w := range words {
		if w.Field == field && !w.Not {
			return w.Value
		}
	}
	return ""
}
