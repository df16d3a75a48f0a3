package store

import (
	"context"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"doorman/model"
	"doorman/model/query"
)

// resetSelect reads resets as lists show them. Dates are cast to text: the
// driver would otherwise parse DATETIME columns on every row, and take local
// times for UTC. The letter is found by index, once a row shown.
const resetSelect = `SELECT r.id, CAST(r.created_date AS TEXT) AS created_date, CAST(r.used_date AS TEXT) AS used_date,
		coalesce(r.was_used, 0) AND 1 AS was_used, r.used_ip_address, r.user_id, CAST(r.expires_date AS TEXT) AS expires_date,
		r.requested_ip, r.requested_ip_key, r.requested_agent, r.used_agent, CAST(r.revoked_date AS TEXT) AS revoked_date,
		r.revoked_by, r.revoke_reason, r.issued_by, r.secret_hash, r.superseded_by, r.batch_id, a.email AS email,
		(SELECT o.state FROM doorman_outbox o WHERE o.reset_id = r.id ORDER BY o.created DESC, o.id DESC LIMIT 1) AS letter
	FROM "PasswordReset" AS r LEFT JOIN "Account" AS a ON a.id = r.user_id`

// resetView is a row of resetSelect.
type resetView struct {
	Row    resetRow `gorm:"embedded"`
	Email  *string  `gorm:"column:email"`
	Letter *string  `gorm:"column:letter"`
}

// read takes over the values of a row.
func (v *resetView) read(row []driver.Value) {
	r := &v.Row
	r.ID, r.WasUsed = textOf(row[0]), trueOf(row[3])
	r.RequestedIPKey, _ = row[8].([]byte)
	for i, to := range []**string{
		1: &r.CreatedDate, 2: &r.UsedDate, 4: &r.UsedIP, 5: &r.UserID, 6: &r.ExpiresDate, 7: &r.RequestedIP, 9: &r.RequestedAgent,
		10: &r.UsedAgent, 11: &r.RevokedDate, 12: &r.RevokedBy, 13: &r.RevokeReason, 14: &r.IssuedBy, 15: &r.SecretHash,
		16: &r.SupersededBy, 17: &r.BatchID, 18: &v.Email, 19: &v.Letter,
	} {
		if to != nil && row[i] != nil {
			text := textOf(row[i])
			*to = &text
		}
	}
}

// happened reads the date of something that is over. Text that is no time still
// tells that it happened: 1970 then, never "not yet".
func (s *Store) happened(text *string) time.Time {
	if text == nil || *text == "" {
		return time.Time{}
	}
	if t := s.time(text); !t.IsZero() {
		return t
	}
	return time.Unix(0, 0).UTC()
}

// expiry reads the end of a reset: its own, else its creation and the lifetime.
func (s *Store) expiry(r *resetRow) time.Time {
	if textOrNone(r.ExpiresDate) != "" {
		return s.time(r.ExpiresDate)
	}
	if t := s.time(r.CreatedDate); !t.IsZero() {
		return t.Add(s.lifetime)
	}
	return time.Time{}
}

// reset turns a row into what the rest of the program sees. The course's
// application keeps the address of the request in used_ip_address until the
// link is used: while it is not, that is what the column means.
func (s *Store) reset(v *resetView) model.Reset {
	r := &v.Row
	m := model.Reset{
		ID: model.NewResetID(r.ID, s.scheme), AccountID: textOrNone(r.UserID), Email: textOrNone(v.Email),
		Created: s.time(r.CreatedDate), Expires: s.expiry(r), Used: s.happened(r.UsedDate), WasUsed: r.WasUsed,
		Revoked: s.happened(r.RevokedDate), RevokedBy: textOrNone(r.RevokedBy), RevokeReason: textOrNone(r.RevokeReason),
		SupersededBy: model.NewResetID(textOrNone(r.SupersededBy), s.scheme),
		RequestedIP:  textOrNone(r.RequestedIP), RequestedAgent: textOrNone(r.RequestedAgent),
		UsedIP: textOrNone(r.UsedIP), UsedAgent: textOrNone(r.UsedAgent),
		IssuedBy: textOrNone(r.IssuedBy), BatchID: textOrNone(r.BatchID), Letter: model.LetterState(textOrNone(v.Letter)),
	}
	spent := !m.Used.IsZero() || m.WasUsed && m.Revoked.IsZero() && m.SupersededBy.IsZero()
	if !spent {
		if m.RequestedIP == "" {
			m.RequestedIP = m.UsedIP
		}
		m.UsedIP = ""
	}
	return m
}

