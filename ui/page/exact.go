package page

import (
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/part"
	"doorman/ui/term"
)

// Revealer is a page that can tell what is in the row or record that it
// shows, as it came from outside: the values are not yet made safe. What is a
// credential it masks as on the screen.
type Revealer interface{ Revealed() []part.Field }

// exact shows fields of another page with every hidden character by its number:
// the boundary to the terminal shows that something is hidden, this shows what.
type exact struct {
	paper
	env    *Env
	fields []part.Field
}

func newExact(e *Env, o Open) Page {
	p := &exact{paper: paper{theme: e.Theme}, env: e}
	p.fields, _ = o.Filter.([]part.Field)
	return p
}

func (p *exact) Init() tea.Cmd { return nil }

func (p *exact) Update(tea.Msg) tea.Cmd { return nil }

func (p *exact) Title() string { return "As it is stored" }

func (p *exact) Actions() []Action { return p.moves() }

// View draws each field below its name.
func (p *exact) View() string {
	if len(p.fields) == 0 {
		return p.absent([]string{"No row is selected.", "V on a row or a record shows it here"})
	}
	var lines []string
	for _, f := range p.fields {
		ink := p.theme.Dim
		if term.Hides(f.Value) {
			ink = p.theme.Warn
		}
		head := term.Fit(" "+term.Show(f.Name), 14) + " " + model.Plural(len(f.Value), "byte") + ", " + strconv.Itoa(len([]rune(f.Value))) + " characters"
		lines = append(lines, ink.Paint(term.Fit(head, p.w)))
		for _, l := range wrap(term.Reveal(f.Value), p.w) {
			lines = append(lines, term.Fit(l, min(p.w, term.Width(l))))
		}
	}
	return p.show(lines)
}

// Revealed implements Revealer: the row under the cursor.
func (l *list[T]) Revealed() []part.Field { return l.Fields() }

// Revealed implements Revealer.
func (p *account) Revealed() []part.Field {
	if !p.have {
		return nil
	}
	return append([]part.Field{{Name: "address", Value: p.row.Email}, {Name: "id", Value: p.row.ID}, {Name: "held by", Value: p.row.HeldBy}}, p.list.Revealed()...)
}

// Revealed implements Revealer.
func (p *reset) Revealed() []part.Field {
	r := p.row
	if !p.have {
		return nil
	}
	return []part.Field{{Name: "account", Value: r.Email}, {Name: "requested from", Value: r.RequestedIP}, {Name: "requested with", Value: r.RequestedAgent},
		{Name: "used from", Value: r.UsedIP}, {Name: "used with", Value: r.UsedAgent}, {Name: "issued by", Value: r.IssuedBy},
		{Name: "revoked by", Value: r.RevokedBy}, {Name: "reason", Value: r.RevokeReason}, {Name: "id", Value: r.ID.String()}}
}

// Revealed implements Revealer.
func (p *email) Revealed() []part.Field {
	l := p.row
	if !p.have {
		return nil
	}
	return []part.Field{{Name: "to", Value: l.To}, {Name: "answer", Value: l.Reply}, {Name: "last error", Value: l.LastError}, {Name: "Message-ID", Value: l.MessageID}}
}

// Revealed implements Revealer.
func (p *entry) Revealed() []part.Field {
	a := p.row
	if !p.have {
		return nil
	}
	return []part.Field{{Name: "verb", Value: string(a.Verb)}, {Name: "operator", Value: a.Operator}, {Name: "role", Value: string(a.Role)},
		{Name: "from", Value: a.Origin}, {Name: "subject", Value: a.Subject}, {Name: "reason", Value: a.Reason}}
}

// Revealed implements Revealer.
func (p *batch) Revealed() []part.Field {
	b := p.row
	if !p.have {
		return nil
	}
	return append([]part.Field{{Name: "verb", Value: string(b.Verb)}, {Name: "subject", Value: b.Subject}, {Name: "by", Value: b.By},
		{Name: "reason", Value: b.Reason}, {Name: "undone by", Value: b.UndoneBy}}, p.list.Revealed()...)
}

// Revealed implements Revealer.
func (p *cluster) Revealed() []part.Field {
	if !p.have {
		return nil
	}
	c := p.row.Cluster
	fields := []part.Field{{Name: "cluster", Value: c.Key}, {Name: "account", Value: c.Account}, {Name: "case", Value: p.row.said.Note}}
	for _, a := range c.Agents {
		fields = append(fields, part.Field{Name: "agent", Value: a.Agent})
	}
	return append(fields, p.list.Revealed()...)
}
