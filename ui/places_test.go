package ui

import (
	"slices"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/ui/page"
)

func TestThePaletteFindsAccountsViewsAndSavedFilters(t *testing.T) {
	c := newConsole(t, 100, 30, func(o *Options) {
		o.Env.Habits.Filters = []page.SavedFilter{{View: "accounts", Name: "the held", Line: "state:held"}}
	})
	c.press(":person.17").sees("account person.17@example.org").press("<down><enter>").sees("Accounts > person.17@example.org")
	c.press("q:batch").sees("go to Batches").press("<esc>:the held").sees("filter the held: Accounts state:held").press("<enter>").sees("/state:held")
	c.press(":p").misses("account person").press("erson.1").sees("account person").press("<esc>").misses("Commands")
}

// ? lists each key that does something here once, and no key that does nothing.
func TestHelpIsTheKeysThatWork(t *testing.T) {
	for _, v := range page.Views() {
		if !slices.Contains([]string{"clusters", "accounts", "resets"}, v.Name) { // what the store of these tests answers
			continue
		}
		c := newConsole(t, 120, 40, func(o *Options) {
			o.Home = v.Name
			o.Env.Copy = func(string) tea.Cmd { return nil }
		})
		var listed []string
		for _, a := range newPicker(c.s.env.Theme, "", c.s.actions()).all {
			for _, k := range a.Keys {
				if slices.Contains(listed, k) {
					t.Errorf("%s: %q stands twice in the help", v.Name, k)
				}
				listed = append(listed, k)
				if found, ok := page.Find(c.s.actions(), k); !ok || found.Help != a.Help {
					t.Errorf("%s: %q runs %q, the help says %q", v.Name, k, found.Help, a.Help)
				}
			}
		}
		for _, k := range everyKey() {
			if slices.Contains(listed, k.String()) {
				continue
			}
			before := c.s.View()
			if _, cmd := c.s.Update(k); cmd != nil && cmd() != nil || c.s.View() != before {
				t.Errorf("%s: %q does something and is not in the help", v.Name, k)
			}
		}
	}
}

// everyKey is every key that a terminal sends, as far as programs can tell.
func everyKey() []tea.KeyMsg {
	var keys []tea.KeyMsg
	for r := '!'; r <= '~'; r++ {
		keys = append(keys, tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}}, tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: true})
	}
	for k := tea.KeyType(-100); k < 128; k++ {
		if name := (tea.Key{Type: k}).String(); k != tea.KeyRunes && name != "" {
			keys = append(keys, tea.KeyMsg{Type: k})
		}
	}
	return keys
}
