package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

// plainTimeline counts row by row.
func plainTimeline(t *testing.T, s *Store, f model.TimelineFilter, where string, args ...any) model.Timeline {
	t.Helper()
	from, steps, err := f.Span()
	if err != nil {
		t.Fatal(err)
	}
	out := model.Timeline{From: from, Step: f.Step, Requests: make([]int, steps), Uses: make([]int, steps)}
	rows, err := s.read(context.Background()).Raw(`SELECT CAST(created_date AS TEXT), coalesce(CAST(used_date AS TEXT), '') FROM "PasswordReset" WHERE `+where, args...).Rows()
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var created, used string
		if err := rows.Scan(&created, &used); err != nil {
			t.Fatal(err)
		}
		for i := range steps {
			begin := from.Add(time.Duration(i) * f.Step)
			within := func(text string) int {
				if at := s.time(&text); at.Before(begin) || !at.Before(begin.Add(f.Step)) {
					return 0
				}
				return 1
			}
			out.Requests[i] += within(created)
			out.Uses[i] += within(used)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// stray writes rows as another program does, at random moments around the
// clock, some of them long ago.
func stray(t *testing.T, s *Store, r *rand.Rand, now time.Time, n, reach int) {
	t.Helper()
	for range n {
		created := now.Add(-time.Duration(r.IntN(reach)) * time.Second).Add(-time.Duration(r.IntN(1e6)) * time.Microsecond)
		in := model.ResetInput{ID: fmt.Sprintf("%032x", r.Uint64()), Created: created, AccountID: fmt.Sprintf("a%d", r.IntN(5)),
			IP: fmt.Sprintf("203.0.113.%d", r.IntN(256)), Agent: "curl"}
		exec(t, s, `INSERT OR IGNORE INTO "Account" (id, email, email_confirmed, is_super_user) VALUES (?, ?, 1, 0)`, in.AccountID, in.AccountID+"@example.org")
		writeRow(t, s, in)
		if r.IntN(3) == 0 {
			in.Used = created.Add(time.Duration(r.IntN(900)) * time.Second)
			useRow(t, s, in)
		}
	}
}

func TestTimelineEqualsThePlainCount(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for _, zone := range []string{"UTC", "America/New_York"} {
		z, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		c := newClock()
		s := openAs(t, Options{Path: filepath.Join(t.TempDir(), "t.db"), Create: true, Now: c.now, Zone: z})
		stray(t, s, r, c.now(), 200, 90_000)
		for round := range 6 {
			stray(t, s, r, c.now(), 20, 200)
			for _, step := range []time.Duration{time.Minute, 10 * time.Minute, time.Hour} {
				f := model.TimelineFilter{Since: c.in(-100 * step), Until: c.in(time.Second), Step: step}
				got, err := s.Timeline(context.Background(), f)
				if err != nil {
					t.Fatal(err)
				}
				if want := plainTimeline(t, s, f, "1"); !reflect.DeepEqual(got, want) {
					t.Fatalf("%s, round %d, step %v:\n%v\n%v", zone, round, step, got, want)
				}
			}
			c.forward(time.Duration(r.IntN(240)) * time.Second)
		}
	}
}

// What was written into the past is counted after a while, what was imported at
// once.
func TestTimelineOfAPastThatChanges(t *testing.T) {
	c := newClock()
	s := openAs(t, Options{Path: filepath.Join(t.TempDir(), "t.db"), Create: true, Now: c.now})
	f := model.TimelineFilter{Since: c.in(-24 * time.Hour), Until: c.in(time.Hour), Step: 10 * time.Minute}
	sum := func() (n int) {
		tl, err := s.Timeline(context.Background(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range tl.Requests {
			n += k
		}
		return n
	}
	stray(t, s, rand.New(rand.NewPCG(3, 4)), c.in(-12*time.Hour), 5, 60)
	if n := sum(); n != 5 {
		t.Fatalf("%d", n)
	}
	stray(t, s, rand.New(rand.NewPCG(5, 6)), c.in(-12*time.Hour), 5, 60)
	c.forward(timelineFresh)
	if n := sum(); n != 10 {
		t.Fatalf("after a while %d", n)
	}
	old := func(yield func(model.ResetInput, error) bool) {
		yield(model.ResetInput{ID: strings.Repeat("7", 32), AccountID: "a1", Created: c.in(-20 * time.Hour), IP: "198.51.100.7"}, nil)
	}
	if _, err := s.ImportResets(context.Background(), operator(), old, model.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	if n := sum(); n != 11 {
		t.Fatalf("after an import %d", n)
	}
}

func TestTimelineOfTargets(t *testing.T) {
	s := newStore(t)
	stray(t, s, rand.New(rand.NewPCG(7, 8)), noon(), 400, 80_000)
	f := model.TimelineFilter{Since: noon().Add(-24 * time.Hour), Until: noon(), Step: 30 * time.Minute}
	for where, target := range map[string]model.Target{
		"requested_ip_key BETWEEN x'00000000000000000000ffffcb007140' AND x'00000000000000000000ffffcb00717f'": {Prefix: netip.MustParsePrefix("203.0.113.64/26")},
		"user_id = 'a3'":           {AccountID: "a3"},
		"requested_agent = 'curl'": {Agent: "curl"},
	} {
		f.Of = []model.Target{target}
		got, err := s.Timeline(context.Background(), f)
		if err != nil {
			t.Fatal(err)
		}
		if want := plainTimeline(t, s, f, where); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%v\n%v", where, got, want)
		}
	}
}

// A file of another application has none of our indexes.
func TestTimelineOfAForeignFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.sqlite")
	foreign(t, path, courseSchema,
		`INSERT INTO "Account" VALUES ('a', 'a@example.org', NULL, '2026-01-01 00:00:00.000000', 1, 0)`,
		`INSERT INTO "PasswordReset" VALUES ('11111111111111111111111111111111', '2026-11-23 11:58:30.000001', '2026-11-23 11:59:59.999999', 1, '203.0.113.1', 'a')`,
		`INSERT INTO "PasswordReset" VALUES ('21111111111111111111111111111111', '2026-11-23 11:57:00.000000', NULL, 0, '203.0.113.1', 'a')`)
	s := openAs(t, Options{Path: path, ReadOnly: true})
	got, err := s.Timeline(context.Background(), model.TimelineFilter{Since: noon().Add(-4 * time.Minute), Until: noon(), Step: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprint(got.Requests, got.Uses); text != "[0 1 1 0] [0 0 0 1]" {
		t.Error(text)
	}
}

// The counts come from the indexes of dates alone.
func TestTimelineReadsNoRow(t *testing.T) {
	s := newStore(t)
	plan := queryPlan(t, s, stepCounts, map[string]any{"bounds": `["2026","2027"]`})
	for _, want := range []string{"r USING COVERING INDEX doorman_reset_created (created_date>? AND created_date<?)",
		"r USING COVERING INDEX doorman_reset_used (used_date>? AND used_date<?)"} {
		if !strings.Contains(plan, want) {
			t.Errorf("no %s in\n%s", want, plan)
		}
	}
	if strings.Contains(plan, "SCAN r") {
		t.Error(plan)
	}
}

func BenchmarkTimeline(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		c := newClock()
		s := openAs(b, Options{Path: filepath.Join(b.TempDir(), "t.db"), Create: true, Now: c.now})
		fillBench(b, s, n)
		for name, f := range map[string]model.TimelineFilter{
			"1h": {Since: c.in(-time.Hour), Until: c.now(), Step: time.Minute}, "24h": {Since: c.in(-24 * time.Hour), Until: c.now(), Step: 10 * time.Minute},
			"14d": {Since: c.in(-14 * 24 * time.Hour), Until: c.now(), Step: 2 * time.Hour},
		} {
			read := func(b *testing.B) {
				if _, err := s.Timeline(context.Background(), f); err != nil {
					b.Fatal(err)
				}
			}
			b.Run(fmt.Sprintf("%d/%s/cold", n, name), func(b *testing.B) {
				for b.Loop() {
					clear(s.tallies.kept)
					read(b)
				}
			})
			b.Run(fmt.Sprintf("%d/%s/again", n, name), func(b *testing.B) {
				for b.Loop() {
					read(b)
				}
			})
		}
	}
}
