package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// A filter that no index knows is looked for along the index of the order, some
// rows at a time, until the page is full or enough rows were looked at: then the
// page is short, and anyone who wants more requests it. So no page takes long,
// however few rows the filter selects.

// reach bounds what one page of a list may cost.
type reach struct {
	first   int // rows of the first step along an index: enough where most rows fit
	most    int // rows looked at before a page stops short
	few     int // records that are sorted for a page rather than looked for
	network int // the same for a network: its index holds all that sorting takes
}

func usualReach() reach { return reach{first: 250, most: 5000, few: 2000, network: 10_000} }

// along reads one stretch of a list. Conditions that its index does not know
// stand in c.rest and st.rest; c.from names the table.
func along[R any](db *gorm.DB, far reach, c *conditions, keys []string, st stretch, desc bool, fetch func(stretch) ([]R, error)) (rows []R, reached []string, err error) {
	if len(c.rest) == 0 && st.rest == "" {
		rows, err = fetch(st)
		return rows, nil, err
	}
	limit, looked := st.limit, 0
	for step := far.first; ; step = min(4*step, max(far.most/4, 1)) {
		end, err := c.ahead(db, keys, st, step)
		if err != nil {
			return nil, nil, err
		}
		this := st
		this.limit = limit - len(rows)
		if end != nil {
			this = this.until(edgeOf(keys, end, "end", !desc, true))
		}
		some, err := fetch(this)
		if err != nil {
			return nil, nil, err
		}
		rows, looked = append(rows, some...), looked+step
		switch {
		case len(rows) == limit || end == nil:
			return rows, nil, nil
		case looked >= far.most:
			return rows, end, nil
		}
		st.edge, st.args = edgeOf(keys, end, "edge", desc, false)
	}
}

// until ends a stretch at a place.
func (st stretch) until(cond string, args map[string]any) stretch {
	st.end = cond
	st.args = maps.Clone(st.args)
	maps.Copy(st.args, args)
	return st
}

// ahead returns the keys of the nth row of a stretch, whatever the conditions
// that its index does not know say of it; nil when it has no more than n rows.
func (c *conditions) ahead(db *gorm.DB, keys []string, st stretch, n int) ([]string, error) {
	columns := make([]string, len(keys))
	for i, k := range keys {
		k = strings.TrimSuffix(strings.TrimPrefix(k, "+"), " COLLATE NOCASE")
		if strings.HasSuffix(k, ipKeyColumn) {
			k = "hex(" + k + ")"
		}
		columns[i] = fmt.Sprintf("CAST(%s AS TEXT) AS k%d", k, i)
	}
	args := c.with(st.args)
	list, st := narrow(c.list, st, args)
	where := allOf(append(slices.Clone(list), st.where())...)
	if where != "" {
		where = " WHERE " + where
	}
	var found []struct{ K0, K1, K2 string }
	args["ahead"] = n - 1
	// The one OFFSET there is: never more than one step.
	err := db.Raw("SELECT "+strings.Join(columns, ", ")+c.from+where+" ORDER BY "+st.orderBy+" LIMIT 1 OFFSET @ahead", args).Scan(&found).Error
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return []string{found[0].K0, found[0].K1, found[0].K2}[:len(keys)], nil
}
