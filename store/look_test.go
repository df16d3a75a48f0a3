package store

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"doorman/model"
)

// looks opens for looking, reads through the same queries as ever, and closes.
func looks(t *testing.T, path string) []resetRow {
	t.Helper()
	s := openAs(t, Options{Path: path, ReadOnly: true})
	defer s.Close()
	ctx := context.Background()
	var rows []resetRow
	if err := s.read(ctx).Order("id").Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"Account", "doorman_audit", "doorman_outbox", "doorman_batch", "doorman_setting"} {
		var n int64
		if err := s.read(ctx).Table(table).Count(&n).Error; err != nil {
			t.Error(table, err)
		}
	}
	if info, err := s.Info(ctx); err != nil || !info.ReadOnly || info.Resets.N != len(rows) {
		t.Error(info, err)
	}
	if changed, err := s.Poll(ctx); changed || err != nil {
		t.Error(changed, err)
	}
	if err := s.SetSetting(ctx, model.Act{}, "colour", "red"); !model.IsKind(err, model.ReadOnly) {
		t.Error(err)
	}
	return rows
}

func TestLookAtCourseFile(t *testing.T) {
	path := courseFile(t)
	before := traceDir(t, path)
	rows := looks(t, path)
	if len(rows) != 4 || *rows[0].RequestedIP != "203.0.113.7" || rows[1].RequestedIP != nil || *rows[2].RequestedIP != "2001:db8::5" ||
		len(rows[2].RequestedIPKey) != 16 || len(rows[1].RequestedIPKey) != 0 || rows[0].ExpiresDate != nil {
		t.Errorf("%+v", rows)
	}
	if after := traceDir(t, path); after != before {
		t.Errorf("%s\nbecame\n%s", before, after)
	}
}

func TestLookAtCourseFileWithLog(t *testing.T) {
	path := courseFile(t, `PRAGMA journal_mode=WAL`)
	before := traceDir(t, path)
	if n := len(looks(t, path)); n != 4 {
		t.Error(n)
	}
	if after := traceDir(t, path); after != before {
		t.Errorf("%s\nbecame\n%s", before, after)
	}
}

// A program died and left its log, with or without its index, or its journal.
func TestLookAtWreck(t *testing.T) {
	for name, keep := range map[string][]string{"log and index": {"", "-wal", "-shm"}, "log": {"", "-wal"}} {
		t.Run(name, func(t *testing.T) {
			path := courseFile(t, `PRAGMA journal_mode=WAL`)
			app := foreignDB(t, path)
			if _, err := app.Exec(`INSERT INTO "PasswordReset" (id, used_ip_address) VALUES ('e', '192.0.2.3')`); err != nil {
				t.Fatal(err)
			}
			wreck := filepath.Join(t.TempDir(), "wreck.db")
			for _, suffix := range keep {
				if err := copyFile(path+suffix, wreck+suffix); err != nil {
					t.Fatal(err)
				}
			}
			before := traceDir(t, wreck)
			if n := len(looks(t, wreck)); n != 5 {
				t.Error(n)
			}
			if after := traceDir(t, wreck); after != before {
				t.Errorf("%s\nbecame\n%s", before, after)
			}
		})
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "doorman-look-*")); len(left) > 0 {
		t.Error("copies were left behind:", left)
	}
}

