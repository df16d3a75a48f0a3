package store

import (
	"context"
	"database/sql"
)

// startWatch pins a connection and takes the first reading.
func (s *Store) startWatch(ctx context.Context) error {
	var err error
	if s.watch, err = s.rdb.Conn(ctx); err != nil {
		return err
	}
	s.version, err = dataVersion(ctx, s.watch)
	return err
}

// dataVersion changes when any other connection commits. 8 µs.
func dataVersion(ctx context.Context, c *sql.Conn) (int64, error) {
	var v int64
	err := c.QueryRowContext(ctx, "PRAGMA data_version").Scan(&v)
	return v, err
}

// Poll reports whether the database changed since the last Poll, by this
// program or another, and completes and numbers a bounded number of rows that
// other programs wrote. It fails when the file was deleted or replaced, or when the
// check that runs beside a large file's opening found damage.
func (s *Store) Poll(ctx context.Context) (changed bool, err error) {
	s.polling.Lock()
	defer s.polling.Unlock()
	if err := s.sameFile(); err != nil {
		return false, err
	}
	if err := s.damage.verdict(); err != nil {
		return false, err
	}
	renewed, err := s.renewLook(ctx)
	if err != nil {
		return false, explain(err)
	}
	v, err := dataVersion(ctx, s.watch)
	if err != nil {
		return false, explain(err)
	}
	changed = renewed || v != s.version
	if s.w != nil && (changed || s.pending) {
		n, err := s.completeSome(ctx)
		s.pending = err != nil || n == completeBatch
		if err == nil {
			var more bool
			more, err = s.numberMore(ctx)
			s.pending = s.pending || more || err != nil
		}
		if err != nil && !isBusy(err) {
			return changed, err
		}
		changed = changed || n > 0
		// What was completed here is part of what the caller learns now.
		if v, err = dataVersion(ctx, s.watch); err != nil {
			return changed, explain(err)
		}
	}
	s.version = v
	return changed, nil
}
