package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// beginAdoption does what an opening does up to and with the first step, and
// dies: the lease stays.
func beginAdoption(t *testing.T, path string, now func() time.Time) {
	t.Helper()
	ctx := context.Background()
	s := &Store{o: Options{Path: path}, now: now, zone: time.UTC}
	if err := s.findFile(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.openWriter(path); err != nil {
		t.Fatal(err)
	}
	owner, err := s.lockSchema(ctx, func() (bool, error) { return false, nil })
	if err != nil {
		t.Fatal(err)
	}
	list, err := steps()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.apply(ctx, list[0], owner, len(list)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestMigrationGoesOnAfterCrash(t *testing.T) {
	path := courseFile(t)
	before := dump(t, path)
	beginAdoption(t, path, noon)
	if got := ask(t, path, `SELECT version, name FROM doorman_migration`); got != "1|0001_course" {
		t.Fatal(got)
	}
	s := openAs(t, Options{Path: path, Now: func() time.Time { return noon().Add(time.Minute) }})
	info, err := s.Info(context.Background())
	if err != nil || !info.Adopted || info.Scheme != model.SchemeID || info.Schema != info.WantSchema || !strings.Contains(info.Backup, ".schema-1-") {
		t.Errorf("%+v %v", info, err)
	}
	if got := ask(t, path, `SELECT verb FROM doorman_audit`); got != "adopt" {
		t.Error(got)
	}
	if got := ask(t, path, `SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'doorman_request_ip%'`); got != "2" {
		t.Error(got, "triggers")
	}
	if dump(t, path) != before {
		t.Error("tables of the application were touched")
	}
}

// A step whose lease another program took over must not be kept.
func TestStepFailsWithoutLease(t *testing.T) {
	path := courseFile(t)
	s := &Store{o: Options{Path: path}, now: noon, zone: time.UTC}
	if err := s.openWriter(path); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := context.Background()
	owner, err := s.lockSchema(ctx, func() (bool, error) { return false, nil })
	if err != nil {
		t.Fatal(err)
	}
	s.now = func() time.Time { return noon().Add(time.Hour) }
	if mine, _, err := s.takeSchema(ctx, "another", "SELECT 1", false); !mine || err != nil {
		t.Fatal(mine, err)
	}
	list, err := steps()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.apply(ctx, list[0], owner, len(list)); err == nil {
		t.Error("applied")
	}
	if got := ask(t, path, `SELECT count(*) FROM doorman_migration`); got != "0" {
		t.Error(got)
	}
}

// A full disk, as the engine tells it, in the middle of a step.
func TestFullDuringMigration(t *testing.T) {
	path := courseFile(t, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
		INSERT INTO "PasswordReset" (id, created_date) SELECT lower(hex(randomblob(16))), '2026-11-23 11:00:00.000000' FROM n`)
	before := ask(t, path, `SELECT name, sql FROM sqlite_master ORDER BY name`)
	ctx := context.Background()
	s := &Store{o: Options{Path: path}, now: noon, zone: time.UTC}
	if err := s.openWriter(path); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var pages int
	if err := s.w.Raw("PRAGMA page_count").Scan(&pages).Error; err != nil {
		t.Fatal(err)
	}
	if err := s.w.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages+8)).Error; err != nil {
		t.Fatal(err)
	}
	err := explain(s.migrate(ctx))
	if !model.IsKind(err, model.Unavailable) || !strings.Contains(err.Error(), "disk is full") {
		t.Fatal(err)
	}
	// The first step and what it stands on may stay; the other application sees
	// none of it.
	after := ask(t, path, `SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '%doorman_%' ORDER BY name`)
	if after != before {
		t.Errorf("%s\nbecame\n%s", before, after)
	}
	_ = s.Close()
	again := openAs(t, Options{Path: path})
	if info, err := again.Info(ctx); err != nil || info.Schema != info.WantSchema || info.Resets.N != 3004 {
		t.Error(info, err)
	}
}

func TestFullDuringWrite(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	var pages int
	if err := s.w.Raw("PRAGMA page_count").Scan(&pages).Error; err != nil {
		t.Fatal(err)
	}
	limit := func(n int) {
		t.Helper()
		if err := s.w.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", n)).Error; err != nil {
			t.Fatal(err)
		}
	}
	limit(pages)
	fill := func(tx *gorm.DB, _ time.Time) error {
		return tx.Exec("INSERT INTO doorman_setting VALUES ('big', ?)", strings.Repeat("x", 100000)).Error
	}
	if err := s.write(ctx, "fill", fill); !model.IsKind(err, model.Unavailable) || !strings.Contains(err.Error(), "disk is full") {
		t.Error(err)
	}
	if got, err := s.Setting(ctx, "big"); err != nil || got != "" {
		t.Error("half of it stayed", err)
	}
	limit(1 << 30)
	if err := s.write(ctx, "fill", fill); err != nil {
		t.Error(err)
	}
	if got, err := s.Setting(ctx, "big"); err != nil || len(got) != 100000 {
		t.Error(len(got), err)
	}
}

// The directory takes no new file, so there can be no backup and nothing happens.
func TestNoAdoptionWithoutBackup(t *testing.T) {
	path := courseFile(t)
	before := traceDir(t, path)
	// A name that is too long for the file system stands for every reason why the
	// copy cannot be made; root ignores permissions.
	long := filepath.Join(filepath.Dir(path), strings.Repeat("n", 240)+".db")
	if err := os.Rename(path, long); err != nil {
		t.Fatal(err)
	}
	refused(t, Options{Path: long}, "cannot make a file")
	if err := os.Rename(long, path); err != nil {
		t.Fatal(err)
	}
	if after := traceDir(t, path); after != before {
		t.Errorf("%s\nbecame\n%s", before, after)
	}
}

func TestLockedByAnother(t *testing.T) {
	path := courseFile(t)
	app := foreignDB(t, path)
	if _, err := app.Exec(`BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	refused(t, Options{Path: path, busy: 20 * time.Millisecond}, "keeps the database locked")
	if _, err := app.Exec(`ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	s := openAs(t, Options{Path: path, busy: 20 * time.Millisecond})
	if _, err := app.Exec(`BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := s.SetSetting(ctx, operator(), "colour", "red"); !model.IsKind(err, model.Unavailable) || !strings.Contains(err.Error(), "keeps the database locked") {
		t.Error(err)
	}
	if _, err := app.Exec(`ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	if err := s.SetSetting(ctx, operator(), "colour", "blue"); err != nil {
		t.Error(err)
	}
	if got, err := s.Setting(ctx, "colour"); got != "blue" || err != nil {
		t.Error(got, err)
	}
}

// A lock that another program holds while Doorman opens is no reason not to:
// the rows are completed later.
func TestOpensWhileRowsCannotBeCompleted(t *testing.T) {
	path := courseFile(t)
	_ = openAs(t, Options{Path: path}).Close()
	app := foreignDB(t, path)
	for _, q := range []string{`INSERT INTO "PasswordReset" (id, used_ip_address) VALUES ('e', '192.0.2.3')`, `BEGIN IMMEDIATE`} {
		if _, err := app.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	s := openAs(t, Options{Path: path, busy: 20 * time.Millisecond})
	if _, err := app.Exec(`COMMIT`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Poll(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, path, `SELECT requested_ip, hex(requested_ip_key) FROM "PasswordReset" WHERE id = 'e'`); got != "192.0.2.3|00000000000000000000FFFFC0000203" {
		t.Error(got)
	}
}
