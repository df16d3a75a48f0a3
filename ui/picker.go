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
	keys   []string // of each, as they are typed
	names  []string // what is searched: the keys and the help
	tall   int      // lines that were shown at most
	fixed  int      // how many of all were there at first; the others were found
	show   []int    // indexes into all, best match first
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
		p.keys = append(p.keys, strings.Join(keys, " "))
		p.names = append(p.names, strings.Join(keys, " ")+" "+a.Help)
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
	p.all, p.keys, p.names = p.all[:p.fixed], p.keys[:p.fixed], p.names[:p.fixed]
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

// pickerWidth bounds how wide the list is: longer lines are hard to read.
const pickerWidth = 110

// keyColumn is how wide the keys before an action are.
const keyColumn = 12

// row draws an action: what does not fit the line goes on below it, and nothing
// is cut.
func (p *picker) row(t *theme.Theme, i, inner int) []string {
	a := p.all[p.show[i]]
	text, why := term.Show(a.Help), a.Why()
	if why != "" {
		text += " (off: " + term.Show(why) + ")"
	}
	var lines []string
	for n, l := range part.Wrap(text, max(inner-keyColumn-3, 10)) {
		key := ""
		if n == 0 {
			key = p.keys[p.show[i]]
		}
		lines = append(lines, term.Fit("  "+term.Fit(key, keyColumn)+" "+l, inner))
	}
	for n := range lines {
		switch {
		case i == p.cur && n == 0:
			lines[n] = t.Selected.Paint(">" + lines[n][1:])
		case i == p.cur:
			lines[n] = t.Selected.Paint(lines[n])
		case why != "":
			lines[n] = t.Dim.Paint(lines[n])
		}
	}
	return lines
}

// view draws the list in at most width by height cells, the selected row in it.
func (p *picker) view(t *theme.Theme, width, height int) string {
	inner := min(width-6, pickerWidth)
	room := max(height-6, 3)
	p.top = min(p.top, p.cur)
	for p.top < p.cur && p.cur < len(p.show) {
		n := 0
		for i := p.top; i <= p.cur; i++ {
			n += len(p.row(t, i, inner))
		}
		if n <= room {
			break
		}
		p.top++
	}
	var rows []string
	for i := p.top; i < len(p.show) && len(rows) < room; i++ {
		rows = append(rows, p.row(t, i, inner)...)
	}
	if len(p.show) == 0 {
		rows = append(rows, t.Dim.Paint("  no action or view has that name"))
	}
	p.tall = max(p.tall, min(len(rows), room)) // the frame keeps its height while one types
	lines := append([]string{p.prompt.View(inner), ""}, rows[:min(len(rows), room)]...)
	for len(lines) < min(p.tall, room)+2 {
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
