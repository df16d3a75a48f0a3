package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"doorman/model"
)

func unavailable(text, hint string, cause error) error {
	return &model.Error{Kind: model.Unavailable, Text: text, Hint: hint, Err: cause}
}

// inspect tells what is at a path before SQLite sees it, for the engine's words
// mislead. The file info is nil when there is nothing. It never opens the file:
// to close it again would end every lock that this process has on it
// (sqlite.org/howtocorrupt.html §2.2).
func inspect(path string) (os.FileInfo, error) {
	q := model.QuotePath(path)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, fs.ErrPermission):
		return nil, unavailable("may not look at "+q, "check the permissions of the directories above it", err)
	case err != nil:
		return nil, unavailable("cannot look at "+q, "check the path", err)
	case info.IsDir():
		return nil, unavailable(q+" is a directory, not a database file", "name the file in it with --db", nil)
	case !info.Mode().IsRegular():
		return nil, unavailable(q+" is a pipe or a device, not a database file", "name a plain file with --db", nil)
	}
	if !mayAccess(path, false) {
		return nil, unavailable("may not read "+q, "check the permissions of the file: it belongs to another user, perhaps", fs.ErrPermission)
	}
	if size := info.Size(); size > 0 && size < leastFile {
		return nil, errNotDatabase(path, nil)
	}
	return info, nil
}

// leastFile is the length in bytes of the header that every SQLite file has.
const leastFile = 100

func errNotDatabase(path string, cause error) error {
	return unavailable(model.QuotePath(path)+" is not an SQLite database", "name another file with --db; this one was left as it is", cause)
}

// checkWritable refuses a file that may not be written, before anything tries.
func checkWritable(path string) error {
	if mayAccess(path, true) {
		return nil
	}
	return unavailable("may not write to "+model.QuotePath(path),
		"check the permissions of the file, or open it for looking with --read-only", fs.ErrPermission)
}

// missing is the error for a path with nothing there.
func missing(path string) error {
	const hint = "name another with --db; `doorman` alone helps to begin, `doorman demo` shows a made-up one"
	if dir := filepath.Dir(path); !exists(dir) {
		return unavailable("there is no database, and no directory "+model.QuotePath(dir), hint, fs.ErrNotExist)
	}
	return unavailable("there is no database at "+model.QuotePath(path), hint, fs.ErrNotExist)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// sameFile refuses to go on when the file was deleted or replaced: SQLite would
// take writes into nothing.
func (s *Store) sameFile() error {
	info, err := os.Stat(s.o.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return unavailable("the database file is gone",
			"put it back or restore a backup, then start again", err)
	case err != nil:
		return unavailable("the database file cannot be looked at", "check the disk and the permissions", err)
	case !os.SameFile(info, s.file):
		return unavailable("another file was put in the place of the database",
			"start again to work on the new one", nil)
	}
	return nil
}

// publish gives a finished file its name, which nothing may have yet.
func publish(temp, path string) error {
	if err := os.Link(temp, path); err != nil {
		if exists(path) {
			return fs.ErrExist
		}
		// A file system without hard links: the moment between the look and the
		// rename is the best there is.
		if err := os.Rename(temp, path); err != nil {
			return err
		}
	} else if err := os.Remove(temp); err != nil {
		return err
	}
	return syncPath(filepath.Dir(path))
}

// syncPath waits until a file, or the names in a directory, are on the disk.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}
