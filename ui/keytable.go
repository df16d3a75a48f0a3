package ui

import (
	"io"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"

	"doorman/ui/page"
	"doorman/ui/theme"
)

// KeyLine is one line of the key table.
type KeyLine struct {
	Page string // title of the view, "everywhere" for the shell's own keys
	Keys string // all that do it, the usual one first, set apart by spaces
	Does string
}

// KeyTable lists every key of the console, from the same actions that the
// console itself runs: first those that work everywhere, then each view's own.
func KeyTable() []KeyLine {
	env := &page.Env{Theme: theme.New(lipgloss.NewRenderer(io.Discard), theme.Dumb, true), Now: time.Now}
	var lines []KeyLine
	add := func(title string, actions []page.Action) {
		for _, a := range actions {
			names := make([]string, len(a.Keys))
			for i, k := range a.Keys {
				names[i] = page.KeyName(k)
			}
			lines = append(lines, KeyLine{Page: title, Keys: strings.Join(names, " "), Does: a.Help})
		}
	}
	add("everywhere", newShell(Options{Env: env, Suspend: true}).own())
	for _, v := range page.Views() {
		add(v.Title, v.Make(env, page.Open{View: v.Name}).Actions())
	}
	return lines
}
