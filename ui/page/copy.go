package page

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// exactly writes a moment as it is copied, "" for never.
func exactly(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// copying returns the action of a detail page that copies one text; there tells
// why there is none, or "".
func copying(e *Env, what string, there func() string, text func() string) Action {
	none := func() string {
		if e.Copy == nil {
			return "this terminal has no clipboard"
		}
		return ""
	}
	return Action{Keys: []string{"y"}, Help: "copy " + what, Off: why(there, none), Run: func() tea.Cmd { return e.Copy(text()) }}
}
