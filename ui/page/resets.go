package page

import (
	"context"
	"net/netip"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/model/query"
	"doorman/model/transfer"
	"doorman/ui/part"
)

// resets is the list of all resets, newest first.
type resets struct {
	*sought[model.Reset]
	sort   model.ResetSort
	asc    bool
	person Slot // the account that a reset is to be issued for
	target Slot // the account that the filter names
	plan   Slot
}

func newResets(e *Env, o Open) Page {
	p := &resets{sort: model.ByCreated}
	b := newBar(e.Theme, query.ForResets(e.Now))
	p.sought = newSought(e, b, func(r model.Reset) string { return r.ID.Full() }, resetsColumns(e)...)
	p.lower = func(r model.Reset) string { return resetRest(e, r) }
	p.noun, p.all, p.noHit = "reset", "all resets, newest first", "No reset matches."
	p.none = []string{"There are no resets yet.", "2 shows the accounts, where i issues one; `doorman import resets FILE` brings them in."}
	p.reads(func() []transfer.Column[model.Reset] { return transfer.ResetColumns(e.Now()) }, func(line string) func(context.Context, model.Paging) (model.Page[model.Reset], error) {
		q := p.query(line)
		return func(ctx context.Context, at model.Paging) (model.Page[model.Reset], error) {
			q := q
			q.Paging = at
			return listResets(ctx, e.Store, q)
		}
	})
	p.counted(func(line string) func(context.Context) (model.Count, error) {
		q := p.query(line)
		return func(ctx context.Context) (model.Count, error) { return countResets(ctx, e.Store, q) }
	})
	b.seen = p.seen
	p.order = p.sortBy
	p.named(o.View)
	p.wanted(e.Habits.Lists[o.View])
	if f, ok := o.Filter.(model.ResetFilter); ok {
		b.begin(query.ResetLine(f))
	}
	p.linked(o, func(r model.Reset) string { return r.ID.String() })
	p.explain()
	return p
}

// query is what a filter line says now: spans count back from this moment.
func (p *resets) query(line string) query.Resets {
	q, _ := query.ParseResets(line, p.env.Now())
	q.Sort, q.Asc = p.sort, p.asc
	return q
}

// seen lists what the rows at hand hold for a field, the commonest first.
func (p *resets) seen(field string) []string {
	of := map[string]func(model.Reset) string{
		"ip":      func(r model.Reset) string { return r.RequestedIP },
		"agent":   func(r model.Reset) string { return r.RequestedAgent },
		"account": func(r model.Reset) string { return r.Email },
		"batch":   func(r model.Reset) string { return r.BatchID },
		"by":      func(r model.Reset) string { return r.IssuedBy },
	}[field]
	return common(p.Rows(), of)
}

// resolve finds the account and the clusters that a line names.
func resolve(ctx context.Context, s Store, q query.Resets) (f model.ResetFilter, err error) {
	if q.Of, err = among(ctx, s, q.Cluster, q.Flagged); err != nil || q.Account == "" {
		return q.ResetFilter, err
	}
	a, err := s.FindAccount(ctx, q.Account)
	q.AccountID = a.ID
	return q.ResetFilter, err
}

// isMissing reports whether what a line names is not there: then nothing matches.
func isMissing(err error) bool {
	return model.IsKind(err, model.NotFound) || model.IsKind(err, model.Invalid)
}

// listResets reads one page.
func listResets(ctx context.Context, s Store, q query.Resets) (model.Page[model.Reset], error) {
	f, err := resolve(ctx, s, q)
	switch {
	case isMissing(err):
		return model.Page[model.Reset]{}, nil
	case err != nil:
		return model.Page[model.Reset]{}, err
	}
	page, err := s.ListResets(ctx, f)
	flagResets(ctx, s, page.Items)
	return page, err
}

