package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"time"

	"doorman/model"
)

// Resets by state, in the order of time. Whether one has ended is shown by the
// row, and an index can know it; whether one has expired is shown by the clock.
// So the index doorman_reset_class knows the class of a row: how it has ended, or
// else how many minutes it lasts. Of a class with a length the live resets are
// those of the last so many minutes, and a list of all that are live is a few
// such runs merged.

// The classes of rows that have no length. They stand in an index: never change
// their meaning.
const (
	classUsed       = -1
	classRevoked    = -2
	classSuperseded = -3
	classDefault    = -4 // no end of its own: it lasts the default lifetime
	classOdd        = -5 // not ended, and its times are not in our form
	classNone       = -6 // in no index: not completed yet
)

// classesMost is how many classes are merged. A database with more, for it has
// many lengths, is read along its dates.
const classesMost = 30

// sqlClass is the class of a row, in the words of the index.
const sqlClass = `CASE
	WHEN coalesce(r.used_date <> '', 0) OR coalesce(r.was_used, 0) AND NOT coalesce(r.revoked_date <> '', 0) AND NOT coalesce(r.superseded_by <> '', 0) THEN -1
	WHEN coalesce(r.revoked_date <> '', 0) THEN -2
	WHEN coalesce(r.superseded_by <> '', 0) THEN -3
	WHEN r.created_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]'
		AND (substr(r.created_date, 9, 2) < '29' OR date(r.created_date) = substr(r.created_date, 1, 10)) THEN CASE
		WHEN coalesce(r.expires_date, '') = '' THEN -4
		WHEN r.expires_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]'
			AND (substr(r.expires_date, 9, 2) < '29' OR date(r.expires_date) = substr(r.expires_date, 1, 10))
			THEN coalesce(nullif(nullif(min(max(CAST(round((julianday(r.expires_date) - julianday(r.created_date)) * 1440) AS INTEGER), -1), 100001), -1), 100001), -5)
		ELSE -5 END
	ELSE -5 END`

// incomplete selects the rows that Doorman has yet to complete.
const incomplete = "r.requested_ip_key IS NULL"

// run is a stretch of an index that holds resets of a state, or from an address,
// in the order of time.
type run struct {
	class int // of a state
	where []string
	args  map[string]any
}

// runsOf returns the runs that hold all resets of the states and no other; ok is
// false where they would be too many, or the file has no such index.
func (s *Store) runsOf(ctx context.Context, states []model.State, now time.Time) (runs []run, ok bool, err error) {
	if s.schema < classStep {
		return nil, false, nil
	}
	timed := slices.Contains(states, model.Live) || slices.Contains(states, model.Expired)
	classes, err := s.classes(ctx, timed)
	if err != nil || len(classes) > classesMost {
		return nil, false, err
	}
	seen := map[model.State]bool{}
	var any []string
	for _, st := range states {
		if seen[st] {
			continue
		}
		seen[st] = true
		any = append(any, stateSQL(st))
		switch st {
		case model.Used:
			runs = append(runs, runOf(classUsed))
		case model.Revoked:
			runs = append(runs, runOf(classRevoked))
		case model.Superseded:
			runs = append(runs, runOf(classSuperseded))
		case model.Live, model.Expired:
			runs = append(runs, s.runsByLength(st, classes, now)...)
		default:
			_, err := model.ParseState(string(st))
			return nil, false, err
		}
	}
	// Rows that are not completed yet are in no class.
	runs = append(runs, run{classNone, []string{incomplete, "(" + strings.Join(any, " OR ") + ")"}, s.stateArgs(now)})
	// What no row is in costs as much as the rest. One run is left, so that there
	// is a list.
	some := slices.DeleteFunc(slices.Clone(runs), func(r run) bool { return !slices.Contains(classes, r.class) })
	return append(some, runs[:1]...)[:max(len(some), 1)], true, nil
}

func runOf(class int) run {
	return run{class, []string{fmt.Sprintf("%s = %d", sqlClass, class), "r.requested_ip_key IS NOT NULL"}, nil}
}

// runsByLength returns the runs of what is live, or expired. The classes with a
// length hold nothing that has ended and only times in our form, which compare
// as text.
func (s *Store) runsByLength(st model.State, classes []int, now time.Time) []run {
	later, slack := ">", 1
	if st == model.Expired {
		later, slack = "<=", -1
	}
	of := func(class int, conds ...string) run {
		return run{class, append(runOf(class).where, conds...), s.stateArgs(now)}
	}
	runs := []run{of(classDefault, "r.created_date "+later+" @own_since"), of(classOdd, stateSQL(st))}
	// As SQL does it: by the clock on the wall, whatever summer time does to it.
	wall := now.In(s.zone)
	wall = time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), time.UTC)
	for _, m := range classes {
		if m < 0 {
			continue
		}
		bound := fmt.Sprintf("length_%s_%d", st, m)
		r := of(m, "r.created_date "+later+" @"+bound, "r.expires_date "+later+" @own_now")
		r.args[bound] = wall.Add(-time.Duration(m+slack) * time.Minute).Format(nanoLayout)
		runs = append(runs, r)
	}
	return runs
}

// classes returns the classes that rows are in: one look into the index for each.
// Those that have ended are not looked for, unless the others are.
func (s *Store) classes(ctx context.Context, timed bool) ([]int, error) {
	next := `SELECT min(` + sqlClass + `) FROM "PasswordReset" AS r WHERE r.requested_ip_key IS NOT NULL AND ` + sqlClass + ` > l.m`
	list, q := []int{classUsed, classRevoked, classSuperseded}, "SELECT -6 WHERE EXISTS (SELECT 1 FROM \"PasswordReset\" AS r WHERE "+incomplete+")"
	if timed {
		list, q = nil, `WITH RECURSIVE l(m) AS (SELECT -6 UNION ALL SELECT (`+next+`) FROM l WHERE l.m IS NOT NULL`+limitTo(classesMost+3)+`)
		SELECT m FROM l WHERE m > -6 UNION ALL `+q
	}
	err := s.raw(ctx, q, nil, func(row []driver.Value) error {
		m, _ := row[0].(int64)
		list = append(list, int(m))
		return nil
	})
	return list, err
}

// runQuery words a stretch of a list that is merged from runs; their arguments
// are in c.
func (c *conditions) runQuery(st stretch) string {
	dir := ""
	if strings.HasSuffix(st.orderBy, "DESC") {
		dir = " DESC"
	}
	return "SELECT id FROM (" + c.runsQuery("SELECT r.created_date AS k, r.id AS id"+c.from, st) + ") ORDER BY k" + dir + ", id" + dir + limitTo(st.limit)
}

// runsQuery words what each run has of a stretch, one after the other.
func (c *conditions) runsQuery(sel string, st stretch) string {
	args := c.with(st.args)
	var parts []string
	for _, r := range c.runs {
		conds, st := narrow(append(r.where, c.list...), st, args)
		if r.class == classNone {
			st = st.sorted() // few, and in no order
		}
		order := ""
		if st.orderBy != "" {
			order = " ORDER BY " + st.orderBy
		}
		parts = append(parts, "SELECT * FROM ("+sel+" WHERE "+allOf(append(conds, st.where())...)+order+limitTo(st.limit)+")")
	}
	return strings.Join(parts, " UNION ALL ")
}
