package ui

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/ui/page"
)

// history is where the operator has been. A place is a path of pages, from a
// view with a digit down to a detail; back goes up the path, [ and ] go through
// the places in time.
type history struct {
	places [][]page.Page
	at     int
}

// maxPlaces bounds how far back the history reaches.
const maxPlaces = 50

func (h *history) path() []page.Page {
	if len(h.places) == 0 {
		return nil
	}
	return h.places[h.at]
}

// page returns the page on the screen, nil before the first.
func (h *history) page() page.Page {
	if p := h.path(); len(p) > 0 {
		return p[len(p)-1]
	}
	return nil
}

// all returns every page that can still be reached, each once.
func (h *history) all() []page.Page {
	var out []page.Page
	for _, path := range h.places {
		for _, p := range path {
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// visit goes to a new place; what lay ahead is forgotten. It returns the pages
// that nothing leads to any more.
func (h *history) visit(path []page.Page) (gone []page.Page) {
	before := h.all()
	if len(h.places) > 0 {
		h.places = h.places[:h.at+1]
	}
	h.places = append(h.places, path)
	if len(h.places) > maxPlaces {
		h.places = h.places[1:]
	}
	h.at = len(h.places) - 1
	still := h.all()
	for _, p := range before {
		if !slices.Contains(still, p) {
			gone = append(gone, p)
		}
	}
	return gone
}

// home opens the first view of the registry, or where a link leads.
func (s *shell) home() tea.Cmd {
	if s.o.Start.View == "" {
		return s.open(page.Open{View: s.o.home()})
	}
	var cmds []tea.Cmd
	for _, o := range s.o.Start.Opens() {
		cmds = append(cmds, s.open(o))
	}
	return tea.Batch(cmds...)
}

// open goes to a view. One with a digit is made once and keeps its place,
// unless a filter requests its own.
func (s *shell) open(o page.Open) tea.Cmd {
	v, ok := page.ViewNamed(o.View)
	if !ok {
		s.notify("there is no view "+o.View, true)
		return nil
	}
	if v.Key == "" || o.Filter != nil || o.Line != "" && s.roots[v.Name] != nil {
		p := v.Make(s.env, o)
		return s.visit(append(slices.Clone(s.nav.path()), p), p)
	}
	p, made := s.roots[v.Name]
	if made && s.nav.page() == p {
		return nil
	}
	if !made {
		p = v.Make(s.env, o)
		s.roots[v.Name] = p
		return s.visit([]page.Page{p}, p)
	}
	return s.visit([]page.Page{p}, nil)
}

// goTo opens a view by its digit. The view that says what is wrong now comes with
// the row of its headline selected.
func (s *shell) goTo(view string) tea.Cmd {
	cmd := s.open(page.Open{View: view})
	if p, ok := s.nav.page().(page.Headliner); ok {
		return tea.Batch(cmd, p.ToHeadline())
	}
	return cmd
}

// visit goes to a path; fresh is its page when it was just made.
func (s *shell) visit(path []page.Page, fresh page.Page) tea.Cmd {
	for _, p := range s.nav.visit(path) {
		s.forget(p)
	}
	if fresh == nil {
		return s.arrive()
	}
	s.place(fresh)
	return fresh.Init()
}

// arrive brings a page that was left up to date.
func (s *shell) arrive() tea.Cmd {
	p := s.nav.page()
	if !s.stale[p] {
		return nil
	}
	delete(s.stale, p)
	return p.Update(page.Changed{})
}

func (s *shell) forget(p page.Page) {
	delete(s.stale, p)
	for name, r := range s.roots {
		if r == p {
			delete(s.roots, name)
		}
	}
	if c, ok := p.(page.Closer); ok {
		c.Close()
	}
}

// back goes up the path; at the top it does nothing.
func (s *shell) back() tea.Cmd {
	path := s.nav.path()
	if len(path) < 2 {
		return nil
	}
	up := path[:len(path)-1]
	if s.nav.at > 0 && slices.Equal(s.nav.places[s.nav.at-1], up) {
		return s.travel(-1)
	}
	return s.visit(slices.Clone(up), nil)
}

// travel goes n places through the history.
func (s *shell) travel(n int) tea.Cmd {
	at := s.nav.at + n
	if at < 0 || at >= len(s.nav.places) {
		return nil
	}
	s.nav.at = at
	return s.arrive()
}
