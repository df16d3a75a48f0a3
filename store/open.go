package store

import (
	"context"
	"net/url"
	"os"
	"time"

	"doorman/model"
)

// readers is how many connections may read at once.
const readers = 4

// Open opens a database, brings its schema up to date and completes rows that
// other programs wrote. The caller closes the Store.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{o: o, now: o.Now, zone: time.UTC, scheme: model.SchemeSecret, lifetime: model.DefaultLifetime}
	if s.now == nil {
		s.now = time.Now
	}
	if _, err := os.Stat(o.Path); err != nil && !o.Create {
		return nil, &model.Error{Kind: model.Unavailable, Text: "there is no database at " + model.Quote(o.Path),
			Hint: "name another with --db"}
	}
	var err error
	s.wdb, s.w, err = openPool(dsn(o.Path, url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(FULL)"}}), 1)
	if err != nil {
		return nil, explain(err)
	}
	if err := s.migrate(ctx); err != nil {
		_ = s.Close()
		return nil, err
	}
	s.rdb, s.r, err = openPool(dsn(o.Path, url.Values{"_pragma": {"query_only(1)"}}), readers)
	if err != nil {
		_ = s.Close()
		return nil, explain(err)
	}
	return s, nil
}

// sameFile refuses to go on when the file was deleted or replaced: SQLite would
// take writes into nothing.
func (s *Store) sameFile() error { return nil }
