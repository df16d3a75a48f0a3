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
// Cluster and Flagged too say what has to be looked up: see detect.Among.
type Resets struct {
	model.ResetFilter
	Account string
	Cluster string
	Flagged []Flagged // none: flagged or not
}

// IsAll reports whether the line selects every reset.
func (q Resets) IsAll() bool {
	return q.Account == "" && q.Cluster == "" && len(q.Flagged) == 0 && q.ResetFilter.IsAll()
}

// Accounts is what a filter line over accounts says; Cluster and Flagged as in
// Resets.
type Accounts struct {
	model.AccountFilter
	Cluster string
	Flagged []Flagged
}

const (
	timeForm  = "24h, 7d, 2026-11-23 or 2026-11-23T03:00:00Z"
	ipForm    = "203.0.113.7, 203.0.113.0/24 or 2001:db8::/48"
	batchForm = "id of a batch"
	agentForm = "any part of the agent; in quotes when there are blanks"
)

// listForm says what a field takes that takes several words.
func listForm(f Field) string {
	form := strings.Join(f.Values, ", ") + "; several with commas, -" + f.Name + ": excludes"
	if f.Form != "" {
		form = f.Form + "; " + form
	}
	return form
}

// resetTable declares the filter of resets.
func resetTable() table[Resets] {
	fields := []field[Resets]{
		some(Field{Name: "state", Titles: []string{"state"}, Use: "in any of the `STATES`"}, model.ParseState,
			[]model.State{model.Live, model.Used, model.Revoked, model.Superseded, model.Expired}, func(q *Resets) *[]model.State { return &q.States }),
		network(Field{Name: "ip", Titles: []string{"requested from"}, Form: ipForm, Use: "requested from the address or network `CIDR`"},
			func(q *Resets) *netip.Prefix { return &q.IP }),
		word(Field{Name: "agent", Titles: []string{"agent"}, Form: agentForm, Use: "requested with a user agent that holds `TEXT`, in any case", Column: "requested_agent", Part: true},
			func(q *Resets) *string { return &q.Agent }),
	}
	fields = append(fields, period("requested at or after `TIME`", "requested before `TIME`",
		func(q *Resets) *time.Time { return &q.Since }, func(q *Resets) *time.Time { return &q.Until })...)
	return table[Resets]{"part of the address", (*Resets).text, func(q *Resets) string { return q.Query }, append(fields,
		word(Field{Name: "account", Titles: []string{"account"}, Form: "id, start of an id (4 or more), or address", Use: "of the account `REF`: address, id or beginning of the id"},
			func(q *Resets) *string { return &q.Account }),
		word(Field{Name: "cluster", Form: "network, agent or account of a cluster, or its key", Use: "of the cluster `KEY`, claimed by it or not"},
			func(q *Resets) *string { return &q.Cluster }),
		flagged(func(q *Resets) *[]Flagged { return &q.Flagged }),
		word(Field{Name: "batch", Titles: []string{"batch"}, Form: batchForm, Use: "changed by the batch `ID`"}, func(q *Resets) *string { return &q.BatchID }),
		word(Field{Name: "by", Titles: []string{"issued by"}, Form: "the full name of the operator that issued it", Use: "issued by the operator `NAME`", Column: "issued_by"},
			func(q *Resets) *string { return &q.IssuedBy }),
	)}
}

// Flagged is a word of the field flagged: a severity, or NotFlagged.
type Flagged string

// NotFlagged selects what belongs to no cluster.
const NotFlagged Flagged = "no"

// flagged is the field for what belongs to clusters.
func flagged[T any](at func(*T) *[]Flagged) field[T] {
	all := []Flagged{"critical", "high", "watch", "past", NotFlagged}
	f := some(Field{Name: "flagged", Values: append([]string{"yes"}, texts(all)...), Use: "of clusters: yes, no, or any of the `SEVERITIES`"}, func(s string) (Flagged, error) {
		if slices.Contains(all, Flagged(s)) {
			return Flagged(s), nil
		}
		return "", &model.Error{Kind: model.Invalid, Field: "flagged", Text: model.Quote(s) + " is not a severity", Hint: "use yes, no, critical, high, watch or past"}
	}, all, at)
	one := f.read
	f.read = func(q *T, w Word, now time.Time) error {
		if strings.EqualFold(w.Value, "yes") { // any severity: what is not no
			w.Value, w.Not = string(NotFlagged), !w.Not
		}
		return one(q, w, now)
	}
	return f
}

// ForResets is the language of resets; now is the clock that spans count from.
func ForResets(now func() time.Time) Grammar { return resetTable().grammar(now) }

// ParseResets reads a filter line over resets. Spans count back from now. A word
// that is an address or a network is one.
func ParseResets(line string, now time.Time) (Resets, error) { return resetTable().parse(line, now) }

// ResetConditions are the conditions of the fields that have a column of their
// own in the table of resets.
func ResetConditions(f model.ResetFilter) []Condition {
	return resetTable().columns(&Resets{ResetFilter: f})
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
	return resetTable().line(&Resets{ResetFilter: f, Account: f.AccountID})
}

