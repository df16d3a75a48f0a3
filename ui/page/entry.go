package page

import (
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/part"
)

// entry is one line of the log, in full. Lines never change, so it comes with
// what opened it.
type entry struct {
	paper
	env  *Env
	row  model.AuditEntry
	have bool
}

func newEntry(e *Env, o Open) Page {
	p := &entry{paper: paper{theme: e.Theme}, env: e}
	p.row, p.have = o.Filter.(model.AuditEntry)
	return p
}

func (p *entry) Init() tea.Cmd { return nil }

func (p *entry) Update(tea.Msg) tea.Cmd { return nil }

func (p *entry) Title() string {
	if p.have {
		return "Line " + strconv.FormatInt(p.row.Seq, 10)
	}
	return "Line"
}

func (p *entry) Actions() []Action {
	batchless := func() string {
		if p.row.BatchID == "" {
			return "it was no bulk act"
		}
		return ""
	}
	there := func() string {
		if !p.have {
			return "open a line of the log first"
		}
		return ""
	}
	as := []Action{
		{Keys: []string{"B"}, Short: "batch", Help: "open the bulk act", Off: why(there, batchless),
			Run: func() tea.Cmd { return p.env.Send(Open{View: "batch", Ref: p.row.BatchID}) }},
		copying(p.env, "the line", there, func() string { return entryLine(p.env)(p.row) }),
	}
	return append(as, p.moves()...)
}

// View draws every field of the entry.
func (p *entry) View() string {
	if !p.have {
		return p.absent([]string{"No line was chosen.", "6 shows the log, where t opens a line"})
	}
	e, a := p.env, p.row
	verb := verbCell(e, a)
	if a.Denied {
		verb.Text += ", refused"
	}
	fields := []part.Field{
		{Name: " verb", Value: verb.Text, Ink: verb.Ink},
		{Name: " time", Value: e.moment(a.At)},
		{Name: " operator", Value: orDash(a.Operator) + " (" + orDash(string(a.Role)) + ")", Ink: e.Theme.Strong},
		{Name: " from", Value: orDash(a.Origin)},
		{Name: " counts", Value: orDash(a.Counts.String())},
		{Name: " batch", Value: orDash(model.Mask(a.BatchID))},
	}
	lines := fieldLines(e.Theme, fields, p.w)
	long := []part.Field{{Name: "subject", Value: a.About}, {Name: "reason", Value: a.Reason}}
	if a.About != a.Subject {
		long = append(long, part.Field{Name: "subject as the hash covers it", Value: a.Subject})
	}
	for _, long := range append(long, part.Field{Name: "hash of the line before", Value: a.PrevHash}, part.Field{Name: "hash", Value: a.Hash}) {
		lines = append(lines, section(e.Theme, long.Name)...)
		for _, l := range shown([]string{orDash(long.Value)}) {
			lines = append(lines, wrap(l, p.w)...)
		}
	}
	return p.show(lines)
}
