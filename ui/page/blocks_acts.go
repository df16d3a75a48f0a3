package page

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/part"
)

// add requests a network and how long, and shows the plan.
func (p *blocks) add(action model.RuleAction) tea.Cmd {
	label, hint := "block", "203.0.113.0/24 [for: 90m, 24h (default), 7d, ever]"
	if action == model.Allow {
		label, hint = "except", "203.0.113.0/24 [for: 90m, 7d, ever (default)]"
	}
	check := func(text string) error { _, err := parseRule(text, action, p.env.Now()); return err }
	p.asked.begin(p.env.Theme, label, hint, "", check, func(text string) tea.Cmd {
		r, _ := parseRule(text, action, p.env.Now())
		return setRule(p.env, &p.plan, r)
	})
	p.fit()
	return nil
}

// parseRule reads a network and, behind a blank, how long its rule lasts. A block
// ends by itself, an exception does not, unless told otherwise.
func parseRule(text string, action model.RuleAction, now time.Time) (model.Rule, error) {
	network, long, _ := strings.Cut(strings.TrimSpace(text), " ")
	n, err := model.ParsePrefix(network)
	if err != nil {
		return model.Rule{}, err
	}
	r := model.Rule{Prefix: n, Action: action}
	switch long = strings.TrimSpace(long); {
	case long == "" && action == model.Block:
		r.Expires = now.Add(model.DefaultBlock)
	case long == "":
	default:
		d, err := parseLength(long)
		if err != nil {
			return r, err
		}
		if d != model.Forever {
			r.Expires = now.Add(d)
		}
	}
	return r, nil
}

// lift asks whether to end the rules for a network.
func (p *blocks) lift(r model.Rule) tea.Cmd {
	e := p.env
	then := "Requests from there are served again."
	if r.Action == model.Allow {
		then = "What blocks it otherwise is in force again, and it may be raised."
	}
	d := part.NewDialog(e.Theme, "Lift the rule for "+prefixText(r.Prefix), "lift it",
		string(r.Action)+" by "+orDash(r.By)+", "+e.ago(r.Created)+": "+orDash(r.Reason), then, "", "z to undo.")
	d.AskReason()
	return e.Send(Ask{Dialog: d, Do: func() tea.Cmd {
		return Save(e, OfRule, func(ctx context.Context) (Saved, error) {
			b, err := e.Store.LiftRule(ctx, e.because(d.Why()), r.Prefix)
			if err != nil {
				return Saved{}, fmt.Errorf("lift rule: %w", err)
			}
			return Saved{Text: "lifted the rule for " + prefixText(r.Prefix), Batch: b.ID}, nil
		})
	}})
}

// check requests an address and tells which rule governs it.
func (p *blocks) check() tea.Cmd {
	valid := func(text string) error { _, err := parseAddress(text); return err }
	p.asked.begin(p.env.Theme, "check", "an address: 203.0.113.7 or 2001:db8::7", "", valid, func(text string) tea.Cmd {
		a, _ := parseAddress(text)
		return p.look(a)
	})
	p.fit()
	return nil
}

func parseAddress(text string) (netip.Addr, error) {
	n, err := model.ParsePrefix(text)
	if err == nil && !n.IsSingleIP() {
		err = &model.Error{Kind: model.Invalid, Text: model.Quote(text) + " is a network, not an address", Hint: "write it as 203.0.113.7"}
	}
	return n.Addr(), err
}

// governed is the rule for an address, if any.
type governed struct {
	rule  model.Rule
	found bool
}

func (p *blocks) look(a netip.Addr) tea.Cmd {
	e := p.env
	return Load(&p.looking, func(ctx context.Context) (governed, error) {
		r, found, err := e.Store.CheckIP(ctx, a)
		return governed{r, found}, err
	}, func(g governed, err error) tea.Cmd {
		if err != nil {
			return e.Send(Failed{err})
		}
		switch {
		case !g.found:
			p.answer = part.Cell{Text: "✓ " + a.String() + " is served: no rule governs it", Ink: e.Theme.Good}
		case g.rule.Action == model.Allow:
			p.answer = part.Cell{Text: "✓ " + a.String() + " is served: " + prefixText(g.rule.Prefix) + " is an exception by " + orDash(g.rule.By), Ink: e.Theme.Good}
		default:
			until := ""
			if !g.rule.Expires.IsZero() {
				until = " for another " + part.Span(g.rule.Expires.Sub(e.Now()))
			}
			p.answer = part.Cell{Text: "■ " + a.String() + " is blocked" + until + ": " + prefixText(g.rule.Prefix) + " by " + orDash(g.rule.By) + ", " + orDash(g.rule.Reason), Ink: e.Theme.Warn}
		}
		p.fit()
		return nil
	})
}
