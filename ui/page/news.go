package page

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
)

// Misser is a page that stands still while its list goes on: Missed looks how
// much it does not show.
type Misser interface{ Missed() tea.Cmd }

// news is what came above the rows that are shown.
type news struct {
	head  string // key of the first row, when it was last on the screen
	n     int
	more  bool // n is a lower bound
	probe Slot
}

// newsMost bounds how many new rows are counted.
const newsMost = 200

// watch notes the first row of the list while it is on the screen.
func (l *list[T]) watch() {
	if l.AtTop() && l.Len() > 0 {
		l.news.head, l.news.n, l.news.more = l.key(l.Rows()[0]), 0, false
	}
}

// tally counts what came above, after rows were read again; where the window lies
// deep in the list that takes a look at its start.
func (l *list[T]) tally() tea.Cmd {
	l.watch()
	switch {
	case l.news.head == "" || l.AtTop():
		return nil
	case l.AtStart():
		l.above(l.Rows(), !l.AtEnd())
		return nil
	}
	return l.Missed()
}

// above counts the rows above the one that was first.
func (l *list[T]) above(rows []T, more bool) {
	i := slices.IndexFunc(rows, func(r T) bool { return l.key(r) == l.news.head })
	l.news.n, l.news.more = max(i, 0), false
	if i < 0 && more { // it lies below all of them
		l.news.n, l.news.more = len(rows), true
	}
}

// Missed implements Misser.
func (l *list[T]) Missed() tea.Cmd {
	if l.news.head == "" || l.news.probe.Busy() || l.fetch == nil {
		return nil
	}
	return Load(&l.news.probe, l.fetch(model.Paging{Limit: newsMost}), func(p model.Page[T], err error) tea.Cmd {
		if err == nil {
			l.above(p.Items, p.Next != "")
		}
		return nil
	})
}

// newer says how many rows came that are not shown, and the key that shows them;
// "" for none.
func (l *list[T]) newer() string {
	if l.news.n == 0 {
		return ""
	}
	n := model.Count{N: l.news.n, AtLeast: l.news.more}.String()
	key := "g"
	if l.env.Paused {
		key = "u"
	}
	return "↑ " + n + " new (" + l.env.Keys.Name(key) + ")"
}
