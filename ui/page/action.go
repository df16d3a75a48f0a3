package page

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"
)

// Action is something that the operator can do now. One slice of them feeds
// dispatch, footer, help, palette and the key table of the manual.
type Action struct {
	Keys  []string // as tea.KeyMsg.String names them; the first is the one that is shown
	Short string   // one or two words for the footer; "" keeps it out of the footer
	Help  string   // what it does, for help and palette
	Run   func() tea.Cmd
	Off   func() string // why it cannot be done now, "" when it can; nil: it always can
	Moves bool          // it moves the cursor and changes nothing that rows show
}

// Why returns why the action cannot be run now, or "".
func (a Action) Why() string {
	if a.Off == nil {
		return ""
	}
	return a.Off()
}

// Find returns the action that a key stands for; false when there is none.
func Find(actions []Action, key string) (Action, bool) {
	for _, a := range actions {
		if slices.Contains(a.Keys, key) {
			return a, true
		}
	}
	return Action{}, false
}

// KeyName writes a key as people say it: " " is "space".
func KeyName(key string) string {
	switch key {
	case " ":
		return "space"
	case "up":
		return "↑"
	case "down":
		return "↓"
	case "left":
		return "←"
	case "right":
		return "→"
	case "ctrl+@":
		return "ctrl+space"
	}
	return key
}
