package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// writeTries and writePause bound the retries of a transaction that lost
// against another: SQLite reports busy, PostgreSQL a serialization failure.
const (
	writeTries = 6
	writePause = 20 * time.Millisecond
)

// write runs one use case in one transaction, with the same clock reading from
// its first line to its last, and tries again when another writer was first.
// Nothing of fn's work remains when it returns an error.
func (s *Store) write(ctx context.Context, op string, fn func(tx *gorm.DB, now time.Time) error) error {
	if s.w == nil {
		return &model.Error{Kind: model.ReadOnly, Text: "the database is open for looking only",
			Hint: "start without --read-only to change anything", Key: "quit, and open the database without looking only, to change anything"}
	}
	if err := s.sameFile(); err != nil {
		return err
	}
	var err error
	begun := time.Now()
	for try := range writeTries {
		err = s.w.WithContext(ctx).Transaction(func(tx *gorm.DB) error { return fn(tx, s.now().UTC()) })
		// A lock that outlasted the engine's own wait is not one to wait for again.
		if err == nil || !isBusy(err) || ctx.Err() != nil || time.Since(begun) > s.o.busyTimeout() {
			break
		}
		pause(ctx, writePause<<try)
	}
	if err != nil {
		err = s.noteDenied(err)
		s.heads.due(s)
		return fmt.Errorf("%s: %w", op, explain(err))
	}
	s.heads.due(s)
	if err := s.sameFile(); err != nil {
		return fmt.Errorf("%s: nothing was kept: %w", op, err)
	}
	return nil
}

// Anyone who waits for a lock asks again after a while: SQLite's own handler after a
// third of what it has waited, at most after turnMost/2. Without a pause the next
// of many long transactions would have the lock by then, and the last as well.
const (
	turnLeast = 10 * time.Millisecond // a transaction that no one waits long for
	turnMost  = 220 * time.Millisecond
)

// inTurn runs one of many transactions in a row and then lets other programs have
// their turn.
func (s *Store) inTurn(ctx context.Context, fn func(tx *gorm.DB) error) error {
	begun := time.Now()
	err := s.w.WithContext(ctx).Transaction(fn)
	if took := time.Since(begun); took > turnLeast && err == nil {
		pause(ctx, min(took, turnMost))
	}
	return err
}

// pause waits up to d, at least half of it, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d/2 + rand.N(d/2))
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
