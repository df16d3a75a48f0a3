package page

import (
	"context"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/model/detect"
	"doorman/ui/part"
)

// triage is what can be done about the cluster that a page has under its cursor
// or is about. Plans are worked out before their dialog opens, so that what is
// typed ahead meets the plan.
type triage struct {
	e       *Env
	plan    Slot
	ask     *asking // the page's question
	current func() (ranked, bool)
	resized func() // after a question has opened; nil: nothing
}

// one tells why there is no cluster to act on, or "".
func (t *triage) one() string {
	if _, ok := t.current(); !ok {
		return "no cluster is selected"
	}
	return ""
}

// blockless tells why there is nothing to block, or "".
func (t *triage) blockless() string {
	if r, _ := t.current(); r.Kind != detect.ByPrefix {
		return "it is not a network: c revokes its live resets"
	}
	return ""
}

// acts returns the actions on the cluster.
func (t *triage) acts() []Action {
	on := func(do func(ranked) tea.Cmd) func() tea.Cmd {
		return func() tea.Cmd {
			r, _ := t.current()
			return do(r)
		}
	}
	return []Action{
		{Keys: []string{"c"}, Short: "contain", Help: "contain it: revoke its live resets, block its network, set its case", Off: why(t.one, t.e.Locked),
			Run: on(func(r ranked) tea.Cmd { return contain(t.e, &t.plan, r.name, r.Target()) })},
		{Keys: []string{"a"}, Short: t.claimWord(), Help: "acknowledge it: you are on it; again to release it", Off: why(t.one, t.handled, t.e.Locked), Run: on(t.claim)},
		{Keys: []string{"d"}, Short: "done", Help: "close its case, call it a false positive, or reopen it", Off: why(t.one, t.e.Locked),
			Run: on(func(r ranked) tea.Cmd { return done(t.e, caseOf(r)) })},
		{Keys: []string{"n"}, Short: "note", Help: "write a note for the next operator", Off: why(t.one, t.e.Locked), Run: on(t.note)},
		{Keys: []string{"b"}, Short: "block", Help: "block the network only", Off: why(t.one, t.blockless, t.e.Locked),
			Run: on(func(r ranked) tea.Cmd {
				return setRule(t.e, &t.plan, model.Rule{Prefix: r.Prefix, Action: model.Block, Expires: t.e.Now().Add(model.DefaultBlock)})
			})},
		{Keys: []string{"x"}, Short: "revoke", Help: "revoke its live resets without a block", Off: why(t.one, t.e.Locked),
			Run: on(func(r ranked) tea.Cmd {
				return revoke(t.e, &t.plan, "Revoke the live resets of "+r.name, model.RevokeOrder{Target: r.Target()})
			})},
		{Keys: []string{"w"}, Short: "what if", Help: "try another threshold or an exception before you save it", Off: nil,
			Run: on(func(r ranked) tea.Cmd { return t.e.Send(Open{View: "whatif", Ref: r.Key}) })},
	}
}

// handled tells why a case cannot be acknowledged, or "".
func (t *triage) handled() string {
	r, _ := t.current()
	return settledCase(r.said)
}

func settledCase(c model.Case) string {
	if c.State.IsHandled() {
		return "it is " + strings.ReplaceAll(string(c.State), "_", " ") + "; d reopens it"
	}
	return ""
}

// claimWord is what the key a does to the cluster under the cursor.
func (t *triage) claimWord() string {
	if t.current == nil {
		return "acknowledge"
	}
	r, _ := t.current()
	return claimWord(t.e, r.said)
}

func claimWord(e *Env, c model.Case) string {
	if c.State == model.CaseAcknowledged && c.StateBy == e.Act.Operator {
		return "release"
	}
	return "acknowledge"
}

// claim acknowledges the cluster, or releases it.
func (t *triage) claim(r ranked) tea.Cmd { return claim(t.e, caseOf(r)) }

// caseOf is the case of a cluster, a new one where there is none.
func caseOf(r ranked) model.Case {
	c := r.said
	if c.Key == "" {
		c = model.Case{Key: r.Key, Subject: r.name}
	}
	return c
}

// claim acknowledges a case at once, or releases it. Of a case that another
// operator has it first says so.
func claim(e *Env, c model.Case) tea.Cmd {
	switch {
	case c.State != model.CaseAcknowledged:
		c.State, c.Note = model.CaseAcknowledged, ""
		return setCase(e, c, "acknowledged "+c.Subject+": you are on it")
	case c.StateBy == e.Act.Operator:
		c.State, c.Note = model.CaseNew, ""
		return setCase(e, c, "released "+c.Subject+": unclaimed")
	}
	d := part.NewDialog(e.Theme, "Take over "+c.Subject, "take it over", c.StateBy+" acknowledged it "+e.ago(c.StateAt)+".", "", "z to undo.")
	return e.Send(Ask{Dialog: d, Do: func() tea.Cmd {
		c.Note = ""
		return setCase(e, c, "took over "+c.Subject+" from "+c.StateBy)
	}})
}

// done asks how a case ended.
func done(e *Env, c model.Case) tea.Cmd {
	d := part.NewDialog(e.Theme, "Done with "+c.Subject, "close it",
		"Close it when it has been dealt with.",
		"A false positive is not raised again, nor is anything inside it.", "",
		"r adds a note. z to undo.")
	d.AskReason()
	d.Also = []part.Choice{{Key: "f", Text: "false positive"}}
	if c.State.IsHandled() {
		d.Also = append(d.Also, part.Choice{Key: "o", Text: "reopen"})
	}
	return e.Send(Ask{Dialog: d, Do: func() tea.Cmd {
		c.State = map[string]model.CaseState{"": model.CaseClosed, "f": model.CaseFalse, "o": model.CaseNew}[d.Chosen]
		c.Note = d.Why()
		return setCase(e, c, c.Subject+": "+strings.ReplaceAll(string(c.State), "_", " "))
	}})
}

// note requests a line about the cluster.
func (t *triage) note(r ranked) tea.Cmd { return t.noteOn(caseOf(r)) }

func (t *triage) noteOn(c model.Case) tea.Cmd {
	t.ask.begin(t.e.Theme, "note", "what the next operator should know about "+c.Subject, c.Note, nil, func(text string) tea.Cmd {
		c.State, c.Note = "", text // the verdict stays
		return setCase(t.e, c, "note added to "+c.Subject)
	})
	if t.resized != nil {
		t.resized()
	}
	return nil
}

func setCase(e *Env, c model.Case, done string) tea.Cmd {
	return Save(e, OfCase, func(ctx context.Context) (Saved, error) {
		b, err := e.Store.SetCase(ctx, e.because(c.Note), c.Key, c.State, c.Note, c.Subject)
		if err != nil {
			return Saved{}, fmt.Errorf("set case: %w", err)
		}
		return Saved{Text: done, Batch: b.ID}, nil
	})
}
