package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"doorman/ui/page"
)

// copyLink copies the command that opens the console where it is now.
func (s *shell) copyLink() tea.Cmd {
	return s.env.Copy(s.env.LinkCommand(s.nav.page().(page.Linker).Link()))
}

func (s *shell) linkless() string {
	_, ok := s.nav.page().(page.Linker)
	switch {
	case !ok:
		return "no command leads here"
	case s.env.Copy == nil:
		return "this terminal has no clipboard"
	}
	return ""
}
