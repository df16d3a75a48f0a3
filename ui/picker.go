package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/sahilm/fuzzy"

	"doorman/ui/page"
	"doorman/ui/part"
	"doorman/ui/term"
	"doorman/ui/theme"
)

// picker is a list of actions that can be filtered and run: the palette and the
// help are the same thing under two titles.
type picker struct {
	title  string
	prompt *part.Prompt
	all    []page.Action
	names  []string
	fixed  int   // how many of all were there at first; the others were found
	show   []int // indexes into all, best match first
	cur    int
	top    int
	seek   func(text string) tea.Cmd // looks for more that fits what is typed; nil: there is no more
}

func newPicker(t *theme.Theme, title string, as []page.Action) *picker {
	p := &picker{title: title, prompt: part.NewPrompt(t, "> ", "type to filter, enter runs")}
	p.add(as)
	p.fixed = len(p.all)
	p.prompt.Focus()
	p.filter()
	return p
}

func (p *picker) add(as []page.Action) {
	for _, a := range as {
		keys := make([]string, len(a.Keys))
		for i, k := range a.Keys {
			keys[i] = page.KeyName(k)
		}
		p.all = append(p.all, a)
		p.names = append(p.names, term.Fit(strings.Join(keys, " "), 12)+" "+a.Help)
	}
}

func (p *picker) filter() {
	p.cur, p.top = 0, 0
	p.match()
}

// match works out what is shown: what was found stands behind the rest.
func (p *picker) match() {
	p.show = p.show[:0]
	if p.prompt.Value() == "" {
		for i := range p.fixed {
			p.show = append(p.show, i)
		}
		return
	}
	for _, m := range fuzzy.Find(p.prompt.Value(), p.names[:p.fixed]) {
		p.show = append(p.show, m.Index)
	}
	for i := p.fixed; i < len(p.all); i++ {
		p.show = append(p.show, i)
	}
}

// found shows what was found, in the place of what was found before.
func (p *picker) found(as []page.Action) {
	p.all, p.names = p.all[:p.fixed], p.names[:p.fixed]
	p.add(as)
	p.match()
	p.move(0)
}

// key takes a key; it returns the action to run, and whether the picker closes.
func (p *picker) key(k tea.KeyMsg) (run *page.Action, done bool) {
	switch k.String() {
	case "esc", "ctrl+c", "ctrl+p":
		return nil, true
	case "up", "shift+tab", "ctrl+k":
		p.move(-1)
	case "down", "tab", "ctrl+j":
		p.move(1)
	case "pgdown":
		p.move(10)
	case "pgup":
		p.move(-10)
	case "enter":
		if p.cur < len(p.show) {
			return &p.all[p.show[p.cur]], true
		}
	default:
		if p.prompt.Update(k) {
			p.filter()
		}
	}
	return nil, false
}

// move moves the cursor by so many lines.
func (p *picker) move(n int) { p.cur = max(min(p.cur+n, len(p.show)-1), 0) }

// maxShown is how many actions are shown at once: more would not be read.
const maxShown = 18

func (p *picker) view(t *theme.Theme, width, height int) string {
	inner := min(width-6, 76)
	room := min(max(height-6, 3), maxShown)
	p.top = max(min(p.top, p.cur), p.cur-room+1)
	lines := []string{p.prompt.View(inner), ""}
	for i := p.top; i < min(p.top+room, len(p.show)); i++ {
		a := p.all[p.show[i]]
		line := term.Fit("  "+term.Show(p.names[p.show[i]]), inner)
		if why := a.Why(); why != "" {
			note := "  off: " + term.Show(why)
			line = term.Fit(line, inner-term.Width(note)) + note
		}
		switch {
		case i == p.cur:
			line = t.Selected.Paint(">" + line[1:])
		case a.Why() != "":
			line = t.Dim.Paint(line)
		}
		lines = append(lines, line)
	}
	if len(p.show) == 0 {
		lines = append(lines, t.Dim.Paint("  nothing is called that"))
	}
	for len(lines) < min(room, len(p.all))+2 {
		lines = append(lines, "")
	}
	return part.Frame(t, p.title, lines, inner)
}

func (s *shell) openHelp() tea.Cmd {
	s.picker = newPicker(s.env.Theme, "Keys: "+s.nav.page().Title(), s.actions())
	return nil
}

// openPalette lists the actions, the views, the saved filters and, as one types,
// accounts.
func (s *shell) openPalette() tea.Cmd {
	s.picker = newPicker(s.env.Theme, "Commands", append(s.actions(), s.places()...))
	s.picker.seek = s.seekAccounts
	return nil
}

// picked handles a key while the palette or the help is open.
func (s *shell) picked(k tea.KeyMsg) tea.Cmd {
	p := s.picker
	before := p.prompt.Value()
	a, done := p.key(k)
	if done {
		s.picker = nil
		s.seeking.Drop()
	}
	switch {
	case a != nil:
		return s.run(*a)
	case !done && p.seek != nil && p.prompt.Value() != before:
		return p.seek(p.prompt.Value())
	}
	return nil
}
