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
	env    *Env
	choice *selecting[T] // how links name rows; nil: they do not
	view   string        // whose habits are remembered; "": no one's
	empty  []string      // what to say when nothing is there
	// fetch makes the read for one page. It is called in the event loop, so that
	// it can copy the page's filter; the read itself runs outside.
	fetch func(model.Paging) func(context.Context) (model.Page[T], error)
	count func() func(context.Context) (model.Count, error) // nil: not counted
	then  func() tea.Cmd                                    // after new rows; nil: nothing
	order func(by string) tea.Cmd                           // sorts by a column and reloads; nil: there is one order

	failed   func(error) // told when rows could not be read; nil: not called
	key      func(T) string
	news     news
	patience []string // what to say below "loading…", when that may take long

	// narrow is the filter narrowed to a value of a column, see census; nil: there
	// is no filter. seekTo puts a filter in force.
	narrow func(title, value string) (string, bool)
	seekTo func(line string) tea.Cmd

	rows, counts Slot
	marking      Slot
	stale        bool      // changed while a read was under way
	since        time.Time // when the read that is under way began
	reached      time.Time // how far a search that found nothing yet has come; zero: unknown
	line         int       // of the page on which the table starts, for the mouse
	clicked      time.Time // when the row under the cursor was clicked
}

// countCap is how far a list is counted before it says "≥".
const countCap = 10_000

func newList[T any](e *Env, key func(T) string, cols ...part.Column[T]) *list[T] {
	l := &list[T]{env: e, key: key}
	l.Table = part.NewTable(e.Theme, key, cols...)
	l.Round = e.round
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
	if l.counts.Busy() { // a count that takes longer than changes come would never be done
		return l.ask(l.Again())
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

// framePause is how long what no one sees yet waits for the frame that someone
// waits for.
const framePause = 10 * time.Millisecond

// more fetches what the cursor is about to need: at once where the next screen
// needs it.
func (l *list[T]) more() tea.Cmd {
	l.watch()
	a, need := l.Need()
	if !need || l.rows.Busy() {
		return nil
	}
	if l.IsShort() {
		return l.ask(a)
	}
	return l.askIn(min(framePause, l.env.Pause), a)
}

// search is reload a moment later, for a filter that is being typed: a key
// within the pause starts it over.
func (l *list[T]) search() tea.Cmd { return l.askIn(l.env.Pause, l.Start()) }

func (l *list[T]) ask(a part.Ask) tea.Cmd { return l.askIn(0, a) }

func (l *list[T]) askIn(pause time.Duration, a part.Ask) tea.Cmd {
	l.since, l.reached = l.env.Now(), time.Time{}
	return l.gather(pause, a, model.Paging{Limit: a.Limit, After: model.Cursor(a.After), Before: model.Cursor(a.Before), Last: a.Last, At: a.At}, nil)
}

// gather reads a page, and for a refresh that came short those that follow it:
// the table takes all of them at once, so that the cursor never loses its record
// in between.
func (l *list[T]) gather(pause time.Duration, a part.Ask, at model.Paging, got []part.Chunk[T]) tea.Cmd {
	return Delayed(&l.rows, pause, l.fetch(at), func(p model.Page[T], err error) tea.Cmd {
		l.Notice = l.empty
		switch {
		case errors.Is(err, context.Canceled):
			return nil
		case err != nil:
			l.Notice = append(problem(err), l.env.Keys.Name("ctrl+r")+" tries again")
			if l.failed != nil {
				l.failed(err)
			}
			return l.env.Send(Failed{err})
		}
		l.reached = p.Reached
		if p.Short && len(p.Items) == 0 && len(got) == 0 { // the rows are further on, if anywhere
			at.Limit, at.Last, at.At = a.Limit, false, time.Time{}
			if at.After, at.Before = p.Next, ""; a.Backwards() {
				at.After, at.Before = "", p.Prev
			}
			return l.gather(0, a, at, nil)
		}
		got = append(got, part.Chunk[T]{Rows: p.Items, Prev: string(p.Prev), Next: string(p.Next)})
		if short := l.Held() - rowsIn(got); a.IsAgain() && short > 0 && p.Next != "" {
			return l.gather(0, a, model.Paging{Limit: short, After: p.Next}, got)
		}
		l.Take(a, got...)
		cmds := []tea.Cmd{l.followUp(), l.more(), l.land()}
		if a.IsAgain() { // else nothing has come
			cmds = append(cmds, l.tally())
		}
		return tea.Batch(cmds...)
	})
}

func rowsIn[T any](chunks []part.Chunk[T]) int {
	n := 0
	for _, c := range chunks {
		n += len(c.Rows)
	}
	return n
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

// slow is how long a read may take before the screen speaks of it: what is
// there sooner would only flicker.
const slow = 150 * time.Millisecond

// late reports whether the operator has waited long enough to be told.
func (l *list[T]) late() bool { return l.rows.Busy() && l.env.Now().Sub(l.since) > slow }

// Awaiting implements Awaiter.
func (l *list[T]) Awaiting() bool { return l.rows.Busy() && !l.Loaded() }

// body draws the table.
func (l *list[T]) body() string {
	if !l.Loaded() && l.late() {
		l.Notice = append([]string{l.doing()}, l.patience...)
	}
	return l.View()
}

// doing says what takes its time.
func (l *list[T]) doing() string {
	if l.reached.IsZero() {
		return "loading…"
	}
	return "searching, at " + part.Stamp(l.reached, l.env.Zone) + "…"
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
		s = t.Warn.Paint(l.doing()+" ") + s
	}
	if n := l.newer(); n != "" {
		s = t.Info.Paint(n) + "   " + s
	}
	if n := l.Marks(); n > 0 {
		s = t.Marked.Paint("* "+strconv.Itoa(n)+" marked") + "   " + s
	}
	return s
}

// doubleClick is how soon a second click makes a double one.
const doubleClick = 400 * time.Millisecond

// Click implements Clicker: on a row it moves the cursor, a second one opens the
// row; on the title of a column it sorts by that.
func (l *list[T]) Click(x, y int) tea.Cmd {
	if y == l.line && l.order != nil && l.PickAt(x) {
		return l.order(l.Picked())
	}
	old, _ := l.Current()
	if !l.Table.Click(y - l.line) {
		return nil
	}
	now, before := l.env.Now(), l.clicked
	l.clicked = now
	if row, _ := l.Current(); l.Key(row) == l.Key(old) && now.Sub(before) < doubleClick {
		l.clicked = time.Time{}
		return l.env.Send(Press{"enter"})
	}
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
	if l.choice != nil {
		l.choice.slot.Drop()
	}
	l.news.probe.Drop()
}
