//go:build e2e && linux

package store

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"doorman/model"
)

// A real file system that is full, at every size between too small for the
// backup and large enough for everything. Needs the right to mount.
func TestFullFileSystem(t *testing.T) {
	path := courseFile(t, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
		INSERT INTO "PasswordReset" (id, created_date, used_ip_address)
		SELECT lower(hex(randomblob(16))), '2026-11-23 11:00:00.000000', '192.0.2.1' FROM n`)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	tables := dump(t, path)
	rows := ask(t, path, `SELECT id, created_date, used_date, was_used, used_ip_address, user_id FROM "PasswordReset" ORDER BY id`)
	opened, refusedBefore, refusedAfter := 0, 0, 0
	for room := info.Size(); opened == 0; room += 40 << 10 {
		dir := t.TempDir()
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+strconv.FormatInt(room+info.Size()/2, 10)); err != nil {
			t.Fatal("mount: ", err)
		}
		full := filepath.Join(dir, "course.sqlite")
		if err := copyFile(path, full); err != nil {
			t.Fatal(err)
		}
		before := traceDir(t, full)
		s, err := Open(t.Context(), Options{Path: full, Now: noon})
		switch {
		case err == nil:
			opened++
			_ = s.Close()
		case !model.IsKind(err, model.Unavailable) || !strings.Contains(err.Error(), "disk is full"):
			t.Error(err)
		case traceDir(t, full) == before:
			refusedBefore++
		default:
			refusedAfter++ // the backup is there, and what steps were done
		}
		for _, e := range traceNames(t, dir) {
			if strings.Contains(e, ".part-") || strings.HasSuffix(e, "-journal") {
				t.Error("left behind:", e)
			}
		}
		if dump(t, full) != tables || ask(t, full, `PRAGMA integrity_check`) != "ok" ||
			ask(t, full, `SELECT id, created_date, used_date, was_used, used_ip_address, user_id FROM "PasswordReset" ORDER BY id`) != rows {
			t.Error("the application's data changed")
		}
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Fatal("unmount: ", err)
		}
	}
	t.Logf("refused before any change: %d, after the backup: %d", refusedBefore, refusedAfter)
	if refusedBefore == 0 || refusedAfter == 0 {
		t.Error("the sizes do not cover both")
	}
}
