package store

import (
	"context"
	"database/sql"
	"reflect"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"doorman/model"
	"doorman/model/detect"
)

// The engine is fed from the rows themselves, never by the use cases: what other
// programs write counts as well, and what was watched equals what a restart
// reads. It begins at a midnight, so that a restart begins where this one did.

const (
	// feedReach is how far before midnight the engine begins: its horizon.
	feedReach = 16 * 24 * time.Hour
	// feedOverlap is how long a row may take from its date to its commit, or how
	// far the clocks of two programs may be apart.
	feedOverlap = 5 * time.Minute
	// zoneOverlap is the same where the dates are of a zone that puts its clocks
	// back.
	zoneOverlap = 70 * time.Minute
	// feedPause is the least time between two rebuildings that only put a few
	// rows in their order.
	feedPause = 15 * time.Minute
	// feedFresh is how long a list is handed out again while nothing happens.
	feedFresh = 10 * time.Second
)

// feed is the engine of a store and how far it has read.
type feed struct {
	turn    chan struct{}   // holds something while somebody is at what follows
	life    context.Context // ends with the store
	end     context.CancelFunc
	engine  *detect.Engine // nil: to be built
	cfg     detect.Config
	until   time.Time // when cfg ends by itself; zero: never
	anchor  time.Time // what was created before it is not read
	built   time.Time
	places  places
	view    view
	read    time.Time // everything committed before is known
	entry   int64     // last audit entry seen
	known   known
	ended   map[string]bool // resets known to be superseded
	late    bool            // some facts came out of their order
	shown   time.Time
	cluster []detect.Cluster
}

func newFeed() feed {
	f := feed{turn: make(chan struct{}, 1)}
	f.life, f.end = context.WithCancel(context.Background())
	return f
}

// close ends a reading that is under way and waits for it.
func (f *feed) close() {
	if f.turn != nil {
		f.end()
		f.turn <- struct{}{}
		<-f.turn
	}
}

// known is what the engine was told last: the next reading finds it again.
type known struct {
	made   map[string]bool // resets created since read, less the overlap
	spent  map[string]bool // the same of uses
	newest time.Time       // of all facts
}

func nothingKnown() known { return known{made: map[string]bool{}, spent: map[string]bool{}} }

// view tells whether the database may have changed.
type view struct {
	version int64
	plan    *plan
}

// viewNow reads it; any commit that it misses makes the next one differ.
func (s *Store) viewNow(ctx context.Context) (view, error) {
	s.polling.Lock()
	defer s.polling.Unlock()
	v, err := dataVersion(ctx, s.watch)
	out := view{version: v}
	if s.look != nil {
		out.plan = s.look.current()
	}
	return out, err
}

// anchorOf is where the engine begins that runs at a moment.
func anchorOf(now time.Time) time.Time { return now.UTC().Truncate(24 * time.Hour).Add(-feedReach) }

