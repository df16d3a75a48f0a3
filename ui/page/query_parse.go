package page

import (
	"strings"
	"time"

	"doorman/model"
)

// resetQuery is what a filter line over resets says. The account is as it was
// typed: an id, the start of one, or an address.
type resetQuery struct {
	model.ResetFilter
	account string
}

const (
	sinceForm = "24h, 7d, 2026-11-23 or 2026-11-23T03:00:00Z"
	resetText = "part of the address"
)

func resetFields() []queryField {
	return []queryField{
		{"state", "live, used, revoked, superseded, expired; several with commas"},
		{"ip", "203.0.113.7, 203.0.113.0/24 or 2001:db8::/48"},
		{"agent", `any part of the agent; in quotes when there are blanks`},
		{"since", sinceForm}, {"until", sinceForm},
		{"account", "id, start of an id (4 or more), or address"},
		{"batch", "id of a batch"},
	}
}

// parseResets reads a filter line over resets. Spans count back from now. A word
// that is an address or a network is one.
func parseResets(line string, now time.Time) (resetQuery, error) {
	var q resetQuery
	err := read(line, resetFields(), func(w word) (err error) {
		switch w.field {
		case "state":
			q.States, err = each(w.value, model.ParseState)
		case "ip":
			q.IP, err = model.ParsePrefix(w.value)
		case "agent":
			q.Agent = w.value
		case "since":
			q.Since, err = when(w, now)
		case "until":
			q.Until, err = when(w, now)
		case "account":
			q.account = w.value
		case "batch":
			q.BatchID = w.value
		default:
			return q.text(w.value)
		}
		return err
	})
	if err == nil {
		err = inOrder(q.Since, q.Until)
	}
	return q, err
}

func (q *resetQuery) text(s string) error {
	if p, err := model.ParsePrefix(s); err == nil && strings.ContainsAny(s, ".:") && !q.IP.IsValid() {
		q.IP = p
		return nil
	}
	if strings.Contains(s, " ") {
		return &model.Error{Kind: model.Invalid, Text: model.Quote(s) + " is not one part of an address", Hint: "no address has a blank in it"}
	}
	q.Query = s
	return nil
}

// resetLine writes a filter as the line that says the same.
func resetLine(f model.ResetFilter) string {
	ip := ""
	if f.IP.IsValid() {
		ip = prefixText(f.IP)
	}
	return join([]word{{"state", commas(f.States)}, {"ip", ip}, {"agent", f.Agent}, {"since", stampText(f.Since)}, {"until", stampText(f.Until)},
		{"account", f.AccountID}, {"batch", f.BatchID}, {"", f.Query}})
}

const letterText = "part of the recipient"

func letterFields() []queryField {
	return []queryField{{"state", "queued, sending, sent, failed, dead, cancelled; several with commas"}}
}

// parseLetters reads a filter line over letters.
func parseLetters(line string) (model.LetterFilter, error) {
	var f model.LetterFilter
	err := read(line, letterFields(), func(w word) (err error) {
		if w.field == "state" {
			f.States, err = each(w.value, model.ParseLetterState)
			return err
		}
		f.Query = w.value
		return nil
	})
	return f, err
}

// letterLine writes a filter as the line that says the same.
func letterLine(f model.LetterFilter) string {
	return join([]word{{"state", commas(f.States)}, {"", f.Query}})
}

const auditText = "part of subject, reason or operator"

func auditFields() []queryField {
	return []queryField{
		{"verb", "issue, revoke, hold, release, undo, retry-letter, cancel-letter, import, export, …"},
		{"operator", "the whole name"}, {"since", sinceForm}, {"until", sinceForm}, {"batch", "id of a batch"},
	}
}

// parseAudit reads a filter line over the log.
func parseAudit(line string, now time.Time) (model.AuditFilter, error) {
	var f model.AuditFilter
	err := read(line, auditFields(), func(w word) (err error) {
		switch w.field {
		case "verb":
			f.Verb = strings.ToLower(w.value)
		case "operator":
			f.Operator = w.value
		case "since":
			f.Since, err = when(w, now)
		case "until":
			f.Until, err = when(w, now)
		case "batch":
			f.BatchID = w.value
		default:
			f.Query = w.value
		}
		return err
	})
	if err == nil {
		err = inOrder(f.Since, f.Until)
	}
	return f, err
}

// auditLine writes a filter as the line that says the same.
func auditLine(f model.AuditFilter) string {
	return join([]word{{"verb", f.Verb}, {"operator", f.Operator}, {"since", stampText(f.Since)}, {"until", stampText(f.Until)}, {"batch", f.BatchID}, {"", f.Query}})
}

// commas writes what each reads.
func commas[T ~string](values []T) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return strings.Join(out, ",")
}

// each reads values between commas.
func each[T any](list string, parse func(string) (T, error)) ([]T, error) {
	var out []T
	for _, s := range strings.Split(strings.ToLower(list), ",") {
		if s == "" {
			continue
		}
		v, err := parse(s)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func when(w word, now time.Time) (time.Time, error) {
	t, err := model.ParseWhen(w.value, now)
	if err != nil {
		return t, &model.Error{Kind: model.Invalid, Field: w.field, Text: model.Quote(w.value) + " is no time", Hint: sinceForm, Err: err}
	}
	return t, nil
}

func inOrder(since, until time.Time) error {
	if !since.IsZero() && !until.IsZero() && !since.Before(until) {
		return &model.Error{Kind: model.Invalid, Field: "until", Text: "is not after since", Hint: "since is the earlier one"}
	}
	return nil
}

// stampText writes a moment as ParseWhen reads it, "" for none.
func stampText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
