package page

import (
	"strconv"

	"doorman/ui/part"
	"doorman/ui/term"
)

// accountFields is the number of fields above the resets.
const accountFields = 6

// View draws the fields of the account above its resets.
func (p *account) View() string {
	t := p.env.Theme
	if !p.have {
		return "\n" + t.Dim.Paint("  "+firstOf(p.note, "…"))
	}
	right := p.Position()
	if n := p.Marks(); n > 0 {
		right = t.Marked.Paint("* "+strconv.Itoa(n)+" marked") + "   " + right
	}
	rule := ends(t.Head.Paint("resets"), right, p.w)
	return part.Details(t, p.fields(), p.w) + "\n\n" + rule + "\n" + p.Table.View()
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

func firstOf(lines []string, otherwise string) string {
	if len(lines) == 0 {
		return otherwise
	}
	return term.Show(lines[0])
}