// countResets counts, as far as lists are counted; where no index knows what is
// looked for, as far as one page comes.
func countResets(ctx context.Context, s Store, q query.Resets) (model.Count, error) {
	f, err := resolve(ctx, s, q)
	switch {
	case isMissing(err):
		return model.Count{}, nil
	case err != nil:
		return model.Count{}, err
	case f.IssuedBy != "" || f.Of != nil && len(f.Of.Targets) != 1:
		f.Paging = model.Paging{Limit: probe}
		p, err := s.ListResets(ctx, f)
		return model.Count{N: len(p.Items), AtLeast: p.Next != ""}, err
	}
	return s.CountResets(ctx, f, countCap)
}

// resetsColumns are the columns of resets of any account.
func resetsColumns(e *Env) []part.Column[model.Reset] {
	type row = model.Reset
	dim := e.Theme.Dim
	return []part.Column[row]{
		{Title: "age", Min: 7, Right: true, Sort: string(model.ByCreated), Cell: func(r row) part.Cell { return part.Cell{Text: e.age(r.Created)} },
			Exact: func(r row) string { return exactly(r.Created) }},
		{Title: "state", Min: 12, Cell: e.resetState,
			Exact: func(r row) string { return string(r.State(e.Now())) }},
		{Title: "account", Min: 28, Flex: 4, Cell: func(r row) part.Cell { return part.Cell{Text: orDash(r.Email)} }},
		{Title: "requested from", Min: 17, Flex: 4, Sort: string(model.ByIP), Cell: func(r row) part.Cell { return askedFrom(e, r) },
			Exact: func(r row) string { return r.RequestedIP }},
		{Title: "used from", Min: 15, Flex: 4, Drop: 1, Sort: string(model.ByUsed), Cell: func(r row) part.Cell { return part.Cell{Text: orDash(r.UsedIP)} }},
		{Title: "delivery", Min: 15, Drop: 2, Cell: func(r row) part.Cell { return letterCell(e, r.Letter) }},
		{Title: "agent", Min: 20, Flex: 3, Drop: 3, Raw: func(r row) string { return orDash(r.RequestedAgent) },
			Cell: func(r row) part.Cell { return part.Cell{Text: agentText(r.RequestedAgent), Ink: dim} }},
		{Title: "issued by", Min: 10, Drop: 4, Cell: func(r row) part.Cell { return part.Cell{Text: orDash(r.IssuedBy), Ink: dim} }},
		{Title: "created", Min: 23, Drop: 5, Cell: func(r row) part.Cell { return part.Cell{Text: part.Stamp(r.Created, e.Zone), Ink: dim} }},
		{Title: "id", Min: 9, Drop: 6, Cell: func(r row) part.Cell { return part.Cell{Text: model.Mask(r.ID.Full()), Ink: dim} },
			Exact: func(r row) string { return r.ID.String() }},
	}
}

// resetRest is what a narrow screen has no columns for.
func resetRest(e *Env, r model.Reset) string {
	var parts []string
	if r.UsedIP != "" {
		parts = append(parts, "used from "+r.UsedIP)
	}
	if len(r.RequestedIP) > 17 {
		parts = append(parts, "requested from "+r.RequestedIP)
	}
	if r.Letter != "" {
		parts = append(parts, "delivery "+letterCell(e, r.Letter).Text)
	}
	if r.RequestedAgent != "" {
		parts = append(parts, "agent "+agentText(r.RequestedAgent))
	}
	return strings.Join(parts, "  ")
}

func (p *resets) Init() tea.Cmd { return p.reload() }

func (p *resets) Title() string { return p.titled("Resets") }

func (p *resets) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case Changed:
		return p.refresh()
	case tea.KeyMsg:
		return p.typed(m)
	}
	return nil
}

// Holding implements Holder: also while the account of a row is looked up.
func (p *resets) Holding() bool { return p.sought.Holding() || p.person.Busy() || p.target.Busy() }

