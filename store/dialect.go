package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	gsqlite "github.com/glebarez/go-sqlite"
	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"doorman/model"
)

// What differs between databases stands in this file: connection strings,
// pragmas, error codes and the few expressions that SQL does not share.

// Primary result codes of SQLite (sqlite.org/rescode.html).
const (
	codeBusy     = 5
	codeLocked   = 6
	codeReadOnly = 8
	codeIO       = 10
	codeCorrupt  = 11
	codeFull     = 13
	codeCantOpen = 14
	codeProtocol = 15 // the log was in no state to begin with, for ten seconds
	codeNotADB   = 26

	codeIOWrite = codeIO | 3<<8
	codeIOSync  = codeIO | 4<<8
	codeIOShm   = codeIO | 19<<8 // no room for the memory that connections share
)

// sqliteCode returns the primary result code in err, or 0.
func sqliteCode(err error) int {
	var e *gsqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// takesNoMore reports whether writing failed for want of room that is no plain
// full disk: a quota, a limit on files, no room for the shared memory.
func takesNoMore(err error) bool {
	var e *gsqlite.Error
	return errors.As(err, &e) && slices.Contains([]int{codeIOWrite, codeIOSync, codeIOShm}, e.Code())
}

// isBusy reports whether another writer was in the way.
func isBusy(err error) bool {
	c := sqliteCode(err)
	return c == codeBusy || c == codeLocked || c == codeProtocol
}

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
	if takesNoMore(err) {
		return say("the disk takes no more: it is full, or a limit or a quota is reached", "nothing was changed; make room; if there is some, the kernel's log tells more")
	}
	switch sqliteCode(err) {
	case codeBusy, codeLocked, codeProtocol:
		return say("another program keeps the database locked", "try again; if it stays so, find the program that holds a transaction open")
	case codeReadOnly:
		return say("the database file cannot be written", "check the permissions of the file and of its directory")
	case codeIO:
		return say("the disk does not answer as it should", "nothing was changed; check the disk and the kernel's log")
	case codeCorrupt, codeNotADB: // at the opening see Open: what was open is no other file
		return say("the database file is damaged", "restore a backup; `doorman db check` tells more")
	case codeFull:
		return say("the disk is full", "nothing was changed; make room and try again")
	case codeCantOpen:
		return say("the database file cannot be opened", "check the path and its permissions")
	}
	if err != nil && strings.Contains(err.Error(), "no such table: ") { // what an emptied file looks like
		return say("the database file is damaged: its tables are gone", "restore a backup; another program emptied the file, perhaps")
	}
	return err
}

// How a schema is looked at: the columns of the tables that matter, and how many
// other tables there are.
const (
	surveyColumns = `SELECT m.name AS tbl, p.name AS col FROM main.sqlite_master m, pragma_table_info(m.name, 'main') p
		WHERE m.type = 'table' AND (lower(m.name) IN ('account', 'passwordreset') OR lower(m.name) LIKE 'doorman\_%' ESCAPE '\')
		ORDER BY m.name, p.cid`
	surveyOthers = `SELECT count(*) FROM main.sqlite_master
		WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
		AND NOT (type = 'table' AND (lower(name) IN ('account', 'passwordreset') OR lower(name) LIKE 'doorman\_%' ESCAPE '\'))`
)

// headerUsesLog reads the file format's number in the header of the file
// (sqlite.org/fileformat2.html §1.3.3), which PRAGMA journal_mode does not tell on
// a connection that takes the file for unchanging.
const headerUsesLog = `SELECT substr(data, 19, 1) = x'02' FROM sqlite_dbpage WHERE pgno = 1`

// Completing rows happens inside the engine, in the order in which the table
// lies on the disk: by id, which is random, it is thirty times slower.
const (
	completeNext = `UPDATE "PasswordReset" SET requested_ip = ` + requestIP + `, requested_ip_key = ` + keyFunction + `(` + requestIP + `)
		WHERE rowid IN (SELECT rowid FROM "PasswordReset" WHERE requested_ip_key IS NULL ORDER BY requested_ip_key, rowid LIMIT ?)`
	completeRange = `UPDATE "PasswordReset" SET requested_ip = ` + requestIP + `, requested_ip_key = ` + keyFunction + `(` + requestIP + `)
		WHERE rowid BETWEEN ? AND ? AND requested_ip_key IS NULL`
	completeSpan = `SELECT coalesce(min(rowid), 0) AS first, coalesce(max(rowid), -1) AS last FROM "PasswordReset"`
)

// plainTables are those that hold rows of their own; virtual tables may need a
// module that only the other application has.
const plainTables = `SELECT name FROM main.sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name`

// quoteName quotes a name of a table or column.
func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// busyTimeout is how long a statement waits for another program's lock.
const busyTimeout = 5 * time.Second

// dsn builds a connection string. Pragmas stand in it because they belong to a
// connection, not to a pool. EXTRA is FULL for a write-ahead log; in the other
// journal modes it also makes the end of the commit survive a power cut.
func (o Options) dsn(path string, v url.Values, pragmas ...string) string {
	sync := "synchronous(EXTRA)"
	if o.Fast {
		sync = "synchronous(OFF)"
	}
	v.Set("_txlock", "immediate")
	v["_pragma"] = append([]string{fmt.Sprintf("busy_timeout(%d)", o.busyTimeout().Milliseconds()),
		"foreign_keys(1)", "temp_store(MEMORY)", sync}, pragmas...)
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive letter
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + v.Encode()
}

func (o Options) busyTimeout() time.Duration {
	if o.busy > 0 {
		return o.busy
	}
	return busyTimeout
}

// connector opens connections that first run some statements.
type connector struct {
	dsn   string
	setup []string
}

func (c connector) Driver() driver.Driver { return engine() }

// engine returns the driver with the functions that view.go registered.
func engine() driver.Driver {
	db, err := sql.Open("sqlite", "")
	if err != nil {
		return &gsqlite.Driver{} // the name is registered as long as the import stands
	}
	defer db.Close()
	return db.Driver()
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	return connect(ctx, c.Driver(), c.dsn, c.setup)
}

func connect(ctx context.Context, d driver.Driver, dsn string, setup []string) (driver.Conn, error) {
	conn, err := d.Open(dsn)
	if err != nil {
		return nil, err
	}
	for _, q := range setup {
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, q, nil); err != nil {
			_ = conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

// openPool opens a pool of at most n connections and a GORM session on it.
func openPool(c driver.Connector, n int) (*sql.DB, *gorm.DB, error) {
	db := sql.OpenDB(c)
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

// leastEngine is the first SQLite without the WAL-reset bug, which can corrupt
// a file that two connections use (sqlite.org/wal.html#walresetbug).
const leastEngine = "3.51.3"

// checkEngine refuses an engine older than leastEngine.
func checkEngine(version string) error {
	if slices.Compare(numbers(version), numbers(leastEngine)) >= 0 {
		return nil
	}
	return &model.Error{Kind: model.Refused, Text: "this program was built with SQLite " + version + ", which can corrupt databases",
		Hint: "build it with github.com/glebarez/go-sqlite v1.23.0 or newer"}
}

func numbers(version string) []int {
	var list []int
	for part := range strings.SplitSeq(version, ".") {
		n, _ := strconv.Atoi(part)
		list = append(list, n)
	}
	return list
}
