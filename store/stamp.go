package store

import (
	"strings"
	"time"
)

// stampLayout is how SQLAlchemy writes a DATETIME on SQLite: it reads nothing
// else back, and it sorts as text.
const stampLayout = "2006-01-02 15:04:05.000000"

var errNoStamp = &time.ParseError{Message: "not a time that Doorman knows"}

// stamp returns t as text in the file's zone; the zero time as "".
func (s *Store) stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(s.zone).Format(stampLayout)
}

// stampOrNil is stamp for a nullable column.
func (s *Store) stampOrNil(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := s.stamp(t)
	return &text
}

// time reads a column. Text that is no time reads as the zero time: a foreign
// row must not keep the list from being shown.
func (s *Store) time(text *string) time.Time {
	if text == nil || *text == "" {
		return time.Time{}
	}
	t, err := parseStamp(*text, s.zone)
	if err != nil {
		return time.Time{}
	}
	return t
}

// parseStamp reads what SQLAlchemy, SQLite's own functions and RFC 3339 write.
func parseStamp(text string, zone *time.Location) (time.Time, error) {
	text = strings.TrimSpace(text)
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t.UTC(), nil
		}
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, errNoStamp
}
