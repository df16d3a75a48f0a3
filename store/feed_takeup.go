package store

import (
	"context"
	"time"

	"doorman/model"
	"doorman/model/detect"
)

// takeUp returns a course to go on with: the one that was kept, when it fits and
// has not passed a moment, nor the present, else a new one. Where nothing happened since it was
// kept, the list is taken from it and no course is needed: then it returns nil,
// and the feed is parked.
func (s *Store) takeUp(ctx context.Context, cfg detect.Config, now, before time.Time) (*course, error) {
	st, err := openState(s.o.Path + stateSuffix)
	if err != nil {
		return s.newCourse(ctx, cfg, now)
	}
	defer st.close()
	at := st.Point
	same, err := s.sameTable(ctx, at)
	if err != nil {
		return nil, err
	}
	if !same || at.Config != s.fingerprint(cfg) || at.Places != monthOf(now) || isAhead(at.Clock, now) || !before.IsZero() && !at.Clock.Before(before) {
		return s.newCourse(ctx, cfg, now)
	}
	if before.IsZero() {
		if parked, err := s.park(ctx, st, now); err != nil || parked {
			return nil, err
		}
	}
	if before.IsZero() && at.Whole && st.Sizes[partEngine] > s.feed.large {
		if st.show(s) {
			return &course{at: at, kept: true, built: now, saved: at.Rows}, nil
		}
	}
	return s.restore(ctx, st, cfg, now)
}

// restore makes a course of what was kept, or a new one where that cannot be read.
func (s *Store) restore(ctx context.Context, st *state, cfg detect.Config, now time.Time) (*course, error) {
	if c, err := st.course(cfg, now, s.feed.near); err == nil {
		return c, nil
	}
	return s.newCourse(ctx, cfg, now)
}

// show makes the list that was kept the one that is shown, unless it cannot be
// read.
func (st *state) show(s *Store) bool {
	list, p, err := st.clusters()
	if err == nil {
		f := s.feed
		f.list, f.past = audible(list, f.cfg.Quiet, f.cfg.Exceptions), p
	}
	return err == nil
}

// park takes the list from a file when nothing happened since.
func (s *Store) park(ctx context.Context, st *state, now time.Time) (bool, error) {
	if !st.Idle || now.Before(st.Point.Read) {
		return false, nil
	}
	if still, err := s.unchanged(ctx, st.Point); err != nil || !still {
		return false, err
	}
	if !st.show(s) {
		return false, nil // the rows are read again
	}
	f := s.feed
	f.parked, f.kept = true, st.Point
	f.status.Store(&model.ClusterReading{Whole: true})
	return true, nil
}

// stillParked is park for a list that was taken before.
func (s *Store) stillParked(ctx context.Context, now time.Time) (bool, error) {
	if s.feed.kept.Config != s.fingerprint(s.feed.cfg) || s.feed.kept.Places != monthOf(now) {
		return false, nil
	}
	if same, err := s.sameTable(ctx, s.feed.kept); err != nil || !same {
		return false, err
	}
	return s.unchanged(ctx, s.feed.kept)
}

// unchanged reports whether nothing that counts was written since a point: no
// row, no use, no line of the log, no reset superseded.
func (s *Store) unchanged(ctx context.Context, at point) (bool, error) {
	m, err := s.mark(ctx)
	if err != nil || m.Row != at.Row || m.Entry != at.Entry {
		return false, err
	}
	var is struct{ Used, Ended int }
	err = s.read(ctx).Raw(`SELECT EXISTS (SELECT 1 FROM "PasswordReset" AS r WHERE r.used_date >= ?) AS used,
		(SELECT count(*) FROM "PasswordReset" AS r WHERE r.superseded_by IS NOT NULL AND r.created_date >= ?) AS ended`,
		s.atLeast(at.Read.Add(-s.overlap())), s.atLeast(at.EndedAt)).Scan(&is).Error
	return is.Used == 0 && is.Ended == at.Ended, err
}
