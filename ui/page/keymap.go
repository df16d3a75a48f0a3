package page

import (
	"strings"
	"unicode"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
)

// Keymap holds the operator's own keys, by the key that does the same otherwise.
// Keys are written as tea.KeyMsg.String names them. The zero value changes
// nothing.
type Keymap map[string]string

// Name writes the key that does what the usual one does, as people say it.
func (m Keymap) Name(usual string) string {
	if own, ok := m[usual]; ok {
		return KeyName(own)
	}
	return KeyName(usual)
}

// Apply returns the actions under the operator's own keys. The given ones are
// left as they are.
func (m Keymap) Apply(actions []Action) []Action {
	if len(m) == 0 {
		return actions
	}
	out := make([]Action, len(actions))
	for i, a := range actions {
		keys := make([]string, len(a.Keys))
		for j, k := range a.Keys {
			if own, ok := m[k]; ok {
				k = own
			}
			keys[j] = k
		}
		a.Keys = keys
		out[i] = a
	}
	return out
}

// ParseKey reads a key as people write it and returns it as tea.KeyMsg.String
// names it. Keys that no terminal tells apart from others are refused.
func ParseKey(text string) (string, error) {
	switch text {
	case "space":
		return " ", nil
	case "ctrl+space":
		return "ctrl+@", nil
	case "ctrl+h", "ctrl+i", "ctrl+m", "ctrl+[":
		same := map[string]string{"ctrl+h": "backspace", "ctrl+i": "tab", "ctrl+m": "enter", "ctrl+[": "esc"}[text]
		return "", &model.Error{Kind: model.Invalid, Text: text + " is what a terminal sends for " + same, Hint: "choose another key"}
	}
	char := strings.TrimPrefix(text, "alt+")
	if r, n := utf8.DecodeRuneInString(char); n == len(char) && r != utf8.RuneError && unicode.IsGraphic(r) && r != ' ' {
		return text, nil
	}
	for k := tea.KeyType(-100); k < 128; k++ {
		if k != tea.KeyRunes && (tea.Key{Type: k}).String() == text && text != "" {
			return text, nil
		}
	}
	return "", &model.Error{Kind: model.Invalid, Text: "there is no key " + model.Quote(text), Hint: "write it as D, ctrl+x, alt+x, f5 or space"}
}