// ListResets returns one page of resets. A page costs one query, however deep
// it lies; two or three where it spans the rows that lack the sorted column.
func (s *Store) ListResets(ctx context.Context, f model.ResetFilter) (model.Page[model.Reset], error) {
	var none model.Page[model.Reset]
	now := s.now().UTC()
	f = tightened(f)
	o, err := s.resetOrder(f)
	if err != nil {
		return none, fmt.Errorf("list resets: %w", err)
	}
	if err := s.lookedAt(ctx, f); err != nil {
		return none, fmt.Errorf("list resets: %w", err)
	}
	c, err := s.routeResets(ctx, f, now)
	if err == nil && onlyLive(f) && len(c.runs) == 0 && !c.sorts && o.parts[0].keys[0] == "r.created_date" {
		var since string
		if since, err = s.liveSince(s.read(ctx), now); since != "" {
			c.args["live_from"] = since
			o.parts[0].where = "r.created_date >= @live_from"
		}
	}
	if err != nil {
		return none, fmt.Errorf("list resets: %w", explain(err))
	}
	page, err := readShort(o, f.Paging, func(st stretch, desc bool) ([]resetView, []string, error) {
		if c.sorts {
			st = st.sorted()
		}
		return along(s.read(ctx), s.reach, c, o.parts[st.part].keys, st, desc, func(st stretch) ([]resetView, error) {
			q, args := resetQuery(c, st)
			rows := make([]resetView, 0, st.limit)
			// The hottest query of all: GORM's reflection costs as much again.
			err := s.raw(ctx, q, namedArgs(args), func(row []driver.Value) error {
				rows = append(rows, resetView{})
				rows[len(rows)-1].read(row)
				return nil
			})
			return rows, err
		})
	}, func(v resetView, no int) []string { return resetKeys(o.parts[no], &v.Row) })
	if err != nil {
		return none, fmt.Errorf("list resets: %w", explain(err))
	}
	return convert(page, func(v *resetView) model.Reset { return s.reset(v) }), nil
}

// resetQuery words one stretch of a list of resets.
func resetQuery(c *conditions, st stretch) (string, map[string]any) {
	switch {
	case len(c.runs) == 1 && c.runs[0].class != classNone:
		one := &conditions{from: c.from, list: slices.Concat(c.list, c.runs[0].where), args: c.args}
		return one.query(resetSelect, st)
	case len(c.runs) > 0:
		args := c.with(st.args)
		return resetSelect + " WHERE r.id IN (" + c.runQuery(st) + ") ORDER BY " + st.sorted().orderBy, args
	case c.sorts:
		ids, args := c.query(`SELECT r.id FROM "PasswordReset" AS r`, st)
		return resetSelect + " WHERE r.id IN (" + ids + ") ORDER BY " + st.orderBy, args
	}
	return c.query(resetSelect, st)
}

// convert turns a page of rows into a page of what they mean.
func convert[R, M any](page model.Page[R], fn func(*R) M) model.Page[M] {
	out := model.Page[M]{Items: make([]M, len(page.Items)), Prev: page.Prev, Next: page.Next, Short: page.Short, Reached: page.Reached}
	for i := range page.Items {
		out.Items[i] = fn(&page.Items[i])
	}
	return out
}

// CountResets counts what the filter selects, up to the cap; a cap of 0 or less
// counts all.
func (s *Store) CountResets(ctx context.Context, f model.ResetFilter, cap int) (model.Count, error) {
	n, err := s.countResets(ctx, f, cap)
	if err != nil {
		return n, fmt.Errorf("count resets: %w", explain(err))
	}
	return n, nil
}

