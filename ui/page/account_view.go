package page

import (
	"strconv"
	"strings"

	"doorman/model"
	"doorman/ui/part"
	"doorman/ui/term"
)

// accountFields is the number of fields above the resets.
const accountFields = 6

// View draws the fields of the account above its resets.
func (p *account) View() string {
	t := p.env.Theme
	if !p.have {
		return "\n" + t.Dim.Paint("  "+strings.Join(shown(p.note), "\n  "))
	}
	rule := ends(t.Head.Paint("resets"), p.place(), p.w)
	return part.Details(t, p.fields(), p.w) + "\n\n" + rule + "\n" + p.body() + p.selected()
}

// selectedLines is how many lines the fields of the selected reset take: where
// the screen is too narrow for the column of agents it stands below the table.
func (p *account) selectedLines() int {
	if p.w < 100 {
		return 1
	}
	return 0
}

func (p *account) selected() string {
	r, ok := p.Current()
	if !ok || p.selectedLines() == 0 {
		return ""
	}
	line := " agent  " + agentText(r.RequestedAgent)
	if r.State(p.env.Now()) == model.Live {
		line = " ends in " + part.Span(r.Expires.Sub(p.env.Now())) + " " + line
	}
	return "\n" + p.env.Theme.Dim.Paint(term.Fit(term.Show(line), p.w))
}

func (p *account) fields() []part.Field {
	e, a := p.env, p.row
	state := e.state(accountState(a.Account))
	if a.IsHeld() {
		state.Text += " by " + a.HeldBy + ", " + part.Stamp(a.Held, e.Zone)
	}
	last := part.Stamp(a.LastReset, e.Zone)
	if !a.LastReset.IsZero() {
		last += " (" + part.Ago(e.Now(), a.LastReset) + ")"
	}
	return []part.Field{
		{Name: " address", Value: a.Email, Ink: e.Theme.Strong},
		{Name: " state", Value: state.Text, Ink: state.Ink},
		{Name: " id", Value: a.ID, Ink: e.Theme.Dim},
		{Name: " resets", Value: strconv.Itoa(a.Resets) + ", " + strconv.Itoa(a.Live) + " live"},
		{Name: " last reset", Value: last},
		{Name: " created", Value: part.Stamp(a.Created, e.Zone)},
	}
}

// shown makes every line safe.
func shown(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = term.Show(l)
	}
	return out
}
