package ui

import (
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
	show   []int // indexes into all, best match first
	cur    int
	top    int
}

func newPicker(t *theme.Theme, title string, as []page.Action) *picker {
	p := &picker{title: title, prompt: part.NewPrompt(t, "> ", "type to filter, enter runs"), all: as}
	for _, a := range as {
		keys := ""
		for i, k := range a.Keys {
			if i > 0 {
				keys += " "
			}
			keys += page.KeyName(k)
		}
		p.names = append(p.names, term.Fit(keys, 12)+" "+a.Help)
	}
	p.prompt.Focus()
	p.filter()
	return p
}

func (p *picker) filter() {
	p.show, p.cur, p.top = p.show[:0], 0, 0
	if p.prompt.Value() == "" {
		for i := range p.all {
			p.show = append(p.show, i)
		}
		return
	}
	for _, m := range fuzzy.Find(p.prompt.Value(), p.names) {
		p.show = append(p.show, m.Index)
	}
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

// openPalette lists the actions and the views, without the keys of moving.
func (s *shell) openPalette() tea.Cmd {
	s.picker = newPicker(s.env.Theme, "Commands", s.actions())
	return nil
}

// picked handles a key while the palette or the help is open.
func (s *shell) picked(k tea.KeyMsg) tea.Cmd {
	a, done := s.picker.key(k)
	if done {
		s.picker = nil
	}
	if a != nil {
		return s.run(*a)
	}
	return nil
}
