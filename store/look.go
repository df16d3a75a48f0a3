package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

// A read-only store changes no byte and leaves no file beside the database.
// What that takes depends on the file: one with a write-ahead log that no one
// has open would get two new files beside it, so it is read as one that cannot
// change; a log left by a crash cannot be read in place at all, so a private
// copy is read. Poll looks again when the file moves on.

// looking is how a read-only store sees its file just now.
type looking struct {
	plan  atomic.Pointer[plan]
	setup []string // run by each connection: views over what the file lacks
}

// plan is one way to open a file for looking.
type plan struct {
	path   string // the file, or the private copy
	how    url.Values
	still  bool   // the engine would not notice changes: traces tells
	traces traces // of the files when the plan was made
	copied string // directory of the private copy, or ""
}

func (p *plan) mode() url.Values {
	v := url.Values{}
	for k, list := range p.how {
		v[k] = append([]string(nil), list...)
	}
	return v
}

// traces are the sizes and times of a database file and its log.
type traces [2]struct {
	size int64
	at   time.Time
}

// tick is longer than file systems take for one and the same moment: two writes
// within it leave the same time.
const tick = 20 * time.Millisecond

// newest is when anything was written last.
func (t traces) newest() time.Time {
	if t[1].at.After(t[0].at) {
		return t[1].at
	}
	return t[0].at
}

func traceFile(path string) traces {
	var t traces
	for i, suffix := range []string{"", "-wal"} {
		if info, err := os.Stat(path + suffix); err == nil {
			t[i].size, t[i].at = info.Size(), info.ModTime()
		}
	}
	return t
}

func (l *looking) current() *plan { return l.plan.Load() }

// discard removes the private copy, if there is one.
func (l *looking) discard() {
	if l == nil {
		return
	}
	if p := l.current(); p != nil && p.copied != "" {
		_ = os.RemoveAll(p.copied)
	}
}

// usesLog reports whether the file's header says that it has a write-ahead log.
// The engine reads it, for to open and close the file here would end the locks
// that another store of this process has on it.
func (o Options) usesLog(path string) (bool, error) {
	db := sql.OpenDB(connector{dsn: o.dsn(path, url.Values{"mode": {"ro"}, "immutable": {"1"}})})
	defer db.Close()
	var log bool
	err := db.QueryRow(headerUsesLog).Scan(&log)
	return log, err
}

// planLook decides how to open a file.
func (o Options) planLook(path string) (*plan, error) {
	p := &plan{path: path, how: url.Values{"mode": {"ro"}}, traces: traceFile(path)}
	log, err := o.usesLog(path)
	if sqliteCode(err) == codeCorrupt && p.traces[1].size > 0 {
		// A program died while it moved its log into the file: without the log the
		// file is in pieces.
		log, err = true, nil
	}
	if err != nil {
		return nil, err
	}
	if !log {
		return p, nil
	}
	pending := p.traces[1].size > 0
	switch shared := exists(path + "-shm"); {
	case shared && exists(path+"-wal"): // another process has it open, or died with it open
		p.how.Set("readonly_shm", "1")
	case pending:
		return copyLook(path)
	default:
		p.still = true
		p.how.Set("immutable", "1")
	}
	return p, nil
}

var errRestless = errors.New("the file does not stand still")

// copyLook makes a private copy of a file and its log or journal.
func copyLook(path string) (*plan, error) {
	dir, err := os.MkdirTemp("", "doorman-look-")
	if err != nil {
		return nil, err
	}
	p := &plan{path: filepath.Join(dir, "copy.db"), how: url.Values{"mode": {"rw"}}, still: true, copied: dir}
	for range 5 { // until no one writes meanwhile
		p.traces = traceFile(path)
		if wait := tick - time.Since(p.traces.newest()); wait > 0 {
			time.Sleep(min(wait, tick))
			continue
		}
		for _, suffix := range []string{"", "-wal", "-journal"} {
			if err = copyFile(path+suffix, p.path+suffix); err != nil {
				_ = os.RemoveAll(dir)
				return nil, err
			}
		}
		if traceFile(path) == p.traces {
			return p, nil
		}
	}
	_ = os.RemoveAll(dir)
	return nil, unavailable("the database changes too fast to be copied for looking", "open it without --read-only", errRestless)
}

// copyFile copies a file if it is there.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if e := out.Close(); err == nil {
		err = e
	}
	return err
}

// lookConnector opens connections by the plan that is current.
type lookConnector struct {
	s *Store
	d driver.Driver
}

func (c lookConnector) Driver() driver.Driver { return c.d }

