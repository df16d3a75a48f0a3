package query

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"doorman/model"
)

// Cases is what a filter line over cases says. The zero value means all.
type Cases struct {
	States []model.CaseState
	IP     netip.Prefix // lies inside the cluster's network, or around it
	By     string
	Since  time.Time // last changed at or after; zero: no bound
	Until  time.Time // last changed before; zero: no bound
	Text   string
}

// caseTable declares the filter of cases.
func caseTable() table[Cases] {
	fields := []field[Cases]{
		some(Field{Name: "state", Titles: []string{"state"}, Use: "in any of the `STATES`"}, model.ParseCaseState, model.CaseStates(), func(q *Cases) *[]model.CaseState { return &q.States }),
		network(Field{Name: "ip", Form: ipForm + "; networks in it or around it", Use: "in the network `CIDR`, or around it"}, func(q *Cases) *netip.Prefix { return &q.IP }),
		word(Field{Name: "by", Titles: []string{"by"}, Form: "the full name of the operator", Use: "of the operator `NAME`"}, func(q *Cases) *string { return &q.By }),
	}
	fields = append(fields, period("changed at or after `TIME`", "changed before `TIME`", func(q *Cases) *time.Time { return &q.Since }, func(q *Cases) *time.Time { return &q.Until })...)
	return table[Cases]{says: "part of the cluster, the note or the operator", text: func(q *Cases, s string) error { q.IP, q.Text = networkOr(s, q.IP); return nil }, fields: fields}
}

// ForCases is the language of cases; now is the clock that spans count from.
func ForCases(now func() time.Time) Grammar { return caseTable().grammar(now) }

// ParseCases reads a filter line over cases. Spans count back from now. A word
// that is an address or a network is one.
func ParseCases(line string, now time.Time) (Cases, error) { return caseTable().parse(line, now) }

// Filter is as much of the line as the store selects by, and whether that is all
// of it.
func (q Cases) Filter() (f model.CaseFilter, whole bool) {
	return model.CaseFilter{States: q.States}, !q.IP.IsValid() && q.By == "" && q.Since.IsZero() && q.Until.IsZero() && q.Text == ""
}

// Fits reports whether the line selects a case.
func (q Cases) Fits(c model.Case) bool {
	p, err := netip.ParsePrefix(strings.TrimPrefix(c.Key, "use:"))
	return among(q.States, c.State) && (!q.IP.IsValid() || err == nil && p.Overlaps(q.IP)) && (q.By == "" || c.By == q.By) &&
		within(c.At, q.Since, q.Until) && (q.Text == "" || holdsAny(q.Text, c.Subject, c.Key, c.Note, c.By))
}

// Page reads one page of what the line selects. list reads a page of the store's.
func (q Cases) Page(ctx context.Context, at model.Paging, list func(context.Context, model.CaseFilter) (model.Page[model.Case], error)) (model.Page[model.Case], error) {
	f, whole := q.Filter()
	return paged(ctx, at, whole, q.Fits, func(ctx context.Context, at model.Paging) (model.Page[model.Case], error) {
		f.Paging = at
		return list(ctx, f)
	})
}
