package store

import (
	"context"
	"database/sql"
	"math"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"doorman/model"
)

// Searching accounts by parts of their address. What the index finds comes in
// the order of the list; stale accounts are looked at one by one. The plain
// search, along the list, is for fragments of one and two characters, which the
// index does not know, and for a database without the index. All give the same.

// minPart is the shortest part of an address that the index finds, in
// characters.
const minPart = 3

// partOf returns a query as both ways of searching take it.
func partOf(query string) string { return model.CleanText(query, maxQuery) }

// partMatch words a search for a part of an address in the index's language:
// one phrase, in which only the quote has a meaning.
func partMatch(part string) string { return `"` + strings.ReplaceAll(part, `"`, `""`) + `"` }

// indexed reports whether the index answers a query.
func (s *Store) indexed(db *gorm.DB, query string) (bool, error) {
	if utf8.RuneCountInString(partOf(query)) < minPart {
		return false, nil
	}
	return s.searchable(db)
}

const (
	hitsAtOnce = 200    // hits of the index that one query looks at, at least
	hitsMost   = 20_000 // and how many a page may take before it stops short
)

// searchAccounts reads one stretch of the accounts by address through the
// index. Reached is where it stopped short of the end of the list, nil else.
func (s *Store) searchAccounts(ctx context.Context, f model.AccountFilter, st stretch, desc bool) (rows []accountRow, reached []string, err error) {
	// One transaction: the index and the list of stale accounts belong together.
	err = s.read(ctx).Transaction(func(tx *gorm.DB) error {
		ids, end, err := s.matching(tx, f, st, desc)
		if err != nil {
			return err
		}
		c, err := s.accountWhere(f)
		if err != nil {
			return err
		}
		c.args["ids"], c.args["part"] = ids, partMatch(partOf(f.Query))
		c.add("(a.id IN @ids OR a.id IN (SELECT t.id FROM doorman_address_stale AS t))")
		if end != nil {
			reached = []string{end.Email, end.ID}
			cond, args := edgeOf([]string{"a.email COLLATE NOCASE", "a.id"}, reached, "end", !desc, true)
			c.add(cond)
			for k, v := range args {
				c.args[k] = v
			}
		}
		q, args := c.query(accountSelect, st.sorted())
		return tx.Raw(q, args).Scan(&rows).Error
	}, &sql.TxOptions{ReadOnly: true})
	return rows, reached, err
}

// hit is an address that the index found.
type hit struct {
	No    int64
	ID    string
	Email string
	Fits  bool // it is not stale, and the rest of the filter selects it
}

// matching returns the ids of the next accounts that the index finds, and the
// last address that was looked at when there may be more than it may look at.
func (s *Store) matching(tx *gorm.DB, f model.AccountFilter, st stretch, desc bool) (ids []string, end *hit, err error) {
	from, err := numberAt(tx, st, desc)
	if err != nil {
		return nil, nil, err
	}
	c, err := s.accountWhere(f)
	if err != nil {
		return nil, nil, err
	}
	c.rest = append(c.rest, "a.email = d.email AND NOT EXISTS (SELECT 1 FROM doorman_address_stale AS t WHERE t.id = a.id)")
	op, dir := ">=", ""
	if desc {
		op, dir = "<=", " DESC"
	}
	q := `SELECT d.no, d.id, d.email, coalesce(` + strings.Join(c.rest, " AND ") + `, 0) AS fits
		FROM (SELECT rowid AS no FROM doorman_address_part WHERE doorman_address_part MATCH @part AND rowid ` + op + ` @from ORDER BY rowid` + dir
	found := `) AS h JOIN doorman_address AS d ON d.no = h.no LEFT JOIN "Account" AS a ON a.id = d.id ORDER BY d.no` + dir
	for looked, some := 0, max(st.limit, hitsAtOnce); ; some *= 2 {
		var hits []hit
		if err := tx.Raw(q+limitTo(some)+found, c.with(map[string]any{"part": partMatch(partOf(f.Query)), "from": from})).Scan(&hits).Error; err != nil {
			return nil, nil, err
		}
		for _, h := range hits {
			if h.Fits && len(ids) < st.limit {
				ids = append(ids, h.ID)
			}
		}
		looked += len(hits)
		switch {
		case len(ids) == st.limit || len(hits) < some:
			return ids, nil, nil
		case looked >= hitsMost:
			return ids, &hits[len(hits)-1], nil
		}
		if from = hits[len(hits)-1].No + 1; desc {
			from = hits[len(hits)-1].No - 1
		}
	}
}

// numberAt returns the number of the first address of a stretch: that of the
// first account there that is not stale.
func numberAt(tx *gorm.DB, st stretch, desc bool) (int64, error) {
	if st.edge == "" {
		if desc {
			return math.MaxInt64, nil
		}
		return math.MinInt64, nil
	}
	var no []int64
	q := `SELECT d.no FROM "Account" AS a JOIN doorman_address AS d ON d.id = a.id AND d.email = a.email
		WHERE ` + st.edge + ` AND NOT EXISTS (SELECT 1 FROM doorman_address_stale AS t WHERE t.id = a.id) ORDER BY ` + st.orderBy + ` LIMIT 1`
	if err := tx.Raw(q, st.args).Scan(&no).Error; err != nil || len(no) > 0 {
		return append(no, 0)[0], err
	}
	if desc { // nothing follows
		return math.MinInt64, nil
	}
	return math.MaxInt64, nil
}
