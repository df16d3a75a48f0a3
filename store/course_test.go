package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// courseSchema is the schema of the course's web application, as SQLAlchemy
// creates it, with two of its other tables.
const courseSchema = `
CREATE TABLE "Account" (
	id VARCHAR NOT NULL,
	email VARCHAR NOT NULL,
	password_hash VARCHAR,
	created DATETIME,
	email_confirmed BOOLEAN NOT NULL,
	is_super_user BOOLEAN NOT NULL,
	PRIMARY KEY (id),
	CHECK (email_confirmed IN (0, 1)),
	CHECK (is_super_user IN (0, 1))
);
CREATE UNIQUE INDEX "ix_Account_email" ON "Account" (email);
CREATE TABLE "PasswordReset" (
	id VARCHAR NOT NULL,
	created_date DATETIME,
	used_date DATETIME,
	was_used BOOLEAN,
	used_ip_address VARCHAR,
	user_id VARCHAR,
	PRIMARY KEY (id),
	CHECK (was_used IN (0, 1)),
	FOREIGN KEY(user_id) REFERENCES "Account" (id)
);
CREATE TABLE "Album" (
	id INTEGER NOT NULL, name VARCHAR, year INTEGER, price FLOAT, has_preview BOOLEAN, PRIMARY KEY (id),
	CHECK (has_preview IN (0, 1))
);
CREATE INDEX "ix_Album_year" ON "Album" (year);
CREATE TABLE "Track" (
	id INTEGER NOT NULL, name VARCHAR, length INTEGER, album_id INTEGER, PRIMARY KEY (id),
	FOREIGN KEY(album_id) REFERENCES "Album" (id)
);
INSERT INTO "Album" VALUES (1, 'Digital age boys & girls', 2001, 9.99, 1), (2, NULL, 1999, 8.5, 0);
INSERT INTO "Track" VALUES (1, 'Welcome to the faction', 361, 1), (2, x'00ff27', 128, 1);
`

const (
	courseAnn = "11111111111111111111111111111111"
	courseBob = "22222222222222222222222222222222"
)

// courseRows are resets as the course's application leaves them.
const courseRows = `
INSERT INTO "Account" VALUES
	('` + courseAnn + `', 'ann@example.org', 'pbkdf2$1', '2017-01-05 07:25:02.575503', 1, 0),
	('` + courseBob + `', 'bob@example.org', NULL, NULL, 0, 1);
INSERT INTO "PasswordReset" VALUES
	('a0000000000000000000000000000000', '2026-11-23 11:00:00.000000', NULL, 0, '203.0.113.7', '` + courseAnn + `'),
	('b0000000000000000000000000000000', '2026-11-22 11:00:00.123456', '2026-11-22 11:05:00.000001', 1, '198.51.100.9', '` + courseAnn + `'),
	('c0000000000000000000000000000000', '2026-11-23 11:30:00.000000', NULL, NULL, '2001:db8::5', '` + courseBob + `'),
	('d0000000000000000000000000000000', NULL, NULL, 0, 'unknown', NULL);
`

// courseFile makes a database of the course's application.
func courseFile(t testing.TB, more ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "course.sqlite")
	foreign(t, path, append([]string{courseSchema, courseRows}, more...)...)
	return path
}

// foreign runs statements as another program would, on a connection of its own
// that it ends afterwards.
func foreign(t testing.TB, path string, statements ...string) {
	t.Helper()
	db := foreignDB(t, path)
	defer db.Close()
	for _, q := range statements {
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%v in %s", err, q)
		}
	}
}

// foreignDB is another program's connection.
func foreignDB(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// ask returns the rows of a query as text, one line a row.
func ask(t testing.TB, path, query string) string {
	t.Helper()
	db := foreignDB(t, path)
	defer db.Close()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatalf("%v in %s", err, query)
	}
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(sql.RawBytes)
		}
		if err := rows.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		line := ""
		for i, c := range cells {
			if i > 0 {
				line += "|"
			}
			line += string(*c.(*sql.RawBytes))
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// dump tells everything about the tables that are not ours: schema and rows.
func dump(t testing.TB, path string) string {
	t.Helper()
	return ask(t, path, `SELECT name, sql FROM sqlite_master WHERE tbl_name IN ('Album', 'Track') ORDER BY name`) +
		ask(t, path, `SELECT rowid, typeof(id), id, typeof(name), hex(name), year, price, has_preview FROM "Album" ORDER BY 1`) +
		ask(t, path, `SELECT rowid, typeof(id), id, typeof(name), hex(name), length, album_id FROM "Track" ORDER BY 1`)
}

// traceDir tells names, sizes and contents of all files beside a path.
func traceDir(t testing.TB, path string) string {
	t.Helper()
	dir := filepath.Dir(path)
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, e := range list {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintf("%s %d %x\n", e.Name(), len(b), sha256.Sum256(b))
	}
	return text
}

// openAs opens a database for a test.
func openAs(t testing.TB, o Options) *Store {
	t.Helper()
	if o.Now == nil {
		o.Now = noon
	}
	s, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}
