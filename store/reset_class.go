package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// Resets by state, in the order of time. Whether one has ended is told by the
// row, and an index can know it; whether one has expired is told by the clock.
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
)

// lengthsMost is how many lengths are merged. A database with more is read along
// its dates.
const lengthsMost = 24

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

// run is a stretch of the index that holds resets of a state.
type run struct {
	where []string
	args  map[string]any
}

// runsOf returns the runs that hold all resets of the states and no other; ok is
// false where they would be too many, or the file has no such index.
func (s *Store) runsOf(ctx context.Context, states []model.State, now time.Time) (runs []run, ok bool, err error) {
	if s.schema < classStep {
		return nil, false, nil
	}
	var lengths []int
	if slices.Contains(states, model.Live) || slices.Contains(states, model.Expired) {
		if lengths, err = lengthsOf(s.read(ctx)); err != nil || len(lengths) > lengthsMost {
			return nil, false, err
		}
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
			runs = append(runs, s.runsByLength(st, lengths, now)...)
		default:
			_, err := model.ParseState(string(st))
			return nil, false, err
		}
	}
	// Rows that are not completed yet are in no class.
	return append(runs, run{[]string{incomplete, "(" + strings.Join(any, " OR ") + ")"}, s.stateArgs(now)}), true, nil
}

func runOf(class int) run {
	return run{[]string{fmt.Sprintf("%s = %d AND r.requested_ip_key IS NOT NULL", sqlClass, class)}, nil}
}

// runsByLength returns the runs of what is live, or expired. The classes with a
// length hold nothing that has ended and only times in our form, which compare
// as text.
func (s *Store) runsByLength(st model.State, lengths []int, now time.Time) []run {
	later, slack := ">", 1
	if st == model.Expired {
		later, slack = "<=", -1
	}
	of := func(class int, conds ...string) run {
		return run{append(runOf(class).where, conds...), s.stateArgs(now)}
	}
	runs := []run{of(classDefault, "r.created_date "+later+" @own_since"), of(classOdd, stateSQL(st))}
	// As SQL does it: by the clock on the wall, whatever summer time does to it.
	wall := now.In(s.zone)
	wall = time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), time.UTC)
	for _, m := range lengths {
		bound := fmt.Sprintf("length_%s_%d", st, m)
		r := of(m, "r.created_date "+later+" @"+bound, "r.expires_date "+later+" @own_now")
		r.args[bound] = wall.Add(-time.Duration(m+slack) * time.Minute).Format(nanoLayout)
		runs = append(runs, r)
	}
	return runs
}

// lengthsOf returns the lengths in minutes that resets have: one look into the
// index for each.
func lengthsOf(db *gorm.DB) ([]int, error) {
	next := `SELECT ` + sqlClass + ` FROM "PasswordReset" AS r WHERE r.requested_ip_key IS NOT NULL AND ` + sqlClass + ` > `
	order := ` ORDER BY ` + sqlClass + ` LIMIT 1`
	var list []int
	err := db.Raw(`WITH RECURSIVE l(m) AS (SELECT * FROM (` + next + `-1` + order + `)
		UNION ALL SELECT (` + next + `l.m` + order + `) FROM l WHERE l.m IS NOT NULL)
		SELECT m FROM l WHERE m IS NOT NULL` + limitTo(lengthsMost+1)).Scan(&list).Error
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
		if r.where[0] == incomplete {
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
