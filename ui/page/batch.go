package page

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/part"
)

// batch is what one gesture did, with the resets that it changed last.
type batch struct {
	*list[model.Reset]
	detail[model.Batch]
	env  *Env
	plan Slot
	w, h int
}

func newBatch(e *Env, o Open) Page {
	p := &batch{env: e, detail: detail[model.Batch]{env: e, ref: o.Ref, noun: "batch"}}
	cols := resetsColumns(e)
	for i := range cols {
		cols[i].Sort = "" // newest first, always
	}
	p.list = newList(e, func(r model.Reset) string { return r.ID.Full() }, cols...)
	p.named(o.View)
	p.fetch = func(at model.Paging) func(context.Context) (model.Page[model.Reset], error) {
		f := model.ResetFilter{BatchID: p.row.ID, Paging: at}
		return func(ctx context.Context) (model.Page[model.Reset], error) { return e.Store.ListResets(ctx, f) }
	}
	p.count = func() func(context.Context) (model.Count, error) {
		f := model.ResetFilter{BatchID: p.row.ID}
		return func(ctx context.Context) (model.Count, error) { return e.Store.CountResets(ctx, f, countCap) }
	}
	return p
}

func (p *batch) Init() tea.Cmd { return p.readBatch() }

func (p *batch) readBatch() tea.Cmd {
	return p.find(func(ctx context.Context) (model.Batch, error) {
		return p.env.Store.FindBatch(ctx, p.ref)
	}, func() tea.Cmd {
		p.empty = p.memberless()
		p.fit()
		return p.refresh()
	})
}

// memberless tells why a batch shows no resets.
func (p *batch) memberless() []string {
	switch p.row.Verb {
	case model.VerbHold, model.VerbRelease:
		return []string{"It changed the account, no reset.", "w opens the account"}
	case model.VerbRevoke:
		return []string{"Every reset of it was changed again since."}
	case model.VerbBlock, model.VerbAllow, model.VerbUnblock:
		return []string{"It changed rules, no reset.", "4 shows the rules"}
	case model.VerbCase:
		return []string{"It changed a case, no reset.", "7 shows the cases"}
	}
	return []string{"It changed no resets."}
}

func (p *batch) Title() string {
	if p.have {
		return "Batch " + model.Mask(p.row.ID)
	}
	return "Batch"
}

func (p *batch) SetSize(w, h int) {
	p.w, p.h = w, h
	p.line = part.DetailLines(len(p.fields()), w) + 2
	p.list.SetSize(w, h-p.line)
}

func (p *batch) fit() { p.SetSize(p.w, p.h) }

func (p *batch) Update(msg tea.Msg) tea.Cmd {
	if _, ok := msg.(Changed); ok {
		return p.readBatch()
	}
	return nil
}

// Unwind implements Unwinder.
func (p *batch) Unwind() (tea.Cmd, bool) { return nil, p.ClearMarks() }

// Close implements Closer.
func (p *batch) Close() {
	p.close()
	p.read.Drop()
	p.plan.Drop()
}

func (p *batch) one() string {
	if _, ok := p.Current(); !ok {
		return "no reset is selected"
	}
	return ""
}

// final tells why the batch cannot be undone, or "".
func (p *batch) final() string {
	switch {
	case p.row.CanUndo():
		return ""
	case !p.row.UndoneAt.IsZero():
		return "it was undone by " + p.row.UndoneBy
	}
	return "an act of this kind cannot be undone"
}

// ofAccount reports whether the subject of a batch is an account.
func ofAccount(b model.Batch) bool { return b.Verb == model.VerbHold || b.Verb == model.VerbRelease }

func (p *batch) Actions() []Action {
	e := p.env
	row, _ := p.Current()
	who := Action{Keys: []string{"w"}, Short: "who", Help: "open the account", Off: why(p.there, p.one, accountless(row)),
		Run: func() tea.Cmd { return e.Send(Open{View: "account", Ref: row.AccountID}) }}
	if ofAccount(p.row) {
		who.Off = p.there
		who.Run = func() tea.Cmd { return e.Send(Open{View: "account", Ref: p.row.Subject}) }
	}
	as := []Action{
		{Keys: []string{"enter"}, Short: "open", Help: "open the reset", Off: p.one,
			Run: func() tea.Cmd { return e.Send(Open{View: "reset", Ref: row.ID.Full()}) }},
		{Keys: []string{"z"}, Short: "undo", Help: "take the batch back, as far as that is still right", Off: why(p.there, p.final, e.Locked), Run: p.undo},
		who,
		{Keys: []string{"f"}, Short: "resets", Help: "its resets in the list of resets, to filter and mark them", Off: why(p.there, p.one),
			Run: func() tea.Cmd { return e.Send(Open{View: "resets", Filter: model.ResetFilter{BatchID: p.row.ID}}) }},
		{Keys: []string{"t"}, Short: "log", Help: "its lines in the log", Off: p.there,
			Run: func() tea.Cmd { return e.Send(Open{View: "audit", Filter: model.AuditFilter{BatchID: p.row.ID}}) }},
		copying(e, "the id of the batch", p.there, func() string { return p.row.ID }),
	}
	return append(as, p.moves()...)
}

// View draws what was done above the resets.
func (p *batch) View() string {
	t := p.env.Theme
	if !p.have {
		sheet := paper{theme: t, w: p.w, h: p.h}
		return sheet.absent(p.missing())
	}
	rule := ends(t.Head.Paint("resets that it changed last"), p.place(), p.w)
	return part.Details(t, p.fields(), p.w) + "\n\n" + rule + "\n" + p.body()
}

func (p *batch) fields() []part.Field {
	e, b := p.env, p.row
	force := part.Field{Name: " state", Value: "in force"}
	if !b.UndoneAt.IsZero() {
		force.Value, force.Ink = "undone by "+b.UndoneBy+", "+e.moment(b.UndoneAt), e.Theme.Warn
	}
	return []part.Field{
		{Name: " did", Value: string(b.Verb) + " " + b.About, Ink: e.Theme.Strong},
		{Name: " counts", Value: orDash(b.Counts.String())},
		force,
		{Name: " by", Value: orDash(b.By)},
		{Name: " at", Value: e.moment(b.At)},
		{Name: " reason", Value: orDash(b.Reason)},
	}
}
