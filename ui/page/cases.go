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

// cases lists the cases of clusters, the last changed first: who has what, since
// when.
type cases struct {
	*sought[model.Case]
	triage
}

func newCases(e *Env, o Open) Page {
	p := &cases{}
	b := newBar(e.Theme, query.ForCases(e.Now))
	p.sought = newSought(e, b, func(c model.Case) string { return c.Key }, caseColumns(e)...)
	p.triage = triage{e: e, ask: &p.asked, resized: p.fit}
	p.lower = func(c model.Case) string { return orDash(c.Note) }
	p.noun, p.all, p.noHit = "case", "all cases, the last changed first", "No case matches."
	p.none = []string{"No cluster has a case yet.", "On Clusters, a acknowledges one, c contains it, d closes it, n adds a note."}
	p.reads(transfer.CaseColumns, func(line string) func(context.Context, model.Paging) (model.Page[model.Case], error) {
		q, _ := query.ParseCases(line, e.Now())
		return func(ctx context.Context, at model.Paging) (model.Page[model.Case], error) {
			return q.Page(ctx, at, e.Store.ListCases)
		}
	})
	b.seen = func(field string) []string {
		return common(p.Rows(), map[string]func(model.Case) string{
			"by": func(c model.Case) string { return c.By },
			"ip": func(c model.Case) string { return networkIn(c.Key) },
		}[field])
	}
	p.named(o.View)
	p.linked(o, func(c model.Case) string { return c.Key })
	p.explain()
	return p
}

// networkIn returns the network that a key of a cluster names, "" for none.
func networkIn(key string) string {
	key = strings.TrimPrefix(key, "use:")
	if n, err := netip.ParsePrefix(key); err == nil {
		return prefixText(n)
	}
	return ""
}

func caseColumns(e *Env) []part.Column[model.Case] {
	type row = model.Case
	return []part.Column[row]{
		{Title: "state", Min: 16, Cell: func(c row) part.Cell { return e.state(string(c.State)) }},
		{Title: "cluster", Min: 20, Flex: 3, Cell: func(c row) part.Cell { return part.Cell{Text: orDash(c.Subject), Ink: e.Theme.Strong} }},
		{Title: "note", Min: 16, Flex: 5, Cell: func(c row) part.Cell { return part.Cell{Text: orDash(c.Note)} }},
		{Title: "by", Min: 8, Flex: 1, Cell: func(c row) part.Cell { return part.Cell{Text: orDash(c.StateBy)} }},
		{Title: "since", Min: 5, Right: true, Cell: func(c row) part.Cell { return part.Cell{Text: e.age(c.StateAt)} }},
		{Title: "opened", Min: 23, Drop: 1, Cell: func(c row) part.Cell { return part.Cell{Text: part.Stamp(c.Opened, e.Zone), Ink: e.Theme.Dim} }},
	}
}

func (p *cases) Init() tea.Cmd { return p.reload() }

func (p *cases) Title() string { return p.titled("Cases") }

func (p *cases) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case Changed:
		return p.refresh()
	case tea.KeyMsg:
		return p.typed(m)
	}
	return nil
}

// Close implements Closer.
func (p *cases) Close() { p.close() }

// Actions implements Page.
func (p *cases) Actions() []Action {
	e := p.env
	row, _ := p.Current()
	one := p.sought.one
	batchless := func() string {
		if row.Batch == "" {
			return "it was not contained"
		}
		return ""
	}
	as := []Action{
		{Keys: []string{"enter"}, Short: "open", Help: "open the cluster", Off: one,
			Run: func() tea.Cmd { return e.Send(Open{View: "cluster", Ref: row.Key, Filter: row}) }},
		{Keys: []string{"a"}, Short: claimWord(e, row), Help: "acknowledge it: you are on it; again to release it",
			Off: why(one, func() string { return settledCase(row) }, e.Locked), Run: func() tea.Cmd { return claim(e, row) }},
		{Keys: []string{"d"}, Short: "done", Help: "close it, call it a false positive, or reopen it", Off: why(one, e.Locked), Run: func() tea.Cmd { return done(e, row) }},
		{Keys: []string{"n"}, Short: "note", Help: "write a note for the next operator", Off: why(one, e.Locked), Run: func() tea.Cmd { return p.noteOn(row) }},
		p.cycle("state", []string{"new", "acknowledged", "contained", "false_positive", "closed"}),
		{Keys: []string{"B"}, Short: "batch", Help: "the batch that contained it", Off: why(one, batchless),
			Run: func() tea.Cmd { return e.Send(Open{View: "batch", Ref: row.Batch}) }},
		p.copying("the key of the cluster", func(c model.Case) string { return c.Key }),
	}
	as = append(as, p.seeking()...)
	as = append(as, p.tabs()...)
	return append(as, p.moves()...)
}
