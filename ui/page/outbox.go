package page

import (
	"context"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/model/query"
	"doorman/model/transfer"
	"doorman/ui/part"
	"doorman/ui/term"
)

// outbox is the list of all letters, newest first.
type outbox struct {
	*sought[model.Letter]
	tally    map[model.LetterState]int // nil until it was read
	tallying Slot
	trial    trial
}

func newOutbox(e *Env, o Open) Page {
	p := &outbox{}
	b := newBar(e.Theme, query.ForLetters())
	p.sought = newSought(e, b, func(l model.Letter) string { return l.ID }, letterColumns(e)...)
	p.lower = func(l model.Letter) string { return letterRest(e, l) }
	p.noun, p.all, p.noHit = "email", "all emails, newest first", "No email matches."
	p.upper = func() []string { return append(p.standing(), p.trialLines()...) }
	p.none = []string{"No email was written yet.", "A reset that is issued brings one: 2 shows the accounts, i issues."}
	p.reads(transfer.LetterColumns, func(line string) func(context.Context, model.Paging) (model.Page[model.Letter], error) {
		f, _ := query.ParseLetters(line)
		return func(ctx context.Context, at model.Paging) (model.Page[model.Letter], error) {
			f := f
			f.Paging = at
			return e.Store.ListLetters(ctx, f)
		}
	})
	p.then = func() tea.Cmd { p.wait = false; return p.total() }
	p.named(o.View)
	if f, ok := o.Filter.(model.LetterFilter); ok {
		b.begin(query.LetterLine(f))
	}
	p.linked(o, func(l model.Letter) string { return l.ID })
	p.explain()
	return p
}

func letterColumns(e *Env) []part.Column[model.Letter] {
	type row = model.Letter
	dim := e.Theme.Dim
	return []part.Column[row]{
		{Title: "age", Min: 5, Right: true, Cell: func(l row) part.Cell { return part.Cell{Text: e.age(l.Created)} },
			Exact: func(l row) string { return exactly(l.Created) }},
		{Title: "state", Min: 15, Cell: func(l row) part.Cell { return e.state(string(l.State)) },
			Exact: func(l row) string { return string(l.State) }},
		{Title: "to", Min: 30, Flex: 3, Cell: func(l row) part.Cell { return part.Cell{Text: l.To} }},
		{Title: "tries", Min: 5, Right: true, Cell: func(l row) part.Cell { return part.Cell{Text: strconv.Itoa(l.Attempts)} }},
		{Title: "next", Min: 5, Right: true, Drop: 1, Cell: func(l row) part.Cell { return part.Cell{Text: nextTry(e, l)} }},
		{Title: "answer", Min: 19, Flex: 5, Cell: func(l row) part.Cell { return answer(e, l) }},
		{Title: "about", Min: 16, Drop: 2, Cell: func(l row) part.Cell { return part.Cell{Text: l.Kind.Words(), Ink: dim} }},
		{Title: "queued", Min: 23, Drop: 3, Cell: func(l row) part.Cell { return part.Cell{Text: part.Stamp(l.Created, e.Zone), Ink: dim} }},
		{Title: "id", Min: 9, Drop: 4, Cell: func(l row) part.Cell { return part.Cell{Text: model.Mask(l.ID), Ink: dim} },
			Exact: func(l row) string { return l.ID }},
	}
}

// letterRest is what a narrow screen has no columns for.
func letterRest(e *Env, l model.Letter) string {
	parts := []string{l.Kind.Words()}
	if next := nextTry(e, l); next != "–" {
		parts = append(parts, "next try "+next)
	}
	if a := answer(e, l).Text; a != "–" {
		parts = append(parts, a)
	}
	return strings.Join(parts, "  ")
}

// nextTry tells when a letter that waits will be taken, "due" when it is time.
func nextTry(e *Env, l model.Letter) string {
	switch {
	case l.State != model.Queued && l.State != model.Failed:
		return "–"
	case l.NextTry.After(e.Now()):
		return part.Ago(e.Now(), l.NextTry)
	}
	return "due"
}

// answer is why the last attempt failed, or what the relay said when it took the
// letter.
func answer(e *Env, l model.Letter) part.Cell {
	switch l.State {
	case model.Sent:
		return part.Cell{Text: orDash(l.Reply), Ink: e.Theme.Dim}
	case model.Undeliverable:
		return part.Cell{Text: orDash(l.LastError), Ink: e.Theme.Bad}
	case model.Failed:
		return part.Cell{Text: orDash(l.LastError), Ink: e.Theme.Warn}
	}
	return part.Cell{Text: orDash(l.LastError), Ink: e.Theme.Dim}
}

func (p *outbox) Init() tea.Cmd { return tea.Batch(p.reload(), p.tallyUp()) }

func (p *outbox) Title() string { return p.titled("Outbox") }

// View implements Page. What the courier says comes and goes between messages,
// and takes lines from the table.
func (p *outbox) View() string {
	p.fit()
	return p.sought.View()
}

