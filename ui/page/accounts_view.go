package page

import (
	"strconv"
	"time"

	"doorman/model"
	"doorman/ui/part"
	"doorman/ui/term"
)

// ends writes left and right at the two ends of a line of w cells, a blank
// between them.
func ends(left, right string, w int) string {
	room := w - term.Width(right) - 2
	return term.Fit(" "+left, max(room, 0)) + " " + right + " "
}

// accountState is the word for where an account stands.
func accountState(a model.Account) string {
	switch {
	case a.IsHeld():
		return "held"
	case !a.EmailConfirmed:
		return "unconfirmed"
	}
	return "active"
}

// state is a cell with the sign and the word of a state.
func (e *Env) state(word string) part.Cell {
	s := e.Theme.Sign(word)
	return part.Cell{Text: s.Glyph + " " + word, Ink: s.Ink}
}

// liveCount is a cell that stands out when there is something to revoke.
func (e *Env) liveCount(n int) part.Cell {
	if n == 0 {
		return part.Cell{Text: "–", Ink: e.Theme.Dim}
	}
	return part.Cell{Text: strconv.Itoa(n), Ink: e.Theme.Good}
}

// liveFlagged is liveCount in the colour of the cluster that the row belongs to.
func (e *Env) liveFlagged(n int, f model.Flag) part.Cell {
	c := e.liveCount(n)
	if n > 0 && !f.IsZero() {
		c.Ink = e.Theme.Sign(string(f.Severity)).Ink
	}
	return c
}

// day writes a date in the zone of the session, "–" for never.
func (e *Env) day(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	if e.Zone == nil {
		return t.UTC().Format(time.DateOnly)
	}
	return t.In(e.Zone).Format(time.DateOnly)
}