func (c lookConnector) Connect(ctx context.Context) (driver.Conn, error) {
	p := c.s.look.current()
	conn, err := connect(ctx, c.d, c.s.o.dsn(p.path, p.mode()), append(c.s.look.setup, "PRAGMA query_only(1)"))
	if err != nil {
		return nil, err
	}
	return lookConn{conn.(engineConn), c.s.look, p}, nil
}

// engineConn is what the driver's connections can do.
type engineConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
}

// lookConn is a connection that is given up when the plan has changed.
type lookConn struct {
	engineConn
	look *looking
	plan *plan
}

// ResetSession is asked by database/sql before a connection is used again.
func (c lookConn) ResetSession(context.Context) error {
	if c.look.current() != c.plan {
		return driver.ErrBadConn
	}
	return nil
}

// openLooking opens the file without changing a byte of it.
func (s *Store) openLooking(ctx context.Context) error {
	info, err := inspect(s.o.Path)
	if err != nil {
		return err
	}
	if info == nil {
		return missing(s.o.Path)
	}
	if info.Size() == 0 {
		return unavailable("the file is empty: there is no database in it", "check the path after --db", nil)
	}
	s.file = info
	s.look = &looking{}
	return s.chooseLook(ctx)
}

// lookTries is how often a plan is made while other programs start, end or die
// at the file: each of that may make the plan before it wrong.
const lookTries = 5

// chooseLook settles on a plan that works.
func (s *Store) chooseLook(ctx context.Context) error {
	before := s.look.current()
	err := s.settleLook(ctx)
	for try := 1; try < lookTries && s.passes(err) && ctx.Err() == nil; try++ {
		if s.look.current() != before {
			s.look.discard()
		}
		pause(ctx, writePause<<try)
		err = s.settleLook(ctx)
	}
	return err
}

// passes reports whether an error may come from what other programs did to the
// file since the plan was made.
func (s *Store) passes(err error) bool {
	switch sqliteCode(err) {
	case codeBusy, codeLocked, codeProtocol, codeReadOnly, codeCantOpen:
		return true
	case codeCorrupt:
		return s.look.current() == nil || s.movedOn() // the header alone was read, beside a writer
	case codeNotADB, codeIO:
		return s.movedOn()
	}
	return errors.Is(err, errRestless)
}

// movedOn reports whether the file changed since the plan was made.
func (s *Store) movedOn() bool {
	return s.look != nil && s.look.current() != nil && traceFile(s.o.Path) != s.look.current().traces
}

// settleLook makes a plan and begins to read by it.
func (s *Store) settleLook(ctx context.Context) error {
	err := s.tryLook(ctx)
	if err != nil {
		return err
	}
	if s.rdb == nil {
		if s.rdb, s.r, err = openPool(lookConnector{s, engine()}, readers+1); err != nil {
			s.rdb, s.r = nil, nil
			return err
		}
	}
	if err := s.loadSettings(ctx); err != nil {
		return err
	}
	if s.watch != nil {
		_ = s.watch.Close()
	}
	return s.startWatch(ctx)
}

// tryLook makes a plan, and works out the views it needs.
func (s *Store) tryLook(ctx context.Context) error {
	p, err := s.o.planLook(s.o.Path)
	if err != nil {
		return err
	}
	s.look.plan.Store(p)
	err = s.planViews(ctx)
	if code := sqliteCode(err); code == codeReadOnly || code == codeCantOpen || code == codeProtocol {
		// Half a transaction of a program that died, or its memory of the log: to be
		// undone in a copy.
		s.look.discard()
		if p, err = copyLook(s.o.Path); err != nil {
			return err
		}
		s.look.plan.Store(p)
		err = s.planViews(ctx)
	}
	return err
}

// lookAnew makes a new plan when the file moved on since the last, and reports
// whether it did.
func (s *Store) lookAnew(ctx context.Context) (bool, error) {
	s.polling.Lock()
	defer s.polling.Unlock()
	if !s.movedOn() {
		return false, nil
	}
	return true, s.replan(ctx)
}

// renewLook makes a new plan when the file moved on behind the engine's back.
func (s *Store) renewLook(ctx context.Context) (bool, error) {
	if s.look == nil || !s.look.current().still || !s.movedOn() {
		return false, nil
	}
	return true, s.replan(ctx)
}

func (s *Store) replan(ctx context.Context) error {
	old := s.look.current()
	if err := s.chooseLook(ctx); err != nil {
		return err
	}
	if old.copied != "" {
		_ = os.RemoveAll(old.copied)
	}
	return nil
}
