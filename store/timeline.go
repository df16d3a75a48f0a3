package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// timelineFresh is how long the counts of past steps are believed: another
// program may write rows of the past, or take some away, without a word.
const timelineFresh = 10 * time.Minute

// tallies keeps the counts of whole timelines, one for each length of step: what
// is past is not counted twice.
type tallies struct {
	mu   sync.Mutex
	kept map[time.Duration]tallied
}

// tallied is a timeline and what it rests on.
type tallied struct {
	model.Timeline
	begun time.Time // when all of it was counted last
	read  time.Time
	entry int64 // last audit entry seen
}

// Timeline counts the resets created and used in steps of time. Cost: of
// everything, the index entries of the steps that are not known yet, some 0.3 µs
// a reset (a day of 120,000: 40 ms), and on later calls those of the last minutes,
// 1 to 3 ms however long the table; of targets, their own resets in that time.
func (s *Store) Timeline(ctx context.Context, f model.TimelineFilter) (model.Timeline, error) {
	from, steps, err := f.Span()
	if err != nil {
		return model.Timeline{}, fmt.Errorf("timeline: %w", err)
	}
	want := model.Timeline{From: from, Step: f.Step, Requests: make([]int, steps), Uses: make([]int, steps)}
	err = s.read(ctx).Transaction(func(tx *gorm.DB) error {
		if len(f.Of) == 0 {
			return s.tallyAll(tx, &want)
		}
		for _, t := range f.Of {
			if err := s.tallyOf(ctx, tx, &want, t); err != nil {
				return err
			}
		}
		return nil
	}, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return model.Timeline{}, fmt.Errorf("timeline: %w", explain(err))
	}
	return want, nil
}

// tallyAll fills a timeline of everything, with what is known where that still
// holds.
func (s *Store) tallyAll(tx *gorm.DB, want *model.Timeline) error {
	now := s.now().UTC()
	s.tallies.mu.Lock()
	had, found := s.tallies.kept[want.Step]
	s.tallies.mu.Unlock()
	entry, imported, err := importsSince(tx, had.entry)
	if err != nil {
		return err
	}
	next := tallied{Timeline: *want, begun: now, read: now, entry: entry}
	due := len(want.Requests)
	if found && !imported && now.Sub(had.begun) < timelineFresh && !now.Before(had.read) {
		due = next.reuse(had, had.read.Add(-s.overlap()))
	}
	if err := s.tallySteps(tx, want, len(want.Requests)-due); err != nil {
		return err
	}
	next.Requests, next.Uses = slices.Clone(want.Requests), slices.Clone(want.Uses)
	s.tallies.mu.Lock()
	defer s.tallies.mu.Unlock()
	if s.tallies.kept == nil {
		s.tallies.kept = map[time.Duration]tallied{}
	}
	if !s.tallies.kept[want.Step].read.After(now) {
		s.tallies.kept[want.Step] = next
	}
	return nil
}

// reuse copies the steps that had ended before a moment, and returns how many at
// the end are due to be counted.
func (t *tallied) reuse(had tallied, before time.Time) int {
	shift := int(t.From.Sub(had.From) / t.Step)
	known := min(int(before.Sub(t.From)/t.Step), len(had.Requests)-shift)
	if shift < 0 || known <= 0 {
		return len(t.Requests)
	}
	known = min(known, len(t.Requests))
	copy(t.Requests, had.Requests[shift:shift+known])
	copy(t.Uses, had.Uses[shift:shift+known])
	t.begun = had.begun
	return len(t.Requests) - known
}

// importsSince tells whether rows of any time came in through an import.
func importsSince(tx *gorm.DB, entry int64) (last int64, imported bool, err error) {
	var row struct {
		Last     int64
		Imported bool
	}
	err = tx.Raw(`SELECT coalesce((SELECT max(l.seq) FROM doorman_audit AS l), 0) AS last,
		EXISTS (SELECT 1 FROM doorman_audit AS l WHERE l.seq > @entry AND l.verb = @verb) AS imported`,
		map[string]any{"entry": entry, "verb": model.VerbImport}).Scan(&row).Error
	return row.Last, row.Imported, err
}

