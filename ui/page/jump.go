package page

import (
	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
)

// jumping returns the action of going to a time in a list that is in its order;
// off says why it is not, or "".
func (s *sought[T]) jumping(off func() string) Action {
	return Action{Keys: []string{"@"}, Help: "go to a time in the list", Run: s.jump, Off: off}
}

// jump requests a time and reads the list from there.
func (s *sought[T]) jump() tea.Cmd {
	check := func(text string) error { _, err := model.ParseWhen(text, s.env.Now()); return err }
	s.asked.begin(s.env.Theme, "go to", "24h, 7d, 2026-11-23, 2026-11-23 03:00 or RFC 3339; all is the start of the list", "", check, func(text string) tea.Cmd {
		at, _ := model.ParseWhen(text, s.env.Now())
		if at.IsZero() {
			return s.first()
		}
		return s.ask(s.From(at))
	})
	s.fit()
	return nil
}
