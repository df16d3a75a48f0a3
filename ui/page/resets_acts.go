package page

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
)

// revoke revokes the marked resets, or the one under the cursor.
func (p *resets) revoke() tea.Cmd {
	var o model.RevokeOrder
	title := "Revoke this reset"
	for _, r := range p.Marked() {
		o.IDs = append(o.IDs, r.ID)
	}
	if n := len(o.IDs); n > 0 {
		o.Filter = p.query(p.bar.text).ResetFilter
		title = "Revoke " + model.Plural(n, "marked reset")
	} else if r, ok := p.Current(); ok {
		o.IDs = []model.ResetID{r.ID}
		title = "Revoke the reset of " + orDash(r.Email)
	}
	return revokeThen(p.env, &p.plan, func() { p.ClearMarks() }, title, o)
}

// settled tells why the reset under the cursor cannot be revoked, or "": of
// marked ones the plan tells.
func (p *resets) settled() string {
	r, _ := p.Current()
	if p.Marks() > 0 {
		return ""
	}
	return spent(p.env, r)()
}

// revokeAll revokes what the filter selects, however long the list is.
func (p *resets) revokeAll() tea.Cmd {
	q, title := p.query(p.bar.text), "Revoke all that match "+p.bar.text
	if q.Account == "" && q.Cluster == "" && len(q.Flagged) == 0 {
		return revoke(p.env, &p.plan, title, model.RevokeOrder{Filter: q.ResetFilter})
	}
	return Load(&p.target, func(ctx context.Context) (model.ResetFilter, error) {
		return resolve(ctx, p.env.Store, q)
	}, func(f model.ResetFilter, err error) tea.Cmd {
		if err != nil {
			return p.env.Send(Failed{err})
		}
		return revoke(p.env, &p.plan, title, model.RevokeOrder{Filter: f})
	})
}

// filtered keeps X from meaning every reset there is.
func (p *resets) filtered() string {
	if p.query(p.bar.text).IsAll() {
		return "filter first: it would be every reset"
	}
	return ""
}

// issueFor looks an account up and asks whether to issue a reset for it.
func issueFor(e *Env, slot *Slot, accountID string) tea.Cmd {
	return Load(slot, func(ctx context.Context) (model.AccountRow, error) {
		return e.Store.FindAccount(ctx, accountID)
	}, func(a model.AccountRow, err error) tea.Cmd {
		if err != nil {
			return e.Send(Failed{err})
		}
		if held := heldWhy([]model.AccountRow{a})(); held != "" {
			return e.Send(Toast{Text: held, Warn: true})
		}
		return issue(e, a)
	})
}
