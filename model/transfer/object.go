package transfer

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// object scans one JSON object without nesting. It is several times faster
// than encoding/json, which goes by reflection; a fuzz test holds it to what
// encoding/json accepts.
type object struct {
	s string
	i int
}

// bad is an error at the place that the scan has come to.
func (o *object) bad(text string) error {
	return fault("", fmt.Sprintf("is not a JSON object: %s at column %d", text, o.i+1), "write one object a line: {\"email\":\"name@example.org\"}")
}

// scan calls field for every pair of the object.
func (o *object) scan(field func(name string, c cell) error) error {
	if o.skip(); !o.take('{') {
		if o.i < len(o.s) && o.s[o.i] == '[' {
			return fault("", "is a JSON array, not an object", "write one object a line: jq -c '.[]' does it")
		}
		return o.bad("no {")
	}
	if o.skip(); o.take('}') {
		return o.end()
	}
	for {
		o.skip()
		name, err := o.text()
		if err != nil {
			return err
		}
		if o.skip(); !o.take(':') {
			return o.bad("no : after a name")
		}
		o.skip()
		c, err := o.value(name)
		if err != nil {
			return err
		}
		if err := field(name, c); err != nil {
			return err
		}
		switch o.skip(); {
		case o.take(','):
		case o.take('}'):
			return o.end()
		default:
			return o.bad("no , or } after a value")
		}
	}
}

func (o *object) end() error {
	if o.skip(); o.i < len(o.s) {
		return o.bad("more text after the object")
	}
	return nil
}

func (o *object) skip() {
	for o.i < len(o.s) {
		switch o.s[o.i] {
		case ' ', '\t', '\r', '\n':
			o.i++
		default:
			return
		}
	}
}

func (o *object) take(c byte) bool {
	if o.i < len(o.s) && o.s[o.i] == c {
		o.i++
		return true
	}
	return false
}

func (o *object) value(name string) (cell, error) {
	if o.i >= len(o.s) {
		return cell{}, o.bad("no value")
	}
	switch o.s[o.i] {
	case '"':
		s, err := o.text()
		return cell{text: s, kind: quoted}, err
	case '{', '[':
		return cell{}, fault(name, "must be a single value, not an object or a list", "")
	}
	start := o.i
	for o.i < len(o.s) && !strings.ContainsRune(" \t\r\n,}", rune(o.s[o.i])) {
		o.i++
	}
	word := o.s[start:o.i]
	switch word {
	case "null":
		return cell{}, nil
	case "true", "false":
		return cell{text: word, kind: literal}, nil
	}
	if !json.Valid([]byte(word)) {
		o.i = start
		return cell{}, o.bad("no value")
	}
	return cell{text: word, kind: literal}, nil
}

// text scans a string. One without escapes is a part of the line, not a copy.
func (o *object) text() (string, error) {
	if !o.take('"') {
		return "", o.bad("no \" before a string")
	}
	start := o.i
	for o.i < len(o.s) {
		switch c := o.s[o.i]; {
		case c == '"':
			o.i++
			return o.s[start : o.i-1], nil
		case c == '\\':
			return o.escaped(start)
		case c < ' ':
			return "", o.bad("a control character in a string")
		}
		o.i++
	}
	return "", o.bad("no \" after a string")
}

// escaped goes on with a string at its first escape.
func (o *object) escaped(start int) (string, error) {
	b := append([]byte(nil), o.s[start:o.i]...)
	for o.i < len(o.s) {
		c := o.s[o.i]
		o.i++
		switch {
		case c == '"':
			return string(b), nil
		case c < ' ':
			o.i--
			return "", o.bad("a control character in a string")
		case c != '\\':
			b = append(b, c)
			continue
		}
		r, err := o.escape()
		if err != nil {
			return "", err
		}
		b = utf8.AppendRune(b, r)
	}
	return "", o.bad("no \" after a string")
}

// escape reads what follows a backslash. Half of a surrogate pair becomes
// U+FFFD, as encoding/json has it.
func (o *object) escape() (rune, error) {
	if o.i >= len(o.s) {
		return 0, o.bad("no \" after a string")
	}
	c := o.s[o.i]
	o.i++
	if c == 'u' {
		r, ok := o.hex()
		if !ok {
			return 0, o.bad("no four hex digits after \\u")
		}
		if utf16.IsSurrogate(r) {
			r = o.surrogate(r)
		}
		return r, nil
	}
	if at := strings.IndexByte(`"\/bfnrt`, c); at >= 0 {
		return rune("\"\\/\b\f\n\r\t"[at]), nil
	}
	o.i--
	return 0, o.bad("no such escape")
}

func (o *object) surrogate(first rune) rune {
	save := o.i
	if o.take('\\') && o.take('u') {
		if second, ok := o.hex(); ok {
			if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
				return r
			}
		}
	}
	o.i = save
	return utf8.RuneError
}

func (o *object) hex() (rune, bool) {
	if o.i+4 > len(o.s) {
		return 0, false
	}
	n, err := strconv.ParseUint(o.s[o.i:o.i+4], 16, 16)
	if err != nil {
		return 0, false
	}
	o.i += 4
	return rune(n), true
}
