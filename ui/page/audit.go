package page

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/model/query"
	"doorman/model/transfer"
	"doorman/ui/part"
	"doorman/ui/term"
)

// audit is the operators' log, newest first.
type audit struct {
	*sought[model.AuditEntry]
	checking Slot
	done     atomic.Int64 // entries checked so far; written by the check, read by View
	verdict  part.Cell    // of the last check; "" before the first
}

func newAudit(e *Env, o Open) Page {
	p := &audit{}
	b := newBar(e.Theme, query.ForAudit(e.Now))
	p.sought = newSought(e, b, func(a model.AuditEntry) string { return strconv.FormatInt(a.Seq, 10) }, auditColumns(e)...)
	p.lower = entryRest
	p.noun, p.all, p.noHit, p.upper = "entry", "the whole log, newest first", "No entry matches.", p.result
	p.none = []string{"The log is empty.", "Whatever is issued, revoked, held or sent from now on leaves a line here."}
	p.reads(transfer.AuditColumns, func(line string) func(context.Context, model.Paging) (model.Page[model.AuditEntry], error) {
		f, _ := query.ParseAudit(line, e.Now())
		return func(ctx context.Context, at model.Paging) (model.Page[model.AuditEntry], error) {
			f := f
			f.Paging = at
			return e.Store.ListAudit(ctx, f)
		}
	})
	b.seen = func(field string) []string {
		return common(p.Rows(), map[string]func(model.AuditEntry) string{
			"by":    func(a model.AuditEntry) string { return a.Operator },
			"batch": func(a model.AuditEntry) string { return a.BatchID },
		}[field])
	}
	p.named(o.View)
	if f, ok := o.Filter.(model.AuditFilter); ok {
		b.begin(query.AuditLine(f))
	}
	p.linked(o, lineNumber)
	p.explain()
	return p
}

func auditColumns(e *Env) []part.Column[model.AuditEntry] {
	type row = model.AuditEntry
	dim := e.Theme.Dim
	return []part.Column[row]{
		{Title: "time", Min: 19, Cell: func(a row) part.Cell { return part.Cell{Text: e.clock(a.At), Ink: dim} },
			Exact: func(a row) string { return exactly(a.At) }},
		{Title: "operator", Min: 10, Flex: 1, Cell: func(a row) part.Cell { return part.Cell{Text: orDash(a.Operator)} }},
		{Title: "verb", Min: 13, Cell: func(a row) part.Cell { return verbCell(e, a) }},
		{Title: "subject", Min: 24, Flex: 3, Cell: func(a row) part.Cell { return part.Cell{Text: orDash(a.About)} }},
		{Title: "reason", Min: 20, Flex: 3, Drop: 1, Cell: func(a row) part.Cell { return part.Cell{Text: orDash(a.Reason)} }},
		{Title: "counts", Min: 22, Flex: 1, Drop: 2, Cell: func(a row) part.Cell { return part.Cell{Text: orDash(a.Counts.String()), Ink: dim} }},
		{Title: "batch", Min: 9, Drop: 3, Cell: func(a row) part.Cell { return part.Cell{Text: orDash(model.Mask(a.BatchID)), Ink: dim} },
			Exact: func(a row) string { return a.BatchID }},
		{Title: "role", Min: 9, Drop: 5, Cell: func(a row) part.Cell { return part.Cell{Text: string(a.Role), Ink: dim} }},
		{Title: "from", Min: 14, Flex: 2, Drop: 4, Cell: func(a row) part.Cell { return part.Cell{Text: orDash(a.Origin), Ink: dim} }},
		{Title: "line", Min: 7, Right: true, Drop: 6, Cell: func(a row) part.Cell { return part.Cell{Text: strconv.FormatInt(a.Seq, 10), Ink: dim} }},
	}
}

// entryRest is what a narrow screen has no columns for.
func entryRest(a model.AuditEntry) string {
	var parts []string
	if a.Denied {
		parts = append(parts, "refused")
	}
	if s := a.Counts.String(); s != "" {
		parts = append(parts, s)
	}
	if a.Reason != "" {
		parts = append(parts, "reason: "+a.Reason)
	}
	return strings.Join(parts, "  ")
}

