package page

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/part"
)

// contain puts the plan of a containment before the operator and carries it out.
func contain(e *Env, slot *Slot, name string, target model.Target) tea.Cmd {
	o := model.ContainOrder{Target: target}
	return Load(slot, func(ctx context.Context) (model.ContainPlan, error) {
		return e.Store.PlanContain(ctx, o)
	}, func(p model.ContainPlan, err error) tea.Cmd {
		if err != nil {
			return e.Send(Failed{err})
		}
		o.Asked = p.Asked
		d := part.NewDialog(e.Theme, "Contain "+name, "contain it", containLines(e, p)...)
		d.AskReason()
		d.Count = typedCount(p.Resets)
		if p.Block.IsValid() && p.Refused == "" {
			d.Length = lengthEntry(func(length time.Duration) {
				o.For = length
				p.Lasting(e.Now(), length)
				d.Body = containLines(e, p)
			})
		}
		switch {
		case p.Refused != "":
			d.Wait = "cannot be done"
		case p.Resets == 0 && !p.Block.IsValid():
			d.Wait = "nothing to do"
		}
		return e.Send(Ask{Dialog: d, Do: twice(e, p, func(sure bool) tea.Cmd {
			o.Wide = sure
			return containNow(e, d.Why(), name, o)
		})})
	})
}

// lengthEntry lets the operator change how long a block lasts.
func lengthEntry(take func(length time.Duration)) *part.Entry {
	return &part.Entry{Key: "t", Name: "for", Does: "changes how long", Hint: "90m, 24h, 7d or ever", Take: func(text string) error {
		length, err := parseLength(text)
		if err == nil {
			take(length)
		}
		return err
	}}
}

// parseLength reads how long a block lasts: a span of time, or "ever".
func parseLength(text string) (time.Duration, error) {
	if text == "ever" {
		return model.Forever, nil
	}
	d, err := model.ParseSpan(text)
	if err == nil && d <= 0 {
		err = &model.Error{Kind: model.Invalid, Text: model.Quote(text) + " is no length for a rule", Hint: "write it as 90m, 24h, 7d or ever"}
	}
	return d, err
}

// twice asks again where a network is so wide that one yes is not enough; sure
// tells that both were given.
func twice(e *Env, p model.ContainPlan, do func(sure bool) tea.Cmd) func() tea.Cmd {
	if !p.Wide {
		return func() tea.Cmd { return do(false) }
	}
	return func() tea.Cmd {
		d := part.NewDialog(e.Theme, "Really all of "+prefixText(p.Block)+"?", "do it all the same",
			prefixText(p.Block)+" holds "+model.AddressesIn(p.Block)+": whole providers live there.",
			"No one in it can request or use a reset while the block is in force.", "",
			model.Plural(p.Honest, "account")+" with a reset completed there in the last 30 days would be hit.")
		return e.Send(Ask{Dialog: d, Do: func() tea.Cmd { return do(true) }})
	}
}

func containNow(e *Env, reason, name string, o model.ContainOrder) tea.Cmd {
	return Save(e, Anything, func(ctx context.Context) (Saved, error) {
		b, err := e.Store.Contain(ctx, e.because(reason), o)
		if err != nil {
			return Saved{}, fmt.Errorf("contain: %w", err)
		}
		return Saved{Text: "contained " + name + ": " + revokedText(b.Counts), Batch: b.ID}, nil
	})
}

// revokedText tells what an act on a cluster came to: what it revoked, and what
// was requested after its plan was made.
func revokedText(counts model.Tally) string {
	text := model.Thousands(counts.Of("resets")) + " revoked"
	switch newer := counts.Of(model.RequestedMeanwhile); newer {
	case 0:
		return text
	case 1:
		return text + "; 1 requested meanwhile is still live (x revokes it)"
	default:
		return text + "; " + model.Thousands(newer) + " requested meanwhile are still live (x revokes them)"
	}
}

// containLines words a plan: why to think twice, what is done, whom it would
// hit, then the breakdown.
func containLines(e *Env, p model.ContainPlan) []string {
	var lines []string
	if p.Refused != "" {
		lines = append(lines, "✗ "+p.Refused, "")
	}
	for _, w := range p.Warnings {
		lines = append(lines, "! "+w)
	}
	if len(p.Warnings) > 0 {
		lines = append(lines, "")
	}
	lines = append(lines, blockLine(e, p.Block, p)...)
	if p.Resets == 0 {
		lines = append(lines, "revokes   nothing: it has no live resets")
	} else {
		rest := planLines(e, p.Plan)
		lines = append(lines, "revokes   "+rest[0])
		return append(lines, rest[1:]...)
	}
	lines = append(lines, excluded(p.Plan)...)
	return append(lines, "", "z to undo.")
}

