package ui

import (
	"slices"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/ui/page"
)

// keys takes what the keyboard sent. Several keys that were typed fast arrive as
// one message, which no binding matches: outside of text fields they are played
// one by one.
func (s *shell) keys(k tea.KeyMsg) tea.Cmd {
	if s.afterEsc(k) {
		cmd := s.press(tea.KeyMsg{Type: tea.KeyEsc})
		k.Alt = false
		s.kept = append(s.kept, k)
		return cmd
	}
	if k.Type != tea.KeyRunes || len(k.Runes) < 2 || k.Paste || k.Alt {
		return s.press(k)
	}
	if s.typing() {
		return s.press(k)
	}
	for _, r := range k.Runes {
		s.kept = append(s.kept, tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}})
	}
	return nil
}

// afterEsc reports whether a key is two: over a slow line escape and what was
// typed after it arrive together, and that is what alt with the key sends, too.
// Text fields know some keys with alt, and operators may have chosen one.
func (s *shell) afterEsc(k tea.KeyMsg) bool {
	if !k.Alt || k.Paste || s.typing() && k.Type != tea.KeyEsc {
		return false
	}
	_, own := page.Find(s.actions(), k.String())
	return !own
}

// maxKept bounds how far ahead one can type.
const maxKept = 200

// press takes one key, now or once the page knows what it would act on.
func (s *shell) press(k tea.KeyMsg) tea.Cmd {
	s.forgetRefusal()
	switch {
	case k.Type == tea.KeyEsc || k.Type == tea.KeyCtrlC:
		s.kept = nil
	case len(s.kept) > 0 || s.early(k):
		if len(s.kept) < maxKept {
			s.kept = append(s.kept, k)
		}
		return nil
	}
	return s.key(k)
}

// typing reports whether keys go into a text field.
func (s *shell) typing() bool {
	if s.picker != nil {
		return true
	}
	t, ok := s.nav.page().(page.Typist)
	return ok && s.ask == nil && s.choose == nil && t.Typing()
}

func (s *shell) holding() bool {
	h, ok := s.nav.page().(page.Holder)
	return ok && s.onPage() && h.Holding()
}

// onPage reports whether nothing stands before the page and takes the keys.
func (s *shell) onPage() bool { return s.ask == nil && s.picker == nil && s.choose == nil }

// early reports whether the page cannot act on a key yet but soon may.
func (s *shell) early(k tea.KeyMsg) bool {
	if s.holding() {
		return true
	}
	p, ok := s.nav.page().(page.Awaiter)
	if !ok || !s.onPage() || s.typing() || !p.Awaiting() {
		return false
	}
	a, ok := page.Find(s.actions(), k.String())
	return ok && (a.Moves || a.Why() != "")
}

// key acts on one key.
func (s *shell) key(k tea.KeyMsg) tea.Cmd {
	if k.Type == tea.KeyRunes && len(k.Runes) == 1 && k.Runes[0] == ' ' {
		k.Type = tea.KeySpace
	}
	if a, ok := s.move(k); ok {
		return s.run(a)
	}
	s.env.Turn()
	switch {
	case !s.ending.IsZero():
		return nil
	case s.ask != nil:
		return s.answered(k)
	case s.picker != nil:
		return s.picked(k)
	case s.choose != nil:
		return s.switched(k)
	case s.typing():
		if k.Type == tea.KeyCtrlC {
			k.Type = tea.KeyEsc
		}
		return s.nav.page().Update(k)
	case k.Paste:
		return nil
	}
	if a, ok := page.Find(s.actions(), k.String()); ok {
		return s.run(a)
	}
	return nil
}

// move finds the action of a key that only moves the cursor: nothing that is drawn
// of the rows changes by it.
func (s *shell) move(k tea.KeyMsg) (page.Action, bool) {
	if !s.ending.IsZero() || s.ask != nil || s.picker != nil || s.choose != nil || k.Paste || s.typing() {
		return page.Action{}, false
	}
	a, ok := page.Find(s.actions(), k.String())
	return a, ok && a.Moves
}

// pressed does what a key does, whatever the operator calls it.
func (s *shell) pressed(usual string) tea.Cmd {
	if own, ok := s.env.Keys[usual]; ok {
		usual = own
	}
	if a, ok := page.Find(s.actions(), usual); ok {
		return s.run(a)
	}
	return nil
}

// run runs an action, or says why it cannot be run.
func (s *shell) run(a page.Action) tea.Cmd {
	if why := a.Why(); why != "" {
		s.refuse(page.KeyName(a.Keys[0]) + ": " + why)
		return nil
	}
	return a.Run()
}

