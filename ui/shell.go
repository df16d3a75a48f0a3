// Package ui is the shell of the console: it routes messages, keeps the history
// of pages, and draws header, page, footer, dialogs and notices.
package ui

import (
	"cmp"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/page"
	"doorman/ui/part"
)

// shell is the root model. Everything in it changes in Update only.
type shell struct {
	o    Options
	env  *page.Env
	w, h int

	nav     history
	roots   map[string]page.Page // the views with a digit keep their place
	stale   map[page.Page]bool   // changed while they were not on the screen
	kept    []tea.KeyMsg         // typed ahead of a page that is holding
	ask     *page.Ask            // the open dialog, nil for none
	picker  *picker              // the open palette or help, nil for none
	seeking page.Slot            // accounts for the palette
	choose  *page.Choose         // the open chooser, nil for none
	notices []notice
	still   still
	undo    undoable
	title   string // of the window, as set last
	mouseOn bool
	tick    func() tea.Cmd
	live    live
	lookout lookout
	ending  time.Time // when quitting stops waiting for writes; zero: not quitting
	unsaved int       // writes that quitting did not wait for
}

// undoable is the last batch, for z.
type undoable struct {
	batches []string
	text    string
}

func newShell(o Options) *shell {
	s := &shell{o: o, tick: tick, env: o.Env, roots: map[string]page.Page{}, stale: map[page.Page]bool{}}
	s.live.info = model.StoreInfo{Path: o.Name}
	return s
}

// Init opens the home view and starts the clock.
func (s *shell) Init() tea.Cmd {
	return tea.Batch(s.home(), s.settle(), s.poll(), s.tick())
}

// Update takes every message. Keys come last, so that what they meet is up to
// date.
func (s *shell) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	s.turn(msg)
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		cmd = s.resize(m)
	case tea.KeyMsg:
		cmd = s.keys(m)
	case tea.MouseMsg:
		cmd = s.mouse(m)
	case page.Answer:
		cmd = m.Deliver()
	case tickMsg:
		cmd = s.ticked(time.Time(m))
	case polled:
		cmd = s.polled(m)
	default:
		cmd = s.take(msg)
	}
	return s, tea.Batch(cmd, s.settle())
}

// settle takes what the pages sent, and the keys that waited for it.
func (s *shell) settle() tea.Cmd {
	var cmds []tea.Cmd
	for {
		sent := s.env.Sent()
		for _, m := range sent {
			cmds = append(cmds, s.take(m))
		}
		switch {
		case len(sent) > 0:
		case len(s.kept) > 0 && !s.early(s.kept[0]):
			k := s.kept[0]
			s.kept = s.kept[1:]
			cmds = append(cmds, s.key(k))
		default:
			return tea.Batch(append(cmds, s.retitle())...)
		}
	}
}

// take takes a message that a page sent or a command answered.
func (s *shell) take(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case page.Open:
		return s.open(m)
	case page.Press:
		return s.pressed(m.Key)
	case page.Back:
		return s.back()
	case page.Ask:
		s.ask = &m
	case page.Choose:
		s.choose = &m
	case page.Toast:
		s.notify(m.Text, m.Warn)
	case page.Failed:
		s.kept = nil // what was typed ahead was meant for what did not come
		s.failed("", m.Err)
	case page.Saved:
		return s.saved(m)
	case page.Changed:
		return s.changed(m)
	case tea.ResumeMsg:
		return s.resumed()
	default:
		if p := s.nav.page(); p != nil {
			return p.Update(msg)
		}
	}
	return nil
}

// resize gives every page its new size; the one on the screen may want to read
// again for it.
func (s *shell) resize(m tea.WindowSizeMsg) tea.Cmd {
	s.w, s.h = m.Width, m.Height
	for _, p := range s.nav.all() {
		s.place(p)
	}
	if p := s.nav.page(); p != nil {
		return p.Update(m)
	}
	return nil
}

// place gives a page its size: all but header, footer and their rules.
func (s *shell) place(p page.Page) {
	if s.w > 0 {
		p.SetSize(s.w, max(s.h-chrome, 1))
	}
}

// saved shows the outcome of a write and tells the pages. A write of several
// parts may have done some before it failed: those can be undone.
func (s *shell) saved(m page.Saved) tea.Cmd {
	if m.Batch != "" {
		s.undo = undoable{append([]string{m.Batch}, m.More...), cmp.Or(m.Text, m.Left)}
	}
	switch {
	case m.Err != nil:
		s.failed(m.Text, m.Err)
	case m.Batch != "":
		s.notify(m.Text+" · batch "+model.Mask(m.Batch)+" · "+s.env.Keys.Name("z")+" undoes it", false)
	case m.Text != "":
		s.notify(m.Text, false)
	}
	return s.changed(page.Changed{Kind: m.Kind})
}

// changed tells the page on the screen now, and the others when they are back.
func (s *shell) changed(m page.Changed) tea.Cmd {
	now := s.nav.page()
	for _, p := range s.nav.all() {
		if p != now {
			s.stale[p] = true
		}
	}
	if now == nil {
		return nil
	}
	return tea.Batch(now.Update(m), s.refreshHeader())
}

// answered handles a key while a dialog is open.
func (s *shell) answered(k tea.KeyMsg) tea.Cmd {
	a := *s.ask
	switch a.Dialog.Key(k.String()) {
	case part.Accepted:
		s.ask = nil
		return a.Do()
	case part.Refused:
		s.ask = nil
		if a.Not != nil {
			return a.Not()
		}
	}
	return nil
}
