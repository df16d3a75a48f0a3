package page

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/part"
)

// batches is the list of what was done in bulk, newest first.
type batches struct {
	*list[model.Batch]
	w, h int
}

func newBatches(e *Env, o Open) Page {
	p := &batches{list: newList(e, func(b model.Batch) string { return b.ID }, batchColumns(e)...)}
	p.named(o.View)
	p.selectable(o.Select, func(b model.Batch) string { return b.ID })
	p.empty = []string{"There are no batches yet.", "Revoking, holding or releasing makes a batch, which can be undone here."}
	p.fetch = func(at model.Paging) func(context.Context) (model.Page[model.Batch], error) {
		return func(ctx context.Context) (model.Page[model.Batch], error) {
			return e.Store.ListBatches(ctx, model.BatchFilter{Paging: at})
		}
	}
	return p
}

func batchColumns(e *Env) []part.Column[model.Batch] {
	type row = model.Batch
	dim := e.Theme.Dim
	return []part.Column[row]{
		{Title: "age", Min: 5, Right: true, Cell: func(b row) part.Cell { return part.Cell{Text: e.age(b.At)} }},
		{Title: "by", Min: 10, Flex: 1, Cell: func(b row) part.Cell { return part.Cell{Text: orDash(b.By)} }},
		{Title: "verb", Min: 8, Cell: func(b row) part.Cell { return part.Cell{Text: string(b.Verb)} }},
		{Title: "subject", Min: 18, Flex: 3, Cell: func(b row) part.Cell { return part.Cell{Text: orDash(b.About)} }},
		{Title: "counts", Min: 14, Flex: 2, Cell: func(b row) part.Cell { return part.Cell{Text: orDash(b.Counts.String())} }},
		{Title: "undone", Min: 12, Flex: 1, Cell: func(b row) part.Cell { return undoneCell(e, b) }},
		{Title: "reason", Min: 14, Flex: 3, Drop: 1, Cell: func(b row) part.Cell { return part.Cell{Text: orDash(b.Reason)} }},
		{Title: "time", Min: 19, Drop: 2, Cell: func(b row) part.Cell { return part.Cell{Text: e.clock(b.At), Ink: dim} }},
		{Title: "id", Min: 9, Drop: 3, Cell: func(b row) part.Cell { return part.Cell{Text: model.Mask(b.ID), Ink: dim} }},
	}
}

func undoneCell(e *Env, b model.Batch) part.Cell {
	if b.UndoneAt.IsZero() {
		return part.Cell{Text: "–", Ink: e.Theme.Dim}
	}
	return part.Cell{Text: "by " + b.UndoneBy, Ink: e.Theme.Warn}
}

func (p *batches) Init() tea.Cmd { return p.reload() }

func (p *batches) Title() string { return "Batches" }

func (p *batches) SetSize(w, h int) {
	p.w, p.h = w, h
	p.line = 1
	p.list.SetSize(w, h-1)
}

func (p *batches) Update(msg tea.Msg) tea.Cmd {
	if _, ok := msg.(Changed); ok {
		return p.refresh()
	}
	return nil
}

// Close implements Closer.
func (p *batches) Close() { p.close() }

func (p *batches) Actions() []Action {
	row, ok := p.Current()
	one := func() string {
		if !ok {
			return "no batch is selected"
		}
		return ""
	}
	as := []Action{
		{Keys: []string{"enter"}, Short: "open", Help: "open the batch, where z to undo", Off: one,
			Run: func() tea.Cmd { return p.env.Send(Open{View: "batch", Ref: row.ID}) }},
		p.copying("the id of the batch", func(b model.Batch) string { return b.ID }),
	}
	return append(as, p.moves()...)
}

// View draws the list.
func (p *batches) View() string {
	return ends(p.env.Theme.Dim.Paint("everything that was done in bulk, newest first"), p.place(), p.w) + "\n" + p.body()
}
