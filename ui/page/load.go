package page

import (
	"context"
	"sync/atomic"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// Slot is a place for one kind of read of one page. Loading again cancels the
// read before it, and the late answer is dropped. The zero value is ready.
type Slot struct {
	seq    int
	busy   bool
	cancel context.CancelFunc
}

// Busy reports whether a read is under way.
func (s *Slot) Busy() bool { return s.busy }

// Drop cancels what is under way; its answer will not arrive.
func (s *Slot) Drop() {
	s.seq++
	s.busy = false
	s.stop()
}

func (s *Slot) stop() {
	if s.cancel != nil {
		s.cancel()
		s.cancel = nil
	}
}

// Load runs read outside the event loop and then, if nothing newer was asked
// in the slot meanwhile, then inside it. read must not touch the page; then may.
func Load[T any](s *Slot, read func(context.Context) (T, error), then func(T, error) tea.Cmd) tea.Cmd {
	s.Drop()
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel, s.busy = cancel, true
	seq := s.seq
	return func() tea.Msg {
		v, err := read(ctx)
		return Answer{slot: s, seq: seq, apply: func() tea.Cmd { return then(v, err) }}
	}
}

// Delayed is Load after a pause, for reads that follow typing: a newer one
// within the pause keeps this one from reading at all.
func Delayed[T any](s *Slot, pause time.Duration, read func(context.Context) (T, error), then func(T, error) tea.Cmd) tea.Cmd {
	return Load(s, func(ctx context.Context) (T, error) {
		t := time.NewTimer(pause)
		defer t.Stop()
		select {
		case <-t.C:
			return read(ctx)
		case <-ctx.Done():
			var none T
			return none, ctx.Err()
		}
	}, then)
}

// Saves counts the writes under way, so that quitting can wait for them.
type Saves struct{ n atomic.Int64 }

// Running returns how many writes are under way.
func (s *Saves) Running() int { return int(s.n.Load()) }

// Wait returns when no write is under way, or false after the given time.
func (s *Saves) Wait(limit time.Duration) bool {
	end := time.Now().Add(limit)
	for s.Running() > 0 {
		if time.Now().After(end) {
			return false
		}
		time.Sleep(10 * time.Millisecond)
	}
	return true
}

// saveLimit bounds a write: no lock is waited for longer.
const saveLimit = 2 * time.Minute

// Save runs a write outside the event loop. It outlives the page that started
// it, and quitting waits for it. The Saved that do returns goes to the shell;
// Kind is filled in from kind, Err from the error.
func Save(e *Env, kind Kind, do func(context.Context) (Saved, error)) tea.Cmd {
	e.Saves.n.Add(1)
	return func() tea.Msg {
		defer e.Saves.n.Add(-1)
		ctx, cancel := context.WithTimeout(context.Background(), saveLimit)
		defer cancel()
		s, err := do(ctx)
		s.Kind, s.Err = kind, err
		return s
	}
}
