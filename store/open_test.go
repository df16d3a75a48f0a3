package store

import (
	"context"
	"path/filepath"
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