// verbCell is the verb of an entry; one that was refused says so.
func verbCell(e *Env, a model.AuditEntry) part.Cell {
	if a.Denied {
		s := e.Theme.Sign("denied")
		return part.Cell{Text: s.Glyph + " " + string(a.Verb), Ink: s.Ink}
	}
	return part.Cell{Text: string(a.Verb)}
}

func (p *audit) Init() tea.Cmd { return p.reload() }

func (p *audit) Title() string { return p.titled("Audit") }

func (p *audit) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case Changed:
		return p.refresh()
	case tea.KeyMsg:
		return p.typed(m)
	}
	return nil
}

// Close implements Closer.
func (p *audit) Close() {
	p.close()
	p.checking.Drop()
}

// verify checks the chain of hashes from the first line to the last.
func (p *audit) verify() tea.Cmd {
	p.done.Store(0)
	p.verdict = part.Cell{}
	t := p.env.Theme
	cmd := Load(&p.checking, func(ctx context.Context) (model.AuditEntry, error) {
		return p.env.Store.VerifyAudit(ctx, p.done.Store)
	}, func(last model.AuditEntry, err error) tea.Cmd {
		switch {
		case err != nil:
			p.verdict = part.Cell{Text: t.Sign("problem").Glyph + " " + strings.Join(problem(err), " — "), Ink: t.Bad}
		case last.Seq == 0:
			p.verdict = part.Cell{Text: "there is nothing to check yet", Ink: t.Dim}
		default:
			p.verdict = part.Cell{Text: t.Sign("done").Glyph + " the log is whole: " + model.Plural(int(last.Seq), "line") + ", the last of " + part.Stamp(last.At, p.env.Zone) +
				", hash " + model.Mask(last.Hash), Ink: t.Good}
		}
		return nil
	})
	p.fit()
	return cmd
}

// result draws how the check of the log stands; no line before the first.
func (p *audit) result() []string {
	t := p.env.Theme
	switch {
	case p.checking.Busy():
		return []string{t.Info.Paint(term.Fit(" checking the log: "+model.Plural(int(p.done.Load()), "line")+" so far, v starts over", p.w))}
	case p.verdict.Text != "":
		return []string{p.verdict.Ink.Paint(term.Fit(" "+term.Show(p.verdict.Text), p.w))}
	}
	return nil
}

func (p *audit) Actions() []Action {
	e := p.env
	row, _ := p.Current()
	open := func() tea.Cmd {
		if row.BatchID != "" {
			return e.Send(Open{View: "batch", Ref: row.BatchID})
		}
		return e.Send(Open{View: "entry", Filter: row})
	}
	as := []Action{{Keys: []string{"enter"}, Short: "open", Help: "open the bulk act of the entry, or the entry itself", Off: p.one, Run: open}}
	as = append(as, p.seeking()...)
	as = append(as,
		p.cycle("verb", []string{"issue", "revoke", "hold", "release", "undo", "retry-email", "cancel-email", "request", "redeem", "import", "export"}),
		Action{Keys: []string{"t"}, Help: "open the entry itself, with its hash", Off: p.one, Run: func() tea.Cmd { return e.Send(Open{View: "entry", Filter: row}) }},
		Action{Keys: []string{"v"}, Short: "verify", Help: "check that no line was changed, dropped or moved", Run: p.verify},
		Action{Keys: []string{"B"}, Short: "batches", Help: "everything that was done in bulk", Run: func() tea.Cmd { return e.Send(Open{View: "batches"}) }},
		p.copying("the line", entryLine(e)),
	)
	as = append(as, p.tabs()...)
	return append(as, p.moves()...)
}

// entryLine writes an entry as one line of text.
func entryLine(e *Env) func(model.AuditEntry) string {
	return func(a model.AuditEntry) string {
		return strings.Join([]string{strconv.FormatInt(a.Seq, 10), part.Stamp(a.At, e.Zone), a.Operator, string(a.Verb), a.About, a.Reason, a.Hash}, "\t")
	}
}
