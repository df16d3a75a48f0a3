package page

import (
	"context"
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/part"
)

// retriable tells whether a letter can be tried again: an answer is known, and
// it was not the last word.
func retriable(l model.Letter) bool { return l.State == model.Failed || l.State == model.Dead }

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
			return "the letter is " + string(ls[0].State)
		}
		return "none of these letters is in a state for it"
	}
}

// retry asks whether to try letters again now.
func retry(e *Env, ls []model.Letter) tea.Cmd {
	return askLetters(e, ls, retriable, "Try again", "try ", "queued again: ",
		"The courier takes them as soon as it can; their attempts count from the start.", e.Store.RetryLetters)
}

// cancel asks whether to never send letters.
func cancel(e *Env, ls []model.Letter) tea.Cmd {
	return askLetters(e, ls, cancellable(e), "Cancel", "never send ", "cancelled ",
		"Their resets stay live, but nobody gets the link. There is no undo.", e.Store.CancelLetters)
}

// askLetters puts an act on letters before the operator, with what it leaves as
// it is, and carries it out.
func askLetters(e *Env, ls []model.Letter, can func(model.Letter) bool, title, verb, done, note string,
	do func(context.Context, model.Act, []string) (int, error)) tea.Cmd {
	var ids, sample []string
	var kept model.Tally
	for _, l := range ls {
		if !can(l) {
			kept = count1(kept, string(l.State))
			continue
		}
		ids = append(ids, l.ID)
		if len(sample) < 5 {
			sample = append(sample, "  "+l.To+"  "+string(l.State)+", "+part.Plural(l.Attempts, "attempt")+"  "+l.LastError)
		}
	}
	body := append([]string{part.Plural(len(ids), "letter") + ":"}, sample...)
	if n := len(ids) - len(sample); n > 0 {
		body = append(body, "  and "+part.Plural(n, "more letter"))
	}
	if s := kept.String(); s != "" {
		body = append(body, "stays as it is: "+s)
	}
	d := part.NewDialog(e.Theme, title, verb+part.Plural(len(ids), "letter"), append(body, "", note)...)
	d.Count, d.WithReason = typedCount(len(ids)), true
	return e.Send(Ask{Dialog: d, Do: func() tea.Cmd {
		return Save(e, OfLetter, func(ctx context.Context) (Saved, error) {
			n, err := do(ctx, e.because(d.Reason), ids)
			if err != nil {
				return Saved{}, fmt.Errorf("%sletters: %w", verb, err)
			}
			return Saved{Text: done + part.Plural(n, "letter")}, nil
		})
	}})
}

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
