package ui

import (
	"fmt"
	"slices"
	"strings"
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

// ? lists each key that does something here once, and no key that does nothing:
// on every page.
func TestHelpIsTheKeysThatWork(t *testing.T) {
	for _, v := range page.Views() {
		t.Run(v.Name, func(t *testing.T) {
			c, _, _ := at(t, v.Name)
			if kind := fmt.Sprintf("%T", c.s.nav.page()); kind != "*page."+v.Name {
				t.Fatalf("%q leads to a %s", places()[v.Name], kind)
			}
			var listed []string
			for _, a := range newPicker(c.s.env.Theme, "", c.s.actions()).all {
				for _, k := range a.Keys {
					if slices.Contains(listed, k) {
						t.Errorf("%q stands twice in the help", k)
					}
					listed = append(listed, k)
					if found, ok := page.Find(c.s.actions(), k); !ok || found.Help != a.Help {
						t.Errorf("%q runs %q, the help says %q", k, found.Help, a.Help)
					}
				}
			}
			for _, k := range everyKey() {
				if slices.Contains(listed, k.String()) || k.Alt { // with alt it is escape and the key
					continue
				}
				before := c.s.View()
				if _, cmd := c.s.Update(k); cmd != nil && cmd() != nil || c.s.View() != before {
					t.Errorf("%q does something and is not in the help", k)
				}
			}
		})
	}
}

// Every key that ? lists does something: the screen changes, something is copied,
// read or sent to the terminal, or it is said why not. A key that goes where one
// is already need not.
func TestNoKeyIsDead(t *testing.T) {
	for _, v := range page.Views() {
		t.Run(v.Name, func(t *testing.T) {
			first, _, _ := at(t, v.Name)
			for _, a := range first.s.actions() {
				for _, k := range a.Keys {
					c, copied, reads := at(t, v.Name)
					before, had := c.s.View(), *reads
					_, cmd := c.s.Update(keyNamed(k))
					c.do(cmd)
					moved := c.s.View() != before || *copied > 0 || *reads > had || c.quit || cmd != nil
					if !moved && !stays(v.Name, a) {
						t.Errorf("%s, %s: nothing happens", k, a.Help)
					}
				}
			}
		})
	}
}

// stays reports whether an action has nothing to do where the tests stand: at the
// end of a text that fits the screen, at the top, without a filter or marks.
func stays(view string, a page.Action) bool {
	v, _ := page.ViewNamed(view)
	return strings.Contains(a.Help, "take all marks away") || strings.HasPrefix(a.Help, "clear the filter") || a.Help == "go to "+v.Title ||
		slices.Contains([]string{"a line down", "a line up", "half a screen down", "half a screen up", "a screen down", "a screen up", "to the start", "to the end",
			"first row", "last row", "previous row"}, a.Help)
}

func keyNamed(name string) tea.KeyMsg {
	for _, k := range everyKey() {
		if k.String() == name {
			return k
		}
	}
	return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}
}

// What ? lists can be filtered and run, on every page.
func TestHelpIsFilteredAndRun(t *testing.T) {
	for _, v := range page.Views() {
		t.Run(v.Name, func(t *testing.T) {
			c, _, _ := at(t, v.Name)
			title := c.s.nav.page().Title()
			c.press("?").sees("Keys: " + title).press("times by the clock").sees("> T ").misses("> ? ").press("<enter>").misses("Keys: ")
			if !c.s.env.Absolute || c.s.nav.page().Title() != title {
				t.Errorf("absolute %v on %s", c.s.env.Absolute, c.s.nav.page().Title())
			}
			for _, a := range c.s.nav.page().Actions() {
				c, copied, reads := at(t, v.Name)
				before, had := c.s.View(), *reads
				c.press("?" + a.Help + "<enter>").misses("Keys: ")
				if c.s.View() == before && *copied == 0 && *reads == had && !stays(v.Name, a) && !c.quit {
					t.Errorf("%s, run from the help: nothing happens", a.Help)
				}
			}
		})
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