// blockLine tells what is blocked until when, and who was honest there.
func blockLine(e *Env, n netip.Prefix, p model.ContainPlan) []string {
	if !n.IsValid() {
		return []string{"blocks    nothing: it is not a network"}
	}
	until := " until it is lifted"
	if !p.Until.IsZero() {
		until = " for " + hours(p.Until.Sub(e.Now())) + ", until " + part.Stamp(p.Until, e.Zone)
	}
	honest := "real users: none completed here in 30 days"
	if p.Honest > 0 {
		honest = "real users: " + model.Plural(p.Honest, "account") + " completed here in 30 days"
	}
	if !n.IsSingleIP() {
		honest = model.AddressesIn(n) + "; " + honest
	}
	return []string{"blocks    " + prefixText(n) + until, "          " + honest}
}

// hours writes how long a block lasts; what the plan took off it is put back.
func hours(d time.Duration) string {
	d = d.Round(time.Minute)
	if d > 48*time.Hour || d < time.Hour {
		return part.Span(d)
	}
	return strconv.Itoa(int(d/time.Hour)) + " h"
}

// setRule puts a block or an exception before the operator and sets it.
func setRule(e *Env, slot *Slot, r model.Rule) tea.Cmd {
	return Load(slot, func(ctx context.Context) (model.ContainPlan, error) {
		return e.Store.PlanBlock(ctx, r)
	}, func(p model.ContainPlan, err error) tea.Cmd {
		if err != nil {
			return e.Send(Failed{err})
		}
		title, yes := "Block "+prefixText(r.Prefix), "block it"
		if r.Action == model.Allow {
			title, yes = "Exception for "+prefixText(r.Prefix), "allow it"
		}
		d := part.NewDialog(e.Theme, title, yes, ruleLines(e, r, p)...)
		d.AskReason()
		if p.Refused != "" {
			d.Wait = "cannot be done"
		} else {
			d.Length = lengthEntry(func(length time.Duration) {
				r.Expires = time.Time{}
				if length != model.Forever {
					r.Expires = e.Now().Add(length)
				}
				d.Body = ruleLines(e, r, p)
			})
		}
		p.Block = r.Prefix
		return e.Send(Ask{Dialog: d, Do: twice(e, p, func(sure bool) tea.Cmd {
			r.Reason, r.Wide = d.Why(), sure
			return setRuleNow(e, r)
		})})
	})
}

// ruleLines words what a rule alone comes to.
func ruleLines(e *Env, r model.Rule, p model.ContainPlan) []string {
	var lines []string
	if p.Refused != "" {
		lines = append(lines, "✗ "+p.Refused, "")
	}
	for _, w := range p.Warnings {
		lines = append(lines, "! "+w)
	}
	if len(p.Warnings) > 0 {
		lines = append(lines, "")
	}
	p.Until = r.Expires
	if r.Action == model.Allow {
		until := "until it is lifted"
		if !r.Expires.IsZero() {
			until = "until " + part.Stamp(r.Expires, e.Zone)
		}
		return append(lines, "allows    "+prefixText(r.Prefix)+" "+until, "          it may request resets inside a block, and is never raised", "", "z to undo.")
	}
	lines = append(lines, blockLine(e, r.Prefix, p)...)
	if p.Resets > 0 {
		lines = append(lines, "stays     "+model.Plural(p.Resets, "live reset")+" from there; none can be used from inside")
	}
	return append(lines, "", "z to undo.")
}

func setRuleNow(e *Env, r model.Rule) tea.Cmd {
	return Save(e, OfRule, func(ctx context.Context) (Saved, error) {
		b, err := e.Store.SetRule(ctx, e.because(r.Reason), r)
		if err != nil {
			return Saved{}, fmt.Errorf("set rule: %w", err)
		}
		done := "blocked "
		if r.Action == model.Allow {
			done = "added exception "
		}
		return Saved{Text: done + prefixText(r.Prefix), Batch: b.ID}, nil
	})
}
