package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"doorman/model/detect"
)

// course is an engine on its way through the resets. However it got where it is,
// in one go, in parts, or row by row as they came, it says the same.
type course struct {
	engine *detect.Engine
	atlas  *atlas
	past   past
	at     point
	built  time.Time       // when it was begun, or taken up again
	late   time.Time       // of the first fact that came out of its order; zero: none did
	ended  map[string]bool // resets known to be superseded
	saved  int64           // rows read when it was last saved
	broken bool            // what was saved then breaks off in the middle of the table
	kept   bool            // all but at is still in the file

	restless bool // what was saved then was not at rest
}

// point is how far a course has read. It is kept with the engine.
type point struct {
	Config  string    // what it is judged by
	Places  time.Time // when the address list was as the engine knows it
	Row     int64     // every row up to it is known, or comes after Created and ID …
	RowID   string    // … as long as this is the id of that row
	Entry   int64     // the same of the operators' log …
	Hash    string    // … whose line has this hash
	Read    time.Time // every use committed before is known
	Created string    // the last row in the order of the table
	ID      string
	Rows    int64     // that were read
	Whole   bool      // the end of the table was reached
	Newest  time.Time // of all facts
	Clock   time.Time // of the engine
	Ended   int       // resets superseded since …
	EndedAt time.Time
}

// newCourse begins before the first row.
func (s *Store) newCourse(ctx context.Context, cfg detect.Config, now time.Time) (*course, error) {
	at := monthOf(now)
	p, err := s.readPlaces(ctx, at)
	if err != nil {
		return nil, err
	}
	cfg.Quiet = nil
	c := &course{engine: detect.New(cfg), atlas: newAtlas(p), at: point{Config: s.fingerprint(cfg), Places: at}, built: now}
	c.engine.OnArchive(func(x detect.Cluster) { c.past.add(&x) })
	return c, nil
}

// monthOf is when the address list is looked at again: a course that begins later in
// the month finds the same.
func monthOf(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// bring reads what a course does not know yet. What is read between is reported, and
// may be kept.
func (s *Store) bring(ctx context.Context, c *course, now time.Time, between func() error) error {
	m, err := s.mark(ctx)
	if err != nil {
		return err
	}
	if c.at.Rows > 0 || c.at.Whole {
		log, err := readEntries(s.read(ctx), c.at.Entry)
		if err != nil {
			return err
		}
		if err := s.bringOld(ctx, c, now, m, log.batches); err != nil {
			return err
		}
	}
	if m.Row-c.at.Row > strideRows {
		c.at.Whole = false
	}
	if c.at.Whole {
		err = s.bringNew(ctx, c, now)
	}
	if err != nil {
		return err
	}
	c.at.Row, c.at.RowID, c.at.Entry, c.at.Hash, c.at.Read = m.Row, m.RowID, m.Entry, m.Hash, now
	if !c.at.Whole {
		err = s.walk(ctx, span{created: c.at.Created, id: c.at.ID}, c.atlas, func(list []told) error {
			c.take(list, now)
			return between()
		})
		if err != nil {
			return err
		}
		c.at.Whole = true
		return s.bring(ctx, c, now, between) // what came meanwhile
	}
	return s.bringEnded(ctx, c, now)
}

// mark is where the table and the operators' log end.
func (s *Store) mark(ctx context.Context) (point, error) {
	var row struct {
		Row int64
		ID  string
	}
	var line struct {
		Seq  int64
		Hash string
	}
	err := s.read(ctx).Raw(`SELECT r.rowid AS row, r.id AS id FROM main."PasswordReset" AS r ORDER BY r.rowid DESC LIMIT 1`).Scan(&row).Error
	if err == nil {
		err = s.read(ctx).Raw("SELECT l.seq AS seq, l.hash AS hash FROM doorman_audit AS l ORDER BY l.seq DESC LIMIT 1").Scan(&line).Error
	}
	return point{Row: row.Row, RowID: row.ID, Entry: line.Seq, Hash: line.Hash}, err
}

// sameTable reports whether the rows and the log that a course has read are still
// there, and not those of another file, or numbered again.
func (s *Store) sameTable(ctx context.Context, at point) (bool, error) {
	var is struct{ ID, Hash string }
	err := s.read(ctx).Raw(`SELECT coalesce((SELECT r.id FROM main."PasswordReset" AS r WHERE r.rowid = ?), '') AS id,
		coalesce((SELECT l.hash FROM doorman_audit AS l WHERE l.seq = ?), '') AS hash`, at.Row, at.Entry).Scan(&is).Error
	return is.ID == at.RowID && is.Hash == at.Hash, err
}

// take tells the engine of rows in the order of the table.
func (c *course) take(list []told, now time.Time) {
	for i := range list {
		ev := &list[i]
		c.engine.Add(ev.Event)
		if !ev.Created.After(now) {
			c.engine.Advance(ev.Created)
		}
		c.remember(ev)
	}
	if n := len(list); n > 0 {
		c.at.Created, c.at.ID = list[n-1].created, list[n-1].ID
		c.at.Rows += int64(n)
	}
}

func (c *course) remember(ev *told) {
	for _, t := range []time.Time{ev.Created, ev.Used} {
		if t.After(c.at.Newest) {
			c.at.Newest = t
		}
	}
}

// bringNew tells of rows that were added since, few of them, in the order of
// their time.
func (s *Store) bringNew(ctx context.Context, c *course, now time.Time) error {
	list, err := s.added(ctx, c, "1")
	if err != nil {
		return err
	}
	newest := c.at.Newest
	for i := range list {
		ev := &list[i]
		c.notice(ev.Created, newest)
		if !ev.Used.IsZero() {
			c.notice(ev.Used, newest)
		}
		c.engine.Add(ev.Event)
		if ev.Created.After(now) {
			continue
		}
		c.remember(ev)
		if byTable(told{Event: detect.Event{ID: c.at.ID}, created: c.at.Created}, *ev) < 0 {
			c.at.Created, c.at.ID = ev.created, ev.ID
		}
	}
	c.at.Rows += int64(len(list))
	return nil
}

// added reads the rows with numbers above the last, less what is known of them.
func (s *Store) added(ctx context.Context, c *course, where string, args ...any) ([]told, error) {
	from, added := ownResets, "r.rowid > ? AND "
	if s.shadowed() {
		from, added = seenResets, `r.id IN (SELECT n.id FROM main."PasswordReset" AS n WHERE n.rowid > ?) AND `
	}
	list, err := s.events(ctx, from, added+where, append([]any{c.at.Row}, args...), c.atlas)
	list = slices.DeleteFunc(list, func(ev told) bool { known, _ := c.engine.Knows(ev.ID); return known })
	slices.SortFunc(list, func(a, b told) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) })
	return list, err
}