// tallyUp counts the letters by state.
func (p *outbox) tallyUp() tea.Cmd {
	return Load(&p.tallying, p.env.Store.CountLetters, func(n map[model.LetterState]int, err error) tea.Cmd {
		if err != nil {
			return p.env.Send(Failed{err})
		}
		p.tally = n
		return p.total()
	})
}

// total tells the list how long it is, where the counts by state say so.
func (p *outbox) total() tea.Cmd {
	f, _ := query.ParseLetters(p.bar.text)
	if p.tally == nil || f.Query != "" {
		p.SetTotal(0, false)
		return nil
	}
	if len(f.States) == 0 {
		f.States = model.LetterStates()
	}
	n := 0
	for _, s := range f.States {
		n += p.tally[s]
	}
	p.SetTotal(n, true)
	return nil
}

func (p *outbox) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case Changed:
		p.fit()
		return tea.Batch(p.refresh(), p.tallyUp())
	case tea.KeyMsg:
		return p.typed(m)
	}
	return nil
}

// Close implements Closer.
func (p *outbox) Close() {
	p.close()
	p.tallying.Drop()
	p.trial.slot.Drop()
}

// standing draws how many letters are in which state, and what the courier does
// when that is not its usual work.
func (p *outbox) standing() []string {
	t := p.env.Theme
	line := " "
	for _, s := range model.LetterStates() {
		sign, n := t.Sign(string(s)), p.tally[s]
		if n > 0 {
			line += sign.Ink.Paint(sign.Glyph+" "+strconv.Itoa(n)+" "+string(s)) + " "
		}
	}
	lines := []string{term.Fit(line, p.w)}
	if p.env.Courier == nil {
		return lines
	}
	c := p.env.Courier()
	text := "courier " + c.State
	if c.Reason != "" {
		text += ": " + c.Reason
	}
	if c.Server != "" {
		text += " · " + c.Server
	}
	if !c.Until.IsZero() {
		text += " · resumes in " + part.Span(max(c.Until.Sub(p.env.Now()), 0))
	}
	if c.SentTotal > 0 {
		text += " · " + model.Plural(c.SentTotal, "email") + " sent from here"
	}
	ink := t.Dim
	if c.State == "paused" || c.State == "off" {
		ink = t.Warn
	}
	if c.Hint != "" {
		text += " · " + c.Hint
	}
	for _, l := range part.Wrap(term.Show(text), p.w-2) {
		lines = append(lines, ink.Paint(term.Fit(" "+l, p.w)))
	}
	return lines
}

func (p *outbox) Actions() []Action {
	e := p.env
	row, _ := p.Current()
	as := []Action{
		{Keys: []string{"enter"}, Short: "open", Help: "open the email", Off: p.one,
			Run: func() tea.Cmd { return e.Send(Open{View: "email", Ref: row.ID}) }},
	}
	as = append(as, p.seeking()...)
	as = append(as, p.jumping(nil))
	as = append(as,
		p.cycle("state", []string{"queued", "sending", "sent", "failed", "undeliverable", "cancelled"}),
		Action{Keys: []string{"r"}, Short: "retry", Help: "try the marked emails again now, or this one", Off: why(p.one, e.Locked, noneOf(p.chosen(), retriable(p.env))),
			Run: func() tea.Cmd { return retry(e, p.unmark, p.chosen()) }},
		Action{Keys: []string{"x"}, Short: "cancel", Help: "never send the marked emails, or this one", Off: why(p.one, e.Locked, noneOf(p.chosen(), cancellable(e))),
			Run: func() tea.Cmd { return cancel(e, p.unmark, p.chosen()) }},
	)
	as = append(as, letterPivots(e, row, p.one)...)
	as = append(as, Action{Keys: []string{"ctrl+t"}, Help: "try the mail settings with a test email", Run: p.tryMail, Off: why(p.trialless, e.Locked)})
	as = append(as, p.copying("the Message-ID", func(l model.Letter) string { return l.MessageID }))
	as = append(as, p.markings()...)
	as = append(as, p.tabs()...)
	return append(as, p.moves()...)
}

// chosen returns the letters that an act is for: the marked ones, or the one
// under the cursor.
func (p *outbox) chosen() []model.Letter {
	if p.Marks() > 0 {
		return p.Marked()
	}
	if row, ok := p.Current(); ok {
		return []model.Letter{row}
	}
	return nil
}

func (p *outbox) unmark() { p.ClearMarks() }

// letterPivots returns the actions that lead from a letter to what it is about.
func letterPivots(e *Env, l model.Letter, there func() string) []Action {
	lacks := func(missing bool, what string) func() string {
		return func() string {
			if missing {
				return "the email names no " + what
			}
			return ""
		}
	}
	return []Action{
		{Keys: []string{"w"}, Short: "who", Help: "open the account", Off: why(there, lacks(l.AccountID == "", "account")),
			Run: func() tea.Cmd { return e.Send(Open{View: "account", Ref: l.AccountID}) }},
		{Keys: []string{"t"}, Short: "reset", Help: "open the reset that the email is about", Off: why(there, lacks(l.ResetID.IsZero(), "reset")),
			Run: func() tea.Cmd { return e.Send(Open{View: "reset", Ref: l.ResetID.Full()}) }},
	}
}
