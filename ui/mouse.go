package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"doorman/ui/page"
)

// mouse passes clicks and the wheel to the page, in its own cells.
func (s *shell) mouse(m tea.MouseMsg) tea.Cmd {
	p, ok := s.nav.page().(page.Clicker)
	switch {
	case m.Action != tea.MouseActionPress || !s.ending.IsZero():
		return nil
	case s.ask != nil:
		s.ask.Dialog.Wheel(wheel(m))
		return nil
	case s.picker != nil:
		s.picker.move(wheel(m))
		return nil
	case s.choose != nil || !ok || s.holding():
		return nil
	}
	switch m.Button {
	case tea.MouseButtonWheelUp, tea.MouseButtonWheelDown:
		return p.Wheel(wheel(m))
	case tea.MouseButtonLeft:
		return p.Click(m.X, m.Y-2)
	}
	return nil
}

// wheel is by how many lines a turn of the wheel moves.
func wheel(m tea.MouseMsg) int {
	switch m.Button {
	case tea.MouseButtonWheelUp:
		return -3
	case tea.MouseButtonWheelDown:
		return 3
	}
	return 0
}

// resumed takes the mouse again after the console was stopped: the shell had it
// meanwhile.
func (s *shell) resumed() tea.Cmd {
	if !s.mouseOn {
		return nil
	}
	return tea.EnableMouseCellMotion
}

// toggleMouse takes the mouse from the terminal or gives it back: while it is
// taken, text can be selected only with shift held down.
func (s *shell) toggleMouse() tea.Cmd {
	s.mouseOn = !s.mouseOn
	if s.mouseOn {
		s.notify("the mouse clicks here; hold shift to select text, "+s.env.Keys.Name("M")+" gives it back", false)
		return tea.EnableMouseCellMotion
	}
	s.notify("the mouse selects text again", false)
	return tea.DisableMouse
}
