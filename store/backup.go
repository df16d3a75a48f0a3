package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"doorman/model"
)

// Backup writes a copy of the database as it is at one moment, checks it, and
// gives it its name only then; other programs go on reading and writing. Mode
// 0600. An existing file is refused, and on failure none is left.
func (s *Store) Backup(ctx context.Context, path string) error {
	path, err := filepath.Abs(path)
	if err == nil {
		err = s.sameFile()
	}
	if err == nil {
		err = s.copyTo(ctx, path)
	}
	if errors.Is(err, fs.ErrExist) {
		err = &model.Error{Kind: model.Conflict, Text: "there is a file at " + model.Quote(path) + " already", Hint: "name another", Err: err}
	}
	if err != nil {
		return fmt.Errorf("back up: %w", explain(err))
	}
	return nil
}

// backupBeside backs up before the schema changes, and returns the path.
func (s *Store) backupBeside(ctx context.Context, version int) (string, error) {
	base := s.o.Path + ".before-doorman"
	if version > 0 {
		base = s.o.Path + ".schema-" + strconv.Itoa(version)
	}
	base += s.now().UTC().Format("-20060102-150405")
	for n := 1; ; n++ {
		path := base
		if n > 1 {
			path += "-" + strconv.Itoa(n)
		}
		if exists(path) {
			continue
		}
		if err := s.copyTo(ctx, path); !errors.Is(err, fs.ErrExist) {
			return path, explain(err)
		}
	}
}

// copyTo makes the copy under a passing name.
func (s *Store) copyTo(ctx context.Context, path string) error {
	if exists(path) {
		return fs.ErrExist
	}
	temp := path + ".part-" + model.NewID()[:8]
	if err := createEmpty(temp); err != nil {
		return err
	}
	defer removeDatabase(temp)
	mode := url.Values{"mode": {"ro"}}
	if s.look != nil {
		mode = s.look.current().mode()
	}
	src := sql.OpenDB(connector{dsn: s.o.dsn(s.source(), mode)})
	defer src.Close()
	src.SetMaxOpenConns(1) // data_version counts one connection's view
	before, err := countRows(ctx, src)
	if err != nil {
		return err
	}
	if _, err := src.ExecContext(ctx, "VACUUM INTO ?", temp); err != nil {
		return err
	}
	after, err := countRows(ctx, src)
	if err != nil {
		return err
	}
	if err := checkCopy(ctx, s.o.dsn(temp, url.Values{"mode": {"ro"}}), before, after); err != nil {
		return err
	}
	if err := syncPath(temp); err != nil {
		return err
	}
	return publish(temp, path)
}

// counted is how many rows each table of a file has, at one data_version.
type counted struct {
	version int64
	rows    map[string]int64
}

// countRows counts the rows of every plain table.
func countRows(ctx context.Context, db *sql.DB) (counted, error) {
	c := counted{rows: map[string]int64{}}
	names, err := db.QueryContext(ctx, plainTables)
	if err != nil {
		return c, err
	}
	for names.Next() {
		var name string
		if err := names.Scan(&name); err != nil {
			return c, err
		}
		c.rows[name] = 0
	}
	if err := names.Err(); err != nil {
		return c, err
	}
	for name := range c.rows {
		var n int64
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM "+quoteName(name)).Scan(&n); err != nil {
			return c, err
		}
		c.rows[name] = n
	}
	return c, db.QueryRowContext(ctx, "PRAGMA data_version").Scan(&c.version)
}

// checkCopy compares a copy with what the original held before and after it was
// made. Where others wrote meanwhile, the counts can only be near.
func checkCopy(ctx context.Context, dsn string, before, after counted) error {
	bad := func(text string, err error) error {
		return unavailable("the backup is not good: "+text, "check the disk; nothing was changed", err)
	}
	db := sql.OpenDB(connector{dsn: dsn})
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil || verdict != "ok" {
		return bad("it fails its check", err)
	}
	got, err := countRows(ctx, db)
	if err != nil {
		return bad("it cannot be read", err)
	}
	if before.version != after.version {
		return nil
	}
	for name, n := range before.rows {
		if got.rows[name] != n {
			return bad("table "+model.Quote(name)+" has another number of rows", nil)
		}
	}
	return nil
}

// source is the path that SQLite reads: the file itself, or the private copy of
// a read-only store.
func (s *Store) source() string {
	if s.look != nil {
		return s.look.current().path
	}
	return s.o.Path
}

// size returns the bytes of the file, 0 when it is not there.
func (s *Store) size() int64 {
	info, err := os.Stat(s.o.Path)
	if err != nil {
		return 0
	}
	return info.Size()
}
