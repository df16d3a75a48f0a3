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

// because is the operator's act with a reason.
func (e *Env) because(reason string) model.Act {
	act := e.Act
	act.Reason = reason
	return act
}

func heldWhy(as []model.AccountRow) func() string {
	return func() string {
		for _, a := range as {
			if a.IsHeld() {
				return a.Email + " is held; ! lifts the hold"
			}
		}
		return ""
	}
}

// issue asks whether to issue resets: for one account with the letter as it will
// be, for several with their number.
func issue(e *Env, as ...model.AccountRow) tea.Cmd { return issueThen(e, nil, as...) }

// issueThen is issue with something to do once the operator has said yes.
func issueThen(e *Env, done func(), as ...model.AccountRow) tea.Cmd {
	if len(as) == 0 {
		return nil
	}
	life := e.Lifetime
	if life == 0 {
		life = model.DefaultLifetime
	}
	letter := model.Letter{Kind: model.LetterIssued, AccountID: as[0].ID, To: as[0].Email, State: model.Queued,
		Created: e.Now(), Expires: e.Now().Add(life)}
	head := issueHead(e, as, letter)
	d := part.NewDialog(e.Theme, "Issue "+resetsFor(len(as)), "issue and mail "+map[bool]string{true: "it", false: "them"}[len(as) == 1], head...)
	d.Count = typedCount(len(as))
	e.Send(Ask{Dialog: d, Do: after(done, func() tea.Cmd { return issueNow(e, as) })})
	if e.Preview == nil {
		return nil
	}
	return Load(new(Slot), func(context.Context) (model.Preview, error) {
		return e.Preview.Preview(letter)
	}, func(v model.Preview, err error) tea.Cmd {
		d.Body = append(head, letterLines(v, err)...)
		return nil
	})
}

// after runs done and then do.
func after(done func(), do func() tea.Cmd) func() tea.Cmd {
	return func() tea.Cmd {
		if done != nil {
			done()
		}
		return do()
	}
}

func resetsFor(n int) string {
	if n == 1 {
		return "a reset"
	}
	return "resets for " + model.Plural(n, "account")
}

// typedCount is the number that has to be typed for so many records, 0 for none.
func typedCount(n int) int {
	if n > model.TypedCountAbove {
		return n
	}
	return 0
}

func issueHead(e *Env, as []model.AccountRow, letter model.Letter) []string {
	to, live := as[0].Email, 0
	for _, a := range as {
		live += a.Live
	}
	if n := len(as) - 1; n > 0 {
		to += " and " + strconv.Itoa(n) + " more"
	}
	head := []string{"to       " + to, "valid    " + part.Span(letter.Expires.Sub(letter.Created)) + ", until " + part.Stamp(letter.Expires, e.Zone)}
	if live > 0 {
		head = append(head, "replaces "+model.Plural(live, "live reset")+", once the relay has the email")
	}
	return head
}

// partly says how much of a gesture was done before it failed; "" for nothing.
func partly(verb string, n, of int) string {
	if n == 0 {
		return ""
	}
	return verb + " " + strconv.Itoa(n) + " of " + strconv.Itoa(of)
}

// issueNow issues one reset after the other; at the first that is refused it
// stops and says how far it came.
func issueNow(e *Env, as []model.AccountRow) tea.Cmd {
	life := e.Lifetime
	return Save(e, OfReset, func(ctx context.Context) (Saved, error) {
		for i, a := range as {
			if _, err := e.Store.Issue(ctx, e.Act, model.IssueOrder{AccountID: a.ID, Lifetime: life}); err != nil {
				return Saved{Text: partly("issued", i, len(as))}, fmt.Errorf("issue reset %d of %d: %w", i+1, len(as), err)
			}
		}
		if len(as) == 1 {
			return Saved{Text: "issued a reset for " + as[0].Email + "; its email is queued"}, nil
		}
		return Saved{Text: "issued " + model.Plural(len(as), "reset") + "; the emails are queued"}, nil
	})
}
