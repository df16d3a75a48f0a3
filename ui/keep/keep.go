// Package keep remembers on the disk what the console knows of an operator: the
// saved filters, columns and orders, a file an operator.
package keep

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"
	"unicode/utf8"

	"doorman/model"
	"doorman/model/query"
	"doorman/ui/page"
)

// maxFile bounds what is read, in bytes.
const maxFile = 1 << 20

// File keeps the habits of one operator. Its methods may be called from any
// goroutine, and by several programs at once.
type File struct {
	path string
	mu   sync.Mutex
}

// For returns the file of an operator in a directory, which need not be there.
func For(dir, operator string) *File {
	name := url.QueryEscape(operator)
	if len(name) > 100 {
		name = name[:100]
	}
	return &File{path: filepath.Join(dir, "console-"+name+".json")}
}

// Load reads what is kept; nothing kept is no error. A file that cannot be
// understood is put aside, and the error says where: the habits are then empty,
// and can be used.
func (f *File) Load() (page.Habits, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.read()
}

// Remember gives a console what is kept of its operator in a directory, and has
// it kept up.
func Remember(e *page.Env, dir string) {
	f := For(dir, e.Act.Operator)
	var bad error
	if e.Habits, bad = f.Load(); bad != nil {
		e.Send(page.Failed{Err: bad})
	}
	e.Keep = f
}

func (f *File) read() (page.Habits, error) {
	in, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return page.Habits{}, nil
	}
	if err != nil {
		return page.Habits{}, trouble("cannot be read", err)
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err != nil {
		return page.Habits{}, trouble("cannot be read", err)
	}
	var h page.Habits
	if err = json.Unmarshal(text, &h); err == nil && len(text) <= maxFile && utf8.Valid(text) {
		return sound(h), nil
	}
	aside := f.path + ".bad-" + time.Now().UTC().Format("20060102-150405")
	if e := os.Rename(f.path, aside); e != nil {
		return page.Habits{}, trouble("cannot be understood", e)
	}
	return page.Habits{}, &model.Error{Kind: model.Unavailable, Field: "saved filters and columns", Text: "could not be read and start empty",
		Hint: "what was there is in " + aside, Err: err}
}

func trouble(text string, err error) error {
	return &model.Error{Kind: model.Unavailable, Field: "saved filters and columns", Text: text, Hint: err.Error(), Err: err}
}

// sound leaves out what no console has saved: someone may have edited the file.
func sound(h page.Habits) page.Habits {
	var filters []page.SavedFilter
	for _, f := range h.Filters {
		clean := model.CleanText(f.Name, 100)
		if _, known := page.ViewNamed(f.View); known && f.Name != "" && clean == f.Name && len(f.Line) <= query.MaxLine {
			filters = append(filters, f)
		}
	}
	h.Filters = filters
	for view := range h.Lists {
		if _, known := page.ViewNamed(view); !known {
			delete(h.Lists, view)
		}
	}
	return h
}

// Change implements page.Keeper: what another console of the operator has saved
// meanwhile stays.
func (f *File) Change(change func(*page.Habits)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return trouble("cannot be saved", err)
	}
	open, err := f.lock()
	if err != nil {
		return trouble("cannot be saved", err)
	}
	defer open()
	h, bad := f.read()
	if _, err := os.Lstat(f.path); bad != nil && err == nil { // what is there would be lost
		return bad
	}
	change(&h)
	if err := f.write(h); err != nil {
		return trouble("cannot be saved", err)
	}
	return bad
}

// write puts the file in its place, whole or not at all.
func (f *File) write(h page.Habits) (err error) {
	text, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return err
	}
	out, err := os.CreateTemp(filepath.Dir(f.path), ".console-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = out.Close()
			_ = os.Remove(out.Name())
		}
	}()
	if _, err = out.Write(append(text, '\n')); err == nil {
		err = out.Sync()
	}
	if err == nil {
		err = out.Close()
	}
	if err == nil {
		err = os.Rename(out.Name(), f.path)
	}
	return err
}

// How long one waits for another program, and after what time a lock was left
// behind by one that died.
const (
	lockWait  = 2 * time.Second
	lockStale = 10 * time.Second
)

// lock keeps other programs out until open is called.
func (f *File) lock() (open func(), err error) {
	path := f.path + ".lock"
	for end := time.Now().Add(lockWait); ; time.Sleep(20 * time.Millisecond) {
		l, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err == nil {
			_ = l.Close()
			return func() { _ = os.Remove(path) }, nil
		}
		if time.Now().After(end) || !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		if info, e := os.Stat(path); e == nil && time.Since(info.ModTime()) > lockStale {
			_ = os.Remove(path)
		}
	}
}
