package page

import (
	"context"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/part"
)

// accounts is the list of all accounts: the home of this console.
type accounts struct {
	*list[model.AccountRow]
	env    *Env
	prompt *part.Prompt
	filter model.AccountFilter
	wait   bool // enter was pressed in the search, its answer is on the way
	w, h   int
}

func newAccounts(e *Env, o Open) Page {
	p := &accounts{env: e, prompt: part.NewPrompt(e.Theme, "/", "any part of an address")}
	if f, ok := o.Filter.(model.AccountFilter); ok {
		p.filter = f
		p.prompt.SetValue(f.Query)
	}
	p.list = newList(e, func(a model.AccountRow) string { return a.ID }, accountColumns(e)...)
	p.fetch = func(at model.Paging) func(context.Context) (model.Page[model.AccountRow], error) {
		f := p.filter
		f.Paging = at
		return func(ctx context.Context) (model.Page[model.AccountRow], error) { return e.Store.ListAccounts(ctx, f) }
	}
	p.count = func() func(context.Context) (model.Count, error) {
		f := p.filter
		return func(ctx context.Context) (model.Count, error) { return e.Store.CountAccounts(ctx, f, countCap) }
	}
	p.then = func() tea.Cmd { p.wait = false; return nil }
	if p.filter.Sort == "" {
		p.filter.Sort = model.ByEmail
	}
	p.SetSort(string(p.filter.Sort), p.filter.Desc)
	p.setFilter(p.filter.Query)
	return p
}

func accountColumns(e *Env) []part.Column[model.AccountRow] {
	type row = model.AccountRow
	return []part.Column[row]{
		{Title: "address", Min: 22, Ideal: 29, Flex: 4, Sort: string(model.ByEmail), Cell: func(a row) part.Cell { return part.Cell{Text: a.Email} }},
		{Title: "state", Min: 13, Cell: func(a row) part.Cell { return e.state(accountState(a.Account)) }},
		{Title: "resets", Min: 6, Right: true, Cell: func(a row) part.Cell { return part.Cell{Text: strconv.Itoa(a.Resets)} }},
		{Title: "live", Min: 4, Right: true, Cell: func(a row) part.Cell { return e.liveCount(a.Live) }},
		{Title: "last", Min: 5, Right: true, Cell: func(a row) part.Cell { return part.Cell{Text: part.Ago(e.Now(), a.LastReset)} }},
		{Title: "created", Min: 11, Drop: 1, Sort: string(model.ByAccountCreated), Cell: func(a row) part.Cell { return part.Cell{Text: e.day(a.Created), Ink: e.Theme.Dim} }},
		{Title: "held by", Min: 12, Flex: 1, Drop: 2, Cell: func(a row) part.Cell { return part.Cell{Text: a.HeldBy, Ink: e.Theme.Dim} }},
		{Title: "id", Min: 8, Flex: 2, Drop: 3, Cell: func(a row) part.Cell { return part.Cell{Text: a.ID, Ink: e.Theme.Dim} }},
	}
}

func (p *accounts) Init() tea.Cmd { return p.reload() }

func (p *accounts) Title() string { return "Accounts" }

func (p *accounts) SetSize(w, h int) {
	p.w, p.h = w, h
	p.line = 1
	p.list.SetSize(w, h-1)
}

func (p *accounts) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case Changed:
		return p.refresh()
	case tea.KeyMsg:
		return p.typed(m)
	}
	return nil
}

// Typing implements Typist.
func (p *accounts) Typing() bool { return p.prompt.Focused() }

// Holding implements Holder.
func (p *accounts) Holding() bool { return p.wait && p.rows.Busy() }

// Close implements Closer.
func (p *accounts) Close() { p.close() }

func (p *accounts) typed(k tea.KeyMsg) tea.Cmd {
	switch k.String() {
	case "enter":
		p.prompt.Blur()
		p.wait = p.rows.Busy()
		return nil
	case "esc":
		p.prompt.Blur()
		return p.setQuery("")
	case "up", "down":
		p.Move(map[string]int{"up": -1, "down": 1}[k.String()])
		return p.more()
	}
	if p.prompt.Update(k) {
		p.setFilter(p.prompt.Value())
		return p.search()
	}
	return nil
}

func (p *accounts) setQuery(q string) tea.Cmd {
	p.prompt.SetValue(q)
	p.setFilter(q)
	return p.reload()
}

func (p *accounts) setFilter(q string) {
	p.filter.Query = q
	p.empty = []string{"There are no accounts yet.", "`doorman import accounts FILE` brings them in."}
	if q != "" || p.filter.Held {
		p.empty = []string{"No account matches.", "esc clears the search, / changes it"}
	}
}

// Unwind implements Unwinder.
func (p *accounts) Unwind() (tea.Cmd, bool) {
	if p.filter.Query != "" || p.filter.Held {
		p.filter.Held = false
		return p.setQuery(""), true
	}
	return nil, p.ClearMarks()
}

func (p *accounts) sortBy(by string) tea.Cmd {
	s := model.AccountSort(by)
	p.filter.Desc = p.filter.Sort == s && !p.filter.Desc
	p.filter.Sort = s
	p.SetSort(by, p.filter.Desc)
	return p.reload()
}

func (p *accounts) onlyHeld() tea.Cmd {
	p.filter.Held = !p.filter.Held
	p.setFilter(p.filter.Query)
	return p.reload()
}

// one returns why no account is under the cursor, or "".
func (p *accounts) one() string {
	if _, ok := p.Current(); !ok {
		return "no account is selected"
	}
	return ""
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

// Command implements Commander.
func (p *accounts) Command() string {
	if p.filter.Query == "" {
		return "doorman accounts"
	}
	return "doorman accounts -- " + shellQuote(p.filter.Query)
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
		{Keys: []string{"/"}, Short: "search", Help: "search by any part of the address",
			Run: func() tea.Cmd { p.prompt.Focus(); return nil }},
		{Keys: []string{"i"}, Short: "issue", Help: "issue a reset and mail the link, for the marked accounts or this one",
			Run: func() tea.Cmd { return issueThen(p.env, p.unmark, rows...) }, Off: why(p.one, p.env.Locked, heldWhy(rows))},
		{Keys: []string{"!"}, Short: holdWord(rows), Help: "hold the marked accounts or this one, or lift the hold",
			Run: func() tea.Cmd { return holdThen(p.env, p.unmark, rows...) }, Off: why(p.one, p.env.Locked, mixedWhy(rows))},
		{Keys: []string{"o"}, Help: "only held accounts, or all again", Run: p.onlyHeld},
		p.copying("the address", func(a model.AccountRow) string { return a.Email }),
	}
	as = append(as, p.markings()...)
	as = append(as, p.sorting(p.sortBy)...)
	return append(as, p.moves()...)
}
