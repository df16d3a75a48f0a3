package transfer

import "doorman/model"

// ClusterColumns are the fields of a cluster as lists and exports show them.
func ClusterColumns() []Column[model.ClusterFacts] {
	type row = model.ClusterFacts
	prefix := func(c *row) string {
		if !c.Prefix.IsValid() {
			return ""
		}
		return c.Prefix.String()
	}
	return []Column[row]{
		{"key", func(c *row) Value { return optional(c.Key) }},
		{"kind", func(c *row) Value { return optional(c.Kind) }},
		{"prefix", func(c *row) Value { return optional(prefix(c)) }},
		{"on", func(c *row) Value { return optional(c.On) }},
		{"account", func(c *row) Value { return optional(c.Account) }},
		{"agent", func(c *row) Value { return optional(c.Agent) }},
		{"start", func(c *row) Value { return Time(c.Start) }},
		{"end", func(c *row) Value { return Time(c.End) }},
		{"flagged_at", func(c *row) Value { return Time(c.Flagged) }},
		{"score", func(c *row) Value { return Real(c.Score) }},
		{"requests", func(c *row) Value { return Number(c.Requests) }},
		{"accounts", func(c *row) Value { return Number(c.Accounts) }},
		{"addresses", func(c *row) Value { return Number(c.Addresses) }},
		{"used", func(c *row) Value { return Number(c.Used) }},
		{"live", func(c *row) Value { return Number(c.Live) }},
		{"takeovers", func(c *row) Value { return Number(c.Takeovers) }},
		{"why", func(c *row) Value { return optional(c.Why) }},
		{"against", func(c *row) Value { return optional(c.Against) }},
		{"case", func(c *row) Value { return optional(string(c.Case)) }},
		{"event_ids", func(c *row) Value {
			if c.IDs == nil {
				return Value{}
			}
			return List(c.IDs)
		}},
		{"case_by", func(c *row) Value { return optional(c.CaseBy) }},
		{"case_at", func(c *row) Value { return Time(c.CaseAt) }},
	}
}

// optional is text that may be absent.
func optional(s string) Value {
	if s == "" {
		return Value{}
	}
	return Text(s)
}

// RuleColumns are the fields of a block or an exception as lists and exports
// show them; of those that have ended also when they were lifted.
func RuleColumns(ended bool) []Column[model.Rule] {
	type row = model.Rule
	columns := []Column[row]{
		{"prefix", func(r *row) Value { return Text(r.Prefix.String()) }},
		{"action", func(r *row) Value { return Text(string(r.Action)) }},
		{"expires", func(r *row) Value { return Time(r.Expires) }},
		{"reason", func(r *row) Value { return Text(r.Reason) }},
		{"by", func(r *row) Value { return Text(r.By) }},
		{"created", func(r *row) Value { return Time(r.Created) }},
	}
	if ended {
		columns = append(columns, Column[row]{"lifted", func(r *row) Value { return Time(r.Lifted) }})
	}
	return columns
}

// CaseColumns are the fields of a case as lists and exports show them.
func CaseColumns() []Column[model.Case] {
	type row = model.Case
	return []Column[row]{
		{"key", func(c *row) Value { return Text(c.Key) }},
		{"state", func(c *row) Value { return Text(string(c.State)) }},
		{"note", func(c *row) Value { return Text(c.Note) }},
		{"by", func(c *row) Value { return Text(c.By) }},
		{"at", func(c *row) Value { return Time(c.At) }},
		{"opened", func(c *row) Value { return Time(c.Opened) }},
		{"batch", func(c *row) Value { return optional(c.Batch) }},
		{"subject", func(c *row) Value { return Text(c.Subject) }},
		{"state_by", func(c *row) Value { return Text(c.StateBy) }},
		{"state_at", func(c *row) Value { return Time(c.StateAt) }},
	}
}

// Of makes columns of records out of columns of what they stand for.
func Of[A, B any](columns []Column[B], stands func(*A) *B) []Column[A] {
	out := make([]Column[A], len(columns))
	for i, c := range columns {
		out[i] = Column[A]{c.Name, func(a *A) Value { return c.Of(stands(a)) }}
	}
	return out
}
