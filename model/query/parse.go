package query

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"doorman/model"
)

// Resets is what a filter line over resets says. Account is as it was typed: an
// id, the start of one, or an address.
type Resets struct {
	model.ResetFilter
	Account string
}

// IsAll reports whether the line selects every reset.
func (q Resets) IsAll() bool { return q.Account == "" && q.ResetFilter.IsAll() }

const (
	timeForm  = "24h, 7d, 2026-11-23 or 2026-11-23T03:00:00Z"
	ipForm    = "203.0.113.7, 203.0.113.0/24 or 2001:db8::/48"
	stateForm = "; several with commas, -state: excludes"
	batchForm = "id of a batch"
)

func since() Field {
	return Field{Name: "since", Form: timeForm, Values: []string{"1h", "24h", "7d", "30d"}}
}

func until() Field {
	return Field{Name: "until", Form: timeForm, Values: []string{"1h", "24h", "7d", "30d"}}
}

// states is the field of what rows can be.
func states[T ~string](all []T) Field {
	return Field{Name: "state", Values: texts(all), Form: strings.Join(texts(all), ", ") + stateForm, List: true, Not: true}
}

// ForResets is the language of resets; now is the clock that spans count from.
func ForResets(now func() time.Time) Grammar {
	return Grammar{Text: "part of the address", Check: checker(ParseResets, now), Fields: []Field{
		states([]model.State{model.Live, model.Used, model.Revoked, model.Superseded, model.Expired}),
		{Name: "ip", Form: ipForm}, {Name: "agent", Form: "any part of the agent; in quotes when there are blanks"}, since(), until(),
		{Name: "account", Form: "id, start of an id (4 or more), or address"}, {Name: "batch", Form: batchForm},
		{Name: "by", Form: "the full name of the operator that issued it"},
	}}
}

func checker[T any](parse func(string, time.Time) (T, error), now func() time.Time) func(string) error {
	return func(line string) error {
		_, err := parse(line, now())
		return err
	}
}

// ParseResets reads a filter line over resets. Spans count back from now. A word
// that is an address or a network is one.
func ParseResets(line string, now time.Time) (Resets, error) {
	var q Resets
	err := read(line, ForResets(nil).Fields, func(w Word) (err error) {
		switch w.Field {
		case "state":
			q.States, err = each(w, model.ParseState, model.States())
		case "ip":
			q.IP, err = model.ParsePrefix(w.Value)
		case "agent":
			q.Agent = w.Value
		case "since", "until":
			err = period(w, now, &q.Since, &q.Until)
		case "account":
			q.Account = w.Value
		case "batch":
			q.BatchID = w.Value
		case "by":
			q.IssuedBy = w.Value
		default:
			return q.text(w.Value)
		}
		return err
	})
	return q, err
}

func (q *Resets) text(s string) error {
	if p, err := model.ParsePrefix(s); err == nil && strings.ContainsAny(s, ".:") && !q.IP.IsValid() {
		q.IP = p
		return nil
	}
	if err := onePart(s); err != nil {
		return err
	}
	q.Query = s
	return nil
}

// onePart refuses what can be no part of an address.
func onePart(s string) error {
	if strings.Contains(s, " ") {
		return &model.Error{Kind: model.Invalid, Text: model.Quote(s) + " is not one part of an address", Hint: "no address has a blank in it"}
	}
	return nil
}

// ResetLine writes a filter as the line that says the same.
func ResetLine(f model.ResetFilter) string {
	return Join(word("state", commas(f.States)), word("ip", PrefixText(f.IP)), word("agent", f.Agent), word("since", stamp(f.Since)), word("until", stamp(f.Until)),
		word("account", f.AccountID), word("batch", f.BatchID), word("by", f.IssuedBy), word("", f.Query))
}

// ForAccounts is the language of accounts.
func ForAccounts() Grammar {
	check := func(line string) error { _, err := ParseAccounts(line); return err }
	return Grammar{Text: "any part of an address", Check: check, Fields: []Field{
		{Name: "state", Form: "held", Values: []string{"held"}},
	}}
}

// ParseAccounts reads a filter line over accounts.
func ParseAccounts(line string) (model.AccountFilter, error) {
	var f model.AccountFilter
	err := read(line, ForAccounts().Fields, func(w Word) error {
		switch {
		case w.Field == "" && onePart(w.Value) != nil:
			return onePart(w.Value)
		case w.Field == "":
			f.Query = w.Value
		case strings.ToLower(w.Value) == "held":
			f.Held = true
		default:
			return &model.Error{Kind: model.Invalid, Field: "state", Text: "accounts cannot be looked for by " + model.Quote(w.Value), Hint: "use held"}
		}
		return nil
	})
	return f, err
}

