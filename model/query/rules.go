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

// ForRules is the language of blocks and exceptions; now is the clock that spans
// count from.
func ForRules(now func() time.Time) Grammar {
	state := listed("state", append(texts(model.RuleStates()), AnyState))
	state.Form = "in-force by default; " + state.Form
	return Grammar{Text: "part of the reason or the operator", Check: checker(ParseRules, now), Fields: []Field{
		state, listed("action", []string{string(model.Block), string(model.Allow)}),
		{Name: "ip", Form: ipForm + "; networks in it or around it"}, {Name: "by", Form: "the full name of the operator"},
		since(), until(), {Name: "batch", Form: batchForm},
	}}
}

// ParseRules reads a filter line over rules. Spans count back from now. A word
// that is an address or a network is one.
func ParseRules(line string, now time.Time) (Rules, error) {
	var q Rules
	err := read(line, ForRules(nil).Fields, func(w Word) (err error) {
		switch w.Field {
		case "state":
			if !w.Not && strings.EqualFold(w.Value, AnyState) {
				q.States = model.RuleStates()
				return nil
			}
			q.States, err = each(w, model.ParseRuleState, model.RuleStates())
		case "action":
			q.Actions, err = each(w, model.ParseRuleAction, []model.RuleAction{model.Block, model.Allow})
		case "ip":
			q.IP, err = model.ParsePrefix(w.Value)
		case "by":
			q.By = w.Value
		case "since", "until":
			err = period(w, now, &q.Since, &q.Until)
		case "batch":
			q.Batch = w.Value
		default:
			q.IP, q.Text = networkOr(w.Value, q.IP)
		}
		return err
	})
	return q, err
}

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
