package page

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/ui/part"
)

// Choose asks the shell to let the operator switch things on and off. Changed is
// called after every change.
type Choose struct {
	Chooser *part.Chooser
	Changed func(part.ChooserVerdict) tea.Cmd
}

// named makes a list the one of a view whose habits are remembered.
func (l *list[T]) named(view string) {
	l.view = view
	l.Arrange(l.env.Habits.Lists[view].Columns)
}

// choosing returns the action of choosing columns.
func (l *list[T]) choosing() Action {
	return Action{Keys: []string{"C"}, Help: "choose the columns and their order", Run: l.choose}
}

func (l *list[T]) choose() tea.Cmd {
	c := part.NewChooser(l.env.Theme, "Columns", l.switches())
	return l.env.Send(Choose{Chooser: c, Changed: func(v part.ChooserVerdict) tea.Cmd {
		a := l.env.Habits.Lists[l.view].Columns
		switch v {
		case part.ChooserReset:
			a = part.Arrangement{}
		case part.ChooserSwitched:
			a = switched(a, c.Current().Name, c.Current().On)
		case part.ChooserMoved:
			a.Order = nil
			for _, it := range c.Items {
				a.Order = append(a.Order, it.Name)
			}
		}
		view := l.view
		cmd := l.env.remember(func(h *Habits) { h.list(view, func(p *ListHabits) { p.Columns = a }) })
		l.Arrange(a)
		c.Items = l.switches()
		return cmd
	}})
}

// switched hides a column that is shown and pins one that is not.
func switched(a part.Arrangement, title string, on bool) part.Arrangement {
	without := func(titles []string) []string {
		return slices.DeleteFunc(slices.Clone(titles), func(s string) bool { return s == title })
	}
	a.Hide, a.Pin = without(a.Hide), without(a.Pin)
	if on {
		a.Hide = append(a.Hide, title)
	} else {
		a.Pin = append(a.Pin, title)
	}
	return a
}

// switches are the columns as the chooser shows them.
func (l *list[T]) switches() []part.Switch {
	a := l.env.Habits.Lists[l.view].Columns
	titles, shown := l.Titles(a)
	out := make([]part.Switch, len(titles))
	for i, title := range titles {
		out[i] = part.Switch{Name: title, On: shown[title]}
		switch {
		case slices.Contains(a.Hide, title):
			out[i].Note = "hidden "
		case slices.Contains(a.Pin, title):
			out[i].Note = "always "
		case !shown[title]:
			out[i].Note = "no room here "
		}
	}
	return out
}

// sorted remembers the order of the list.
func (l *list[T]) sorted(by string, turned bool) tea.Cmd {
	view := l.view
	return l.env.remember(func(h *Habits) { h.list(view, func(p *ListHabits) { p.Sort, p.Turned = by, turned }) })
}
