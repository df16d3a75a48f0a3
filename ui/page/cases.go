package page

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/part"
	"doorman/ui/term"
)

// cases is what operators said about clusters, the last changed first.
type cases struct {
	*list[model.Case]
	triage
	only model.CaseState // "" shows all
	w, h int
}

func newCases(e *Env, o Open) Page {
	p := &cases{list: newList(e, func(c model.Case) string { return c.Key }, caseColumns(e)...)}
	p.triage = triage{e: e, resized: p.fit}
	p.fetch = func(at model.Paging) func(context.Context) (model.Page[model.Case], error) {
		f := model.CaseFilter{Paging: at}
		if p.only != "" {
			f.States = []model.CaseState{p.only}
		}
		return func(ctx context.Context) (model.Page[model.Case], error) { return e.Store.ListCases(ctx, f) }
	}
	p.named(o.View)
	p.selectable(o.Select, func(c model.Case) string { return c.Key })
	p.explain()
	return p
}

func caseColumns(e *Env) []part.Column[model.Case] {
	type row = model.Case
	return []part.Column[row]{
		{Title: "state", Min: 16, Cell: func(c row) part.Cell { return e.state(string(c.State)) }},
		{Title: "cluster", Min: 20, Flex: 3, Cell: func(c row) part.Cell { return part.Cell{Text: orDash(c.Subject), Ink: e.Theme.Strong} }},
		{Title: "note", Min: 16, Flex: 5, Cell: func(c row) part.Cell { return part.Cell{Text: orDash(c.Note)} }},
		{Title: "by", Min: 8, Flex: 1, Cell: func(c row) part.Cell { return part.Cell{Text: orDash(c.By)} }},
		{Title: "said", Min: 5, Right: true, Cell: func(c row) part.Cell { return part.Cell{Text: e.age(c.At)} }},
		{Title: "opened", Min: 23, Drop: 1, Cell: func(c row) part.Cell { return part.Cell{Text: part.Stamp(c.Opened, e.Zone), Ink: e.Theme.Dim} }},
	}
}

func (p *cases) explain() {
	p.empty = []string{"Nobody has said anything about a cluster yet.", "Containing one opens its case; on the clusters a closes it and n writes a note."}
	if p.only != "" {
		p.empty = []string{"No case is " + string(p.only) + ".", "s shows the next state, after the last all of them"}
	}
}

func (p *cases) Init() tea.Cmd { return p.reload() }

func (p *cases) Title() string { return "Cases" }

// SetSize gives the list what the lines above it leave.
func (p *cases) SetSize(w, h int) {
	p.w, p.h = w, h
	p.line = 1 + p.asked.height()
	p.list.SetSize(w, h-p.line-p.below())
}

func (p *cases) fit() { p.SetSize(p.w, p.h) }

// below is how many lines the note of the selected case takes: a narrow screen
// cuts it in the table.
func (p *cases) below() int {
	if p.w < 100 {
		return 1
	}
	return 0
}

func (p *cases) Update(msg tea.Msg) tea.Cmd {
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
func (p *cases) Typing() bool { return p.asked.Typing() }

// Close implements Closer.
func (p *cases) Close() { p.close() }

// Unwind implements Unwinder.
func (p *cases) Unwind() (tea.Cmd, bool) {
	if p.only == "" {
		return nil, false
	}
	return p.show(""), true
}

func (p *cases) show(s model.CaseState) tea.Cmd {
	p.only = s
	p.explain()
	return p.reload()
}

// next steps through the states, and back to all of them.
func (p *cases) next() tea.Cmd {
	all := append([]model.CaseState{""}, model.CaseStates()...)
	for i, s := range all {
		if s == p.only {
			return p.show(all[(i+1)%len(all)])
		}
	}
	return p.show("")
}

// Actions implements Page.
func (p *cases) Actions() []Action {
	e := p.env
	row, ok := p.Current()
	one := func() string {
		if !ok {
			return "no case is selected"
		}
		return ""
	}
	batchless := func() string {
		if row.Batch == "" {
			return "it was not contained"
		}
		return ""
	}
	as := []Action{
		{Keys: []string{"enter"}, Short: "open", Help: "open the cluster", Off: one,
			Run: func() tea.Cmd { return e.Send(Open{View: "cluster", Ref: row.Key, Filter: row}) }},
		{Keys: []string{"a"}, Short: "acknowledge", Help: "close it, call it a false positive, or open it again", Off: why(one, e.Locked),
			Run: func() tea.Cmd { return acknowledge(e, row) }},
		{Keys: []string{"n"}, Short: "note", Help: "write a note for the next operator", Off: why(one, e.Locked), Run: func() tea.Cmd { return p.noteOn(row) }},
		{Keys: []string{"s"}, Short: "state", Help: "only the next state, after the last all of them", Run: p.next},
		{Keys: []string{"B"}, Short: "batch", Help: "the batch that contained it", Off: why(one, batchless),
			Run: func() tea.Cmd { return e.Send(Open{View: "batch", Ref: row.Batch}) }},
		p.copying("the key of the cluster", func(c model.Case) string { return c.Key }),
	}
	return append(as, p.moves()...)
}

// View draws the list.
func (p *cases) View() string {
	t := p.env.Theme
	left := t.Dim.Paint("all cases, the last changed first")
	if p.only != "" {
		left = t.Warn.Paint("only " + string(p.only) + " cases")
	}
	lines := append([]string{ends(left, p.place(), p.w)}, p.asked.lines(p.w)...)
	lines = append(lines, p.body())
	if c, ok := p.Current(); ok && p.below() > 0 {
		lines = append(lines, t.Dim.Paint(term.Fit(" "+term.Show(orDash(c.Note)), p.w)))
	}
	return strings.Join(lines, "\n")
}