// AccountLine writes a filter as the line that says the same.
func AccountLine(f model.AccountFilter) string {
	state := ""
	if f.Held {
		state = "held"
	}
	return Join(word("state", state), word("", f.Query))
}

// ForLetters is the language of letters.
func ForLetters() Grammar {
	check := func(line string) error { _, err := ParseLetters(line); return err }
	return Grammar{Text: "part of the recipient", Check: check, Fields: []Field{states(model.LetterStates())}}
}

// ParseLetters reads a filter line over letters.
func ParseLetters(line string) (model.LetterFilter, error) {
	var f model.LetterFilter
	err := read(line, ForLetters().Fields, func(w Word) (err error) {
		if w.Field == "state" {
			f.States, err = each(w, model.ParseLetterState, model.LetterStates())
			return err
		}
		f.Query = w.Value
		return nil
	})
	return f, err
}

// LetterLine writes a filter as the line that says the same.
func LetterLine(f model.LetterFilter) string {
	return Join(word("state", commas(f.States)), word("", f.Query))
}

// ForAudit is the language of the operators' log; now is the clock that spans
// count from.
func ForAudit(now func() time.Time) Grammar {
	return Grammar{Text: "part of subject, reason or operator", Check: checker(ParseAudit, now), Fields: []Field{
		{Name: "verb", Form: "what was done: issue, revoke, contain, …", Values: texts(model.Verbs())},
		{Name: "by", Form: "the full name of the operator"}, since(), until(), {Name: "batch", Form: batchForm},
	}}
}

// ParseAudit reads a filter line over the log.
func ParseAudit(line string, now time.Time) (model.AuditFilter, error) {
	var f model.AuditFilter
	err := read(line, ForAudit(nil).Fields, func(w Word) (err error) {
		switch w.Field {
		case "verb":
			f.Verb, err = verb(w.Value)
		case "by":
			f.Operator = w.Value
		case "since", "until":
			err = period(w, now, &f.Since, &f.Until)
		case "batch":
			f.BatchID = w.Value
		default:
			f.Query = w.Value
		}
		return err
	})
	return f, err
}

func verb(s string) (string, error) {
	s = strings.ToLower(s)
	if slices.Contains(model.Verbs(), model.Verb(s)) {
		return s, nil
	}
	hint := "tab lists them"
	if near := model.Nearest(s, texts(model.Verbs())); near != "" {
		hint = "did you mean " + near + "?"
	}
	return "", &model.Error{Kind: model.Invalid, Field: "verb", Text: "nothing is called " + model.Quote(s), Hint: hint}
}

// AuditLine writes a filter as the line that says the same.
func AuditLine(f model.AuditFilter) string {
	return Join(word("verb", f.Verb), word("by", f.Operator), word("since", stamp(f.Since)), word("until", stamp(f.Until)),
		word("batch", f.BatchID), word("", f.Query))
}

func word(field, value string) Word { return Word{Field: field, Value: value} }

// PrefixText writes a network as people do: a single address without its
// length; "" for none.
func PrefixText(p netip.Prefix) string {
	switch {
	case !p.IsValid():
		return ""
	case p.IsSingleIP():
		return p.Addr().String()
	}
	return p.String()
}

func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// commas writes what each reads.
func commas[T ~string](values []T) string { return strings.Join(texts(values), ",") }

// each reads values between commas, or all others where the word excludes.
func each[T comparable](w Word, parse func(string) (T, error), all []T) ([]T, error) {
	var out []T
	for s := range strings.SplitSeq(strings.ToLower(w.Value), ",") {
		if s == "" {
			continue
		}
		v, err := parse(s)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	if len(out) == 0 {
		return nil, &model.Error{Kind: model.Invalid, Field: w.Field, Text: "needs a value", Hint: "set several apart with commas"}
	}
	if !w.Not {
		return out, nil
	}
	rest := slices.DeleteFunc(slices.Clone(all), func(v T) bool { return slices.Contains(out, v) })
	if len(rest) == 0 {
		return nil, &model.Error{Kind: model.Invalid, Field: w.Field, Text: "excludes everything", Hint: "leave one of them out"}
	}
	return rest, nil
}

// period reads the end of a span of time that a word names.
func period(w Word, now time.Time, from, to *time.Time) error {
	t, err := model.ParseWhen(w.Value, now)
	if err != nil {
		return &model.Error{Kind: model.Invalid, Field: w.Field, Text: model.Quote(w.Value) + " is not a valid time", Hint: timeForm, Err: err}
	}
	if w.Field == "since" {
		*from = t
	} else {
		*to = t
	}
	if !from.IsZero() && !to.IsZero() && !from.Before(*to) {
		return &model.Error{Kind: model.Invalid, Field: "until", Text: "is not after since", Hint: "since is the earlier one"}
	}
	return nil
}

// stamp writes a moment as ParseWhen reads it, "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
