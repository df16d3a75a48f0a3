package store

import (
	"context"
	"runtime/debug"
	"time"

	"doorman/model"
)

// build is a course that is brought up to date beside the work.
type build struct {
	c    *course
	done chan struct{} // closed at the end
	err  error         // read after it
}

// proceed brings a course up to date at once when that is soon done, else beside
// the work: then the newest rows are judged by themselves until it is.
func (s *Store) proceed(ctx context.Context, c *course, now time.Time) error {
	f := s.feed
	m, err := s.mark(ctx)
	if err != nil {
		return err
	}
	if c.kept { // the list of then is shown
		f.course = nil
		s.beginBuild(c, now, m.Row, model.ClusterReading{Until: c.at.Clock})
		return nil
	}
	left := m.Row - c.at.Row
	if !c.at.Whole {
		left = m.Row - c.at.Rows
	}
	if left <= f.atOnce {
		if err := s.bring(ctx, c, now, func() error { return nil }); err != nil {
			return err
		}
		f.course = c
		f.status.Store(&model.ClusterReading{Whole: true})
		s.saveNow(c)
		return nil
	}
	f.course = nil
	status := model.ClusterReading{Until: now}
	if f.shown.IsZero() && !c.at.Whole {
		if status.Since, err = s.near(ctx, now); err != nil {
			return err
		}
	} else if !f.shown.IsZero() {
		status.Until = f.shown
	} else {
		s.publish(c, c.at.Read)
		status.Until = c.at.Read
	}
	s.beginBuild(c, now, m.Row, status)
	return nil
}

// near judges the newest rows by themselves and returns since when.
func (s *Store) near(ctx context.Context, now time.Time) (time.Time, error) {
	f := s.feed
	var first string
	err := s.read(ctx).Raw(`SELECT CAST(r.created_date AS TEXT) FROM "PasswordReset" AS r WHERE r.created_date >= ?
		ORDER BY r.created_date DESC LIMIT 1 OFFSET ?`, s.atLeast(now.Add(-feedReach)), feedNear).Scan(&first).Error
	if err != nil {
		return time.Time{}, err
	}
	if first == "" {
		first = s.atLeast(now.Add(-feedReach))
	}
	c, err := s.newCourse(ctx, f.cfg, now)
	if err == nil {
		err = s.walk(ctx, span{created: first}, c.atlas, func(list []told) error {
			c.take(list, now)
			return nil
		})
	}
	if err == nil {
		s.publish(c, now)
	}
	return s.moment(first), err
}

// beginBuild goes on beside the work.
func (s *Store) beginBuild(c *course, now time.Time, total int64, status model.ClusterReading) {
	f := s.feed
	b := &build{c: c, done: make(chan struct{})}
	status.Done, status.Total = int(c.at.Rows), int(total)
	f.build = b
	f.status.Store(&status)
	f.work.Add(1)
	go func() {
		defer f.work.Done()
		defer close(b.done)
		defer caught(&b.err)
		b.err = s.carryOut(b, now, status)
	}()
}

// carryOut reads to the end. What the reading needed beside the engine is given back.
func (s *Store) carryOut(b *build, now time.Time, status model.ClusterReading) error {
	f := s.feed
	var err error
	if b.c.kept { // as it is now: another console may have written it meanwhile
		if b.c, err = s.takeUp(f.life, f.cfg, now, now.Add(feedReach)); err != nil {
			return err
		}
	}
	c, begun := b.c, b.c.at.Rows
	err = s.bring(f.life, c, now, func() error {
		told := status
		told.Done = int(c.at.Rows)
		f.status.Store(&told)
		if c.at.Rows-c.saved >= buildSave {
			s.saveState(c)
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.engine.Advance(now.Add(time.Millisecond))
	if c.at.Rows-begun > f.atOnce {
		defer debug.FreeOSMemory()
	}
	if c.isNews(stateEvery) {
		s.saveState(c)
	}
	return nil
}

func (b *build) ended() bool {
	select {
	case <-b.done:
		return true
	default:
		return false
	}
}

// endBuild puts what was built in its place.
func (s *Store) endBuild() error {
	f := s.feed
	b := f.build
	f.build, f.view = nil, view{}
	if b.err == nil {
		f.course = b.c
		f.status.Store(&model.ClusterReading{Whole: true})
	}
	return b.err
}
