package page

import (
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
)

// moves returns the actions of moving about in the list. They are in no footer.
func (l *list[T]) moves() []Action {
	by := func(do func()) func() tea.Cmd {
		return func() tea.Cmd { do(); return l.more() }
	}
	as := []Action{
		{Keys: []string{"j", "down"}, Help: "next row", Moves: true, Run: by(func() { l.Move(1) })},
		{Keys: []string{"k", "up"}, Help: "previous row", Moves: true, Run: by(func() { l.Move(-1) })},
		{Keys: []string{"ctrl+d"}, Help: "half a screen down", Moves: true, Run: by(func() { l.MoveScreens(1) })},
		{Keys: []string{"ctrl+u"}, Help: "half a screen up", Moves: true, Run: by(func() { l.MoveScreens(-1) })},
		{Keys: []string{"pgdown"}, Help: "a screen down", Moves: true, Run: by(func() { l.MoveScreens(2) })},
		{Keys: []string{"pgup"}, Help: "a screen up", Moves: true, Run: by(func() { l.MoveScreens(-2) })},
		{Keys: []string{"g", "home"}, Help: "first row", Run: l.first},
		{Keys: []string{"G", "end"}, Help: "last row", Run: l.last},
		{Keys: []string{"shift+right"}, Help: "pick the next column", Run: func() tea.Cmd { l.Pick(1); return nil }},
		{Keys: []string{"shift+left"}, Help: "pick the previous column", Run: func() tea.Cmd { l.Pick(-1); return nil }},
	}
	if l.view != "" {
		as = append(as, l.choosing())
	}
	if _, ours := any(l).(*list[share]); ours { // counts are not counted
		return as
	}
	return append(as, l.counting())
}

// first goes to the start of the list, which may have to be fetched.
func (l *list[T]) first() tea.Cmd {
	if l.AtStart() {
		l.ToStart()
		return l.more()
	}
	return l.ask(l.Start())
}

// last goes to the end of the list, which may have to be fetched.
func (l *list[T]) last() tea.Cmd {
	if l.AtEnd() {
		l.ToEnd()
		return l.more()
	}
	return l.ask(l.End())
}

// markings returns the actions of marking rows.
func (l *list[T]) markings() []Action {
	return []Action{
		{Keys: []string{" "}, Short: "mark", Help: "mark the row, or take the mark away",
			Run: func() tea.Cmd { l.Mark(); return l.more() }},
		{Keys: []string{"ctrl+@"}, Help: "mark from the last marked row to here",
			Run: l.markRange},
		{Keys: []string{"A"}, Help: "mark all that match", Run: l.markAll},
		{Keys: []string{"ctrl+\\"}, Help: "take all marks away", Run: func() tea.Cmd { l.ClearMarks(); return nil }},
	}
}

// markRange marks up to the row that was marked last, as long as that is near.
func (l *list[T]) markRange() tea.Cmd {
	if l.MarkRange() {
		return nil
	}
	return l.env.Send(Toast{Text: "what was marked last is too far away for a range, this row alone is marked; A marks all that match", Warn: true})
}

// markAll fetches every row that matches, up to the largest page, and marks it.
func (l *list[T]) markAll() tea.Cmd {
	return Load(&l.marking, l.fetch(model.Paging{Limit: model.MaxLimit}), func(p model.Page[T], err error) tea.Cmd {
		if err != nil {
			return l.env.Send(Failed{err})
		}
		l.MarkRows(p.Items)
		if p.Next != "" {
			return l.env.Send(Toast{Text: "marked the first " + strconv.Itoa(len(p.Items)) + "; there are more", Warn: true})
		}
		return nil
	})
}

// copying returns the action of copying something of the row, or the cell in the
// column that the operator picked.
func (l *list[T]) copying(what string, text func(T) string) Action {
	title, cell, picked := l.PickedCell()
	if picked {
		what = "the cell: " + title
	}
	return Action{Keys: []string{"y"}, Help: "copy " + what, Off: func() string {
		switch {
		case l.env.Copy == nil:
			return "this terminal has no clipboard"
		case l.Len() == 0:
			return "no row is selected"
		}
		return ""
	}, Run: func() tea.Cmd {
		if picked {
			return l.env.Copy(cell)
		}
		row, _ := l.Current()
		return l.env.Copy(text(row))
	}}
}

// sorting returns the actions of choosing an order.
func (l *list[T]) sorting() []Action {
	off := func() string {
		if l.Picked() == "" {
			return "the picked column gives no order; shift+right picks another"
		}
		return ""
	}
	return []Action{
		{Keys: []string{"O"}, Short: "sort", Help: "sort by the picked column, again to turn the order round",
			Run: func() tea.Cmd { return l.order(l.Picked()) }, Off: off},
	}
}
