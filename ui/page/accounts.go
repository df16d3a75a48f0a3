package page

import (
	"context"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/model/query"
	"doorman/model/transfer"
	"doorman/ui/part"
)

// accounts is the list of all accounts.
type accounts struct {
	*sought[model.AccountRow]
	sort model.AccountSort
	desc bool
}

func newAccounts(e *Env, o Open) Page {
	p := &accounts{sort: model.ByEmail}
	b := newBar(e.Theme, query.ForAccounts())
	p.sought = newSought(e, b, func(a model.AccountRow) string { return a.ID }, accountColumns(e)...)
	p.noun, p.all, p.noHit = "account", "all accounts", "No account matches."
	p.none = []string{"There are no accounts yet.", "`doorman import accounts FILE` brings them in."}
	p.reads(transfer.AccountColumns, func(line string) func(context.Context, model.Paging) (model.Page[model.AccountRow], error) {
		q := p.query(line)
		return func(ctx context.Context, at model.Paging) (model.Page[model.AccountRow], error) {
			f, err := resolveAccounts(ctx, e.Store, q)
			if err != nil {
				return model.Page[model.AccountRow]{}, ifThere(err)
			}
			f.Paging = at
			page, err := e.Store.ListAccounts(ctx, f)
			flagAccounts(ctx, e.Store, page.Items)
			return page, err
		}
	})
	p.counted(func(line string) func(context.Context) (model.Count, error) {
		q := p.query(line)
		return func(ctx context.Context) (model.Count, error) {
			f, err := resolveAccounts(ctx, e.Store, q)
			if err != nil {
				return model.Count{}, ifThere(err)
			}
			return e.Store.CountAccounts(ctx, f, countCap)
		}
	})
	p.named(o.View)
	p.wanted(e.Habits.Lists[o.View])
	if f, ok := o.Filter.(model.AccountFilter); ok {
		b.begin(query.AccountLine(f))
	}
	p.linked(o, func(a model.AccountRow) string { return a.ID })
	p.explain()
	p.order = p.sortBy
	return p
}

func (p *accounts) query(line string) query.Accounts {
	q, _ := query.ParseAccounts(line)
	q.Sort, q.Desc = p.sort, p.desc
	return q
}

// resolveAccounts finds the clusters that a line names.
func resolveAccounts(ctx context.Context, s Store, q query.Accounts) (f model.AccountFilter, err error) {
	q.Of, err = among(ctx, s, q.Cluster, q.Flagged)
	return q.AccountFilter, err
}

// ifThere is the error of a look-up, nil where there just is nothing.
func ifThere(err error) error {
	if isMissing(err) {
		return nil
	}
	return err
}

func accountColumns(e *Env) []part.Column[model.AccountRow] {
	type row = model.AccountRow
	return []part.Column[row]{
		{Title: "address", Min: 22, Ideal: 29, Flex: 4, Sort: string(model.ByEmail), Cell: func(a row) part.Cell { return part.Cell{Text: a.Email} }},
		{Title: "state", Min: 13, Cell: func(a row) part.Cell { return e.flaggedState(accountState(a.Account), a.Flag) },
			Exact: func(a row) string { return accountState(a.Account) }},
		{Title: "resets", Min: 6, Right: true, Cell: func(a row) part.Cell { return part.Cell{Text: strconv.Itoa(a.Resets)} }},
		{Title: "live", Min: 4, Right: true, Cell: func(a row) part.Cell { return e.liveFlagged(a.Live, a.Flag) }},
		{Title: "last", Min: 5, Right: true, Cell: func(a row) part.Cell { return part.Cell{Text: e.age(a.LastReset)} },
			Exact: func(a row) string { return exactly(a.LastReset) }},
		{Title: "created", Min: 11, Drop: 1, Sort: string(model.ByAccountCreated), Cell: func(a row) part.Cell { return part.Cell{Text: e.day(a.Created), Ink: e.Theme.Dim} }},
		{Title: "held by", Min: 12, Flex: 1, Drop: 2, Cell: func(a row) part.Cell { return part.Cell{Text: a.HeldBy, Ink: e.Theme.Dim} }},
		{Title: "id", Min: 8, Flex: 2, Drop: 3, Cell: func(a row) part.Cell { return part.Cell{Text: a.ID, Ink: e.Theme.Dim} }},
	}
}

func (p *accounts) Init() tea.Cmd { return p.reload() }

func (p *accounts) Title() string { return p.titled("Accounts") }

func (p *accounts) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case Changed:
		return p.refresh()
	case tea.KeyMsg:
		return p.typed(m)
	}
	return nil
}

// Close implements Closer.
func (p *accounts) Close() { p.close() }

// wanted takes the order that the operator chose last.
func (p *accounts) wanted(l ListHabits) {
	switch s := model.AccountSort(l.Sort); s {
	case model.ByEmail, model.ByAccountCreated:
		p.sort, p.desc = s, l.Turned
	}
	p.SetSort(string(p.sort), p.desc)
}

func (p *accounts) sortBy(by string) tea.Cmd {
	s := model.AccountSort(by)
	p.desc = p.sort == s && !p.desc
	p.sort = s
	p.SetSort(by, p.desc)
	return tea.Batch(p.sorted(by, p.desc), p.reload())
}

// onlyHeld looks for held accounts, or for all again.
func (p *accounts) onlyHeld() tea.Cmd {
	state := "held"
	if p.query(p.bar.text).Held {
		state = ""
	}
	return p.seek(query.With(p.bar.text, "state", state))
}

// chosen returns the accounts that an act is for: the marked ones, or the one
// under the cursor.
func (p *accounts) chosen() []model.AccountRow {
	if p.Marks() > 0 {
		return p.Marked()
	}
	if row, ok := p.Current(); ok {
		return []model.AccountRow{row}
	}
	return nil
}

// unmark takes the marks away once their records have been acted on, so that
// the next gesture is not for them again.
func (p *accounts) unmark() { p.ClearMarks() }

func (p *accounts) Actions() []Action {
	row, _ := p.Current()
	rows := p.chosen()
	as := []Action{
		{Keys: []string{"enter"}, Short: "open", Help: "open the account with its resets", Off: p.one,
			Run: func() tea.Cmd { return p.env.Send(Open{View: "account", Ref: row.ID}) }},
	}
	as = append(as, p.seeking()...)
	as = append(as, []Action{
		{Keys: []string{"i"}, Short: "issue", Help: "issue a reset and mail the link, for the marked accounts or this one",
			Run: func() tea.Cmd { return issueThen(p.env, p.unmark, rows...) }, Off: why(p.one, p.env.Locked, heldWhy(rows))},
		{Keys: []string{"!"}, Short: holdWord(rows), Help: "hold the marked accounts or this one, or lift the hold",
			Run: func() tea.Cmd { return holdThen(p.env, p.unmark, rows...) }, Off: why(p.one, p.env.Locked, mixedWhy(rows))},
		{Keys: []string{"o"}, Help: "only held accounts, or all again", Run: p.onlyHeld},
		toCluster(p.env, row.Flag, p.one),
		p.copying("the address", func(a model.AccountRow) string { return a.Email }),
	}...)
	as = append(as, p.markings()...)
	as = append(as, p.sorting()...)
	as = append(as, p.tabs()...)
	return append(as, p.moves()...)
}
