package page

import (
	"context"
	"fmt"

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

// blockless tells why there is no network to block, or "".
func (t *triage) blockless() string {
	if r, _ := t.current(); r.Kind != detect.ByPrefix {
		return "it is no network: c revokes what is live"
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
		{Keys: []string{"c"}, Short: "contain", Help: "contain it: revoke what is live, block the network, open the case", Off: why(t.one, t.e.Locked),
			Run: on(func(r ranked) tea.Cmd { return contain(t.e, &t.plan, r.name, targetOf(r.Cluster)) })},
		{Keys: []string{"a"}, Short: "acknowledge", Help: "close its case, or call it a false positive", Off: why(t.one, t.e.Locked), Run: on(t.acknowledge)},
		{Keys: []string{"n"}, Short: "note", Help: "write a note for the next operator", Off: why(t.one, t.e.Locked), Run: on(t.note)},
		{Keys: []string{"b"}, Short: "block", Help: "block the network only", Off: why(t.one, t.blockless, t.e.Locked),
			Run: on(func(r ranked) tea.Cmd {
				return setRule(t.e, &t.plan, model.Rule{Prefix: r.Prefix, Action: model.Block, Expires: t.e.Now().Add(model.DefaultBlock)})
			})},
		{Keys: []string{"x"}, Short: "revoke", Help: "revoke what is live of it, and block nothing", Off: why(t.one, t.e.Locked),
			Run: on(func(r ranked) tea.Cmd {
				return revoke(t.e, &t.plan, "Revoke what is live of "+r.name, revocation(r.Cluster))
			})},
		{Keys: []string{"w"}, Short: "what if", Help: "try another threshold or an exception before saving it", Off: nil,
			Run: on(func(r ranked) tea.Cmd { return t.e.Send(Open{View: "whatif", Ref: r.Key}) })},
	}
}

// revocation selects what is live of a cluster.
func revocation(c detect.Cluster) model.RevokeOrder {
	if f, ok := resetsOf(c); ok {
		return model.RevokeOrder{Filter: f}
	}
	return model.RevokeOrder{IDs: hiddenIDs(c.EventIDs)}
}

// acknowledge asks how the cluster was judged.
func (t *triage) acknowledge(r ranked) tea.Cmd { return acknowledge(t.e, caseOf(r)) }

// caseOf is the case of a cluster, a new one where there is none.
func caseOf(r ranked) model.Case {
	c := r.said
	if c.Key == "" {
		c = model.Case{Key: r.Key, Subject: r.name}
	}
	return c
}

func acknowledge(e *Env, c model.Case) tea.Cmd {
	d := part.NewDialog(e.Theme, "Acknowledge "+c.Subject, "close it",
		"Close it when it has been dealt with.",
		"A false positive is not raised again, nor is what lies inside it.", "",
		"r adds a note. z takes it back.")
	d.WithReason = true
	d.Also = []part.Choice{{Key: "f", Text: "false positive"}}
	if c.State != "" && c.State != model.CaseOpen {
		d.Also = append(d.Also, part.Choice{Key: "o", Text: "open again"})
	}
	return e.Send(Ask{Dialog: d, Do: func() tea.Cmd {
		c.State = map[string]model.CaseState{"": model.CaseClosed, "f": model.CaseFalse, "o": model.CaseOpen}[d.Chosen]
		if d.Reason != "" {
			c.Note = d.Reason
		}
		return setCase(e, c, c.Subject+": "+string(c.State))
	}})
}

// note asks for a line about the cluster.
func (t *triage) note(r ranked) tea.Cmd { return t.noteOn(caseOf(r)) }

func (t *triage) noteOn(c model.Case) tea.Cmd {
	t.ask.begin(t.e.Theme, "note", "what the next operator should know of "+c.Subject, c.Note, nil, func(text string) tea.Cmd {
		if c.State == "" {
			c.State = model.CaseOpen
		}
		c.Note = text
		return setCase(t.e, c, "noted on "+c.Subject)
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
