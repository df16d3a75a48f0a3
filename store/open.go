package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"doorman/model"
)

// readers is how many connections may read at once, beside the one that watches
// for changes.
const readers = 4

// Open opens a database, brings its schema up to date and completes rows that
// other programs wrote. A database of the course's application is adopted:
// Doorman adds its own columns and tables to it, after a backup. The caller
// closes the Store.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{o: o, now: o.Now, zone: time.UTC, scheme: model.SchemeSecret, lifetime: model.DefaultLifetime, reach: usualReach(), feed: newFeed()}
	if s.now == nil {
		s.now = time.Now
	}
	var err error
	if s.o.Path, err = filepath.Abs(o.Path); err == nil {
		if o.ReadOnly {
			err = s.openLooking(ctx)
		} else {
			err = s.openWriting(ctx)
		}
	}
	if err != nil {
		_ = s.Close()
		if sqliteCode(err) == codeNotADB {
			err = errNotDatabase(s.o.Path, err)
		}
		return nil, fmt.Errorf("open database: %w", explain(err))
	}
	return s, nil
}

// openWriting opens the file, creating, adopting or migrating it first where
// that is due.
func (s *Store) openWriting(ctx context.Context) error {
	if err := s.findFile(ctx); err != nil {
		return err
	}
	if err := s.openWriter(s.o.Path); err != nil {
		return err
	}
	if err := s.migrate(ctx); err != nil {
		return err
	}
	if err := s.loadSettings(ctx); err != nil {
		return err
	}
	if err := s.rememberKey(ctx); err != nil {
		return err
	}
	if !s.adopted {
		s.useLog(ctx)
	}
	var err error
	dsn := s.o.dsn(s.o.Path, url.Values{"mode": {"rw"}}, "query_only(1)")
	if s.rdb, s.r, err = openPool(connector{dsn: dsn}, readers+1); err != nil {
		return err
	}
	if err := s.startWatch(ctx); err != nil {
		return err
	}
	if err := s.startQuickLook(ctx); err != nil {
		return err
	}
	if err := s.completeAll(ctx); err != nil {
		return err
	}
	s.startLookups()
	s.heads.open.Store(true)
	return nil
}

// openWriter opens the one writing connection and checks the engine.
func (s *Store) openWriter(path string) error {
	var err error
	dsn := s.o.dsn(path, url.Values{"mode": {"rw"}})
	if s.wdb, s.w, err = openPool(connector{dsn: dsn}, 1); err != nil {
		return err
	}
	var version string
	if err := s.w.Raw("SELECT sqlite_version()").Scan(&version).Error; err != nil {
		return err
	}
	return checkEngine(version)
}

// findFile makes sure that there is a file to write to, and remembers which.
func (s *Store) findFile(ctx context.Context) error {
	info, err := inspect(s.o.Path)
	if err != nil {
		return err
	}
	if info == nil {
		if !s.o.Create {
			return missing(s.o.Path)
		}
		if err := s.create(ctx); err != nil {
			return err
		}
		if info, err = inspect(s.o.Path); err != nil {
			return err
		}
		if info == nil {
			return missing(s.o.Path)
		}
	}
	if info.Size() == 0 && !s.o.Create {
		return unavailable(model.QuotePath(s.o.Path)+" is empty: there is no database in it", "check the path after --db", nil)
	}
	s.file = info
	return checkWritable(s.o.Path)
}

// create makes a new database under another name and gives it its own when it
// is whole: no half-made file is ever seen, and of two programs that create at
// once the slower one finds the work done.
func (s *Store) create(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Dir(s.o.Path), 0o700); err != nil {
		return unavailable("cannot make the directory "+model.QuotePath(filepath.Dir(s.o.Path)),
			"make it yourself, or name another path with --db", err)
	}
	temp := s.o.Path + ".new-" + model.NewID()[:8]
	if err := createEmpty(temp); err != nil {
		return err
	}
	defer removeDatabase(temp)
	draft := &Store{o: s.o, now: s.now, zone: time.UTC}
	err := draft.openWriter(temp)
	if err == nil {
		draft.useLog(ctx)
		err = draft.migrate(ctx)
	}
	if e := draft.Close(); err == nil {
		err = e
	}
	if err == nil && !s.o.Fast {
		err = syncPath(temp)
	}
	if err != nil {
		return err
	}
	if err := publish(temp, s.o.Path); err != nil && !errors.Is(err, fs.ErrExist) {
		return unavailable("cannot make "+model.QuotePath(s.o.Path), "check the permissions of its directory", err)
	}
	return nil
}

// createEmpty makes a file that only its owner may read.
func createEmpty(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return unavailable("cannot make a file in "+model.QuotePath(filepath.Dir(path)),
			"check the permissions of the directory, or name another path", err)
	}
	return f.Close()
}

// removeDatabase removes a file with what SQLite puts beside it; what is not
// there is no matter.
func removeDatabase(path string) {
	for _, suffix := range []string{"", "-journal", "-wal", "-shm"} {
		_ = os.Remove(path + suffix)
	}
}

// useLog switches a database of our own to a write-ahead log, so that readers
// and the writer do not wait for each other. Where another program is at the
// file just now it stays unchanged until the next opening.
func (s *Store) useLog(ctx context.Context) {
	var mode string
	if s.w.WithContext(ctx).Raw("PRAGMA journal_mode").Scan(&mode); mode != "wal" {
		s.w.WithContext(ctx).Exec("PRAGMA journal_mode=WAL")
	}
}
