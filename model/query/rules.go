package query

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"doorman/model"
)

// Rules is what a filter line over rules says: those in force, unless it names
// states.
type Rules struct {
	States  []model.RuleState // none: in force
	Actions []model.RuleAction
	IP      netip.Prefix // lies inside the rule's network, or around it
	By      string
	Since   time.Time // made at or after; zero: no bound
	Until   time.Time // made before; zero: no bound
	Batch   string
	Text    string
}

// AnyState is the word for all states of rules.
const AnyState = "any"

// ruleTable declares the filter of blocks and exceptions.
func ruleTable() table[Rules] {
	state := some(Field{Name: "state", Titles: []string{"state"}, Form: "in-force by default", Values: append(texts(model.RuleStates()), AnyState), Use: "in any of the `STATES`"},
		model.ParseRuleState, model.RuleStates(), func(q *Rules) *[]model.RuleState { return &q.States })
	one := state.read
	state.read = func(q *Rules, w Word, now time.Time) error {
		if !w.Not && strings.EqualFold(w.Value, AnyState) {
			q.States = model.RuleStates()
			return nil
		}
		return one(q, w, now)
	}
	fields := []field[Rules]{
		state,
		some(Field{Name: "action", Titles: []string{"rule"}, Use: "any of the `ACTIONS`"}, model.ParseRuleAction, []model.RuleAction{model.Block, model.Allow},
			func(q *Rules) *[]model.RuleAction { return &q.Actions }),
		network(Field{Name: "ip", Titles: []string{"network"}, Form: ipForm + "; networks in it or around it", Use: "in the network `CIDR`, or around it"},
			func(q *Rules) *netip.Prefix { return &q.IP }),
		word(Field{Name: "by", Titles: []string{"by"}, Form: "the full name of the operator", Use: "of the operator `NAME`"}, func(q *Rules) *string { return &q.By }),
	}
	fields = append(fields, period("made at or after `TIME`", "made before `TIME`", func(q *Rules) *time.Time { return &q.Since }, func(q *Rules) *time.Time { return &q.Until })...)
	return table[Rules]{says: "part of the reason or the operator", text: func(q *Rules, s string) error { q.IP, q.Text = networkOr(s, q.IP); return nil },
		fields: append(fields, word(Field{Name: "batch", Titles: []string{"batch"}, Form: batchForm, Use: "of the batch `ID`"}, func(q *Rules) *string { return &q.Batch }))}
}

// ForRules is the language of blocks and exceptions; now is the clock that spans
// count from.
func ForRules(now func() time.Time) Grammar { return ruleTable().grammar(now) }

// ParseRules reads a filter line over rules. Spans count back from now. A word
// that is an address or a network is one.
func ParseRules(line string, now time.Time) (Rules, error) { return ruleTable().parse(line, now) }

// Filter is as much of the line as the store selects by, and whether that is all
// of it.
func (q Rules) Filter() (f model.RuleFilter, whole bool) {
	if len(q.Actions) == 1 {
		f.Action = q.Actions[0]
	}
	f.All = slices.ContainsFunc(q.States, func(s model.RuleState) bool { return s != model.RuleInForce })
	some := f.All && slices.ContainsFunc(model.RuleStates(), func(s model.RuleState) bool { return !slices.Contains(q.States, s) })
	whole = !some && len(q.Actions) < 2 && !q.IP.IsValid() && q.By == "" && q.Since.IsZero() && q.Until.IsZero() && q.Batch == "" && q.Text == ""
	return f, whole
}

// Fits reports whether the line selects a rule at a moment.
func (q Rules) Fits(r model.Rule, now time.Time) bool {
	in := r.State(now)
	return (len(q.States) == 0 && in == model.RuleInForce || slices.Contains(q.States, in)) && among(q.Actions, r.Action) &&
		(!q.IP.IsValid() || r.Prefix.Overlaps(q.IP)) && (q.By == "" || r.By == q.By) && within(r.Created, q.Since, q.Until) &&
		(q.Batch == "" || r.BatchID == q.Batch) && (q.Text == "" || holdsAny(q.Text, r.Reason, r.By))
}

// within reports whether a moment lies in a span; a zero end is no bound.
func within(t, since, until time.Time) bool {
	return (since.IsZero() || !t.Before(since)) && (until.IsZero() || t.Before(until))
}

// Page reads one page of what the line selects at a moment. list reads a page of
// the store's.
func (q Rules) Page(ctx context.Context, now time.Time, at model.Paging, list func(context.Context, model.RuleFilter) (model.Page[model.Rule], error)) (model.Page[model.Rule], error) {
	f, whole := q.Filter()
	fits := func(r model.Rule) bool { return q.Fits(r, now) }
	return paged(ctx, at, whole, fits, func(ctx context.Context, at model.Paging) (model.Page[model.Rule], error) {
		f.Paging = at
		return list(ctx, f)
	})
}

// paged reads one page of what a line selects: the store's where it knows the
// whole line, else what fits of it.
func paged[T any](ctx context.Context, at model.Paging, whole bool, fits func(T) bool,
	read func(context.Context, model.Paging) (model.Page[T], error)) (model.Page[T], error) {
	if whole {
		return read(ctx, at)
	}
	return model.Sift(ctx, at, fits, read)
}