// actions returns all that can be done now: the page's own, then those of the
// shell whose keys the page does not use itself.
func (s *shell) actions() []page.Action {
	var as []page.Action
	if p := s.nav.page(); p != nil {
		as = p.Actions()
	}
	taken := map[string]bool{}
	for _, a := range as {
		for _, k := range a.Keys {
			taken[k] = true
		}
	}
	for _, a := range s.own() {
		if !slices.ContainsFunc(a.Keys, func(k string) bool { return taken[k] }) {
			as = append(as, a)
		}
	}
	return s.env.Keys.Apply(as)
}

// own returns the shell's actions.
func (s *shell) own() []page.Action {
	as := []page.Action{
		{Keys: []string{"?"}, Short: "help", Help: "every key that works here; enter runs it", Run: s.openHelp},
		{Keys: []string{":", "ctrl+p"}, Short: "commands", Help: "find any action or view by its name", Run: s.openPalette},
		{Keys: []string{"z"}, Help: s.undoHelp(), Run: s.undoLast, Off: s.undoOff},
		{Keys: []string{"esc"}, Help: "clear the filter, then the marks, then go back", Run: s.unwind},
		{Keys: []string{"q"}, Short: s.quitWord(), Help: "go back; at the top quit", Run: s.leave},
		{Keys: []string{"["}, Help: "where you were before", Run: func() tea.Cmd { return s.travel(-1) }, Off: s.nowhere(-1)},
		{Keys: []string{"]"}, Help: "where you were after", Run: func() tea.Cmd { return s.travel(1) }, Off: s.nowhere(1)},
		{Keys: []string{"L"}, Help: "copy what is shown as a command line", Run: s.copyCommand, Off: s.commandless},
		{Keys: []string{"V"}, Help: "reveal what the row hides, by code points", Run: s.reveal, Off: s.nothingToReveal},
		{Keys: []string{"Y"}, Help: "copy the command that opens the console here", Run: s.copyLink, Off: s.linkless},
		{Keys: []string{"ctrl+r"}, Help: "load again", Run: s.reload},
		{Keys: []string{"u"}, Help: "stop or go on following changes", Run: s.pause},
		{Keys: []string{"T"}, Help: "times by the clock, or as how long ago", Run: s.writeTimes},
		{Keys: []string{"ctrl+l"}, Help: "draw the screen again", Run: func() tea.Cmd { return tea.ClearScreen }},
		{Keys: []string{"M"}, Help: "let the mouse click, or give it back to the terminal", Run: s.toggleMouse},
		{Keys: []string{"ctrl+c"}, Help: "quit", Run: s.quit},
	}
	if s.o.Suspend {
		as = append(as, page.Action{Keys: []string{"ctrl+z"}, Help: "stop the console; fg brings it back", Run: func() tea.Cmd { return tea.Suspend }})
	}
	for _, v := range page.Views() {
		if v.Key != "" {
			as = append(as, page.Action{Keys: []string{v.Key}, Help: "go to " + v.Title, Run: func() tea.Cmd { return s.goTo(v.Name) }})
		}
	}
	return as
}

// copyCommand copies the command that prints what the page shows.
func (s *shell) copyCommand() tea.Cmd {
	return s.env.Copy(s.nav.page().(page.Commander).Command())
}

func (s *shell) commandless() string {
	_, ok := s.nav.page().(page.Commander)
	switch {
	case !ok:
		return "no command shows the same"
	case s.env.Copy == nil:
		return "this terminal has no clipboard"
	}
	return ""
}

func (s *shell) quitWord() string {
	if len(s.nav.path()) > 1 {
		return "back"
	}
	return "quit"
}

func (s *shell) nowhere(n int) func() string {
	return func() string {
		if at := s.nav.at + n; at < 0 || at >= len(s.nav.places) {
			return "the history ends here"
		}
		return ""
	}
}

// unwind is esc: it takes back one thing, and never quits.
func (s *shell) unwind() tea.Cmd {
	if u, ok := s.nav.page().(page.Unwinder); ok {
		if cmd, done := u.Unwind(); done {
			return cmd
		}
	}
	return s.back()
}

// leave is q: back, and at the top quit.
func (s *shell) leave() tea.Cmd {
	if len(s.nav.path()) > 1 {
		return s.back()
	}
	return s.quit()
}

func (s *shell) reload() tea.Cmd { return s.changed(page.Changed{}) }

func (s *shell) undoHelp() string {
	if len(s.undo.batches) == 0 {
		return "undo the last change"
	}
	return "undo: " + s.undo.text
}

func (s *shell) undoOff() string {
	switch {
	case len(s.undo.batches) == 0:
		return "there is nothing to undo"
	default:
		return s.env.Locked()
	}
}

func writes(n int) string {
	if n == 1 {
		return "1 write"
	}
	return strconv.Itoa(n) + " writes"
}
