package transfer

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"doorman/model"
)

// cell is one field of a record as it stood in the file. The zero value is an
// absent one: a null, or an empty cell of a CSV file.
type cell struct {
	text string
	kind cellKind
}

type cellKind uint8

const (
	absent  cellKind = iota
	quoted           // a JSON string or a CSV cell
	literal          // a JSON number, true or false
)

// ignored marks the names of fields that our own exports have and an import
// does without.
const ignored = -1

// names maps the names of fields to their places in a record.
type names map[string]int

// fault is what is wrong with one field.
func fault(field, text, hint string) *model.Error {
	return &model.Error{Kind: model.Invalid, Field: field, Text: text, Hint: hint}
}

// plain returns the text of a field that has to be a string of valid UTF-8.
func (c cell) plain(field string) (string, error) {
	switch {
	case c.kind == literal:
		return "", fault(field, "must be a string, not "+model.Quote(c.text), "")
	case !utf8.ValidString(c.text):
		return "", fault(field, "is not valid UTF-8: "+model.Quote(c.text), "save the file as UTF-8")
	}
	return c.text, nil
}

// maxID bounds an id, in bytes. Doorman's own have 32; other applications may
// have longer ones.
const maxID = 64

// id reads the id of a record. A uuid loses its dashes and its capitals, as
// Doorman writes ids; any other id of letters, digits, - and _ stays unchanged.
// The text is a copy: anyone who keeps an id must not keep the whole line by it.
func (c cell) id(field string) (string, error) {
	s, err := c.plain(field)
	if s == "" || err != nil {
		return "", err
	}
	if strings.HasSuffix(s, "…") || strings.HasSuffix(s, "...") {
		return "", fault(field, model.Quote(s)+" is a masked id",
			"ids are credentials in the database it comes from: copy that database, or leave the field out, then new ids are made")
	}
	if isLowerHex(s) {
		return strings.Clone(s), nil
	}
	bad := len(s) > maxID
	for i := range len(s) {
		bad = bad || !isIDByte(s[i])
	}
	if bad {
		return "", fault(field, model.Quote(s)+" is not an id", "write it as 32 hex characters, or leave it out")
	}
	if clean := model.CleanRef(s); isLowerHex(clean) {
		return strings.Clone(clean), nil
	}
	return strings.Clone(s), nil
}

func isIDByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_'
}

// isLowerHex reports whether s is an id as Doorman writes it.
func isLowerHex(s string) bool {
	if len(s) != 32 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// email reads a mail address; an absent one is "".
func (c cell) email(field string) (string, error) {
	s, err := c.plain(field)
	if s == "" || err != nil {
		return "", err
	}
	s, err = model.ParseEmail(s)
	if err != nil {
		var text, hint = "is not a mail address", ""
		var e *model.Error
		if errors.As(err, &e) {
			text, hint = e.Text, e.Hint
		}
		return "", fault(field, model.Quote(c.text)+" "+text, hint)
	}
	return strings.Clone(s), nil // as with ids
}

// ip checks an address without changing how it is written.
func (c cell) ip(field string) (string, error) {
	s, err := c.plain(field)
	if s == "" || err != nil {
		return "", err
	}
	if a, err := netip.ParseAddr(s); err != nil || a.Zone() != "" {
		return "", fault(field, model.Quote(s)+" is not an IP address", "write it as 203.0.113.7 or 2001:db8::7")
	}
	return s, nil
}

// agent reads a user agent: evidence, so invalid bytes are replaced rather than
// refused.
func (c cell) agent(field string) (string, error) {
	if c.kind == literal {
		return c.plain(field)
	}
	return model.CleanText(c.text, model.MaxAgent), nil
}

// flag reads true or false, also as 1 or 0; an absent one is false.
func (c cell) flag(field string) (bool, error) {
	switch c.text {
	case "true", "1", "True", "TRUE":
		return true, nil
	case "false", "0", "", "False", "FALSE":
		return false, nil
	}
	return false, fault(field, model.Quote(c.text)+" is neither true nor false", "")
}

// years that a point in time can lie in: outside of them a date is a slip of
// the keyboard, and the store's text would no longer sort.
const (
	firstYear = 1970
	lastYear  = 2200
)

// time reads a point in time, rounded to the microsecond that the store keeps.
// One without a zone is in the given zone.
func (c cell) time(field string, zone *time.Location) (time.Time, error) {
	s, err := c.plain(field)
	if s == "" || err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil && len(s) > 10 && s[10] == ' ' {
		t, err = time.ParseInLocation(time.DateTime, s, zone) // takes a fraction too
	}
	switch {
	case err != nil:
		return time.Time{}, fault(field, model.Quote(s)+" is not a valid time", "write it as 2026-11-23T03:00:00Z or 2026-11-23 03:00:00")
	case t.Year() < firstYear || t.Year() > lastYear:
		return time.Time{}, fault(field, "the year "+strconv.Itoa(t.Year())+" cannot be right", "")
	}
	return t.UTC().Truncate(time.Microsecond), nil
}
