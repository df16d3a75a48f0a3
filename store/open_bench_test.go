package store

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

// bigCourseFile makes a database of the course with n resets and n/10 accounts.
func bigCourseFile(b *testing.B, n int) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "big.sqlite")
	foreign(b, path, courseSchema, fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		INSERT INTO "Account" SELECT lower(hex(randomblob(16))), 'person' || i || '@example.org', NULL, '2026-01-01 00:00:00.000000', 1, 0 FROM n`, n/10),
		`CREATE TEMP TABLE who AS SELECT id FROM "Account"`,
		fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		INSERT INTO "PasswordReset" SELECT lower(hex(randomblob(16))), strftime('%%Y-%%m-%%d %%H:%%M:%%f000', '2026-11-23 12:00:00', '-' || i || ' seconds'),
		NULL, 0, '10.' || (i / 65536 %% 256) || '.' || (i / 256 %% 256) || '.' || (i %% 256), (SELECT id FROM who WHERE rowid = i %% %d + 1) FROM n`, n, n/10))
	return path
}

// What a person waits for at the first opening of a large file, and at later ones.
func BenchmarkOpenMillion(b *testing.B) {
	const n = 1_000_000
	path := bigCourseFile(b, n)
	ctx := context.Background()
	for b.Loop() {
		begun := time.Now()
		s := openAs(b, Options{Path: path})
		b.ReportMetric(time.Since(begun).Seconds(), "s/adoption")
		_ = s.Close()
		begun = time.Now()
		s = openAs(b, Options{Path: path})
		b.ReportMetric(time.Since(begun).Seconds()*1000, "ms/open")
		if _, err := s.w.DB(); err != nil {
			b.Fatal(err)
		}
		if err := s.w.Exec(`UPDATE "PasswordReset" SET requested_ip_key = NULL WHERE rowid <= 200000`).Error; err != nil {
			b.Fatal(err)
		}
		begun = time.Now()
		if err := s.completeAll(ctx); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(200000/time.Since(begun).Seconds(), "completed/s")
		begun = time.Now()
		for range 1000 {
			if _, err := s.Poll(ctx); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(time.Since(begun).Microseconds())/1000, "µs/poll")
		begun = time.Now()
		if err := s.Backup(ctx, filepath.Join(b.TempDir(), "copy.db")); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(begun).Seconds(), "s/backup")
		_ = s.Close()
		begun = time.Now()
		s = openAs(b, Options{Path: path, ReadOnly: true})
		b.ReportMetric(time.Since(begun).Seconds()*1000, "ms/look")
		_ = s.Close()
	}
}
