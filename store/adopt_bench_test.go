//go:build unix

package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"doorman/model"
)

// BenchmarkAdopt adopts a database whose application goes on writing, a reset at
// a time, and tells the longest that it had to wait: in all, and step by step.
func BenchmarkAdopt(b *testing.B) {
	n := rowsAsked(b, 100_000)
	for b.Loop() {
		path := filepath.Join(b.TempDir(), "app.db")
		largeCourse(b, path, n)
		w := &waits{longest: map[string]time.Duration{}, step: "opening"}
		stop := w.write(b, path)
		begun, before := time.Now(), cpuTime(b)
		s, err := Open(b.Context(), Options{Path: path, Key: testKey(), Act: model.Act{Operator: "olga", Role: model.Admin}, Progress: w.begin})
		stop()
		if err != nil {
			b.Fatal(err)
		}
		took, cpu := time.Since(begun), cpuTime(b)-before
		_ = s.Close()
		b.ReportMetric(float64(w.longest[""].Milliseconds()), "longest-wait-ms")
		b.ReportMetric(took.Seconds(), "adoption-s")
		b.ReportMetric(cpu.Seconds(), "cpu-s")
		b.ReportMetric(float64(w.written), "written-meanwhile")
		var lines strings.Builder
		slices.SortFunc(w.order, func(x, y string) int { return cmp.Compare(w.longest[y], w.longest[x]) })
		for _, step := range w.order[:min(len(w.order), 8)] {
			fmt.Fprintf(&lines, "\n%6d ms %s", w.longest[step].Milliseconds(), step)
		}
		b.Log("longest wait" + lines.String())
	}
}

// waits are how long writes of another application took, by what Doorman was
// doing when they ended.
type waits struct {
	sync.Mutex
	step    string
	order   []string
	longest map[string]time.Duration
	written int
}

func (w *waits) begin(doing string) {
	w.Lock()
	defer w.Unlock()
	w.step = doing
}

func (w *waits) note(d time.Duration) {
	w.Lock()
	defer w.Unlock()
	w.written++
	if _, ok := w.longest[w.step]; !ok {
		w.order = append(w.order, w.step)
	}
	w.longest[w.step], w.longest[""] = max(w.longest[w.step], d), max(w.longest[""], d)
}

// write writes a reset every few milliseconds, as the application does, until it
// is stopped.
func (w *waits) write(b *testing.B, path string) (stop func()) {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(600000)")
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	ctx, cancel := context.WithCancel(b.Context())
	var all sync.WaitGroup
	all.Go(func() {
		for ctx.Err() == nil {
			begun := time.Now()
			_, err := db.Exec(`INSERT INTO "PasswordReset" (id, created_date, was_used, used_ip_address, user_id) VALUES (?, ?, 0, '203.0.113.9', ?)`,
				model.NewID(), time.Now().UTC().Format(stampLayout), accountID(0))
			if err != nil {
				b.Error(err)
				return
			}
			w.note(time.Since(begun))
			time.Sleep(5 * time.Millisecond)
		}
	})
	return func() {
		cancel()
		all.Wait()
		_ = db.Close()
	}
}

// largeCourse makes a database of the course's application with so many resets,
// a tenth as many accounts.
func largeCourse(b *testing.B, path string, n int) {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(OFF)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	text, err := migrations.ReadFile(migrationDir + "/0001_course.sql")
	if err != nil {
		b.Fatal(err)
	}
	for _, q := range []struct {
		text string
		args []any
	}{
		{string(text), nil},
		{`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO "Account" (id, email, created, email_confirmed, is_super_user)
			SELECT printf('%032x', i), 'person' || i || '@example.org', '2026-01-01 00:00:00.000000', 1, 0 FROM n`, []any{n / 10}},
		{`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO "PasswordReset" (id, created_date, used_date, was_used, used_ip_address, user_id)
			SELECT lower(hex(randomblob(16))), strftime('%Y-%m-%d %H:%M:%f', '2026-08-25', (i * 7776000 / ?) || ' seconds') || '000',
				CASE WHEN i % 3 = 0 THEN '2026-08-25 00:00:00.000000' END, i % 3 = 0, '203.' || (i % 64) || '.' || (i % 251) || '.' || (i % 241), printf('%032x', i * 7919 % ?)
			FROM n`, []any{n - 1, n, n / 10}},
	} {
		if _, err := db.Exec(q.text, q.args...); err != nil {
			b.Fatal(err)
		}
	}
}
