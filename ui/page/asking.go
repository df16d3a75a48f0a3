package page

import (
	tea "github.com/charmbracelet/bubbletea"

	"doorman/ui/part"
	"doorman/ui/term"
	"doorman/ui/theme"
)

// asking is one line that a page asks the operator to type, as a note or a
// network. The zero value asks nothing.
type asking struct {
	theme  *theme.Theme
	prompt *part.Prompt
	hint   string
	err    error
	check  func(string) error // nil: everything is right
	done   func(string) tea.Cmd
	stays  bool          // enter leaves the question open: done ends it
	busy   func() string // what enter has begun, while it goes on; nil: nothing that takes time
	turn   func() string // tab: requests something else and returns the hint for it; nil: nothing
}

// begin starts the question. value is what is there at first.
func (a *asking) begin(t *theme.Theme, label, hint, value string, check func(string) error, done func(string) tea.Cmd) {
	*a = asking{theme: t, prompt: part.NewPrompt(t, label+" ", ""), hint: hint, check: check, done: done}
	a.prompt.SetValue(value)
	a.prompt.Focus()
}

// Typing implements Typist.
func (a *asking) Typing() bool { return a.prompt != nil }

// typed takes a key while the question is open.
func (a *asking) typed(k tea.KeyMsg) tea.Cmd {
	switch key := k.String(); {
	case key == "esc" || key == "ctrl+c":
		*a = asking{}
	case a.underWay() != "": // nothing that is typed meanwhile may act on the page behind
	case key == "enter":
		text := a.prompt.Value()
		if a.check != nil {
			if a.err = a.check(text); a.err != nil {
				return nil
			}
		}
		done := a.done
		if !a.stays {
			*a = asking{}
		}
		return done(text)
	case key == "tab":
		if a.turn != nil {
			a.hint, a.err = a.turn(), nil
		}
	default:
		if a.prompt.Update(k) {
			a.err = nil
		}
	}
	return nil
}

// underWay tells what enter has begun, "" when nothing goes on.
func (a *asking) underWay() string {
	if a.busy == nil {
		return ""
	}
	return a.busy()
}

// lines draws the question, and what is wrong with the answer or how to write it.
func (a *asking) lines(w int) []string {
	if !a.Typing() {
		return nil
	}
	below := a.theme.Dim.Paint(term.Fit("  "+term.Show(a.hint), w))
	if busy := a.underWay(); busy != "" {
		below = a.theme.Warn.Paint(term.Fit("  "+busy+" (esc: go on working meanwhile)", w))
	} else if a.err != nil {
		text, hint := Problem(a.err)
		if hint != "" {
			text += " — " + hint
		}
		below = a.theme.Warn.Paint(term.Fit("  "+term.Show(text), w))
	}
	return []string{term.Fit(" "+a.prompt.View(w-2), w), below}
}