// Close implements Closer.
func (p *resets) Close() {
	p.close()
	p.person.Drop()
	p.target.Drop()
	p.plan.Drop()
}

// wanted takes the order that the operator chose last.
func (p *resets) wanted(l ListHabits) {
	switch s := model.ResetSort(l.Sort); s {
	case model.ByCreated, model.ByUsed, model.ByIP:
		p.sort, p.asc = s, l.Turned
	}
	p.ordered()
}

// ordered shows which order the rows are in.
func (p *resets) ordered() {
	p.all = "all resets"
	if p.sort == model.ByCreated && !p.asc {
		p.all = "all resets, newest first"
	}
	p.SetSort(string(p.sort), !p.asc)
}

// sortBy orders by a column, newest or lowest first, and the other way round the
// second time.
func (p *resets) sortBy(by string) tea.Cmd {
	s := model.ResetSort(by)
	p.asc = s == p.sort && !p.asc || s != p.sort && s == model.ByIP
	p.sort = s
	p.ordered()
	return tea.Batch(p.sorted(by, p.asc), p.reload())
}

func (p *resets) Actions() []Action {
	row, _ := p.Current()
	as := []Action{
		{Keys: []string{"enter"}, Short: "open", Help: "open the reset", Off: p.one,
			Run: func() tea.Cmd { return p.env.Send(Open{View: "reset", Ref: row.ID.Full()}) }},
	}
	as = append(as, p.seeking()...)
	as = append(as, p.jumping(p.untimed))
	as = append(as,
		p.cycle("state", []string{"live", "used", "revoked", "superseded", "expired"}),
		Action{Keys: []string{"x"}, Short: "revoke", Help: "revoke the marked resets, or this one", Run: p.revoke, Off: why(p.one, p.settled, p.env.Locked)},
		Action{Keys: []string{"X"}, Help: "revoke every live reset that the filter selects", Run: p.revokeAll, Off: why(p.filtered, p.env.Locked)},
		Action{Keys: []string{"i"}, Short: "issue", Help: "issue a reset for the account of this one", Run: func() tea.Cmd { return issueFor(p.env, &p.person, row.AccountID) },
			Off: why(p.one, accountless(row), p.env.Locked)},
	)
	as = append(as, resetPivots(p.env, row, p.one)...)
	as = append(as, p.copying("the id of the reset", func(r model.Reset) string { return r.ID.String() }))
	as = append(as, p.markings()...)
	as = append(as, p.sorting()...)
	as = append(as, p.tabs()...)
	return append(as, p.moves()...)
}

// untimed returns why the list is not in the order of time, or "".
func (p *resets) untimed() string {
	if p.sort != model.ByCreated {
		return "the list is not in the order of time"
	}
	return ""
}

// resetPivots returns the actions that lead from a reset to what it has in
// common with others.
func resetPivots(e *Env, r model.Reset, there func() string) []Action {
	at, known := addressOf(r)
	addressless := func() string {
		if !known {
			return "no address is on record"
		}
		return ""
	}
	to := func(n netip.Prefix) func() tea.Cmd {
		return func() tea.Cmd { return e.Send(Open{View: "resets", Filter: model.ResetFilter{IP: n}}) }
	}
	return []Action{
		toCluster(e, r.Flag, there),
		{Keys: []string{"w"}, Short: "who", Help: "open the account", Off: why(there, accountless(r)),
			Run: func() tea.Cmd { return e.Send(Open{View: "account", Ref: r.AccountID}) }},
		{Keys: []string{"e"}, Short: "address", Help: "all resets requested from the same address", Off: why(there, addressless), Run: to(at)},
		{Keys: []string{"E"}, Help: "all resets requested from the same network (/24, /64)", Off: why(there, addressless),
			Run: func() tea.Cmd { return to(networkOf(at))() }},
	}
}

func accountless(r model.Reset) func() string {
	return func() string {
		if r.AccountID == "" {
			return "the reset names no account"
		}
		return ""
	}
}
