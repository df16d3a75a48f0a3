package transfer

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"doorman/model"
)

// timeLayout is RFC 3339 in UTC with as many digits, at most six, as it takes.
const timeLayout = "2006-01-02T15:04:05.999999Z07:00"

// Value is one field of a record, ready to be written. The zero value is null.
type Value struct {
	kind valueKind
	text string
	n    int64
	real float64
	time time.Time
	list model.Tally
	many []string
}

type valueKind uint8

const (
	nullValue valueKind = iota
	textValue
	numberValue
	boolValue
	timeValue
	tallyValue
	realValue
	listValue
)

// Text is a string as it is, hostile or not.
func Text(s string) Value { return Value{kind: textValue, text: s} }

// Number is a whole number.
func Number[N int | int64](n N) Value { return Value{kind: numberValue, n: int64(n)} }

// Real is a number with a fraction; it is written with three decimals at most.
// Infinite ones and what is no number are null.
func Real(f float64) Value {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return Value{}
	}
	return Value{kind: realValue, real: f}
}

// List is an array of strings, hostile or not; CSV and tables set them apart by
// spaces. A nil one is empty, not null.
func List(s []string) Value { return Value{kind: listValue, many: s} }

// Flag is true or false.
func Flag(b bool) Value {
	if b {
		return Value{kind: boolValue, n: 1}
	}
	return Value{kind: boolValue}
}

// Time is a point in time; the zero time is null.
func Time(t time.Time) Value {
	if t.IsZero() {
		return Value{}
	}
	return Value{kind: timeValue, time: t}
}

// Counts is an object of numbers by label, in the order of the tally.
func Counts(t model.Tally) Value { return Value{kind: tallyValue, list: t} }

// AppendJSON adds the value so that any JSON reader gets back exactly what
// was put in, and no terminal that it is printed on can be harmed.
func (v Value) AppendJSON(b []byte) []byte {
	switch v.kind {
	case textValue:
		return appendString(b, v.text)
	case numberValue:
		return strconv.AppendInt(b, v.n, 10)
	case boolValue:
		return strconv.AppendBool(b, v.n == 1)
	case timeValue:
		b = append(b, '"')
		b = v.time.UTC().AppendFormat(b, timeLayout)
		return append(b, '"')
	case tallyValue:
		b = append(b, '{')
		for i, l := range v.list {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, l.Label)
			b = append(b, ':')
			b = strconv.AppendInt(b, int64(l.N), 10)
		}
		return append(b, '}')
	case realValue:
		return append(b, v.decimal()...)
	case listValue:
		b = append(b, '[')
		for i, s := range v.many {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, s)
		}
		return append(b, ']')
	}
	return append(b, "null"...)
}

// String returns the value as a cell of a table or a CSV file; null is empty.
func (v Value) String() string {
	switch v.kind {
	case textValue:
		return v.text
	case numberValue:
		return strconv.FormatInt(v.n, 10)
	case boolValue:
		return strconv.FormatBool(v.n == 1)
	case timeValue:
		return v.time.UTC().Format(timeLayout)
	case tallyValue:
		return v.list.String()
	case realValue:
		return v.decimal()
	case listValue:
		return strings.Join(v.many, " ")
	}
	return ""
}

func (v Value) decimal() string {
	return strconv.FormatFloat(math.Round(v.real*1000)/1000, 'f', -1, 64)
}

// Cell returns the value as people read it in a plain table: times to the
// second in UTC, yes and no, and "-" for nothing. Text is as it is: hostile.
func (v Value) Cell() string {
	switch {
	case v.kind == timeValue:
		return v.time.UTC().Format(time.DateTime)
	case v.kind == boolValue && v.n == 1:
		return "yes"
	case v.kind == boolValue:
		return "no"
	}
	if s := v.String(); s != "" {
		return s
	}
	return "-"
}

const hexDigits = "0123456789abcdef"

// appendString writes a JSON string. Beyond what JSON requests, it escapes
// every character that a terminal may act on or hide. Invalid UTF-8 becomes
// U+FFFD.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start, marks := 0, 0
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			marks = 0
			if c >= ' ' && c != '"' && c != '\\' && c != 0x7f {
				i++
				continue
			}
			b = append(b, s[start:i]...)
			b = appendEscape(b, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if marks++; !unicode.Is(unicode.M, r) {
			marks = 0
		}
		if bad := r == utf8.RuneError && size == 1; bad || marks > maxMarks || isUnsafe(r) {
			b = append(b, s[start:i]...)
			b = appendUnicode(b, r)
			start = i + size
		}
		i += size
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// maxMarks is how many combining marks may stand on one character as they are.
const maxMarks = 2

// isUnsafe reports whether a character beyond ASCII is a control, invisible or
// changes the direction of writing.
func isUnsafe(r rune) bool {
	return r <= 0x9f || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Variation_Selector) || r == 0x034f ||
		r == 0x115f || r == 0x1160 || r == 0x3164 || r == 0xffa0 || r == 0x2800
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	return appendUnicode(b, rune(c))
}

func appendUnicode(b []byte, r rune) []byte {
	if r > 0xffff {
		r -= 0x10000
		return appendUnicode(appendUnicode(b, 0xd800+r>>10), 0xdc00+r&0x3ff)
	}
	return append(b, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}
