package page

import (
	"context"
	"fmt"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/model/agent"
	"doorman/ui/part"
	"doorman/ui/term"
)

// revoke puts the plan of a revocation before the operator and carries it out:
// the dialog is there at once, and can be accepted when the figures are. Only
// what was there when the plan was made is touched.
func revoke(e *Env, slot *Slot, title string, o model.RevokeOrder) tea.Cmd {
	return revokeThen(e, slot, nil, title, o)
}

// revokeThen is revoke with something to do once the operator has said yes.
func revokeThen(e *Env, slot *Slot, done func(), title string, o model.RevokeOrder) tea.Cmd {
	d := part.NewDialog(e.Theme, title, "revoke")
	d.AskReason()
	d.Wait = "counting…"
	ask := e.Send(Ask{Dialog: d, Do: after(done, func() tea.Cmd { return revokeNow(e, d.Why(), o) }), Not: func() tea.Cmd { slot.Drop(); return nil }})
	plan := Load(slot, func(ctx context.Context) (model.Plan, error) {
		return e.Store.PlanRevoke(ctx, o)
	}, func(p model.Plan, err error) tea.Cmd {
		switch {
		case err != nil:
			d.Wait, d.Body = "cannot be done", problem(err)
		case p.Resets == 0:
			d.Wait, d.Body = "nothing to do", append([]string{"No live reset is among them."}, excluded(p)...)
		default:
			o.Asked = p.Asked
			d.Wait, d.Yes, d.Body = "", "revoke "+model.Plural(p.Resets, "reset"), planLines(e, p)
			if p.Resets > model.TypedCountAbove {
				d.Count = p.Resets
			}
		}
		return nil
	})
	return tea.Batch(ask, plan)
}

func revokeNow(e *Env, reason string, o model.RevokeOrder) tea.Cmd {
	return Save(e, OfReset, func(ctx context.Context) (Saved, error) {
		b, err := e.Store.Revoke(ctx, e.because(reason), o)
		if err != nil {
			return Saved{}, fmt.Errorf("revoke: %w", err)
		}
		if !o.Target.IsZero() {
			return Saved{Text: revokedText(b.Counts), Batch: b.ID}, nil
		}
		return Saved{Text: "revoked " + b.Counts.String(), Batch: b.ID}, nil
	})
}

// planLines words a plan: counts, breakdown, sample, and what stays unchanged.
func planLines(e *Env, p model.Plan) []string {
	lines := []string{model.Plural(p.Resets, "live reset") + " of " + model.Plural(p.Accounts, "account") + ", requested from " +
		model.Plural(p.Addresses, "address")}
	if p.Letters > 0 {
		lines = append(lines, model.Plural(p.Letters, "queued email")+" will not be sent")
	}
	lines = append(lines, excluded(p)...) // before what may have to be scrolled to
	lines = append(lines, tallyLines("networks", p.Networks)...)
	lines = append(lines, tallyLines("agents", agent.Tally(p.Agents))...)
	for i, r := range p.Sample {
		head := "          "
		if i == 0 {
			head = "newest    "
		}
		lines = append(lines, head+model.Mask(r.ID.Full())+"  "+term.FitRight(part.Ago(e.Now(), r.Created), 4)+"  "+term.Fit(term.Show(orDash(r.RequestedIP)), maxAddress)+"  "+r.Email)
	}
	return append(lines, "", "z to undo.")
}

func excluded(p model.Plan) []string {
	if s := p.Excluded.String(); s != "" {
		return []string{"unchanged: " + s}
	}
	return nil
}

// How much of an agent and of an address a plan shows: a line of a dialog on 80
// columns, and a full IPv4 address or the network of an IPv6 one.
const (
	maxLabel   = 58
	maxAddress = 20
)

// cut shortens text from outside to a width, without padding it.
func cut(s string, width int) string {
	s = term.Show(s)
	return term.Fit(s, min(width, term.Width(s)))
}

func tallyLines(name string, t model.Tally) []string {
	var out []string
	digits := 0
	for _, l := range t {
		digits = max(digits, len(strconv.Itoa(l.N)))
	}
	for i, l := range t {
		head := name + "                "[:10-min(len(name), 10)]
		if i > 0 {
			head = "          "
		}
		out = append(out, head+term.FitRight(strconv.Itoa(l.N), digits)+" × "+cut(orDash(l.Label), maxLabel))
	}
	return out
}
