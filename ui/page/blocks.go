package page

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/part"
	"doorman/ui/term"
)

// blocks is the list of rules for networks, the newest first.
type blocks struct {
	*list[model.Rule]
	asked   asking
	all     bool // also those that have expired or were lifted
	plan    Slot
	looking Slot
	answer  part.Cell // of the last check; "" before the first
	w, h    int
}

func newBlocks(e *Env, o Open) Page {
	p := &blocks{list: newList(e, ruleKey, ruleColumns(e)...)}
	p.fetch = func(at model.Paging) func(context.Context) (model.Page[model.Rule], error) {
		f := model.RuleFilter{All: p.all, Paging: at}
		return func(ctx context.Context) (model.Page[model.Rule], error) { return e.Store.ListRules(ctx, f) }
	}
	p.named(o.View)
	p.selectable(o.Select, func(r model.Rule) string { return r.Prefix.String() })
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

// explain chooses what an empty list says.
func (p *blocks) explain() {
	p.empty = []string{"No network is blocked, none is excepted.", "b blocks one, a makes an exception, / checks an address"}
	if p.all {
		p.empty[0] = "No rule was ever made."
	}
}

func (p *blocks) Init() tea.Cmd { return p.reload() }

func (p *blocks) Title() string { return "Blocks" }

// SetSize gives the list what the lines above it leave.
func (p *blocks) SetSize(w, h int) {
	p.w, p.h = w, h
	p.line = len(p.head())
	p.list.SetSize(w, h-p.line)
}

func (p *blocks) fit() { p.SetSize(p.w, p.h) }

// head draws what the list shows, an open question, and the answer of the last
// check.
func (p *blocks) head() []string {
	left := p.env.Theme.Dim.Paint("rules in force, newest first; the longest prefix wins")
	if p.all {
		left = p.env.Theme.Dim.Paint("every rule there was, newest first")
	}
	lines := append([]string{ends(left, p.place(), p.w)}, p.asked.lines(p.w)...)
	if p.answer.Text != "" {
		lines = append(lines, p.answer.Ink.Paint(term.Fit(" "+term.Show(p.answer.Text), p.w)))
	}
	return lines
}

func (p *blocks) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case Changed:
		return p.refresh()
	case tea.KeyMsg:
		cmd := p.asked.typed(m)
		p.fit()
		return cmd
	}
	return nil
}

// Typing implements Typist.
func (p *blocks) Typing() bool { return p.asked.Typing() }

// Holding implements Holder.
func (p *blocks) Holding() bool { return p.plan.Busy() || p.looking.Busy() }

// Unwind implements Unwinder.
func (p *blocks) Unwind() (tea.Cmd, bool) {
	if p.answer.Text == "" {
		return nil, false
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

// View draws the lines above the list and the list.
func (p *blocks) View() string { return strings.Join(append(p.head(), p.body()), "\n") }

// Actions implements Page.
func (p *blocks) Actions() []Action {
	e := p.env
	row, ok := p.Current()
	one := func() string {
		if !ok {
			return "no rule is selected"
		}
		return ""
	}
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
		{Keys: []string{"enter"}, Short: "resets", Help: "all resets asked for from the network", Off: one,
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
	return append(as, p.moves()...)
}

func (p *blocks) toggle() tea.Cmd {
	p.all = !p.all
	p.explain()
	return p.reload()
}
