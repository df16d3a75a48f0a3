package ui

import (
	"context"
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/ui/page"
)

// patience is how long quitting waits for writes under way.
const patience = 5 * time.Second

// quit ends the program, at once or when the writes under way are done.
func (s *shell) quit() tea.Cmd {
	if s.env.Saves.Running() == 0 {
		return tea.Quit
	}
	s.ending = time.Now().Add(patience)
	s.notify("finishing "+writes(s.env.Saves.Running())+", then quitting", true)
	return nil
}

// endIfDone quits when the writes are done or patience has run out.
func (s *shell) endIfDone(now time.Time) tea.Cmd {
	s.unsaved = s.env.Saves.Running()
	if s.unsaved == 0 || now.After(s.ending) {
		return tea.Quit
	}
	return nil
}

// undoLast is z: it takes back the last batch of this session.
func (s *shell) undoLast() tea.Cmd {
	u := s.undo
	s.undo = undoable{}
	return page.Save(s.env, page.Anything, func(ctx context.Context) (page.Saved, error) {
		done, err := s.env.Store.Undo(ctx, s.env.Act, u.batch)
		if err != nil {
			return page.Saved{}, fmt.Errorf("undo %s: %w", u.text, err)
		}
		return page.Saved{Text: outcome(done.Restored.String(), done.Kept.String())}, nil
	})
}
