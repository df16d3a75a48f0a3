package page

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/part"
	"doorman/ui/term"
)

// trial is a test letter: how far it came, step by step.
type trial struct {
	slot  Slot
	to    string
	lines []part.Cell // nil before the first
}

// tryMail asks where a test letter is to go.
func (p *outbox) tryMail() tea.Cmd {
	check := func(to string) error { _, err := model.ParseEmail(to); return err }
	p.asked.begin(p.env.Theme, "test email to", "it holds no link; each step of the conversation is shown", p.trial.to, check, func(to string) tea.Cmd {
		p.trial.to, p.trial.lines = to, nil
		t, send := p.env.Theme, p.env.TestMail
		cmd := Load(&p.trial.slot, func(ctx context.Context) (string, error) { return send(ctx, to) }, func(reply string, err error) tea.Cmd {
			for line := range strings.Lines(strings.TrimSpace(reply)) {
				p.trial.lines = append(p.trial.lines, part.Cell{Text: t.Sign("done").Glyph + " " + strings.TrimSpace(line), Ink: t.Dim})
			}
			last := part.Cell{Text: t.Sign("done").Glyph + " the relay took the test email; esc closes this", Ink: t.Good}
			if err != nil {
				last = part.Cell{Text: t.Sign("problem").Glyph + " " + strings.Join(problem(err), " — "), Ink: t.Bad}
			}
			p.trial.lines = append(p.trial.lines, last)
			p.fit()
			return nil
		})
		p.fit()
		return cmd
	})
	p.fit()
	return nil
}

func (p *outbox) trialless() string {
	switch {
	case p.env.TestMail == nil:
		return "emails do not leave from here"
	case p.trial.slot.Busy():
		return "a test email is on its way"
	}
	return ""
}

// trialLines draws what became of the test letter.
func (p *outbox) trialLines() []string {
	if p.trial.slot.Busy() {
		return []string{p.env.Theme.Info.Paint(term.Fit(" sending a test email to "+term.Show(p.trial.to)+" …", p.w))}
	}
	var out []string
	for _, l := range p.trial.lines {
		out = append(out, l.Ink.Paint(term.Fit(" "+term.Show(l.Text), p.w)))
	}
	return out
}

// Unwind implements Unwinder: what became of a test letter goes first.
func (p *outbox) Unwind() (tea.Cmd, bool) {
	if p.trial.lines == nil {
		return p.sought.Unwind()
	}
	p.trial.lines = nil
	p.fit()
	return nil, true
}