// Line writes the line that says the same.
func (q Resets) Line() string { return resetTable().line(&q) }

// Line writes the line that says the same.
func (q Accounts) Line() string { return accountTable().line(&q) }

// accountTable declares the filter of accounts.
func accountTable() table[Accounts] {
	return table[Accounts]{"any part of an address", func(q *Accounts, s string) error { q.Query = s; return onePart(s) }, func(q *Accounts) string { return q.Query },
		[]field[Accounts]{
			{Field{Name: "state", Form: "held", Values: []string{"held"}, Titles: []string{"state"}, Use: "only accounts in the `STATE` held"},
				func(q *Accounts, w Word, _ time.Time) error {
					if q.Held = strings.EqualFold(w.Value, "held"); !q.Held {
						return &model.Error{Kind: model.Invalid, Field: "state", Text: "accounts cannot be looked for by " + model.Quote(w.Value), Hint: "use held"}
					}
					return nil
				}, func(q *Accounts) string { return map[bool]string{true: "held"}[q.Held] }},
			word(Field{Name: "cluster", Form: "network, agent or account of a cluster, or its key", Use: "with resets of the cluster `KEY`"}, func(q *Accounts) *string { return &q.Cluster }),
			flagged(func(q *Accounts) *[]Flagged { return &q.Flagged }),
		}}
}

// ForAccounts is the language of accounts.
func ForAccounts() Grammar { return accountTable().grammar(func() time.Time { return time.Time{} }) }

// ParseAccounts reads a filter line over accounts.
func ParseAccounts(line string) (Accounts, error) { return accountTable().parse(line, time.Time{}) }

// AccountLine writes a filter as the line that says the same.
func AccountLine(f model.AccountFilter) string {
	return accountTable().line(&Accounts{AccountFilter: f})
}

// letterTable declares the filter of emails.
func letterTable() table[model.LetterFilter] {
	type row = model.LetterFilter
	return table[row]{"part of the recipient", func(q *row, s string) error { q.Query = s; return nil }, func(q *row) string { return q.Query },
		[]field[row]{some(Field{Name: "state", Titles: []string{"state"}, Use: "in any of the `STATES`"}, model.ParseLetterState, model.LetterStates(),
			func(q *row) *[]model.LetterState { return &q.States })}}
}

// ForLetters is the language of emails.
func ForLetters() Grammar { return letterTable().grammar(func() time.Time { return time.Time{} }) }

// ParseLetters reads a filter line over emails.
func ParseLetters(line string) (model.LetterFilter, error) {
	return letterTable().parse(line, time.Time{})
}

// LetterLine writes a filter as the line that says the same.
func LetterLine(f model.LetterFilter) string { return letterTable().line(&f) }

// auditTable declares the filter of the operators' log.
func auditTable() table[model.AuditFilter] {
	type row = model.AuditFilter
	verbs := word(Field{Name: "verb", Titles: []string{"verb"}, Form: "what was done: issue, revoke, contain, …", Values: texts(model.Verbs()),
		Use: "of one `KIND` of act: issue, revoke, hold, …", Column: "verb"}, func(q *row) *string { return &q.Verb })
	verbs.read = func(q *row, w Word, _ time.Time) (err error) { q.Verb, err = verb(w.Value); return err }
	by := word(Field{Name: "by", Titles: []string{"operator", "by"}, Form: "the full name of the operator", Use: "of the operator `NAME`", Column: "operator"},
		func(q *row) *string { return &q.Operator })
	times := period("at or after `TIME`", "before `TIME`", func(q *row) *time.Time { return &q.Since }, func(q *row) *time.Time { return &q.Until })
	batch := word(Field{Name: "batch", Titles: []string{"batch"}, Form: batchForm, Use: "of the batch `ID`", Column: "batch_id"}, func(q *row) *string { return &q.BatchID })
	return table[row]{"part of subject, reason or operator", func(q *row, s string) error { q.Query = s; return nil }, func(q *row) string { return q.Query },
		append([]field[row]{verbs, by}, append(times, batch)...)}
}

// ForAudit is the language of the operators' log; now is the clock that spans
// count from.
func ForAudit(now func() time.Time) Grammar { return auditTable().grammar(now) }

// ParseAudit reads a filter line over the log.
func ParseAudit(line string, now time.Time) (model.AuditFilter, error) {
	return auditTable().parse(line, now)
}

// AuditConditions are the conditions of the fields that have a column of their own
// in the log.
func AuditConditions(f model.AuditFilter) []Condition { return auditTable().columns(&f) }

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
func AuditLine(f model.AuditFilter) string { return auditTable().line(&f) }

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

// readEnd reads the end of a span of time that a word names.
func readEnd(w Word, now time.Time, from, to *time.Time) error {
	t, err := model.ParseWhen(w.Value, now)
	if err != nil {
		return &model.Error{Kind: model.Invalid, Field: w.Field, Text: model.Quote(w.Value) + " is not a valid time", Hint: "write it as " + timeForm, Err: err}
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
