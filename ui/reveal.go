package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"doorman/ui/page"
	"doorman/ui/part"
)

// reveal shows what the page shows with nothing hidden.
func (s *shell) reveal() tea.Cmd { return s.open(page.Open{View: "exact", Filter: s.revealed()}) }

func (s *shell) revealed() []part.Field {
	if r, ok := s.nav.page().(page.Revealer); ok {
		return r.Revealed()
	}
	return nil
}

func (s *shell) nothingToReveal() string {
	if len(s.revealed()) == 0 {
		return "no row is selected"
	}
	return ""
}
