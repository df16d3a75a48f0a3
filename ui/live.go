package ui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/page"
)

// Watcher tells the shell about the store as a whole.
type Watcher interface {
	About(context.Context) (model.StoreInfo, error)
	Poll(context.Context) (changed bool, err error)
}

// live is what the shell knows of the store and when it looked.
type live struct {
	info    model.StoreInfo
	letters map[model.LetterState]int
	rate    []int // resets created in each of the last minutes, newest last
	trouble error // why the last look failed
	paused  bool
	looking bool // a look is under way
	missed  bool // something changed while paused
	reading model.ClusterReading
	header  page.Slot
}

type tickMsg time.Time

// polled is the answer to a look at the store.
type polled struct {
	changed bool
	err     error
}

// pulse is how often the console looks for changes that others made, and how
// often relative times move on.
const pulse = time.Second

func tick() tea.Cmd { return tea.Tick(pulse, func(t time.Time) tea.Msg { return tickMsg(t) }) }

func (s *shell) ticked(now time.Time) tea.Cmd {
	s.fade(now)
	if !s.ending.IsZero() {
		return tea.Batch(s.tick(), s.endIfDone(now))
	}
	if s.live.looking {
		return s.tick()
	}
	return tea.Batch(s.tick(), s.poll())
}

// poll looks for changes, outside the event loop.
func (s *shell) poll() tea.Cmd {
	s.live.looking = true
	w := s.o.Watch
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), 10*pulse)
		defer cancel()
		changed, err := w.Poll(ctx)
		return polled{changed, err}
	}
}

func (s *shell) polled(m polled) tea.Cmd {
	s.live.looking = false
	if m.err != nil && s.live.trouble == nil {
		s.failed("", m.err)
	}
	first := s.live.letters == nil && !s.live.header.Busy()
	recovered := m.err == nil && s.live.trouble != nil
	s.live.trouble = m.err
	if m.err != nil {
		return nil
	}
	further := s.readsOn()
	switch {
	case !m.changed && !recovered:
		if first {
			return tea.Batch(s.refreshHeader(), s.lookOut())
		}
		if s.env.Now().Sub(s.lookout.last) >= lookoutPause {
			return s.lookOut()
		}
		if further && !s.live.paused {
			return s.changed(page.Changed{Kind: page.OfCase})
		}
		return nil
	case s.live.paused:
		s.live.missed = true
		if m, ok := s.nav.page().(page.Misser); ok {
			return m.Missed()
		}
		return nil
	}
	return tea.Batch(s.changed(page.Changed{}), s.lookOut())
}

// readsOn notes how far the clusters are while the resets are read for the first
// time, and reports whether that is further than before.
func (s *shell) readsOn() bool {
	before := s.live.reading
	s.live.reading = s.env.Store.ClusterReading()
	if s.live.reading == before {
		return false
	}
	s.still.view = ""
	return before != (model.ClusterReading{})
}

// pause is u: the lists stand still until it is pressed again.
func (s *shell) pause() tea.Cmd {
	s.live.paused = !s.live.paused
	s.env.Paused = s.live.paused
	if s.live.paused {
		s.notify("paused: lists do not change; "+s.env.Keys.Name("u")+" goes on", false)
		return nil
	}
	s.notify("following changes again", false)
	if !s.live.missed {
		return nil
	}
	s.live.missed = false
	return s.changed(page.Changed{})
}

// figures is what the header shows.
type figures struct {
	info    model.StoreInfo
	letters map[model.LetterState]int
	rate    []int
}

// rateMinutes is how far back the sparkline of the header reaches.
const rateMinutes = 15

// refreshHeader reads the figures of the header again, unless that is under way.
func (s *shell) refreshHeader() tea.Cmd {
	if s.live.header.Busy() {
		return nil
	}
	o, now := s.o, s.env.Now()
	return page.Load(&s.live.header, func(ctx context.Context) (figures, error) {
		var f figures
		var err error
		if f.info, err = o.Watch.About(ctx); err != nil {
			return f, err
		}
		if f.letters, err = o.Env.Store.CountLetters(ctx); err != nil {
			return f, err
		}
		f.rate, err = rate(ctx, o.Env.Store, now)
		return f, err
	}, func(f figures, err error) tea.Cmd {
		if err == nil {
			if s.env.Lifetime == 0 {
				s.env.Lifetime = f.info.Lifetime
			}
			s.live.info, s.live.letters, s.live.rate = f.info, f.letters, f.rate
		}
		return nil
	})
}

// rate counts the resets created in each of the last minutes.
func rate(ctx context.Context, st page.Timelines, now time.Time) ([]int, error) {
	f := model.TimelineFilter{Since: now.Add(-rateMinutes * time.Minute), Until: now.Add(time.Millisecond), Step: time.Minute}
	t, err := st.Timeline(ctx, f)
	return t.Requests[max(len(t.Requests)-rateMinutes, 0):], err
}

// writeTimes is T: how long ago things were, or when.
func (s *shell) writeTimes() tea.Cmd {
	s.env.Absolute = !s.env.Absolute
	if s.env.Absolute {
		s.notify("times by the clock, in "+s.env.ZoneName(), false)
	} else {
		s.notify("times as how long ago", false)
	}
	return nil
}
