package store

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"doorman/model"
)

// benchRowsName names how many resets a database is made of.
const benchRowsName = "DOORMAN_BENCH_ROWS"

// rowsAsked is how many rows to measure with.
func rowsAsked(b *testing.B, usual int) int {
	b.Helper()
	text := os.Getenv(benchRowsName)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// BenchmarkImportDemo is what a demo seeds before its console opens.
func BenchmarkImportDemo(b *testing.B) {
	for b.Loop() {
		s, err := Open(context.Background(), Options{Path: filepath.Join(b.TempDir(), "demo.db"), Create: true, Key: testKey(), Now: noon, Fast: true})
		if err != nil {
			b.Fatal(err)
		}
		fillWith(b, s, 20_000, 100_000)
		_ = s.Close()
	}
}

// BenchmarkImportMillion imports a million resets of a hundred thousand
// accounts, or as many as DOORMAN_BENCH_ROWS says. Beside the rate it reports
// what the last 100,000 rows cost against the first.
func BenchmarkImportMillion(b *testing.B) {
	n := rowsAsked(b, 1_000_000)
	for b.Loop() {
		s := newStore(b)
		fillWith(b, s, n/10, n)
		_ = s.Close()
	}
}

func fillWith(b *testing.B, s *Store, accounts, resets int) {
	b.Helper()
	if _, err := s.ImportAccounts(b.Context(), operator(), people(accounts), model.ImportOptions{}); err != nil {
		b.Fatal(err)
	}
	const span = 100_000
	begin := time.Now()
	marks := []time.Time{begin}
	o := model.ImportOptions{Progress: func(n int) {
		if n%span == 0 && n/span == len(marks) {
			marks = append(marks, time.Now())
		}
	}}
	if _, err := s.ImportResets(b.Context(), operator(), traffic(resets, accounts), o); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(resets)/time.Since(begin).Seconds(), "resets/s")
	if n := len(marks) - 1; n > 1 {
		first, last := marks[1].Sub(begin), marks[n].Sub(marks[n-1])
		b.ReportMetric(last.Seconds()/first.Seconds(), "last/first")
	}
}
