package page

import (
	"context"
	"fmt"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/part"
)

// retriable tells whether a letter can be tried again: an answer is known, and
// it was not the last word. One that waits for a time to come, for the clock was
// ahead, can be tried now.
func retriable(e *Env) func(model.Letter) bool {
	now := e.Now()
	return func(l model.Letter) bool {
		return l.State == model.Failed || l.State == model.Undeliverable || l.State == model.Queued && l.NextTry.After(now)
	}
}

// cancellable tells whether a letter waits: to be sent, or in the hands of a
// courier that is gone.
func cancellable(e *Env) func(model.Letter) bool {
	now := e.Now()
	return func(l model.Letter) bool {
		return l.State == model.Queued || l.State == model.Failed || l.State == model.Sending && !l.NextTry.After(now)
	}
}

// noneOf tells why nothing can be done to any of the letters, or "".
func noneOf(ls []model.Letter, can func(model.Letter) bool) func() string {
	return func() string {
		for _, l := range ls {
			if can(l) {
				return ""
			}
		}
		if len(ls) == 1 {
			return "the email is " + string(ls[0].State)
		}
		return "none of these emails is in a state for it"
	}
}

// letterAct is something that is done to letters.
type letterAct struct {
	title, verb, done, note string
	can                     func(model.Letter) bool
	do                      func(context.Context, model.Act, []string) (int, error)
}

// retry asks whether to try letters again now; done (nil: nothing) runs once the
// operator has said yes.
func retry(e *Env, done func(), ls []model.Letter) tea.Cmd {
	return askLetters(e, done, ls, letterAct{title: "Try again", verb: "try ", done: "queued again: ", can: retriable(e), do: e.Store.RetryLetters,
		note: "The courier takes them as soon as it can; their attempts count from the start."})
}

// cancel asks whether to never send letters.
func cancel(e *Env, done func(), ls []model.Letter) tea.Cmd {
	return askLetters(e, done, ls, letterAct{title: "Cancel", verb: "never send ", done: "cancelled ", can: cancellable(e), do: e.Store.CancelLetters,
		note: "Their resets stay live, but no one gets the link. This cannot be undone."})
}

// askLetters puts an act on letters before the operator, with what it leaves as
// it is, and carries it out.
func askLetters(e *Env, done func(), ls []model.Letter, a letterAct) tea.Cmd {
	var ids, body []string
	var kept model.Tally
	for _, l := range ls {
		if !a.can(l) {
			kept = count1(kept, string(l.State))
			continue
		}
		ids = append(ids, l.ID)
		if len(ids) <= sampled {
			body = append(body, "  "+l.To+"  "+string(l.State)+", "+model.Plural(l.Attempts, "attempt")+"  "+l.LastError)
		}
	}
	what := model.Plural(len(ids), "email")
	body = append([]string{what + ":"}, body...)
	if n := len(ids) - sampled; n > 0 {
		body = append(body, "  and "+strconv.Itoa(n)+" more")
	}
	if s := kept.String(); s != "" {
		body = append(body, "unchanged: "+s)
	}
	d := part.NewDialog(e.Theme, a.title, a.verb+what, append(body, "", a.note)...)
	d.AskReason()
	d.Count = typedCount(len(ids))
	return e.Send(Ask{Dialog: d, Do: after(done, func() tea.Cmd {
		return Save(e, OfLetter, func(ctx context.Context) (Saved, error) {
			n, err := a.do(ctx, e.because(d.Why()), ids)
			if err != nil {
				return Saved{}, fmt.Errorf("%sletters: %w", a.verb, err)
			}
			return Saved{Text: a.done + model.Plural(n, "email")}, nil
		})
	})})
}

// sampled is how many letters a dialog names.
const sampled = 5

// count1 adds one to a count.
func count1(t model.Tally, label string) model.Tally {
	for i := range t {
		if t[i].Label == label {
			t[i].N++
			return t
		}
	}
	return append(t, model.TallyLine{Label: label, N: 1})
}
