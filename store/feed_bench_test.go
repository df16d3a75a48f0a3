package store

import (
	"context"
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

// BenchmarkClustersCold is the first call.
func BenchmarkClustersCold(b *testing.B) {
	s := busy(b, newClock())
	for b.Loop() {
		s.feed = newFeed()
		clusters(b, s)
	}
}

// BenchmarkClustersWarm is a call after 100 new rows.
func BenchmarkClustersWarm(b *testing.B) {
	c := newClock()
	s := busy(b, c)
	clusters(b, s)
	for b.Loop() {
		b.StopTimer()
		c.forward(time.Minute)
		exec(b, s, `INSERT INTO "PasswordReset" (id, created_date, user_id, requested_ip, requested_ip_key, requested_agent, was_used)
			SELECT lower(hex(randomblob(16))), ?, user_id, requested_ip, requested_ip_key, requested_agent, 0
			FROM "PasswordReset" ORDER BY random() LIMIT 100`, s.stamp(c.now()))
		b.StartTimer()
		clusters(b, s)
	}
}

// BenchmarkClustersIdle is a call when nothing happened.
func BenchmarkClustersIdle(b *testing.B) {
	s := busy(b, newClock())
	clusters(b, s)
	for b.Loop() {
		clusters(b, s)
	}
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
