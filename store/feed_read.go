package store

import (
	"cmp"
	"context"
	"database/sql"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"doorman/model"
	"doorman/model/detect"
)

// eventSelect reads resets as the engine sees them. Texts of other programs are
// cut: they may be of any length.
const eventSelect = `SELECT r.id, CAST(r.created_date AS TEXT), r.user_id, a.email, r.requested_ip_key, substr(r.requested_ip, 1, 1025),
		substr(r.requested_agent, 1, @most), CAST(r.used_date AS TEXT), substr(r.used_ip_address, 1, 1025), coalesce(r.was_used, 0),
		coalesce(r.superseded_by, '') <> '', CAST(r.revoked_date AS TEXT), CAST(r.expires_date AS TEXT), coalesce(r.issued_by, '') <> ''
	FROM "PasswordReset" AS r LEFT JOIN "Account" AS a ON a.id = r.user_id WHERE `

// eventRow is a row of eventSelect.
type eventRow struct {
	id, created, account, email, ip, agent, used, usedIP, revoked, expires sql.NullString
	key                                                                    []byte
	spent, superseded, issued                                              bool
}

func (r *eventRow) scan(rows *sql.Rows) error {
	return rows.Scan(&r.id, &r.created, &r.account, &r.email, &r.key, &r.ip, &r.agent, &r.used, &r.usedIP, &r.spent,
		&r.superseded, &r.revoked, &r.expires, &r.issued)
}

// event is what the engine is told of a row; false where it lacks what counts.
func (s *Store) event(r *eventRow, at places) (detect.Event, bool) {
	ev := detect.Event{
		ID: r.id.String, Created: s.time(&r.created.String), Account: r.account.String, Email: r.email.String, Agent: r.agent.String,
		Place: at.of(r.email.String), Operator: r.issued, Expires: s.time(&r.expires.String), Revoked: s.time(&r.revoked.String),
	}
	if ev.Created.IsZero() || ev.Account == "" {
		return ev, false
	}
	over := r.spent || r.revoked.String != "" || r.superseded
	if over && ev.Revoked.IsZero() && r.used.String == "" {
		ev.Revoked = ev.Created // no date tells when, only that it is not live
	}
	ip := r.ip.String
	if r.used.String != "" {
		if ev.Used = s.time(&r.used.String); ev.Used.IsZero() {
			ev.Used = ev.Created
		}
		ev.UsedIP, _ = parseAddress(r.usedIP.String)
	} else if ip == "" {
		ip = r.usedIP.String // the course's column, while the reset is unused
	}
	if len(r.key) == 16 {
		ev.IP = netip.AddrFrom16([16]byte(r.key)).Unmap()
	} else {
		ev.IP, _ = parseAddress(ip)
	}
	return ev, true
}

// eventChunk is how many rows are handed over together.
const eventChunk = 512

// events reads rows without GORM's own scan, which would cost more than the
// engine, and beside it: each takes about as long as the row took to read.
func (s *Store) events(ctx context.Context, tx *gorm.DB, at places, where string, args map[string]any, each func(*detect.Event)) error {
	args["most"] = model.MaxAgent
	rows, err := tx.WithContext(ctx).Raw(eventSelect+where, args).Rows() //nolint:rowserrcheck // readEvents does
	if err != nil {
		return err
	}
	defer rows.Close()
	chunks := make(chan []detect.Event, 4)
	var broken error // read once chunks is closed
	go func() {
		defer close(chunks)
		defer caught(&broken)
		broken = s.readEvents(rows, at, chunks)
	}()
	for chunk := range chunks {
		for i := range chunk {
			each(&chunk[i])
		}
	}
	return broken
}

func (s *Store) readEvents(rows *sql.Rows, at places, to chan<- []detect.Event) error {
	var r eventRow
	var chunk []detect.Event
	for rows.Next() {
		if err := r.scan(rows); err != nil {
			return err
		}
		if ev, ok := s.event(&r, at); ok {
			chunk = append(chunk, ev)
		}
		if len(chunk) == eventChunk {
			to <- chunk
			chunk = make([]detect.Event, 0, eventChunk)
		}
	}
	if len(chunk) > 0 {
		to <- chunk
	}
	return rows.Err()
}

// changedRows reads what was created or used lately and what batches changed, in
// the order in which it was created.
func (s *Store) changedRows(ctx context.Context, tx *gorm.DB, since time.Time, batches []string) ([]detect.Event, error) {
	var list []detect.Event
	add := func(ev *detect.Event) { list = append(list, *ev) }
	args := map[string]any{"from": s.atLeast(since)}
	for _, where := range []string{"r.created_date >= @from", "r.used_date >= @from"} {
		if err := s.events(ctx, tx, s.feed.places, where, args, add); err != nil {
			return nil, err
		}
	}
	if len(batches) > 0 {
		ids, err := idList(batches)
		if err != nil {
			return nil, err
		}
		err = s.events(ctx, tx, s.feed.places, "r.batch_id IN (SELECT value FROM json_each(@ids))", map[string]any{"ids": ids}, add)
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(list, func(a, b detect.Event) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) })
	return slices.CompactFunc(list, func(a, b detect.Event) bool { return a.ID == b.ID }), nil
}

// places is the ordered list of all addresses, in lower case: who walks along
// it shows in it.
type places []string

// of spreads the rank of an address over the whole range. One that is not in
// the list stands between its neighbours; 0 says that there is no list.
func (p places) of(email string) uint32 {
	if len(p) == 0 || email == "" {
		return 0
	}
	i, found := slices.BinarySearch(p, strings.ToLower(email))
	twice := uint64(i) * 2
	if found {
		twice++
	}
	return uint32(max(1, min(twice<<31/uint64(len(p)), math.MaxUint32)))
}

// readPlaces reads the list as it was at a moment, so that a restart finds the
// same; where most accounts came since, or for the zero time, all.
func (s *Store) readPlaces(ctx context.Context, tx *gorm.DB, at time.Time) (places, error) {
	rows, err := tx.WithContext(ctx).Raw(`SELECT a.email, coalesce(CAST(a.created AS TEXT) < @at, 1) FROM "Account" AS a
		WHERE a.email IS NOT NULL ORDER BY a.email COLLATE NOCASE, a.id`, map[string]any{"at": s.atLeast(at)}).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all, old places
	for rows.Next() {
		var email string
		var before bool
		if err := rows.Scan(&email, &before); err != nil {
			return nil, err
		}
		email = strings.ToLower(email)
		all = append(all, email)
		if before {
			old = append(old, email)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if !at.IsZero() && 2*len(old) > len(all) {
		all = old
	}
	if !slices.IsSorted(all) { // letters beyond ASCII
		slices.Sort(all)
	}
	return slices.Clip(all), nil
}
