package page

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/model/query"
	"doorman/model/transfer"
	"doorman/ui/part"
	"doorman/ui/term"
)

// blocks is the list of rules for networks, the newest first.
type blocks struct {
	*sought[model.Rule]
	plan    Slot
	looking Slot
	answer  part.Cell // of the last check; "" before the first
}

func newBlocks(e *Env, o Open) Page {
	p := &blocks{}
	b := newBar(e.Theme, query.ForRules(e.Now))
	p.sought = newSought(e, b, ruleKey, ruleColumns(e)...)
	p.noun, p.all, p.noHit, p.opens = "rule", "rules in force, newest first; the longest prefix wins", "No rule matches.", "f"
	p.none = []string{"No network is blocked, and there are no exceptions.", "b blocks one, a makes an exception, / checks an address"}
	p.upper = p.answered
	p.reads(func() []transfer.Column[model.Rule] { return transfer.RuleColumns(true) }, func(line string) func(context.Context, model.Paging) (model.Page[model.Rule], error) {
		now := e.Now()
		q, _ := query.ParseRules(line, now)
		return func(ctx context.Context, at model.Paging) (model.Page[model.Rule], error) {
			return q.Page(ctx, now, at, e.Store.ListRules)
		}
	})
	b.seen = func(field string) []string {
		return common(p.Rows(), map[string]func(model.Rule) string{
			"by":    func(r model.Rule) string { return r.By },
			"ip":    func(r model.Rule) string { return prefixText(r.Prefix) },
			"batch": func(r model.Rule) string { return r.BatchID },
		}[field])
	}
	p.named(o.View)
	p.linked(o, func(r model.Rule) string { return r.Prefix.String() })
	p.explain()
	return p
}

func ruleKey(r model.Rule) string {
	return string(r.Action) + " " + r.Prefix.String() + " " + r.Created.String()
}

func ruleColumns(e *Env) []part.Column[model.Rule] {
	type row = model.Rule
	dim := e.Theme.Dim
	return []part.Column[row]{
		{Title: "rule", Min: 8, Cell: func(r row) part.Cell { return ruleCell(e, r) }},
		{Title: "network", Min: 20, Flex: 2, Cell: func(r row) part.Cell { return part.Cell{Text: prefixText(r.Prefix), Ink: e.Theme.Strong} }},
		{Title: "ends", Min: 11, Cell: func(r row) part.Cell { return endsCell(e, r) }},
		{Title: "reason", Min: 16, Flex: 4, Cell: func(r row) part.Cell { return part.Cell{Text: orDash(r.Reason)} }},
		{Title: "by", Min: 8, Flex: 1, Cell: func(r row) part.Cell { return part.Cell{Text: orDash(r.By)} }},
		{Title: "age", Min: 5, Right: true, Cell: func(r row) part.Cell { return part.Cell{Text: e.age(r.Created)} }},
		{Title: "until", Min: 23, Drop: 1, Cell: func(r row) part.Cell { return part.Cell{Text: part.Stamp(r.Expires, e.Zone), Ink: dim} }},
		{Title: "set", Min: 23, Drop: 2, Cell: func(r row) part.Cell { return part.Cell{Text: part.Stamp(r.Created, e.Zone), Ink: dim} }},
	}
}

func ruleCell(e *Env, r model.Rule) part.Cell {
	if !r.InForce(e.Now()) {
		return part.Cell{Text: "– " + string(r.Action), Ink: e.Theme.Dim}
	}
	return e.state(string(r.Action))
}

// endsCell tells when a rule ends, or how it ended.
func endsCell(e *Env, r model.Rule) part.Cell {
	switch now := e.Now(); {
	case !r.Lifted.IsZero():
		return part.Cell{Text: "lifted " + part.Ago(now, r.Lifted), Ink: e.Theme.Dim}
	case r.Expires.IsZero():
		return part.Cell{Text: "never"}
	case !now.Before(r.Expires):
		return part.Cell{Text: "over " + part.Ago(now, r.Expires), Ink: e.Theme.Dim}
	default:
		return part.Cell{Text: "in " + part.Span(r.Expires.Sub(now))}
	}
}

func (p *blocks) Init() tea.Cmd { return p.reload() }

func (p *blocks) Title() string { return p.titled("Blocks") }

// answered draws the answer of the last check; no line before the first.
func (p *blocks) answered() []string {
	if p.answer.Text == "" {
		return nil
	}
	return []string{p.answer.Ink.Paint(term.Fit(" "+term.Show(p.answer.Text), p.w))}
}

func (p *blocks) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case Changed:
		return p.refresh()
	case tea.KeyMsg:
		return p.typed(m)
	}
	return nil
}

// Holding implements Holder.
func (p *blocks) Holding() bool { return p.sought.Holding() || p.plan.Busy() || p.looking.Busy() }

// Unwind implements Unwinder.
func (p *blocks) Unwind() (tea.Cmd, bool) {
	if p.answer.Text == "" {
		return p.sought.Unwind()
	}
	p.answer = part.Cell{}
	p.fit()
	return nil, true
}

// Close implements Closer.
func (p *blocks) Close() {
	p.close()
	p.plan.Drop()
	p.looking.Drop()
}

// Actions implements Page.
func (p *blocks) Actions() []Action {
	e := p.env
	row, _ := p.Current()
	one := p.one
	over := func() string {
		if !row.InForce(e.Now()) {
			return "the rule is not in force any more"
		}
		return ""
	}
	batchless := func() string {
		if row.BatchID == "" {
			return "no bulk act made it"
		}
		return ""
	}
	as := []Action{
		{Keys: []string{"enter"}, Short: "resets", Help: "all resets requested from the network", Off: one,
			Run: func() tea.Cmd { return e.Send(Open{View: "resets", Filter: model.ResetFilter{IP: row.Prefix}}) }},
		{Keys: []string{"b"}, Short: "block", Help: "block a network", Off: e.Locked, Run: func() tea.Cmd { return p.add(model.Block) }},
		{Keys: []string{"a"}, Short: "except", Help: "make an exception for a network", Off: e.Locked, Run: func() tea.Cmd { return p.add(model.Allow) }},
		{Keys: []string{"x"}, Short: "lift", Help: "lift the rules for the network", Off: why(one, over, e.Locked), Run: func() tea.Cmd { return p.lift(row) }},
		{Keys: []string{"/"}, Short: "check", Help: "tell which rule governs an address", Run: p.check},
		{Keys: []string{"s"}, Short: "ended", Help: "also rules that have ended, or only those in force", Run: p.toggle},
		{Keys: []string{"B"}, Short: "batch", Help: "open the bulk act that made it", Off: why(one, batchless),
			Run: func() tea.Cmd { return e.Send(Open{View: "batch", Ref: row.BatchID}) }},
		p.copying("the network", func(r model.Rule) string { return r.Prefix.String() }),
	}
	as = append(as, p.seeking()[1:]...) // what is searched for here is an address
	as = append(as, p.tabs()...)
	return append(as, p.moves()...)
}

// toggle shows also rules that have ended, or only those in force.
func (p *blocks) toggle() tea.Cmd {
	state := query.AnyState
	if query.ValueOf(p.bar.text, "state") != "" {
		state = ""
	}
	return p.seek(query.With(p.bar.text, "state", state))
}
