package ui

import (
	"context"
	"fmt"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
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

// undoLast is z: it takes back the last batch of this session. What could not be
// undone for now can be tried again.
func (s *shell) undoLast() tea.Cmd {
	u := s.undo
	s.undo = undoable{}
	return page.Save(s.env, page.Anything, func(ctx context.Context) (page.Saved, error) {
		var restored, kept model.Tally
		for i, b := range u.batches {
			done, err := s.env.Store.Undo(ctx, s.env.Act, b)
			if err != nil {
				return page.Saved{Batch: b, More: u.batches[i+1:], Left: u.text}, fmt.Errorf("undo %s: %w", u.text, err)
			}
			restored, kept = add(restored, done.Restored), add(kept, done.Kept)
		}
		return page.Saved{Text: outcome(restored, kept)}, nil
	})
}

// add sums two tallies by their labels.
func add(a, b model.Tally) model.Tally {
	out := slices.Clone(a)
	for _, l := range b {
		if i := slices.IndexFunc(out, func(o model.TallyLine) bool { return o.Label == l.Label }); i >= 0 {
			out[i].N += l.N
		} else {
			out = append(out, l)
		}
	}
	return out
}

// outcome words what taking back a change came to.
func outcome(restored, kept model.Tally) string {
	switch r, k := restored.String(), kept.String(); {
	case r == "" && k == "":
		return "undone"
	case r == "":
		return "nothing could be undone: " + k
	case k == "":
		return "undone: " + r
	default:
		return "undone: " + r + "; not: " + k
	}
}
