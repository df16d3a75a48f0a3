package store

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

// noon is the fixed moment of every test.
func noon() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

// testKey is a link key for tests.
func testKey() model.Key { return model.Key("0123456789abcdef0123456789abcdef") }

// newStore creates a database file for one test.
func newStore(t testing.TB) *Store {
	t.Helper()
	s, err := Open(context.Background(), Options{
		Path: filepath.Join(t.TempDir(), "doorman.db"), Create: true, Key: testKey(), Now: noon,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestOpenCreates(t *testing.T) {
	s := newStore(t)
	var n int64
	if err := s.read(context.Background()).Raw("SELECT count(*) FROM PasswordReset").Scan(&n).Error; err != nil || n != 0 {
		t.Fatal(n, err)
	}
}

func TestEngineIsNewEnough(t *testing.T) {
	for version, ok := range map[string]bool{"3.41.2": false, "3.51.2": false, "3.51.3": true, "3.53.0": true, "3.100.0": true, "4.0": true, "": false} {
		if err := checkEngine(version); (err == nil) != ok {
			t.Error(version, err)
		}
	}
	info, err := newStore(t).Info(context.Background())
	if err != nil || checkEngine(info.SQLite) != nil {
		t.Error(info.SQLite, err)
	}
}

// Nothing to complete must cost nothing, and something no search of the table.
func TestCompletingUsesTheIndex(t *testing.T) {
	s := newStore(t)
	var plan []struct{ Detail string }
	if err := s.w.Raw("EXPLAIN QUERY PLAN "+completeNext, 10).Scan(&plan).Error; err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, line := range plan {
		text += line.Detail + "\n"
	}
	if !strings.Contains(text, "doorman_reset_incomplete") || strings.Contains(text, "TEMP B-TREE FOR ORDER") || strings.Contains(text, "SCAN PasswordReset\n") {
		t.Error(text)
	}
}
