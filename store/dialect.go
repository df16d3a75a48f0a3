package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/url"

	gsqlite "github.com/glebarez/go-sqlite"
	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"doorman/model"
)

// What differs between databases stands in this file: connection strings,
// pragmas, error codes and the few expressions that SQL does not share.

// textOf reads a column as the text that is stored: the driver would otherwise
// parse DATETIME columns on every row, and take local times for UTC.
func textOf(column string) string { return "CAST(" + column + " AS TEXT)" }

// Primary result codes of SQLite (sqlite.org/rescode.html).
const (
	codeBusy       = 5
	codeLocked     = 6
	codeReadOnly   = 8
	codeIO         = 10
	codeCorrupt    = 11
	codeFull       = 13
	codeCantOpen   = 14
	codeConstraint = 19
	codeNotADB     = 26
)

// sqliteCode returns the primary result code in err, or 0.
func sqliteCode(err error) int {
	var e *gsqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// isBusy reports whether another writer was in the way.
func isBusy(err error) bool {
	c := sqliteCode(err)
	return c == codeBusy || c == codeLocked
}

// isConflict reports whether a uniqueness or reference rule was broken.
func isConflict(err error) bool { return sqliteCode(err) == codeConstraint }

// explain turns the driver's words into ours; errors written for the person
// pass as they are.
func explain(err error) error {
	var e *model.Error
	if errors.As(err, &e) {
		return err
	}
	say := func(text, hint string) error {
		return &model.Error{Kind: model.Unavailable, Text: text, Hint: hint, Err: err}
	}
	switch sqliteCode(err) {
	case codeBusy, codeLocked:
		return say("another program keeps the database locked", "try again; if it stays so, find the program that holds a transaction open")
	case codeReadOnly:
		return say("the database file cannot be written", "check the permissions of the file and of its directory")
	case codeIO:
		return say("the disk does not answer as it should", "nothing was changed; check the disk and the kernel's log")
	case codeCorrupt, codeNotADB:
		return say("the file is damaged or is no SQLite database", "restore a backup; `doorman db check` tells more")
	case codeFull:
		return say("the disk is full", "nothing was changed; make room and try again")
	case codeCantOpen:
		return say("the database file cannot be opened", "check the path and its permissions")
	}
	return err
}

// dsn builds the connection string. Pragmas stand in it because they belong to
// a connection, not to a pool.
func dsn(path string, extra url.Values) string {
	v := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(5000)", "foreign_keys(1)", "temp_store(2)"}}
	for k, list := range extra {
		v[k] = append(v[k], list...)
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + v.Encode()
}

// connector opens connections that first run some statements.
type connector struct {
	d     driver.Driver
	dsn   string
	setup []string
}

func (c connector) Driver() driver.Driver { return c.d }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.d.Open(c.dsn)
	if err != nil {
		return nil, err
	}
	for _, q := range c.setup {
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, q, nil); err != nil {
			_ = conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

// openPool opens a pool of at most n connections and a GORM session on it.
func openPool(dsn string, n int, setup ...string) (*sql.DB, *gorm.DB, error) {
	db := sql.OpenDB(connector{d: &gsqlite.Driver{}, dsn: dsn, setup: setup})
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	g, err := gorm.Open(sqlite.Dialector{Conn: db}, &gorm.Config{
		QueryFields:            true,
		SkipDefaultTransaction: true,
		PrepareStmt:            false,
		Logger:                 logger.Discard,
	})
	if err != nil {
		_ = db.Close()
		return nil, nil, err
	}
	return db, g, nil
}
