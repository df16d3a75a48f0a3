package transfer

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"doorman/model"
)

// schema says which fields a record may have and how to make a T of them.
type schema[T any] struct {
	fields []string // by place, as errors name them
	known  names
	make   func(line int, cells []cell, zone *time.Location) (T, error)
	line   func(line int) T // a T of which nothing but the line is known
}

// alias adds other names for fields.
func (s *schema[T]) alias(place int, others ...string) {
	for _, name := range others {
		s.known[name] = place
	}
}

func newSchema[T any](fields ...string) schema[T] {
	s := schema[T]{fields: fields, known: names{}}
	for i, f := range fields {
		s.known[f] = i
	}
	return s
}

// place finds a field by its name.
func (s *schema[T]) place(name string) (int, error) {
	i, ok := s.known[name]
	if !ok {
		return 0, fault("", "there is no field "+model.Quote(name), "the fields are "+list(s.fields))
	}
	return i, nil
}

func list(words []string) string {
	text := ""
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			text += " and "
		default:
			text += ", "
		}
		text += w
	}
	return text
}

// inLine gives an error the line it was found in.
func inLine(line int, err error) error {
	var e *model.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("line %d: %w", line, err)
	}
	at := *e
	at.Text += " (line " + strconv.Itoa(line) + ")"
	return &at
}

// The places of the fields of an account.
const (
	accountID = iota
	accountEmail
	accountCreated
	accountConfirmed
)

func accountSchema() schema[model.AccountInput] {
	s := newSchema[model.AccountInput]("id", "email", "created", "email_confirmed")
	s.alias(ignored, "held", "held_by", "resets", "live", "last_reset")
	s.line = func(line int) model.AccountInput { return model.AccountInput{Line: line} }
	s.make = makeAccount
	return s
}

func makeAccount(line int, cells []cell, zone *time.Location) (a model.AccountInput, err error) {
	a.Line = line
	if a.ID, err = cells[accountID].id("id"); err != nil {
		return a, err
	}
	if a.Email, err = cells[accountEmail].email("email"); err != nil {
		return a, err
	}
	if a.Email == "" {
		return a, fault("email", "is missing", "every account has an address")
	}
	if a.Created, err = cells[accountCreated].time("created", zone); err != nil {
		return a, err
	}
	a.EmailConfirmed, err = cells[accountConfirmed].flag("email_confirmed")
	return a, err
}

// The places of the fields of a reset.
const (
	resetID = iota
	resetCreated
	resetAccount
	resetEmail
	resetIP
	resetAgent
	resetUsed
	resetUsedIP
	resetExpires
	resetRevoked
	resetState
)

func resetSchema() schema[model.ResetInput] {
	s := newSchema[model.ResetInput]("id", "created", "account", "email", "ip", "user_agent", "used", "used_ip", "expires", "revoked", "state")
	s.alias(resetIP, "requested_ip")
	s.alias(resetAgent, "requested_agent")
	s.alias(ignored, "issued_by", "delivery", "letter")
	s.line = func(line int) model.ResetInput { return model.ResetInput{Line: line} }
	s.make = makeReset
	return s
}

func makeReset(line int, cells []cell, zone *time.Location) (r model.ResetInput, err error) {
	r.Line = line
	if r.ID, err = cells[resetID].id("id"); err != nil {
		return r, err
	}
	if r.AccountID, err = cells[resetAccount].id("account"); err != nil {
		return r, err
	}
	if r.Email, err = cells[resetEmail].email("email"); err != nil {
		return r, err
	}
	if r.IP, err = cells[resetIP].ip("ip"); err != nil {
		return r, err
	}
	if r.Agent, err = cells[resetAgent].agent("user_agent"); err != nil {
		return r, err
	}
	if r.UsedIP, err = cells[resetUsedIP].ip("used_ip"); err != nil {
		return r, err
	}
	return r, finishReset(&r, cells, zone)
}

// finishReset reads the times, and checks what the record says as a whole.
func finishReset(r *model.ResetInput, cells []cell, zone *time.Location) (err error) {
	if r.Created, err = cells[resetCreated].time("created", zone); err != nil {
		return err
	}
	if r.Used, err = cells[resetUsed].time("used", zone); err != nil {
		return err
	}
	if r.Expires, err = cells[resetExpires].time("expires", zone); err != nil {
		return err
	}
	if r.Revoked, err = cells[resetRevoked].time("revoked", zone); err != nil {
		return err
	}
	switch {
	case r.Created.IsZero():
		return fault("created", "is missing", "every reset has a time of request")
	case r.AccountID == "" && r.Email == "":
		return fault("account", "is missing", "name the account by its id, or give its email")
	case cells[resetState].kind == absent:
		return nil
	}
	state, err := model.ParseState(cells[resetState].text)
	if err != nil {
		return err
	}
	// An export tells that a reset was superseded but not when; without a date
	// its link would come back to life.
	spent := state == model.Used || state == model.Revoked || state == model.Superseded
	if spent && r.Used.IsZero() && r.Revoked.IsZero() {
		r.Revoked = r.Created
	}
	return nil
}
