package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"doorman/ui/part"
)

// switched handles a key while a chooser is open.
func (s *shell) switched(k tea.KeyMsg) tea.Cmd {
	c := s.choose
	switch v := c.Chooser.Key(k.String()); v {
	case part.ChooserNothing:
		return nil
	case part.ChooserClosed:
		s.choose = nil
		return nil
	default:
		return c.Changed(v)
	}
}
