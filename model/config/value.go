package config

import (
	"time"

	"doorman/model"
)

// Span is a duration as operators write it: "90m", "24h", "7d".
type Span struct{ time.Duration }

// UnmarshalText reads a span; it is never negative.
func (s *Span) UnmarshalText(b []byte) error {
	d, err := model.ParseSpan(string(b))
	if err != nil {
		return err
	}
	s.Duration = d
	return nil
}

// MarshalText writes the span as UnmarshalText reads it.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Grant is the role of an operator.
type Grant struct{ model.Role }

// UnmarshalText reads a role by its name.
func (g *Grant) UnmarshalText(b []byte) error {
	switch r := model.Role(b); r {
	case model.Viewer, model.Responder, model.Admin:
		g.Role = r
		return nil
	}
	return &model.Error{Kind: model.Invalid, Text: "there is no role " + model.Quote(string(b)), Hint: "use viewer, responder or admin"}
}

// MarshalText returns the name of the role.
func (g Grant) MarshalText() ([]byte, error) { return []byte(g.Role), nil }
