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
		return append([]string{"", "the email cannot be shown:"}, problem(err)...)
	}
	lines := []string{"from     " + v.From, "subject  " + v.Subject, ""}
	return append(lines, term.ShowLines(v.Text)...)
}

// holdWord is what ! does to the accounts.
func holdWord(as []model.AccountRow) string {
	if len(as) > 0 && as[0].IsHeld() {
		return "release"
	}
	return "hold"
}

// mixedWhy refuses to hold some and release others in one gesture.
func mixedWhy(as []model.AccountRow) func() string {
	return func() string {
		for _, a := range as {
			if a.IsHeld() != as[0].IsHeld() {
				return "some of the marked accounts are held and some are not"
			}
		}
		return ""
	}
}

// hold asks whether to hold accounts, or to lift their holds.
func hold(e *Env, as ...model.AccountRow) tea.Cmd { return holdThen(e, nil, as...) }

// holdThen is hold with something to do once the operator has said yes.
func holdThen(e *Env, done func(), as ...model.AccountRow) tea.Cmd {
	if len(as) == 0 {
		return nil
	}
	verb, body := "hold", []string{"No reset can be issued or redeemed until the hold is lifted.", "Live resets stay as they are, but cannot be redeemed."}
	if as[0].IsHeld() {
		verb, body = "release", []string{"held by " + as[0].HeldBy + " since " + part.Stamp(as[0].Held, e.Zone)}
	}
	what := as[0].Email
	if len(as) > 1 {
		what = model.Plural(len(as), "account")
	}
	d := part.NewDialog(e.Theme, map[string]string{"hold": "Hold", "release": "Release"}[verb]+" "+what, verb, append(body, "", "z to undo.")...)
	d.AskReason()
	d.Count = typedCount(len(as))
	return e.Send(Ask{Dialog: d, Do: after(done, func() tea.Cmd { return holdNow(e, d.Why(), verb, what, as) })})
}

// holdNow holds or releases one account after the other. Where one is refused,
// those before it stay done and can be undone.
func holdNow(e *Env, reason, verb, what string, as []model.AccountRow) tea.Cmd {
	do, done := e.Store.Hold, "held"
	if verb == "release" {
		do, done = e.Store.Release, "released"
	}
	return Save(e, OfPeople, func(ctx context.Context) (Saved, error) {
		s := Saved{Text: done + " " + what}
		for i, a := range as {
			b, err := do(ctx, e.because(reason), a.ID)
			if err != nil {
				s.Text = partly(done, i, len(as))
				return s, fmt.Errorf("%s account %d of %d: %w", verb, i+1, len(as), err)
			}
			if s.Batch == "" {
				s.Batch = b.ID
			} else {
				s.More = append(s.More, b.ID)
			}
		}
		return s, nil
	})
}
