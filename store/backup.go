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
		err = &model.Error{Kind: model.Conflict, Text: "there is a file at " + model.QuotePath(path) + " already", Hint: "name another", Err: err}
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
	// Not "ro": only who may write can tell a journal in use from one left by a crash.
	mode := url.Values{"mode": {"rw"}}
	if s.look != nil {
		mode = s.look.current().mode()
	}
	src := sql.OpenDB(connector{dsn: s.o.dsn(s.source(), mode)})
	defer src.Close()
	src.SetMaxOpenConns(1) // data_version counts one connection's view
	var before, after int64
	if err := src.QueryRowContext(ctx, "PRAGMA data_version").Scan(&before); err != nil {
		return err
	}
	rows, err := countRows(ctx, src)
	if err != nil {
		return err
	}
	if _, err := src.ExecContext(ctx, "VACUUM INTO ?", temp); err != nil {
		return err
	}
	if err := src.QueryRowContext(ctx, "PRAGMA data_version").Scan(&after); err != nil {
		return err
	}
	if before != after { // others wrote meanwhile, so the counts can only be near
		rows = nil
	}
	if err := checkCopy(ctx, s.o.dsn(temp, url.Values{"mode": {"ro"}}), rows); err != nil {
		return err
	}
	if err := syncPath(temp); err != nil {
		return err
	}
	return publish(temp, path)
}

// countRows counts the rows of every plain table.
func countRows(ctx context.Context, db *sql.DB) (map[string]int64, error) {
	rows := map[string]int64{}
	names, err := db.QueryContext(ctx, plainTables)
	if err != nil {
		return nil, err
	}
	defer names.Close()
	for names.Next() {
		var name string
		if err := names.Scan(&name); err != nil {
			return nil, err
		}
		rows[name] = 0
	}
	if err := names.Err(); err != nil {
		return nil, err
	}
	for name := range rows {
		var n int64
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM "+quoteName(name)).Scan(&n); err != nil {
			return nil, err
		}
		rows[name] = n
	}
	return rows, nil
}

// checkCopy examines a copy, and compares it with the rows that the original
// had where those are known.
func checkCopy(ctx context.Context, dsn string, rows map[string]int64) error {
	bad := func(text string, err error) error {
		return unavailable("the backup is not good: "+text, "check the disk; nothing was changed", err)
	}
	db := sql.OpenDB(connector{dsn: dsn})
	defer db.Close()
	if err := quickCheck(ctx, db); err != nil {
		return bad("it fails its check", err)
	}
	got, err := countRows(ctx, db)
	if err != nil {
		return bad("it cannot be read", err)
	}
	for name, n := range rows {
		if got[name] != n {
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
