package page

import (
	"slices"
	"sync"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/ui/part"
)

// Habits is what the console remembers of an operator from one run to the next.
// No record of the application is in it, and no secret.
type Habits struct {
	Lists   map[string]ListHabits `json:"lists,omitempty"`   // by view
	Filters []SavedFilter         `json:"filters,omitempty"` // in the order of their tabs
}

// ListHabits is how an operator wants a list. The zero value leaves it as it is.
type ListHabits struct {
	Columns part.Arrangement `json:"columns,omitzero"`
	Sort    string           `json:"sort,omitempty"`   // a Column.Sort
	Turned  bool             `json:"turned,omitempty"` // the other way round than this order usually is
}

// SavedFilter is a filter line that has a name.
type SavedFilter struct {
	View string `json:"view"`
	Name string `json:"name"`
	Line string `json:"line"`
}

// list sets how a list is wanted.
func (h *Habits) list(view string, change func(*ListHabits)) {
	if h.Lists == nil {
		h.Lists = map[string]ListHabits{}
	}
	l := h.Lists[view]
	change(&l)
	h.Lists[view] = l
}

// save adds a filter, in the place of the one of that name.
func (h *Habits) save(f SavedFilter) {
	i := slices.IndexFunc(h.Filters, func(g SavedFilter) bool { return g.View == f.View && g.Name == f.Name })
	if i >= 0 {
		h.Filters[i].Line = f.Line
		return
	}
	h.Filters = append(h.Filters, f)
}

func (h *Habits) rename(view, from, to string) {
	for i, f := range h.Filters {
		if f.View == view && f.Name == from {
			h.Filters[i].Name = to
		}
	}
}

func (h *Habits) drop(view, name string) {
	h.Filters = slices.DeleteFunc(slices.Clone(h.Filters), func(f SavedFilter) bool { return f.View == view && f.Name == name })
}

// Of returns the saved filters of a view.
func (h *Habits) Of(view string) []SavedFilter {
	var out []SavedFilter
	for _, f := range h.Filters {
		if f.View == view {
			out = append(out, f)
		}
	}
	return out
}

// Keeper keeps habits. Change has what is kept changed and returns when it is
// safe; several consoles may call it at once.
type Keeper interface {
	Change(func(*Habits)) error
}

// unkept holds changes that are not on the disk yet, in their order.
type unkept struct {
	mu   sync.Mutex
	list []func(*Habits)
}

func (u *unkept) add(change func(*Habits)) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.list = append(u.list, change)
}

func (u *unkept) take() []func(*Habits) {
	u.mu.Lock()
	defer u.mu.Unlock()
	list := u.list
	u.list = nil
	return list
}

// remember changes the habits, at once for this console and then on the disk.
// Quitting waits for that. change is called twice, and the second time outside of
// the event loop: it must not touch a page.
func (e *Env) remember(change func(*Habits)) tea.Cmd {
	change(&e.Habits)
	if e.Keep == nil {
		return nil
	}
	e.unkept.add(change)
	e.Saves.n.Add(1)
	return func() tea.Msg {
		defer e.Saves.n.Add(-1)
		changes := e.unkept.take()
		if len(changes) == 0 {
			return nil
		}
		err := e.Keep.Change(func(h *Habits) {
			for _, c := range changes {
				c(h)
			}
		})
		if err != nil {
			return Failed{err}
		}
		return nil
	}
}
