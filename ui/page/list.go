package page

import (
	"context"
	"errors"
	"strconv"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/part"
)

// list joins a table with the store: it pages by keyset, keeps its place on
// refresh, and brings the actions of moving, marking and sorting. A page embeds
// one by pointer and gives it fetch.
type list[T any] struct {
	*part.Table[T]
	env   *Env
	empty []string // what to say when nothing is there
	// fetch makes the read for one page. It is called in the event loop, so that
	// it can copy the page's filter; the read itself runs outside.
	fetch func(model.Paging) func(context.Context) (model.Page[T], error)
	count func() func(context.Context) (model.Count, error) // nil: not counted
	then  func() tea.Cmd                                    // after new rows; nil: nothing

	rows, counts Slot
	marking      Slot
	stale        bool      // changed while a read was under way
	since        time.Time // when the read that is under way began
	line         int       // of the page on which the table starts, for the mouse
}

// countCap is how far a list is counted before it says "≥".
const countCap = 10_000

func newList[T any](e *Env, key func(T) string, cols ...part.Column[T]) *list[T] {
	l := &list[T]{env: e}
	l.Table = part.NewTable(e.Theme, key, cols...)
	return l
}

// reload reads the list from its start, as when the filter changed. The old
// rows stay until the answer is there.
func (l *list[T]) reload() tea.Cmd { return tea.Batch(l.ask(l.Start()), l.recount()) }

// refresh reads the same rows again, cursor and marks in place.
func (l *list[T]) refresh() tea.Cmd {
	if l.rows.Busy() {
		l.stale = true
		return nil
	}
	return tea.Batch(l.ask(l.Again()), l.recount())
}

func (l *list[T]) recount() tea.Cmd {
	if l.count == nil {
		return nil
	}
	return Load(&l.counts, l.count(), func(c model.Count, err error) tea.Cmd {
		if err == nil {
			l.SetTotal(c.N, !c.AtLeast)
		}
		return nil
	})
}

// more fetches what the cursor is about to need.
func (l *list[T]) more() tea.Cmd {
	a, need := l.Need()
	if !need || l.rows.Busy() {
		return nil
	}
	return l.ask(a)
}

// search is reload a moment later, for a filter that is being typed: a key
// within the pause starts it over.
func (l *list[T]) search() tea.Cmd { return l.askIn(l.env.Pause, l.Start()) }

func (l *list[T]) ask(a part.Ask) tea.Cmd { return l.askIn(0, a) }

func (l *list[T]) askIn(pause time.Duration, a part.Ask) tea.Cmd {
	l.since = l.env.Now()
	return Delayed(&l.rows, pause, l.read(a), func(chunks []part.Chunk[T], err error) tea.Cmd {
		if errors.Is(err, context.Canceled) {
			return nil
		}
		l.Notice = l.empty
		if err != nil {
			l.Notice = append(problem(err), "ctrl+r tries again")
			return l.env.Send(Failed{err})
		}
		l.Take(a, chunks...)
		return tea.Batch(l.followUp(), l.more())
	})
}

func (l *list[T]) followUp() tea.Cmd {
	var cmds []tea.Cmd
	if l.then != nil {
		cmds = append(cmds, l.then())
	}
	if l.stale {
		l.stale = false
		cmds = append(cmds, l.refresh())
	}
	return tea.Batch(cmds...)
}

// read returns a read of what a asks for: one page, and for a refresh that
// came short what follows it.
func (l *list[T]) read(a part.Ask) func(context.Context) ([]part.Chunk[T], error) {
	first := l.fetch(model.Paging{Limit: a.Limit, After: model.Cursor(a.After), Before: model.Cursor(a.Before), Last: a.Last})
	held, fetch := l.Held(), l.fetch
	again := a.IsAgain()
	return func(ctx context.Context) ([]part.Chunk[T], error) {
		p, err := first(ctx)
		if err != nil {
			return nil, err
		}
		chunks := []part.Chunk[T]{chunk(p)}
		for n := len(p.Items); again && n < held && p.Next != ""; n += len(p.Items) {
			if p, err = fetch(model.Paging{Limit: held - n, After: p.Next})(ctx); err != nil {
				return nil, err
			}
			chunks = append(chunks, chunk(p))
		}
		return chunks, nil
	}
}

func chunk[T any](p model.Page[T]) part.Chunk[T] {
	return part.Chunk[T]{Rows: p.Items, Prev: string(p.Prev), Next: string(p.Next)}
}

// slow is how long a read may take before the screen speaks of it: what is
// there sooner would only flicker.
const slow = 150 * time.Millisecond

// late reports whether the operator has waited long enough to be told.
func (l *list[T]) late() bool { return l.rows.Busy() && l.env.Now().Sub(l.since) > slow }

// body draws the table.
func (l *list[T]) body() string {
	if !l.Loaded() && l.Notice == nil && l.late() {
		l.Notice = []string{"loading…"}
	}
	return l.View()
}

// place tells where the cursor is, how many rows are marked, and whether an
// answer is overdue.
func (l *list[T]) place() string {
	t := l.env.Theme
	s := l.Position()
	if !l.Loaded() {
		s = ""
	}
	if l.late() {
		s = t.Warn.Paint("loading… ") + s
	}
	if n := l.Marks(); n > 0 {
		s = t.Marked.Paint("* "+strconv.Itoa(n)+" marked") + "   " + s
	}
	return s
}

// Click implements Clicker: it moves the cursor.
func (l *list[T]) Click(_, y int) tea.Cmd {
	l.Table.Click(y - l.line)
	return l.more()
}

// Wheel implements Clicker.
func (l *list[T]) Wheel(lines int) tea.Cmd {
	l.Move(lines)
	return l.more()
}

// close drops every read of the list.
func (l *list[T]) close() {
	l.rows.Drop()
	l.counts.Drop()
	l.marking.Drop()
}
