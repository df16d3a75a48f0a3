package query

import (
	"net/netip"
	"slices"
	"time"

	"doorman/model"
)

// field is one field of a filter over T: what it is called and takes, and how it
// is read from a line and written to one.
type field[T any] struct {
	Field
	read  func(q *T, w Word, now time.Time) error
	write func(q *T) string // nil: lines are never written with it
}

// table declares the language of one kind of list. Parser, lines, flags,
// completion, help, counts, the conditions of simple fields and the reference come
// from it.
type table[T any] struct {
	says   string                         // what words without a field look for
	text   func(q *T, value string) error // takes those words
	texted func(q *T) string              // writes them; nil: lines are never written
	fields []field[T]
}

// declared lists the fields without their readers.
func (t table[T]) declared() []Field {
	out := make([]Field, len(t.fields))
	for i, f := range t.fields {
		out[i] = f.Field
	}
	return out
}

// grammar is the language with the clock that spans count from.
func (t table[T]) grammar(now func() time.Time) Grammar {
	return Grammar{Text: t.says, Fields: t.declared(), Check: func(line string) error {
		_, err := t.parse(line, now())
		return err
	}}
}

// parse reads a line. Spans count back from now.
func (t table[T]) parse(line string, now time.Time) (T, error) {
	var q T
	err := read(line, t.declared(), func(w Word) error {
		i := slices.IndexFunc(t.fields, func(f field[T]) bool { return f.Name == w.Field })
		if i < 0 {
			return t.text(&q, w.Value)
		}
		return t.fields[i].read(&q, w, now)
	})
	return q, err
}

// line writes the line that says the same.
func (t table[T]) line(q *T) string {
	var words []Word
	for _, f := range t.fields {
		if f.write != nil {
			words = append(words, Word{Field: f.Name, Value: f.write(q)})
		}
	}
	return Join(append(words, Word{Value: t.texted(q)})...)
}

// columns lists the conditions that fields with a column of their own come to.
func (t table[T]) columns(q *T) []Condition {
	var out []Condition
	for _, f := range t.fields {
		if f.Column == "" {
			continue
		}
		if v := f.write(q); v != "" {
			out = append(out, Condition{f.Column, v, f.Part})
		}
	}
	return out
}

// Condition is what a field with a column of its own selects.
type Condition struct {
	Column string
	Value  string
	Part   bool // any part of the column, in any case; else all of it
}

// word is a field that takes any text.
func word[T any](f Field, at func(*T) *string) field[T] {
	return field[T]{f, func(q *T, w Word, _ time.Time) error { *at(q) = w.Value; return nil }, func(q *T) string { return *at(q) }}
}

// some is a field that takes several of a few words and may exclude them.
func some[T any, V ~string](f Field, parse func(string) (V, error), all []V, at func(*T) *[]V) field[T] {
	if f.Values == nil {
		f.Values = texts(all)
	}
	f.Form, f.List, f.Not = listForm(f), true, true
	return field[T]{f, func(q *T, w Word, _ time.Time) (err error) { *at(q), err = each(w, parse, all); return err },
		func(q *T) string { return commas(*at(q)) }}
}

// network is a field that takes an address or a network.
func network[T any](f Field, at func(*T) *netip.Prefix) field[T] {
	return field[T]{f, func(q *T, w Word, _ time.Time) (err error) { *at(q), err = model.ParsePrefix(w.Value); return err },
		func(q *T) string { return PrefixText(*at(q)) }}
}

// period is the two fields that bound a time.
func period[T any](since, until string, from, to func(*T) *time.Time) []field[T] {
	end := func(name, use string, at func(*T) *time.Time) field[T] {
		return field[T]{Field{Name: name, Form: timeForm, Use: use, Values: []string{"1h", "24h", "7d", "30d"}},
			func(q *T, w Word, now time.Time) error { return readEnd(w, now, from(q), to(q)) }, func(q *T) string { return stamp(*at(q)) }}
	}
	return []field[T]{end("since", since, from), end("until", until, to)}
}
