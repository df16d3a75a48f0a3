package page

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/model/agent"
	"doorman/ui/part"
)

// account is one account with its resets, newest first.
type account struct {
	*list[model.Reset]
	env  *Env
	id   string
	row  model.AccountRow
	have bool
	note []string // why the account cannot be shown
	read Slot
	plan Slot
	w, h int
}

func newAccount(e *Env, o Open) Page {
	p := &account{env: e, id: o.Ref}
	p.list = newList(e, func(r model.Reset) string { return r.ID.Full() }, resetColumns(e)...)
	p.empty = []string{"This account never had a reset.", "i issues one"}
	p.fetch = func(at model.Paging) func(context.Context) (model.Page[model.Reset], error) {
		f := model.ResetFilter{AccountID: p.id, Paging: at}
		return func(ctx context.Context) (model.Page[model.Reset], error) {
			page, err := e.Store.ListResets(ctx, f)
			flagResets(ctx, e.Store, page.Items)
			return page, err
		}
	}
	p.count = func() func(context.Context) (model.Count, error) {
		return func(ctx context.Context) (model.Count, error) {
			return e.Store.CountResets(ctx, model.ResetFilter{AccountID: p.id}, countCap)
		}
	}
	return p
}

// resetColumns are the columns of resets of one account.
func resetColumns(e *Env) []part.Column[model.Reset] {
	type row = model.Reset
	dim := e.Theme.Dim
	return []part.Column[row]{
		{Title: "age", Min: 5, Right: true, Cell: func(r row) part.Cell { return part.Cell{Text: e.age(r.Created)} }},
		{Title: "state", Min: 12, Cell: e.resetState},
		{Title: "requested from", Min: 15, Ideal: 22, Flex: 2, Cell: func(r row) part.Cell { return askedFrom(e, r) }},
		{Title: "used from", Min: 15, Flex: 2, Drop: 1, Cell: func(r row) part.Cell { return part.Cell{Text: orDash(r.UsedIP)} }},
		{Title: "delivery", Min: 15, Cell: func(r row) part.Cell { return letterCell(e, r.Letter) }},
		{Title: "id", Min: 9, Drop: 3, Cell: func(r row) part.Cell { return part.Cell{Text: model.Mask(r.ID.Full()), Ink: dim} }},
		{Title: "agent", Min: 20, Flex: 4, Drop: 2, Raw: func(r row) string { return orDash(r.RequestedAgent) },
			Cell: func(r row) part.Cell { return part.Cell{Text: agentText(r.RequestedAgent), Ink: dim} }},
		{Title: "created", Min: 23, Drop: 4, Cell: func(r row) part.Cell { return part.Cell{Text: part.Stamp(r.Created, e.Zone), Ink: dim} }},
	}
}

func askedFrom(e *Env, r model.Reset) part.Cell {
	if r.IssuedBy != "" {
		return part.Cell{Text: "by " + r.IssuedBy, Ink: e.Theme.Info}
	}
	return part.Cell{Text: orDash(r.RequestedIP)}
}

func letterCell(e *Env, s model.LetterState) part.Cell {
	if s == "" {
		return part.Cell{Text: "–", Ink: e.Theme.Dim}
	}
	return e.state(string(s))
}

// agentText is a user agent as lists show it, "–" where none was sent; V shows
// it as it is stored.
func agentText(raw string) string { return orDash(agent.Short(raw)) }

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func (p *account) Init() tea.Cmd { return tea.Batch(p.readAccount(), p.reload()) }

func (p *account) readAccount() tea.Cmd {
	return Load(&p.read, func(ctx context.Context) (model.AccountRow, error) {
		return p.env.Store.FindAccount(ctx, p.id)
	}, func(a model.AccountRow, err error) tea.Cmd {
		p.note = nil
		if err != nil {
			p.note = append(problem(err), p.env.again())
			return p.env.Send(Failed{err})
		}
		p.row, p.have = a, true
		return nil
	})
}

func (p *account) Title() string {
	if p.have {
		return p.row.Email
	}
	return "Account"
}

func (p *account) SetSize(w, h int) {
	p.w, p.h = w, h
	p.line = part.DetailLines(accountFields, w) + 2
	p.list.SetSize(w, h-p.line-p.selectedLines())
}

func (p *account) Update(msg tea.Msg) tea.Cmd {
	if _, ok := msg.(Changed); ok {
		return tea.Batch(p.readAccount(), p.refresh())
	}
	return nil
}

// Holding implements Holder.
func (p *account) Holding() bool { return !p.have && p.read.Busy() }

// Unwind implements Unwinder.
func (p *account) Unwind() (tea.Cmd, bool) { return nil, p.ClearMarks() }

// Close implements Closer.
func (p *account) Close() {
	p.close()
	p.read.Drop()
	p.plan.Drop()
}

func (p *account) there() string {
	if !p.have {
		return "the account is not there yet"
	}
	return ""
}

func (p *account) one() string {
	if _, ok := p.Current(); !ok {
		return "no reset is selected"
	}
	return ""
}

func (p *account) Actions() []Action {
	row, _ := p.Current()
	as := []Action{
		{Keys: []string{"enter"}, Short: "open", Help: "open the reset", Off: p.one,
			Run: func() tea.Cmd { return p.env.Send(Open{View: "reset", Ref: row.ID.Full()}) }},
		{Keys: []string{"i"}, Short: "issue", Help: "issue a reset and mail the link", Run: func() tea.Cmd { return issue(p.env, p.row) },
			Off: why(p.there, p.env.Locked, heldWhy([]model.AccountRow{p.row}))},
		{Keys: []string{"x"}, Short: "revoke", Help: "revoke the marked live resets, or all live ones of the account", Run: p.revoke,
			Off: why(p.there, p.env.Locked)},
		{Keys: []string{"!"}, Short: holdWord([]model.AccountRow{p.row}), Help: "hold the account, or lift the hold", Run: func() tea.Cmd { return hold(p.env, p.row) },
			Off: why(p.there, p.env.Locked)},
	}
	as = append(as, p.copying("the id of the reset", func(r model.Reset) string { return r.ID.String() }))
	as = append(as, p.markings()...)
	return append(as, p.moves()...)
}

func (p *account) revoke() tea.Cmd {
	o, title := model.RevokeOrder{Filter: model.ResetFilter{AccountID: p.id}}, "Revoke every live reset of "+p.row.Email
	for _, r := range p.Marked() {
		o.IDs = append(o.IDs, r.ID)
	}
	if n := len(o.IDs); n > 0 {
		title = "Revoke " + model.Plural(n, "marked reset") + " of " + p.row.Email
	}
	return revoke(p.env, &p.plan, title, o)
}
