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
