package store

import (
	"path/filepath"
	"testing"
	"time"
)

// A large file is looked through once a day, after the opening; a look that found
// nothing is remembered by the database.
func TestLargeFileIsLookedThroughOnceADay(t *testing.T) {
	path, at := filepath.Join(t.TempDir(), "large.db"), noon()
	o := Options{Path: path, Create: true, Key: testKey(), Now: func() time.Time { return at }, lookAfter: time.Millisecond}
	s := openAs(t, o)
	exec(t, s, `CREATE TABLE filler (b BLOB)`)
	exec(t, s, `INSERT INTO filler VALUES (zeroblob(?))`, quickLookMax+1)
	_ = s.Close()
	for _, step := range []struct {
		after time.Duration
		looks bool
	}{{0, true}, {time.Hour, false}, {25 * time.Hour, true}, {-time.Hour, true}} {
		at = at.Add(step.after)
		s := openAs(t, o)
		if looks := s.damage != nil; looks != step.looks {
			t.Errorf("after %s: looks %v", step.after, looks)
		}
		if s.damage != nil {
			<-s.damage.ended
			if err := s.damage.verdict(); err != nil || !s.lookedLately(t.Context()) {
				t.Errorf("after %s: %v, not remembered", step.after, err)
			}
		}
		_ = s.Close()
	}
}
