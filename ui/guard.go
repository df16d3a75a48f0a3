package ui

import (
	"reflect"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/ui/term"
)

// guarded is the shell with a net below it: a panic in the event loop or in a
// command ends in a crash file and a terminal that works. Bubble Tea alone
// prints the stack of a command into the screen that is about to go.
type guarded struct {
	*shell
	crash *term.Crash
	pace  pace
}

// Init starts the shell.
func (g *guarded) Init() tea.Cmd {
	defer g.crash.Catch()
	return g.guard(g.shell.Init())
}

// Update passes a message to the shell.
func (g *guarded) Update(msg tea.Msg) (m tea.Model, cmd tea.Cmd) {
	m = g //nolint:wastedassign // what a panic returns
	defer g.crash.Catch()
	if reflect.TypeOf(msg) == reflect.TypeOf(tea.ClearScreen()) { // ctrl+l: what is to be drawn again is the same
		g.pace.forget()
	}
	_, cmd = g.shell.Update(msg)
	return g, g.guard(cmd)
}

// View draws the shell.
func (g *guarded) View() string {
	defer g.crash.Catch()
	view := g.shell.View()
	g.pace.wake(view, time.Now())
	return view
}

// guard wraps a command and the commands that it answers.
func (g *guarded) guard(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() tea.Msg {
		defer g.crash.Catch()
		msg := cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i, c := range batch {
				batch[i] = g.guard(c)
			}
		}
		return msg
	}
}