// stepCounts counts between each bound and the next, along the two indexes of
// dates: no row is read, nothing is sorted.
const stepCounts = `WITH b AS (SELECT key, value AS lo, lead(value) OVER (ORDER BY key) AS hi FROM json_each(@bounds))
	SELECT b.key AS step,
		(SELECT count(*) FROM "PasswordReset" AS r WHERE r.created_date >= b.lo AND r.created_date < b.hi) AS requests,
		(SELECT count(*) FROM "PasswordReset" AS r WHERE r.used_date >= b.lo AND r.used_date < b.hi) AS uses
	FROM b WHERE b.hi IS NOT NULL`

// tallySteps counts the steps from the given one on.
func (s *Store) tallySteps(tx *gorm.DB, t *model.Timeline, first int) error {
	if first >= len(t.Requests) {
		return nil
	}
	indexed := 0
	if err := tx.Raw("SELECT count(*) FROM main.sqlite_master WHERE name IN ('doorman_reset_created', 'doorman_reset_used')").Scan(&indexed).Error; err != nil {
		return err
	}
	if indexed < 2 {
		return s.tallyScan(tx, t, first)
	}
	var bounds []string
	for i := first; i <= len(t.Requests); i++ {
		bounds = append(bounds, s.atLeast(t.From.Add(time.Duration(i)*t.Step)))
	}
	list, err := json.Marshal(bounds)
	if err != nil {
		return err
	}
	var rows []struct{ Step, Requests, Uses int }
	if err := tx.Raw(stepCounts, map[string]any{"bounds": string(list)}).Scan(&rows).Error; err != nil {
		return err
	}
	for _, r := range rows {
		t.Requests[first+r.Step], t.Uses[first+r.Step] = r.Requests, r.Uses
	}
	return nil
}

// tallyScan is tallySteps for a file without our indexes: one pass over the
// table for each of the two dates.
func (s *Store) tallyScan(tx *gorm.DB, t *model.Timeline, first int) error {
	for column, counts := range map[string][]int{"created_date": t.Requests, "used_date": t.Uses} {
		clear(counts[first:])
		var rows []struct {
			Minute string
			N      int
		}
		err := tx.Raw("SELECT substr(CAST(r."+column+` AS TEXT), 1, 16) AS minute, count(*) AS n FROM "PasswordReset" AS r
			WHERE r.`+column+" >= @from AND r."+column+" < @until GROUP BY 1",
			map[string]any{"from": s.atLeast(t.From.Add(time.Duration(first) * t.Step)), "until": s.atLeast(t.To())}).Scan(&rows).Error
		if err != nil {
			return err
		}
		for _, r := range rows {
			addAt(t, counts, s.time(&r.Minute), r.N)
		}
	}
	return nil
}

// addAt counts n things that happened at a moment.
func addAt(t *model.Timeline, counts []int, at time.Time, n int) {
	if i := int(at.Sub(t.From) / t.Step); !at.Before(t.From) && i < len(counts) {
		counts[i] += n
	}
}

// tallyOf adds the resets that a target names. The plus keeps the engine from
// walking along the dates where a network, an account or ids are fewer.
func (s *Store) tallyOf(ctx context.Context, tx *gorm.DB, t *model.Timeline, target model.Target) error {
	c, err := s.targetWhere(target, time.Time{})
	if err != nil {
		return err
	}
	c.bind("low", s.atLeast(t.From), "+r.created_date >= @low")
	c.bind("high", s.atLeast(t.To()), "+r.created_date < @high")
	rows, err := tx.WithContext(ctx).Raw(`SELECT CAST(r.created_date AS TEXT), CAST(r.used_date AS TEXT) FROM "PasswordReset" AS r`+
		c.whereAnd(""), c.args).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var created, used sql.NullString
		if err := rows.Scan(&created, &used); err != nil {
			return err
		}
		addAt(t, t.Requests, s.time(&created.String), 1)
		if at := s.time(&used.String); !at.IsZero() {
			addAt(t, t.Uses, at, 1)
		}
	}
	return rows.Err()
}
