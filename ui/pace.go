package ui

import (
	"reflect"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// How often the renderer looks whether there is something to draw.
const (
	soon = 2 * time.Millisecond   // after a change that follows a pause
	busy = 8 * time.Millisecond   // after the last look, while changes follow each other: 120 frames a second
	idle = 250 * time.Millisecond // while nothing changes
	calm = 3 * busy               // without a change until it is idle again
)

// pace sets how often the renderer looks. Left alone, Bubble Tea's wakes up 120
// times a second as long as the program runs, which is more than one per cent of
// a core, and a key still waits for the next of those moments. Its ticker is in a
// field of its own that nothing else leads to: where it is not found, all stays
// as Bubble Tea has it.
type pace struct {
	program *tea.Program

	mu     sync.Mutex
	ticker *time.Ticker
	rest   *time.Timer // makes it idle
	period time.Duration
	last   time.Time // of a change
	due    time.Time // the look that the last change requested
	drawn  string
}

// wake receives each view before the renderer is. It is called in the event loop.
func (p *pace) wake(view string, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.program == nil || view == p.drawn {
		return
	}
	p.drawn = view
	if p.ticker == nil {
		if p.ticker = tickerOf(p.program); p.ticker == nil {
			p.program = nil
			return
		}
		p.rest = time.AfterFunc(calm, p.sleep)
	}
	p.last = now
	p.rest.Reset(calm)
	if now.Before(p.due) { // that look draws this change, too
		return
	}
	p.set(max(soon, p.due.Add(busy).Sub(now)))
	p.due = now.Add(p.period)
}

// forget makes the next view a change, as when the screen was cleared.
func (p *pace) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drawn = ""
}

// set changes the period; the first look is one period from now.
func (p *pace) set(period time.Duration) {
	p.period = period
	p.ticker.Reset(period)
}

func (p *pace) sleep() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.last) >= calm { // else a change came first; the timer runs again
		p.set(idle)
	}
}

// tickerOf finds the ticker of a program's renderer, nil where there is none.
func tickerOf(p *tea.Program) *time.Ticker {
	r := reflect.ValueOf(p).Elem().FieldByName("renderer")
	if !r.IsValid() || r.Kind() != reflect.Interface || r.IsNil() || r.Elem().Kind() != reflect.Pointer {
		return nil
	}
	s := r.Elem().Elem()
	if s.Kind() != reflect.Struct {
		return nil
	}
	f := s.FieldByName("ticker")
	if !f.IsValid() || f.Type() != reflect.TypeFor[*time.Ticker]() || f.IsNil() {
		return nil
	}
	return (*time.Ticker)(f.UnsafePointer())
}
