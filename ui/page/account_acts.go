package page

import (
	"context"
	"fmt"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/part"
)

// why joins reasons: the first that speaks counts.
func why(reasons ...func() string) func() string {
	return func() string {
		for _, r := range reasons {
			if s := r(); s != "" {
				return s
			}
		}
		return ""
	}
}

func heldWhy(a model.AccountRow) func() string {
	return func() string {
		if a.IsHeld() {
			return "the account is held; ! lifts the hold"
		}
		return ""
	}
}

// issue asks whether to issue a reset, with the letter as it will be.
func issue(e *Env, a model.AccountRow) tea.Cmd {
	letter := model.Letter{Kind: model.LetterIssued, AccountID: a.ID, To: a.Email, State: model.Queued,
		Created: e.Now(), Expires: e.Now().Add(e.Lifetime)}
	head := []string{"to       " + a.Email, "valid    " + part.Span(e.Lifetime) + ", until " + part.Stamp(letter.Expires, e.Zone)}
	if a.Live > 0 {
		head = append(head, "replaces "+strconv.Itoa(a.Live)+" live, once the letter was taken")
	}
	d := part.NewDialog(e.Theme, "Issue a reset", "issue and mail it", head...)
	ask := e.Send(Ask{Dialog: d, Do: func() tea.Cmd {
		return Save(e, OfReset, func(ctx context.Context) (Saved, error) {
			got, err := e.Store.Issue(ctx, e.Act, model.IssueOrder{AccountID: a.ID, Lifetime: e.Lifetime})
			if err != nil {
				return Saved{}, fmt.Errorf("issue reset: %w", err)
			}
			return Saved{Text: "issued a reset for " + got.Reset.Email + ", letter " + string(got.Letter.State)}, nil
		})
	}})
	if e.Preview == nil {
		return ask
	}
	var slot Slot
	return tea.Batch(ask, Load(&slot, func(context.Context) (model.Preview, error) {
		return e.Preview.Preview(letter)
	}, func(v model.Preview, err error) tea.Cmd {
		d.Body = append(head, letterLines(v, err)...)
		return nil
	}))
}
