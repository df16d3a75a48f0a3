package page

import (
	"context"
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/part"
	"doorman/ui/term"
)

// letterLines shows a letter as its recipient will read it.
func letterLines(v model.Preview, err error) []string {
	if err != nil {
		return append([]string{"", "the letter cannot be shown:"}, problem(err)...)
	}
	lines := []string{"from     " + v.From, "subject  " + v.Subject, ""}
	return append(lines, term.ShowLines(v.Text)...)
}

// hold asks whether to hold an account, or to lift its hold.
func hold(e *Env, a model.AccountRow) tea.Cmd {
	verb, done, do := "hold the account", "held ", e.Store.Hold
	body := []string{a.Email, "", "No reset can be issued or redeemed until the hold is lifted.", "z takes it back."}
	if a.IsHeld() {
		verb, done, do = "lift the hold", "lifted the hold of ", e.Store.Release
		body = []string{a.Email, "", "held by " + a.HeldBy + " since " + part.Stamp(a.Held, e.Zone), "z takes it back."}
	}
	d := part.NewDialog(e.Theme, "Hold", verb, body...)
	return e.Send(Ask{Dialog: d, Do: func() tea.Cmd {
		return Save(e, OfPeople, func(ctx context.Context) (Saved, error) {
			b, err := do(ctx, e.Act, a.ID)
			if err != nil {
				return Saved{}, fmt.Errorf("%s: %w", verb, err)
			}
			return Saved{Text: done + a.Email, Batch: b.ID}, nil
		})
	}})
}