// watched brings the engine up to now and returns its clusters. Who asks may go
// away; the reading goes on for who asks next. Otherwise a view that is renewed
// every second would never see the end of the first reading.
func (s *Store) watched(ctx context.Context) ([]detect.Cluster, error) {
	type answer struct {
		list []detect.Cluster
		err  error
	}
	select {
	case s.feed.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	done := make(chan answer, 1)
	go func() {
		defer func() { <-s.feed.turn }()
		var a answer
		defer func() {
			if isFault(a.err) { // an engine that broke off is begun anew
				s.feed.engine = nil
			}
			done <- a
		}()
		defer caught(&a.err)
		a.list, a.err = s.follow(s.feed.life)
	}()
	select {
	case a := <-done:
		return a.list, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// follow is watched for who has the turn. Cost: nothing read 10 µs; new rows a
// few ms; the first call, and the first of a day, read the horizon.
func (s *Store) follow(ctx context.Context) ([]detect.Cluster, error) {
	f := &s.feed
	now := s.now().UTC()
	v, err := s.viewNow(ctx)
	if err != nil {
		return nil, err
	}
	due := f.engine == nil || v != f.view || !f.anchor.Equal(anchorOf(now)) || !f.until.IsZero() && !now.Before(f.until)
	if !due && now.Sub(f.shown) < feedFresh && !now.Before(f.shown) {
		return f.cluster, nil
	}
	if due {
		err := s.read(ctx).Transaction(func(tx *gorm.DB) error { return s.feedMore(ctx, tx, now) }, &sql.TxOptions{ReadOnly: true})
		if err != nil {
			f.engine = nil
			return nil, err
		}
		f.view = v
	}
	// A millisecond on, so that what happened just now counts.
	f.engine.Advance(now.Add(time.Millisecond))
	f.cluster, f.shown = audible(f.engine.Clusters(), f.cfg.Quiet), now
	return f.cluster, nil
}

// feedMore reads what is new, or everything where that will not do.
func (s *Store) feedMore(ctx context.Context, tx *gorm.DB, now time.Time) error {
	f := &s.feed
	cfg, until, err := s.detectConfig(tx, now)
	if err != nil {
		return err
	}
	var log entries
	if f.engine == nil {
		err = tx.Raw("SELECT coalesce(max(seq), 0) FROM doorman_audit").Scan(&log.last).Error
	} else {
		log, err = readEntries(tx, f.entry)
	}
	if err != nil {
		return err
	}
	f.until, f.entry = until, log.last
	again := f.engine == nil || !f.anchor.Equal(anchorOf(now)) || !reflect.DeepEqual(cfg, f.cfg) || log.imported ||
		f.late && now.Sub(f.built) >= feedPause
	f.cfg = cfg
	if again {
		return s.feedAll(ctx, tx, now)
	}
	since := f.read.Add(-s.overlap())
	before := f.known
	f.known = nothingKnown()
	f.known.newest = before.newest
	list, err := s.changedRows(ctx, tx, since, log.batches)
	if err != nil {
		return err
	}
	for i := range list {
		f.tell(&list[i], before, since)
	}
	f.read = now
	return s.feedEnded(tx, now)
}

func (s *Store) overlap() time.Duration {
	if s.zone == time.UTC {
		return feedOverlap
	}
	return zoneOverlap
}

// feedAll begins anew.
func (s *Store) feedAll(ctx context.Context, tx *gorm.DB, now time.Time) error {
	f := &s.feed
	f.engine, f.anchor, f.built, f.late = nil, anchorOf(now), now, false
	f.known, f.ended = nothingKnown(), nil
	var err error
	if f.places, err = s.readPlaces(ctx, tx, f.anchor); err != nil {
		return err
	}
	e := detect.New(f.cfg)
	since := now.Add(-s.overlap())
	err = s.events(ctx, tx, f.places, "r.created_date >= @from ORDER BY r.created_date, r.id", map[string]any{"from": s.atLeast(f.anchor)},
		func(ev *detect.Event) {
			if ev.Created.Before(f.anchor) {
				return
			}
			e.Add(*ev)
			if !ev.Created.After(now) {
				e.Advance(ev.Created)
			}
			f.known.remember(ev, since)
		})
	if err != nil {
		return err
	}
	f.engine, f.read = e, now
	return s.feedEnded(tx, now)
}

func (k *known) remember(ev *detect.Event, since time.Time) {
	if !ev.Created.Before(since) {
		k.made[ev.ID] = true
	}
	if !ev.Used.Before(since) {
		k.spent[ev.ID] = true
	}
	for _, t := range []time.Time{ev.Created, ev.Used} {
		if t.After(k.newest) {
			k.newest = t
		}
	}
}

// tell passes a new or changed row on.
func (f *feed) tell(ev *detect.Event, before known, since time.Time) {
	if !ev.Created.Before(since) && !before.made[ev.ID] {
		f.notice(ev.Created, before.newest)
	}
	if !ev.Used.Before(since) && !before.spent[ev.ID] {
		f.notice(ev.Used, before.newest)
	}
	f.known.remember(ev, since)
	if ev.Created.Before(f.anchor) {
		return
	}
	f.engine.Add(*ev)
	f.engine.Revoke(ev.ID, ev.Revoked)
}

// notice tells whether a fact came too late to count as if it had come in time:
// after one that is younger, or after the engine judged that moment.
func (f *feed) notice(at, newest time.Time) {
	clock := f.engine.Clock()
	if !at.Before(clock) {
		return
	}
	if at.Before(newest) || at.Truncate(feedTick) != clock.Truncate(feedTick) {
		f.late = true
	}
}

// feedTick is how often the engine judges.
const feedTick = 2 * time.Minute

// feedEnded tells of resets that newer ones superseded: no date says when.
func (s *Store) feedEnded(tx *gorm.DB, now time.Time) error {
	f := &s.feed
	var ids []string
	err := tx.Raw(`SELECT r.id FROM "PasswordReset" AS r WHERE r.superseded_by IS NOT NULL AND r.created_date >= ?`,
		s.atLeast(now.Add(-liveReach))).Scan(&ids).Error
	if err != nil {
		return err
	}
	known := f.ended
	f.ended = make(map[string]bool, len(ids))
	for _, id := range ids {
		f.ended[id] = true
		if !known[id] {
			f.engine.Revoke(id, now)
		}
	}
	return nil
}

// entries is what the log says since the last reading: whatever changes resets
// that are not new.
type entries struct {
	last     int64
	imported bool
	batches  []string
}

func readEntries(tx *gorm.DB, after int64) (entries, error) {
	out := entries{last: after}
	var rows []auditRow
	err := tx.Raw("SELECT l.seq, l.verb, l.batch_id FROM doorman_audit AS l WHERE l.seq > ? ORDER BY l.seq", after).Scan(&rows).Error
	for _, r := range rows {
		out.last = r.Seq
		switch model.Verb(r.Verb) {
		case model.VerbImport:
			out.imported = true
		case model.VerbRevoke, model.VerbContain, model.VerbUndo:
			out.batches = append(out.batches, r.BatchID)
		}
	}
	return out, err
}

// settingLine is the setting that holds the score from which a cluster is raised;
// nothing, or what is no number above zero, means the engine's own.
const settingLine = "detect.line"

// detectConfig is the engine's configuration as settings, rules and cases have it, and
// when the first exception in it expires.
func (s *Store) detectConfig(tx *gorm.DB, now time.Time) (detect.Config, time.Time, error) {
	cfg := detect.Config{Lifetime: s.lifetime, Horizon: feedReach, Tick: feedTick}
	line, err := readSetting(tx, settingLine)
	if err != nil {
		return cfg, time.Time{}, err
	}
	if n, err := strconv.ParseFloat(line, 64); err == nil && n > 0 {
		cfg.Line = n
	}
	var rules []ruleRow
	err = tx.Raw("SELECT u.* FROM doorman_rule AS u WHERE u.action = @action AND "+sqlInForce+" ORDER BY u.prefix",
		map[string]any{"action": model.Allow, "now": ownStamp(now)}).Scan(&rules).Error
	if err != nil {
		return cfg, time.Time{}, err
	}
	var until time.Time
	for i := range rules {
		r := rules[i].rule()
		cfg.Exceptions = append(cfg.Exceptions, r.Prefix)
		if !r.Expires.IsZero() && (until.IsZero() || r.Expires.Before(until)) {
			until = r.Expires
		}
	}
	err = tx.Raw("SELECT k.cluster FROM doorman_case AS k WHERE k.ended IS NULL AND k.state = ? ORDER BY k.cluster", model.CaseFalse).Scan(&cfg.Quiet).Error
	cfg.Quiet = slices.Clip(cfg.Quiet)
	return cfg, until, err
}
