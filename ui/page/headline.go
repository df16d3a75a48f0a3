package page

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// Headliner is the page that says in one line what is wrong now.
type Headliner interface {
	// Headline is that line without styles, safe for the screen and not cut.
	Headline() string
	// ToHeadline selects the row that the line is about. It clears a filter that
	// hides the row, and says so.
	ToHeadline() tea.Cmd
}

// Headline implements Headliner.
func (p *clusters) Headline() string { return strings.TrimSpace(ansi.Strip(p.summaryIn(1 << 10))) }

// ToHeadline implements Headliner.
func (p *clusters) ToHeadline() tea.Cmd {
	all := p.everything()
	if len(all) == 0 || !all[0].waits(p.env.Now()) {
		return nil
	}
	for i, r := range p.Rows() {
		if r.Key == all[0].Key {
			p.MoveTo(i)
			return nil
		}
	}
	if p.bar.text == "" {
		return nil // not read yet: the list begins with it
	}
	p.choice.want = all[0].Key
	p.env.Send(Toast{Text: "filter cleared: it hid " + all[0].name})
	return p.seek(p.bar.base)
}
