package store

import (
	"context"
	command "os/exec"
	"path/filepath"
	"testing"
	"time"

	"doorman/model"
	"doorman/model/detect"
	town "doorman/model/traffic"
)

// busy is a database with 100,000 resets of 14 days.
func busy(b *testing.B, c *clock) *Store {
	sv := town.New(town.Options{Seed: 3, End: c.now()})
	s := openAs(b, Options{Path: filepath.Join(b.TempDir(), "doorman.db"), Create: true, Key: testKey(), Now: c.now, Fast: true})
	settle(b, s, sv)
	if _, err := s.ImportResets(context.Background(), operator(), sv.Resets(), model.ImportOptions{}); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	return s
}

// bigFile is the database of the benchmarks of clusters, and a clock that stands
// where its resets end: a copy that somebody linked to testdata/bench.db, with
// what is kept beside it, or 100,000 resets.
func bigFile(b *testing.B) (string, *clock) {
	path, c := filepath.Join("testdata", "bench.db"), newClock()
	if !exists(path) {
		s := busy(b, c)
		path = s.o.Path
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	s := openBig(b, path, time.Now)
	newest, err := parseStamp(text(b, s, `SELECT max(created_date) FROM "PasswordReset"`), time.UTC)
	if err != nil {
		b.Fatal(err)
	}
	c.forward(newest.Add(time.Second).Sub(c.now()))
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	s = openBig(b, path, c.now) // what a first start does once
	begun := time.Now()
	if err := s.ReadClusters(context.Background(), func(model.ClusterReading) {}); err != nil {
		b.Fatal(err)
	}
	if s.feed.course != nil && s.feed.course.saved == s.feed.course.at.Rows {
		b.Logf("the whole history was read in %v", time.Since(begun).Round(10*time.Millisecond))
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	return path, c
}

func openBig(b *testing.B, path string, now func() time.Time) *Store {
	b.Helper()
	return openAs(b, Options{Path: path, Key: testKey(), Now: now})
}

// windows are what the console shows.
func windows() map[string]time.Duration {
	return map[string]time.Duration{"1h": time.Hour, "24h": 24 * time.Hour, "7d": 7 * 24 * time.Hour, "90d": 90 * 24 * time.Hour}
}

func within(b *testing.B, s *Store, d time.Duration) {
	b.Helper()
	if _, err := s.Clusters(context.Background(), model.ClusterFilter{Since: s.now().Add(-d)}); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkClustersCold is a new process: open, list, close. Metric x-sqlite3 is
// its share of what the sqlite3 program takes in the same run to group the resets
// of the window by address and count their accounts.
func BenchmarkClustersCold(b *testing.B) {
	path, c := bigFile(b)
	for name, d := range windows() {
		b.Run(name, func(b *testing.B) {
			var took time.Duration
			for b.Loop() {
				begun := time.Now()
				s := openBig(b, path, c.now)
				within(b, s, d)
				took += time.Since(begun)
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
			bySQL(b, path, c.in(-d), took/time.Duration(b.N))
		})
	}
}

// bySQL reports how long the peer takes. Without it there is nothing to compare
// with.
func bySQL(b *testing.B, path string, since time.Time, took time.Duration) {
	if _, err := command.LookPath("sqlite3"); err != nil {
		b.Log("no sqlite3 program here: nothing to compare with")
		return
	}
	query := `SELECT requested_ip, count(DISTINCT user_id) AS n FROM PasswordReset WHERE created_date >= '` + since.Format(stampLayout) +
		`' GROUP BY requested_ip ORDER BY n DESC LIMIT 50`
	begun := time.Now()
	if out, err := command.Command("sqlite3", "-readonly", path, query).CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	peer := time.Since(begun)
	b.ReportMetric(float64(peer.Milliseconds()), "sqlite3-ms")
	b.ReportMetric(float64(took)/float64(peer), "x-sqlite3")
}

// BenchmarkClustersUnchanged is a call when nothing happened.
func BenchmarkClustersUnchanged(b *testing.B) {
	path, c := bigFile(b)
	s := openBig(b, path, c.now)
	for name, d := range windows() {
		b.Run(name, func(b *testing.B) {
			within(b, s, d)
			for b.Loop() {
				within(b, s, d)
			}
		})
	}
}

// BenchmarkClustersNewEvents is a call after 1,000 new rows. It leaves them in
// the database.
func BenchmarkClustersNewEvents(b *testing.B) {
	path, c := bigFile(b)
	s := openBig(b, path, c.now)
	for name, d := range windows() {
		b.Run(name, func(b *testing.B) {
			within(b, s, d)
			for b.Loop() {
				b.StopTimer()
				addRows(b, s, c, 1000)
				b.StartTimer()
				within(b, s, d)
			}
		})
	}
}

// addRows writes resets of this moment like others before, as another program
// would.
func addRows(b *testing.B, s *Store, c *clock, n int) {
	c.forward(time.Minute)
	exec(b, s, `INSERT INTO "PasswordReset" (id, created_date, user_id, requested_ip, requested_ip_key, requested_agent, was_used)
		SELECT lower(hex(randomblob(16))), ?, user_id, requested_ip, requested_ip_key, requested_agent, 0 FROM "PasswordReset"
		WHERE rowid >= (SELECT abs(random()) % (SELECT max(rowid) - 2000 FROM "PasswordReset")) LIMIT ?`, s.stamp(c.now()), n)
}

// BenchmarkReplay runs everything as if live.
func BenchmarkReplay(b *testing.B) {
	s := busy(b, newClock())
	for b.Loop() {
		if _, err := s.ReplayClusters(context.Background(), detect.Config{}, model.ClusterFilter{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBlocked is what the rules add to a request, with a thousand of them.
func BenchmarkBlocked(b *testing.B) {
	s := newStore(b)
	exec(b, s, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
		INSERT INTO doorman_rule (id, prefix, action, reason, operator, created, batch_id)
		SELECT 'r' || i, '198.18.' || (i / 250) || '.' || (i % 250) || '/32', 'block', '', '', '', '' FROM n`)
	for _, ip := range []string{"203.0.113.7", "2001:db8::7"} {
		b.Run(ip, func(b *testing.B) {
			for b.Loop() {
				if _, err := blocked(s.read(context.Background()), noon(), ip); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
