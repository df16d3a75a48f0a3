package query

import (
	"slices"
	"strings"
	"unicode"
)

// Offer is what could stand at a place of a line.
type Offer struct {
	From, To int      // what a choice replaces, in bytes
	Choices  []string // as they are typed, quotes and all; the likeliest first
	Form     string   // what a value there looks like, in words; "" between values
	Field    string   // whose value it is; "" for a field or text
}

// maxChoices bounds an offer: more would not be read.
const maxChoices = 12

// Complete tells what could stand before the given place of a line. seen lists
// what the data at hand holds for a field, the commonest first; nil: nothing.
func (g Grammar) Complete(line string, place int, seen func(field string) []string) Offer {
	place = max(min(place, len(line)), 0)
	from := wordStart(line[:place])
	part := line[from:place]
	c := fieldEnd(part)
	if c < 0 {
		o := Offer{From: from, To: place}
		if strings.HasPrefix(part, `"`) {
			return o
		}
		sign := part[:len(part)-len(strings.TrimPrefix(part, "-"))]
		for _, f := range g.Fields {
			if name := sign + f.Name + ":"; strings.HasPrefix(name, strings.ToLower(part)) && (sign == "" || f.Not) {
				o.Choices = append(o.Choices, name)
			}
		}
		return o
	}
	f, ok := fieldNamed(g.Fields, strings.ToLower(strings.TrimPrefix(part[:c], "-")))
	if !ok {
		return Offer{From: place, To: place}
	}
	return f.values(line, from+c+1, place, seen)
}

// values offers what begins as the value that is being typed.
func (f Field) values(line string, from, place int, seen func(field string) []string) Offer {
	begun, all := line[from:place], f.Values
	var had []string
	if f.List {
		last := begun[strings.LastIndexByte(begun, ',')+1:]
		had = strings.Split(strings.ToLower(strings.TrimSuffix(begun, last)), ",")
		from, begun = place-len(last), last // in small letters it may be longer
	}
	if all == nil && seen != nil {
		all = seen(f.Name)
	}
	o := Offer{From: from, To: place, Form: f.Form, Field: f.Name}
	begun = strings.ToLower(strings.TrimPrefix(begun, `"`))
	// What begins so comes before what only holds it.
	for _, fits := range []func(string, string) bool{strings.HasPrefix, holds} {
		for _, v := range all {
			if len(o.Choices) < maxChoices && fits(strings.ToLower(v), begun) && usable(v) && !slices.Contains(had, v) {
				o.Choices = append(o.Choices, quote(Word{Field: f.Name, Value: v}))
			}
		}
		if f.Values != nil {
			break
		}
	}
	return o
}

func holds(v, begun string) bool { return strings.Contains(v, begun) && !strings.HasPrefix(v, begun) }

// usable reports whether a line can hold a value.
func usable(v string) bool {
	return v != "" && len(v) < MaxLine/4 && strings.ToValidUTF8(v, "") == v && !strings.ContainsFunc(v, unicode.IsControl)
}

// wordStart returns where the word begins that s ends in; len(s) between words.
func wordStart(s string) int {
	start, quoted := len(s), false
	for i, r := range s {
		switch {
		case quoted:
			quoted = r != '"' || s[i-1] == '\\'
		case unicode.IsSpace(r):
			start = len(s)
			continue
		case r == '"' && (start == len(s) || s[i-1] == ':'):
			quoted = true
		}
		if start == len(s) {
			start = i
		}
	}
	return start
}
