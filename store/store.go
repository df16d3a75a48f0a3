// Package store keeps accounts, resets, letters and the operators' log in a
// SQL database. It is the only package that knows GORM and SQL.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// Options says which database to open and how.
type Options struct {
	Path     string
	ReadOnly bool           // open anything, change no byte of it
	Create   bool           // make the file when it is absent; otherwise that is an error
	Zone     *time.Location // of the times in the file; nil: what the file remembers, else UTC
	Key      model.Key      // of the link secrets; nil: issuing in SchemeSecret is refused
	Now      func() time.Time
	Act      model.Act // who adopts or migrates, for the audit log
	Throttle model.Throttle
	Lookups  bool // looking up an account or an address is an audit entry of Act
	// Heads takes the signed head of the log after every HeadEvery entries (0:
	// never before the end) and when the store is closed; nil: it is not called.
	Heads     func(ctx context.Context, head string) error
	HeadEvery int
	LinkHost  string // right side of Message-IDs; "" means doorman.invalid
	Fast      bool   // a throw-away database: commits do not wait for the disk

	// Progress receives what a long opening is doing, in a few words; nil: not called.
	Progress func(doing string)

	busy      time.Duration // how long to wait for another program's lock; 0 means busyTimeout
	lookAfter time.Duration // when a large file is looked through; 0 means quickLookPause
}

// Store is an open database. Its methods may be called from any goroutine.
type Store struct {
	o        Options
	now      func() time.Time
	zone     *time.Location
	scheme   model.Scheme
	lifetime time.Duration
	adopted  bool
	backup   string // made by this opening, or ""

	w *gorm.DB // one connection, immediate transactions; nil when read-only
	r *gorm.DB // several connections that cannot write

	wdb, rdb *sql.DB
	file     os.FileInfo // the file that was opened, to notice when the path names another
	look     *looking    // how a read-only store sees the file; nil otherwise
	damage   *quickLook  // the check of a large file that runs beside the work; nil when done at once
	schema   int         // version of the schema in the file
	key      string      // fingerprint of the key that the file was used with, or ""
	polling  sync.Mutex  // guards what follows
	watch    *sql.Conn   // of rdb, pinned: data_version counts a connection's view
	version  int64       // data_version at the last Poll
	pending  bool        // the last Poll left incomplete rows behind
	merging  int         // pages of the index of addresses to merge next; see mergeParts

	reach reach // of lists
	feed  *feed // the engine that follows this database

	lookups lookups // what was looked up of late
	heads   heads   // of the log, for who keeps them elsewhere
	tallies tallies // counts for timelines
}

// Format names the file alone: fmt would print what the fields hold, the link
// key among it.
func (s *Store) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "store "+s.o.Path) }

// Format names the file alone; see Store.Format.
func (o Options) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "store "+o.Path) }

// read returns a session on the reading pool.
func (s *Store) read(ctx context.Context) *gorm.DB { return s.r.WithContext(ctx) }

// Close ends all connections. The store cannot be used after it.
func (s *Store) Close() error {
	err := errors.Join(s.lookups.close(), s.heads.close(s))
	s.closeFeed()
	s.damage.stop()
	s.polling.Lock()
	defer s.polling.Unlock()
	if s.watch != nil {
		_ = s.watch.Close()
	}
	for _, db := range []*sql.DB{s.rdb, s.wdb} {
		if db == nil {
			continue
		}
		if e := db.Close(); err == nil {
			err = e
		}
	}
	s.look.discard()
	return err
}
