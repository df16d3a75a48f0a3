package store

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"doorman/model"
)

func TestBackup(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	if err := s.SetSetting(ctx, operator(), "colour", "red"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := s.Backup(ctx, path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	if list, _ := os.ReadDir(filepath.Dir(path)); len(list) != 1 {
		t.Error(list)
	}
	before := traceDir(t, path)
	if err := s.Backup(ctx, path); !model.IsKind(err, model.Conflict) {
		t.Error(err)
	}
	if traceDir(t, path) != before {
		t.Error("the existing file was touched")
	}
	if err := s.Backup(ctx, filepath.Join(filepath.Dir(path), "no", "where.db")); !model.IsKind(err, model.Unavailable) {
		t.Error(err)
	}
	back := openAs(t, Options{Path: path, Key: testKey()})
	if got, err := back.Setting(ctx, "colour"); got != "red" || err != nil {
		t.Error(got, err)
	}
	if info, err := back.Info(ctx); err != nil || info.Journal != "wal" || !info.KeyMatches || info.Backup != "" {
		t.Error(info, err)
	}
}

func TestBackupOfReadOnly(t *testing.T) {
	for name, more := range map[string]string{"journal": `PRAGMA journal_mode=DELETE`, "log": `PRAGMA journal_mode=WAL`} {
		path := courseFile(t, more)
		before := traceDir(t, path)
		s := openAs(t, Options{Path: path, ReadOnly: true})
		to := filepath.Join(t.TempDir(), "copy.db")
		if err := s.Backup(context.Background(), to); err != nil {
			t.Error(name, err)
		}
		_ = s.Close()
		if got := ask(t, to, `SELECT count(*) FROM "PasswordReset"`); got != "4" {
			t.Error(name, got)
		}
		if traceDir(t, path) != before {
			t.Error(name, "the file or its directory changed")
		}
	}
}

func TestCheck(t *testing.T) {
	path := courseFile(t)
	s := openAs(t, Options{Path: path, Key: testKey()})
	verdict := func() string {
		t.Helper()
		list, err := s.Check(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		bad := ""
		for _, c := range list {
			if c.Text == "" || !c.OK && c.Hint == "" {
				t.Errorf("%+v", c)
			}
			if !c.OK {
				bad += c.Name + ": " + c.Text + "\n"
			}
		}
		return bad
	}
	if bad := verdict(); bad != "" {
		t.Error(bad)
	}
	foreign(t, path, `INSERT INTO "PasswordReset" (id, user_id) VALUES ('orphan', 'nobody')`)
	if bad := verdict(); !strings.Contains(bad, "references: 1") || !strings.Contains(bad, "rows of other programs: 1") {
		t.Error(bad)
	}
}

func TestKeyIsRemembered(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "doorman.db")
	ctx := context.Background()
	_ = openAs(t, Options{Path: path, Create: true}).Close()
	if got := ask(t, path, `SELECT value FROM doorman_setting WHERE key = 'key_fingerprint'`); got != "" {
		t.Error(got)
	}
	_ = openAs(t, Options{Path: path, Key: testKey()}).Close()
	if got := ask(t, path, `SELECT value FROM doorman_setting WHERE key = 'key_fingerprint'`); got != testKey().Fingerprint() {
		t.Error(got)
	}
	for _, c := range []struct {
		key     model.Key
		matches bool
	}{{testKey(), true}, {model.Key(strings.Repeat("k", model.KeySize)), false}, {nil, false}} {
		s := openAs(t, Options{Path: path, Key: c.key})
		if info, err := s.Info(ctx); err != nil || info.KeyMatches != c.matches {
			t.Error(info.KeyMatches, err)
		}
		if err := s.keyFits(); (err == nil) != c.matches || err != nil && !model.IsKind(err, model.Refused) {
			t.Error(err)
		}
		_ = s.Close()
	}
	if got := ask(t, path, `SELECT value FROM doorman_setting WHERE key = 'key_fingerprint'`); got != testKey().Fingerprint() {
		t.Error("another key took its place:", got)
	}
}

func TestCreatedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "doorman.db")
	s := openAs(t, Options{Path: path, Create: true})
	for name, want := range map[string]os.FileMode{path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600,
		filepath.Dir(path): 0o700, filepath.Dir(filepath.Dir(path)): 0o700} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Error(name, info, err)
		}
	}
	info, err := s.Info(context.Background())
	if err != nil || info.Adopted || info.Scheme != model.SchemeSecret || info.Lifetime != model.DefaultLifetime || info.Journal != "wal" || info.Backup != "" {
		t.Errorf("%+v %v", info, err)
	}
	var sync, keys int
	s.w.Raw("PRAGMA synchronous").Scan(&sync)
	s.w.Raw("PRAGMA foreign_keys").Scan(&keys)
	if sync != 3 || keys != 1 {
		t.Error("synchronous", sync, "foreign keys", keys)
	}
}

// An empty file that somebody made becomes a database only where one may be made.
func TestEmptyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "doorman.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, Options{Path: path}, "is empty")
	s := openAs(t, Options{Path: path, Create: true})
	if info, err := s.Info(context.Background()); err != nil || info.Adopted || info.Backup != "" || info.Schema != info.WantSchema || info.Journal != "wal" {
		t.Errorf("%+v %v", info, err)
	}
}

// A copy that is damaged, or that lacks rows, is no backup.
func TestABadCopyIsNoBackup(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := s.Backup(ctx, path); err != nil {
		t.Fatal(err)
	}
	dsn := s.o.dsn(path, url.Values{"mode": {"ro"}})
	if err := checkCopy(ctx, dsn, map[string]int64{"doorman_audit": 0}); err != nil {
		t.Error(err)
	}
	if err := checkCopy(ctx, dsn, map[string]int64{"doorman_audit": 1}); !model.IsKind(err, model.Unavailable) || !strings.Contains(err.Error(), "another number of rows") {
		t.Error(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()/2); err != nil {
		t.Fatal(err)
	}
	if err := checkCopy(ctx, dsn, nil); !model.IsKind(err, model.Unavailable) || !strings.Contains(err.Error(), "the backup is not good") {
		t.Error(err)
	}
}
