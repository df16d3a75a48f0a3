package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"doorman/ui/page"
)

// mouse passes clicks and the wheel to the page, in its own cells.
func (s *shell) mouse(m tea.MouseMsg) tea.Cmd {
	p, ok := s.nav.page().(page.Clicker)
	if !ok || s.ask != nil || s.picker != nil || m.Action != tea.MouseActionPress {
		return nil
	}
	switch m.Button {
	case tea.MouseButtonWheelUp:
		return p.Wheel(-3)
	case tea.MouseButtonWheelDown:
		return p.Wheel(3)
	case tea.MouseButtonLeft:
		return p.Click(m.X, m.Y-2)
	}
	return nil
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
