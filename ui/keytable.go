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

// Names that stand for a view in the key table.
const (
	everywhere = "everywhere"
	inLists    = "in lists"
)

// KeyTable lists every key of the console, from the same actions that the
// console itself runs: first those that work everywhere, then those that most
// views share, then each view's own. Keys are those of the given map.
func KeyTable(m page.Keymap) []KeyLine {
	env := bareEnv()
	lines := keyLines(everywhere, m.Apply(newShell(Options{Env: env, Suspend: true}).own()))
	var own []KeyLine
	shared := map[KeyLine]int{}
	for _, v := range page.Views() {
		for _, l := range keyLines(v.Title, m.Apply(v.Make(env, page.Open{View: v.Name}).Actions())) {
			own = append(own, l)
			shared[KeyLine{inLists, l.Keys, l.Does}]++
		}
	}
	told := map[KeyLine]bool{}
	for _, l := range own {
		if common := (KeyLine{inLists, l.Keys, l.Does}); isShared(shared[common]) && !told[common] {
			told[common] = true
			lines = append(lines, common)
		}
	}
	for _, l := range own {
		if !isShared(shared[KeyLine{inLists, l.Keys, l.Does}]) {
			lines = append(lines, l)
		}
	}
	return lines
}

// bareEnv is enough of a session to ask pages for their actions.
func bareEnv() *page.Env {
	return &page.Env{Theme: theme.New(lipgloss.NewRenderer(io.Discard), theme.Dumb, true), Now: time.Now}
}

// isShared reports whether an action is so common that it is listed once for all
// views.
func isShared(views int) bool { return views > 3 }

func keyLines(title string, actions []page.Action) []KeyLine {
	lines := make([]KeyLine, len(actions))
	for i, a := range actions {
		names := make([]string, len(a.Keys))
		for j, k := range a.Keys {
			names[j] = page.KeyName(k)
		}
		lines[i] = KeyLine{Page: title, Keys: strings.Join(names, " "), Does: a.Help}
	}
	return lines
}