// usesAtOnce is the stretch of time whose uses are read together.
const usesAtOnce = 24 * time.Hour

// bringOld tells what became of rows that are known, and of rows that were
// added before the place up to which the table was read.
func (s *Store) bringOld(ctx context.Context, c *course, now time.Time, m point, batches []string) error {
	newest := c.at.Newest
	from := c.at.Read.Add(-s.overlap())
	for ; !from.After(now); from = from.Add(usesAtOnce) {
		where, args := "r.used_date >= ? AND r.used_date < ?", []any{s.atLeast(from), s.atLeast(from.Add(usesAtOnce))}
		if from.Add(usesAtOnce).After(now) {
			where, args = "r.used_date >= ?", args[:1]
		}
		list, err := s.events(ctx, seenResets, where, args, c.atlas)
		if err != nil {
			return err
		}
		c.used(list, newest)
	}
	if len(batches) > 0 {
		ids, err := idList(batches)
		if err != nil {
			return err
		}
		list, err := s.events(ctx, seenResets, "r.batch_id IN (SELECT value FROM json_each(?))", []any{ids}, c.atlas)
		if err != nil {
			return err
		}
		c.used(list, newest)
	}
	if c.at.Whole && m.Row-c.at.Row <= strideRows {
		return nil // bringNew reads all of them
	}
	list, err := s.added(ctx, c, "(r.created_date, r.id) <= (?, ?)", c.at.Created, c.at.ID)
	for i := range list {
		c.notice(list[i].Created, newest)
		c.engine.Add(list[i].Event)
	}
	c.at.Rows += int64(len(list))
	return err
}

// used passes on what became of resets that the engine remembers.
func (c *course) used(list []told, newest time.Time) {
	slices.SortFunc(list, func(a, b told) int { return cmp.Or(a.Used.Compare(b.Used), cmp.Compare(a.ID, b.ID)) })
	for i := range list {
		ev := &list[i]
		known, used := c.engine.Knows(ev.ID)
		if !known {
			continue
		}
		if !used && !ev.Used.IsZero() {
			c.notice(ev.Used, newest)
			c.engine.Redeem(ev.ID, ev.Used, ev.UsedIP)
			c.remember(ev)
		}
		c.engine.Revoke(ev.ID, ev.Revoked)
	}
}

// notice finds out whether a fact came too late to count as if it had come in
// time: after one that is younger, or after the engine judged that moment.
func (c *course) notice(at, newest time.Time) {
	clock := c.engine.Clock()
	if !at.Before(clock) {
		return
	}
	if (at.Before(newest) || at.Truncate(feedTick) != clock.Truncate(feedTick)) && (c.late.IsZero() || at.Before(c.late)) {
		c.late = at
	}
}

// bringEnded tells of resets that newer ones superseded: no date says when, but
// their number grows.
func (s *Store) bringEnded(ctx context.Context, c *course, now time.Time) error {
	const since = `FROM "PasswordReset" AS r WHERE r.superseded_by IS NOT NULL AND r.created_date >= ?`
	if c.ended == nil || now.Sub(c.at.EndedAt) > liveReach+usesAtOnce || now.Before(c.at.EndedAt) {
		c.at.EndedAt, c.at.Ended, c.ended = now.Add(-liveReach), -1, map[string]bool{}
	}
	from := s.atLeast(c.at.EndedAt)
	var n int
	if err := s.read(ctx).Raw("SELECT count(*) "+since, from).Scan(&n).Error; err != nil || n == c.at.Ended {
		return err
	}
	var ids []string
	if err := s.read(ctx).Raw("SELECT r.id "+since, from).Scan(&ids).Error; err != nil {
		return err
	}
	for _, id := range ids {
		if !c.ended[id] {
			c.engine.Revoke(id, now)
			c.ended[id] = true
		}
	}
	c.at.Ended = n
	return nil
}
