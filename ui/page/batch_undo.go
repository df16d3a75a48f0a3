package page

import (
	"context"
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/part"
)

// undo asks whether to take the batch back, with what comes back and what does
// not.
func (p *batch) undo() tea.Cmd {
	e, b := p.env, p.row
	d := part.NewDialog(e.Theme, "Undo: "+string(b.Verb)+" "+p.row.About, "undo it", "by "+orDash(b.By)+", "+e.moment(b.At))
	d.AskReason()
	e.Send(Ask{Dialog: d, Do: func() tea.Cmd { return undoNow(e, d.Why(), b) }, Not: func() tea.Cmd { p.plan.Drop(); return nil }})
	if line := undoneRule(b); line != "" {
		d.Body = append(d.Body, "", line)
	}
	if ofAccount(b) || b.Counts.Of("resets") == 0 {
		return nil
	}
	d.Wait = "looking at what can come back…"
	f := model.ResetFilter{BatchID: b.ID, Paging: model.Paging{Limit: model.MaxLimit}}
	return Load(&p.plan, func(ctx context.Context) (model.Page[model.Reset], error) {
		return e.Store.ListResets(ctx, f)
	}, func(rs model.Page[model.Reset], err error) tea.Cmd {
		if err != nil {
			d.Wait, d.Body = "cannot be done", problem(err)
			return nil
		}
		d.Wait = ""
		d.Body = append(d.Body, undoLines(e, b, rs)...)
		return nil
	})
}

// undoneRule words what becomes of rules and cases; "" where the batch has none.
func undoneRule(b model.Batch) string {
	switch b.Verb {
	case model.VerbContain:
		return "the block is lifted, and the case is what it was before"
	case model.VerbBlock, model.VerbAllow:
		return "the rule is lifted; what it replaced is in force again"
	case model.VerbUnblock:
		return "the rules are in force again, until they were to end"
	case model.VerbCase:
		return "the case is what it was before"
	}
	return ""
}

// undoLines words what taking back a revocation comes to, as far as the resets
// tell: the store looks again, and also leaves those that a newer link replaced.
func undoLines(e *Env, b model.Batch, rs model.Page[model.Reset]) []string {
	var back int
	var kept model.Tally
	for _, r := range rs.Items {
		switch s := r.State(e.Now()); {
		case s != model.Revoked:
			kept = count1(kept, string(s)+" since")
		case !e.Now().Before(r.Expires):
			kept = count1(kept, "expired since")
		default:
			back++
		}
	}
	if gone := b.Counts.Of("resets") - len(rs.Items); gone > 0 && rs.Next == "" {
		kept = append(kept, model.TallyLine{Label: "changed since", N: gone})
	}
	more := ""
	if rs.Next != "" {
		more = " of the newest " + model.Plural(len(rs.Items), "reset")
	}
	letters := map[bool]string{true: ", with its email", false: ", with their emails"}[back == 1]
	lines := []string{"", model.Plural(back, "reset") + more + " can be live again" + letters}
	if s := kept.String(); s != "" {
		lines = append(lines, "unchanged: "+s)
	}
	return append(lines, "", "A reset stays revoked where its account got a newer link since.")
}

func undoNow(e *Env, reason string, b model.Batch) tea.Cmd {
	return Save(e, Anything, func(ctx context.Context) (Saved, error) {
		u, err := e.Store.Undo(ctx, e.because(reason), b.ID)
		if err != nil {
			return Saved{}, fmt.Errorf("undo batch: %w", err)
		}
		text := "undone: " + orDash(u.Restored.String())
		if kept := u.Kept.String(); kept != "" {
			text += "; not: " + kept
		}
		return Saved{Text: text}, nil
	})
}
