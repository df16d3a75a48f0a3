package page

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
)

// detail reads the one record that a page is about.
type detail[T any] struct {
	env  *Env
	ref  string
	noun string
	row  T
	have bool
	note []string // why there is nothing to show, and what to do
	read Slot

	since time.Time // when the read that is under way began
}

// find reads the record; then runs when it is there.
func (d *detail[T]) find(read func(context.Context) (T, error), then func() tea.Cmd) tea.Cmd {
	d.since = d.env.Now()
	return Load(&d.read, read, func(row T, err error) tea.Cmd {
		d.note = nil
		if model.IsKind(err, model.NotFound) { // the store's own words repeat the id, which may be a credential
			err = &model.Error{Kind: model.NotFound, Text: "this " + d.noun + " is not in the database"}
		}
		if err != nil {
			d.note = append(problem(err), d.env.again())
			return d.env.Send(Failed{err})
		}
		d.row, d.have = row, true
		return then()
	})
}

// there tells why nothing can be done yet, or "".
func (d *detail[T]) there() string {
	if !d.have {
		return "the " + d.noun + " is not there yet"
	}
	return ""
}

// Holding implements Holder.
func (d *detail[T]) Holding() bool { return !d.have && d.read.Busy() }

// missing is what is on the page while there is no record: nothing for a
// moment, then that it is being read, or why it cannot be.
func (d *detail[T]) missing() []string {
	if d.note == nil && d.read.Busy() && d.env.Now().Sub(d.since) > slow {
		return []string{"loading…"}
	}
	return d.note
}