func TestLookAtHotJournal(t *testing.T) {
	path := courseFile(t)
	app := foreignDB(t, path)
	for _, q := range []string{`PRAGMA cache_size = 1`, `PRAGMA cache_spill = 1`, `BEGIN IMMEDIATE`,
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
		INSERT INTO "PasswordReset" (id, used_ip_address) SELECT hex(randomblob(16)), '192.0.2.3' FROM n`} {
		if _, err := app.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	wreck := filepath.Join(t.TempDir(), "wreck.db")
	for _, suffix := range []string{"", "-journal"} {
		if err := copyFile(path+suffix, wreck+suffix); err != nil {
			t.Fatal(err)
		}
	}
	before := traceDir(t, wreck)
	if n := len(looks(t, wreck)); n != 4 {
		t.Error(n, "resets: the half transaction was not undone")
	}
	if after := traceDir(t, wreck); after != before {
		t.Errorf("%s\nbecame\n%s", before, after)
	}
}

// The store looks at a file that nobody had open; then somebody writes.
func TestLookFollowsLaterWriter(t *testing.T) {
	for name, opts := range map[string]Options{"log": {}, "journal": {}} {
		t.Run(name, func(t *testing.T) {
			path := courseFile(t, map[string]string{"log": `PRAGMA journal_mode=WAL`, "journal": `PRAGMA journal_mode=DELETE`}[name])
			opts.Path, opts.ReadOnly = path, true
			s := openAs(t, opts)
			ctx := context.Background()
			app := foreignDB(t, path)
			for want := int64(5); want < 8; want++ {
				if _, err := app.Exec(`INSERT INTO "PasswordReset" (id) VALUES (?)`, model.NewID()); err != nil {
					t.Fatal(err)
				}
				if changed, err := s.Poll(ctx); !changed || err != nil {
					t.Error(changed, err)
				}
				var n int64
				if err := s.read(ctx).Table("PasswordReset").Count(&n).Error; err != nil || n != want {
					t.Error(n, "want", want, err)
				}
				if changed, err := s.Poll(ctx); changed || err != nil {
					t.Error(changed, err)
				}
			}
		})
	}
}

func TestLookAtOwnFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "doorman.db")
	s := openAs(t, Options{Path: path, Create: true, Key: testKey()})
	_ = s.Close()
	before := traceDir(t, path)
	if n := len(looks(t, path)); n != 0 {
		t.Error(n)
	}
	if after := traceDir(t, path); after != before {
		t.Errorf("%s\nbecame\n%s", before, after)
	}
}

// A database of an older schema lacks columns and tables.
func TestLookAtOlderSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "doorman.db")
	_ = openAs(t, Options{Path: path, Create: true}).Close()
	foreign(t, path, `DROP TABLE doorman_outbox`, `DROP TABLE doorman_batch`, `ALTER TABLE "PasswordReset" DROP COLUMN used_agent`,
		`DELETE FROM doorman_migration WHERE version >= 3`, `INSERT INTO "PasswordReset" (id, requested_ip) VALUES ('x', '192.0.2.1')`)
	before := traceDir(t, path)
	rows := looks(t, path)
	if len(rows) != 1 || *rows[0].RequestedIP != "192.0.2.1" || len(rows[0].RequestedIPKey) != 16 {
		t.Errorf("%+v", rows)
	}
	if after := traceDir(t, path); after != before {
		t.Errorf("%s\nbecame\n%s", before, after)
	}
}

// A file that others change while it is looked at as one that cannot change is
// looked at again: it is not damaged.
func TestCheckOfAFileThatMovesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "doorman.db")
	_ = openAs(t, Options{Path: path, Create: true}).Close()
	s := openAs(t, Options{Path: path, ReadOnly: true})
	if !s.look.current().still {
		t.Fatal("the file is not taken for one that cannot change")
	}
	if _, err := s.Info(context.Background()); err != nil { // it knows where the tables begin
		t.Fatal(err)
	}
	foreign(t, path, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
		INSERT INTO doorman_setting SELECT 'k' || i, hex(randomblob(80)) FROM n`, `VACUUM`) // now elsewhere
	list, err := s.Check(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if c.Name == "integrity" && !c.OK {
			t.Error(c.Text)
		}
	}
}

// A program that dies while it moves its log into the file leaves the file in
// pieces, and the log whole: with both, nothing is damaged.
func TestLookAfterAKilledCheckpoint(t *testing.T) {
	path := filepath.Join(t.TempDir(), "doorman.db")
	_ = openAs(t, Options{Path: path, Create: true}).Close()
	db := foreignDB(t, path)
	defer db.Close()
	for _, q := range []string{`PRAGMA wal_autocheckpoint=0`, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
		INSERT INTO doorman_setting SELECT 'k' || i, hex(randomblob(80)) FROM n`} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	torn := filepath.Join(t.TempDir(), "torn.db")
	for _, suffix := range []string{"", "-wal"} {
		if err := copyFile(path+suffix, torn+suffix); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(torn, os.O_RDWR, 0)
	if err == nil {
		_, err = f.WriteAt(whole[:4096], 0) // the first page, and no more
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	s := openAs(t, Options{Path: torn, ReadOnly: true})
	if got, err := s.Setting(context.Background(), "k3000"); err != nil || len(got) != 160 {
		t.Error(got, err)
	}
}
