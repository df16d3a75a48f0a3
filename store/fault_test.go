package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"doorman/model"
)

func asError(err error, e **model.Error) bool { return errors.As(err, e) }

// refused opens and wants an error with a text and a hint for the person.
func refused(t *testing.T, o Options, want string) {
	t.Helper()
	s, err := Open(context.Background(), o)
	if err == nil {
		_ = s.Close()
		t.Fatal("opened")
	}
	var e *model.Error
	if !asError(err, &e) || !strings.Contains(e.Text, want) || e.Hint == "" {
		t.Errorf("%v (%+v), want %q", err, e, want)
	}
}

func TestFaultsAtOpening(t *testing.T) {
	dir := t.TempDir()
	text, empty, short := filepath.Join(dir, "text"), filepath.Join(dir, "empty"), filepath.Join(dir, "short")
	for path, content := range map[string]string{text: strings.Repeat("not a database\n", 100), empty: "", short: "SQLite for"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := len(traceNames(t, dir))
	for _, look := range []bool{false, true} {
		for path, want := range map[string]string{
			dir:                               "is a directory",
			text:                              "not an SQLite database",
			empty:                             "empty",
			short:                             "not an SQLite database",
			filepath.Join(dir, "none"):        "no database at",
			filepath.Join(dir, "no/where.db"): "no directory",
			filepath.Join(text, "under.db"):   "cannot look at",
		} {
			refused(t, Options{Path: path, ReadOnly: look}, want)
		}
	}
	if after := len(traceNames(t, dir)); after != before {
		t.Error("files were left behind:", traceNames(t, dir))
	}
}

func traceNames(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func TestTruncatedFile(t *testing.T) {
	path := courseFile(t, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
		INSERT INTO "Album" (name) SELECT hex(randomblob(40)) FROM n`)
	if err := os.Truncate(path, 40000); err != nil {
		t.Fatal(err)
	}
	before := traceDir(t, path)
	refused(t, Options{Path: path}, "damaged")
	if traceDir(t, path) != before {
		t.Error("the file or its directory changed")
	}
}

func TestDamagedPage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "doorman.db")
	_ = openAs(t, Options{Path: path, Create: true}).Close()
	foreign(t, path, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
		INSERT INTO doorman_setting SELECT 'k' || i, hex(randomblob(40)) FROM n`, `PRAGMA wal_checkpoint(TRUNCATE)`)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, 4096), info.Size()/2/4096*4096); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	refused(t, Options{Path: path}, "damaged")
}

func TestDeletedAndReplaced(t *testing.T) {
	for _, replace := range []bool{false, true} {
		s := newStore(t)
		ctx := context.Background()
		if err := os.Rename(s.o.Path, s.o.Path+".away"); err != nil {
			t.Fatal(err)
		}
		want := "is gone"
		if replace {
			want = "another file"
			if err := os.WriteFile(s.o.Path, []byte("SQLite format 3"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Poll(ctx); !model.IsKind(err, model.Unavailable) || !strings.Contains(err.Error(), want) {
			t.Error(err)
		}
		if err := s.SetSetting(ctx, model.Act{}, "colour", "red"); !model.IsKind(err, model.Unavailable) || !strings.Contains(err.Error(), want) {
			t.Error(err)
		}
		if got, err := s.Setting(ctx, "colour"); err != nil || got != "" {
			t.Error("it was written all the same:", got, err)
		}
	}
}

// TestTablesThatGoAway: what another program does to an open file is said as
// what it is, and not as a surprise.
func TestTablesThatGoAway(t *testing.T) {
	s := newStore(t)
	foreign(t, s.o.Path, `PRAGMA foreign_keys = OFF`, `DROP TABLE "PasswordReset"`, `DROP TABLE "Account"`)
	_, err := s.FindAccount(t.Context(), "ann@example.org")
	var e *model.Error
	if !asError(err, &e) || e.Kind != model.Unavailable || !strings.Contains(e.Text, "is damaged") || e.Hint == "" {
		t.Errorf("%v (%+v)", err, e)
	}
}