func (s *Store) countResets(ctx context.Context, f model.ResetFilter, cap int) (model.Count, error) {
	now := s.now().UTC()
	f = tightened(f)
	route, err := s.routeResets(ctx, model.ResetFilter{States: f.States, Since: f.Since, Until: f.Until}, now)
	if err != nil {
		return model.Count{}, err
	}
	c, err := s.resetWhere(f, now)
	if err != nil {
		return model.Count{}, err
	}
	alone := f.AccountID == "" && f.BatchID == "" && !f.IP.IsValid() && f.Query == "" && f.Of == nil && len(query.ResetConditions(f)) == 0
	if alone && len(route.runs) > 0 {
		return s.countRuns(ctx, route, cap)
	}
	if onlyLive(f) && f.AccountID == "" && !f.IP.IsValid() {
		since, err := s.liveSince(s.read(ctx), now)
		if err != nil {
			return model.Count{}, err
		}
		if since != "" {
			c.bind("live_from", since, "(r.created_date >= @live_from OR r.created_date IS NULL)")
		}
	}
	return s.count(ctx, c, cap)
}

// countRuns counts the rows of runs up to a cap.
func (s *Store) countRuns(ctx context.Context, c *conditions, cap int) (model.Count, error) {
	from := " FROM (" + c.runsQuery("SELECT 1"+c.from, stretch{limit: countLimit(cap)}) + ")"
	return s.count(ctx, &conditions{from: from, args: c.args}, cap)
}

// countLimit is how many rows tell whether there are more than a cap.
func countLimit(cap int) int {
	if cap > 0 {
		return cap + 1
	}
	return -1
}

// count counts rows up to a cap.
func (s *Store) count(ctx context.Context, c *conditions, cap int) (model.Count, error) {
	var n int
	q := "SELECT count(*) FROM (SELECT 1" + c.from + c.whereAnd() + limitTo(countLimit(cap)) + ")"
	if err := named(s.read(ctx), q, c.args).Scan(&n).Error; err != nil {
		return model.Count{}, explain(err)
	}
	if cap > 0 && n > cap {
		return model.Count{N: cap, AtLeast: true}, nil
	}
	return model.Count{N: n}, nil
}

// minPrefix is the shortest beginning of an id that names a record.
const minPrefix = 4

// FindReset returns the reset with the id, or with the only id that begins so.
func (s *Store) FindReset(ctx context.Context, ref string) (model.Reset, error) {
	v, err := s.findReset(s.read(ctx), ref)
	if err != nil {
		return model.Reset{}, fmt.Errorf("find reset: %w", explain(err))
	}
	r := s.reset(&v)
	if err := s.lookedUp(ctx, "reset "+model.Mask(r.ID.Full())+" of account "+r.AccountID); err != nil {
		return model.Reset{}, fmt.Errorf("find reset: %w", err)
	}
	return r, nil
}

func (s *Store) findReset(db *gorm.DB, ref string) (resetView, error) {
	raw := model.CleanText(strings.TrimSpace(ref), maxRef)
	for _, q := range refQueries(raw, "r.id") {
		var rows []resetView
		if err := db.Raw(resetSelect+" WHERE "+q.where+" ORDER BY r.id LIMIT 4", q.args).Scan(&rows).Error; err != nil {
			return resetView{}, err
		}
		if len(rows) == 1 {
			return rows[0], nil
		}
		if len(rows) > 1 {
			var list []string
			for _, r := range rows {
				list = append(list, model.Mask(r.Row.ID)+" of "+dayOf(r.Row.CreatedDate))
			}
			return resetView{}, ambiguous("resets", raw, list)
		}
	}
	return resetView{}, notFound("reset", raw)
}

// addressKey is an address as it stands in requested_ip_key: 16 bytes, IPv4
// mapped; empty for what is no address.
func unhex(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		return []byte{}
	}
	return b
}

// mostOf bounds how many resets ResetsOf returns: a page of accounts has far
// fewer, unless some are bombed.
const mostOf = 2000

// ResetsOf returns the resets of the accounts since a moment, newest first, at most
// 2,000. Cost: the resets of these accounts, by index.
func (s *Store) ResetsOf(ctx context.Context, accounts []string, since time.Time) ([]model.Reset, error) {
	list, err := idList(accounts)
	if err != nil {
		return nil, err
	}
	var rows []resetView
	err = s.read(ctx).Raw(resetSelect+` WHERE r.user_id IN (SELECT value FROM json_each(@ids)) AND r.created_date >= @from
		ORDER BY r.created_date DESC, r.id DESC`+limitTo(mostOf), map[string]any{"ids": list, "from": s.atLeast(since)}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("resets of accounts: %w", explain(err))
	}
	out := make([]model.Reset, len(rows))
	for i := range rows {
		out[i] = s.reset(&rows[i])
	}
	return out, nil
}
