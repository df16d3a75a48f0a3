package store

import (
	"strings"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// model.Reset.State as SQL. Both have to say the same of every row, whatever
// another program wrote into it: a test compares them on random rows.

// What a live reset has none of.
const (
	sqlUsed       = "coalesce(r.used_date <> '', 0)"
	sqlRevoked    = "coalesce(r.revoked_date <> '', 0)"
	sqlSuperseded = "coalesce(r.superseded_by <> '', 0)"
	sqlFlag       = "coalesce(r.was_used, 0)"
)

// sqlLater tells whether the time in a column is after a bound. SQLAlchemy's
// form, which is ours, compares as text and comes first, for nearly all rows
// have it; a form with a zone is turned to UTC; what is no time is never later.
const sqlLater = `coalesce(CASE
	WHEN $ GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]'
		THEN $ > @own_bound
	WHEN CAST($ AS TEXT) NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' THEN 0
	WHEN substr(CAST($ AS TEXT), 20) GLOB '*[Z+-]*' THEN strftime('%Y-%m-%d %H:%M:%f', $) > @utc_bound
	WHEN CAST($ AS TEXT) GLOB '*[^-0-9:. T]*' THEN 0
	ELSE replace(CAST($ AS TEXT), 'T', ' ') > @own_bound END, 0)`

// later is sqlLater for a column and a named bound; see stateArgs.
func later(column, bound string) string {
	return strings.NewReplacer("$", column, "_bound", "_"+bound).Replace(sqlLater)
}

// sqlValid selects the resets whose time is not over.
func sqlValid() string {
	expires := later("r.expires_date", "now")
	created := later("r.created_date", "since")
	return "CASE WHEN coalesce(r.expires_date, '') <> '' THEN " + expires + " ELSE " + created + " END"
}

// nanoLayout bounds comparisons: longer than what a column holds, so that equal
// moments compare as not later.
const nanoLayout = "2006-01-02 15:04:05.000000000"

// bindLater adds the arguments of one bound of later.
func (s *Store) bindLater(args map[string]any, bound string, t time.Time) {
	args["utc_"+bound], args["own_"+bound] = t.UTC().Format(nanoLayout), t.In(s.zone).Format(nanoLayout)
}

// stateArgs are the named arguments of every state condition.
func (s *Store) stateArgs(now time.Time) map[string]any {
	args := map[string]any{}
	s.bindLater(args, "now", now)
	s.bindLater(args, "since", now.Add(-s.lifetime))
	return args
}

// stateSQL is the condition for one state, on PasswordReset AS r.
func stateSQL(st model.State) string {
	unspent := "NOT " + sqlFlag + " AND NOT " + sqlUsed + " AND NOT " + sqlRevoked + " AND NOT " + sqlSuperseded
	switch st {
	case model.Used:
		return "(" + sqlUsed + " OR " + sqlFlag + " AND NOT " + sqlRevoked + " AND NOT " + sqlSuperseded + ")"
	case model.Revoked:
		return "(r.revoked_date IS NOT NULL AND NOT " + sqlUsed + " AND " + sqlRevoked + ")" // an index knows the first words
	case model.Superseded:
		return "(r.superseded_by IS NOT NULL AND NOT " + sqlUsed + " AND NOT " + sqlRevoked + " AND " + sqlSuperseded + ")"
	case model.Expired:
		return "(" + unspent + " AND NOT " + sqlValid() + ")"
	case model.Live:
		return "(" + unspent + " AND " + sqlValid() + ")"
	}
	return "0"
}

// stateCase names the state of a row, for grouping.
func stateCase() string {
	text := "CASE"
	for _, st := range model.States() {
		text += " WHEN " + stateSQL(st) + " THEN '" + string(st) + "'"
	}
	return text + " END"
}

// sqlLong selects the resets of the index doorman_reset_long, in its words.
const sqlLong = `r.expires_date IS NOT NULL AND NOT coalesce(r.expires_date <= datetime(r.created_date, '+25 hours'), 0)`

// liveReach is how long ago a live reset may have been requested, rows of
// doorman_reset_long aside: 25 hours, and a zone's distance for forms of time
// that name one.
const liveReach = 40 * time.Hour

// liveSince returns a bound that no live reset was created before, or "" when
// there is none: without it a list of the few that are live would read all that
// ever were.
func (s *Store) liveSince(db *gorm.DB, now time.Time) (string, error) {
	var long bool
	err := db.Raw(`SELECT EXISTS (SELECT 1 FROM "PasswordReset" AS r WHERE `+sqlLong+` AND r.expires_date >= ?)`,
		now.Add(-liveReach).In(s.zone).Format(time.DateOnly)).Scan(&long).Error
	if err != nil || long {
		return "", err
	}
	// A whole day: no form of time sorts below its date.
	return now.Add(-liveReach).In(s.zone).Format(time.DateOnly), nil
}

// onlyLive reports whether a filter requests live resets alone.
func onlyLive(f model.ResetFilter) bool {
	return len(f.States) == 1 && f.States[0] == model.Live
}
