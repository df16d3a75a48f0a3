package store

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"doorman/model"
	"doorman/model/detect"
)

// The engine is fed from the rows themselves, never by the use cases: what other
// programs write counts as well, and what was watched equals what a restart
// reads. It judges every reset that there is, the oldest first; what it knows is
// kept in a file beside the database, so that this is done once.

const (
	// feedReach is how long the engine remembers a reset: its horizon.
	feedReach = 16 * 24 * time.Hour
	// feedTick is how often the engine judges.
	feedTick = 2 * time.Minute
	// feedOverlap is how long a use may take from its date to its commit, or how
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
	// feedAtOnce is how many unread rows are read synchronously (about 1 s); more
	// are read in the background.
	feedAtOnce = 150_000
	// feedNear is how many of the newest rows are judged by themselves meanwhile.
	feedNear = 120_000
	// feedMost bounds the events that the engine remembers: with them, some 350
	// bytes each, the console stays below 120 MB. A service with more in 16 days,
	// 7,500 a day, is remembered for less.
	feedMost = 120_000
)

// feed is the engine of a store and how far it has read.
type feed struct {
	turn   chan struct{}   // holds something while someone is at what follows
	life   context.Context // ends with the store
	end    context.CancelFunc
	work   sync.WaitGroup // readings that go on without those who asked
	course *course        // nil: to be begun, or parked, or being built
	parked bool           // the list is right without an engine, until something happens
	kept   point          // of what is parked
	build  *build         // nil: nothing is read beside the work
	cfg    detect.Config
	until  time.Time // when cfg ends by itself; zero: never
	view   view
	shown  time.Time
	list   []detect.Cluster // of the engine
	past   past             // of those that it has let go
	opened opened           // the same, unpacked
	status atomic.Pointer[model.ClusterReading]
	atOnce int64 // feedAtOnce, but for tests
	large  int64 // stateLarge, but for tests
	near   int64 // placesNear, but for tests
	least  int64 // rows from which a state is worth a file; below 0: never
}

func newFeed() *feed {
	f := &feed{turn: make(chan struct{}, 1), atOnce: feedAtOnce, large: stateLarge, near: placesNear, least: stateLeast}
	f.life, f.end = context.WithCancel(context.Background())
	return f
}

// closeFeed ends a reading that is under way, waits for it, and keeps what is
// known.
func (s *Store) closeFeed() {
	f := s.feed
	if f == nil {
		return
	}
	f.end()
	f.turn <- struct{}{}
	defer func() { <-f.turn }()
	f.work.Wait()
	if f.course != nil && f.course.at.Whole && f.course.isNews(stateNews) {
		s.saveState(f.course)
	}
	f.course = nil
}

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

// judged is what is known of the clusters: those that the engine remembers, and
// those before.
type judged struct {
	list  []detect.Cluster
	past  past
	quiet []string
	err   error
}

// watched brings the engine up to now and returns what it holds. Who asks may go
// away; the reading goes on for who asks next. Otherwise a view that is renewed
// every second would never see the end of the first reading.
func (s *Store) watched(ctx context.Context) (judged, error) {
	select {
	case s.feed.turn <- struct{}{}:
	case <-ctx.Done():
		return judged{}, ctx.Err()
	}
	done := make(chan judged, 1)
	s.feed.work.Add(1)
	go func() {
		defer s.feed.work.Done()
		defer func() { <-s.feed.turn }()
		var err error
		defer func() {
			if isFault(err) { // an engine that broke off is begun again
				s.feed.course, s.feed.parked = nil, false
			}
			done <- judged{s.feed.list, s.feed.past, s.feed.cfg.Quiet, err}
		}()
		defer caught(&err)
		err = s.follow(s.feed.life)
	}()
	select {
	case j := <-done:
		return j, j.err
	case <-ctx.Done():
		return judged{}, ctx.Err()
	}
}

// follow is watched for who has the turn. Cost: nothing read 10 µs; new rows a
// few ms; the first call reads what was kept, and what came since.
func (s *Store) follow(ctx context.Context) error {
	f := s.feed
	now := s.now().UTC()
	if f.build != nil && f.build.ended() {
		if err := s.endBuild(); err != nil {
			return err
		}
	}
	v, err := s.viewNow(ctx)
	if err != nil {
		return err
	}
	if f.build != nil {
		return s.hush(ctx, now, v)
	}
	due := f.course == nil && !f.parked || v != f.view || f.course != nil && f.course.at.Places != monthOf(now) ||
		!f.until.IsZero() && !now.Before(f.until)
	if !due && (f.parked && !now.Before(f.kept.Read) || now.Sub(f.shown) < feedFresh && !now.Before(f.shown)) {
		return nil
	}
	if due {
		if err := s.renew(ctx, now); err != nil {
			f.course, f.parked = nil, false
			return err
		}
		f.view = v
	} else if f.course != nil {
		f.course.at.Read = now // nothing was committed since
	}
	if f.course != nil {
		s.publish(f.course, now)
	}
	f.shown = now
	return nil
}

// hush takes out of a list that stands still what operators have judged harmless
// meanwhile.
func (s *Store) hush(ctx context.Context, now time.Time, v view) error {
	f := s.feed
	if v == f.view {
		return nil
	}
	cfg, _, err := s.detectConfig(s.read(ctx), now)
	if err == nil {
		f.view, f.list = v, audible(slices.Clone(f.list), cfg.Quiet, cfg.Exceptions)
	}
	return err
}

// publish shows what a course says at a moment.
func (s *Store) publish(c *course, now time.Time) {
	f := s.feed
	// A millisecond on, so that what happened just now counts.
	c.engine.Advance(now.Add(time.Millisecond))
	f.list, f.past = audible(c.engine.Clusters(), f.cfg.Quiet, nil), c.past
	if r := f.status.Load(); r != nil && r.Whole {
		n, since := c.engine.Fresh()
		f.status.Store(&model.ClusterReading{Whole: true, Fresh: n, FreshSince: since})
	}
}

// renew brings the course up to date, or begins one where it will not do: rules
// have changed, rows came out of their order, or the table is another.
func (s *Store) renew(ctx context.Context, now time.Time) error {
	f := s.feed
	cfg, until, err := s.detectConfig(s.read(ctx), now)
	if err != nil {
		return err
	}
	cfg.Most = feedMost
	same := f.parked && reflect.DeepEqual(cfg.Quiet, f.cfg.Quiet)
	f.cfg, f.until = cfg, until
	if same {
		if ok, err := s.stillParked(ctx, now); ok || err != nil {
			return err
		}
	}
	f.parked = false
	c, err := s.fitting(ctx, f.course, cfg, now)
	if err != nil {
		return err
	}
	if c == nil {
		if c, err = s.takeUp(ctx, cfg, now, time.Time{}); err != nil || f.parked {
			return err
		}
	}
	imported := false
	if c.at.Rows > 0 || c.at.Whole {
		log, err := readEntries(s.read(ctx), c.at.Entry)
		if imported = log.imported; err != nil {
			return err
		}
	}
	err = s.proceed(ctx, c, now)
	if err != nil || f.build != nil || c.late.IsZero() || !imported && now.Sub(c.built) < feedPause {
		return err
	}
	f.course = nil
	if c, err = s.takeUp(ctx, cfg, now, c.late); err != nil {
		return err
	}
	return s.proceed(ctx, c, now)
}

// fitting returns a course that may go on as it is, or nil.
func (s *Store) fitting(ctx context.Context, c *course, cfg detect.Config, now time.Time) (*course, error) {
	if c == nil || c.at.Config != s.fingerprint(cfg) || c.at.Places != monthOf(now) || isAhead(c.engine.Clock(), now) {
		return nil, nil
	}
	if same, err := s.sameTable(ctx, c.at); err != nil || !same {
		return nil, err
	}
	return c, nil
}

// isAhead reports whether an engine judged a time that has not come yet: the clock
// of this machine was wrong, and what happens now would not count.
func isAhead(clock, now time.Time) bool { return clock.After(now.Add(feedOverlap)) }

func (s *Store) overlap() time.Duration {
	if s.zone == time.UTC {
		return feedOverlap
	}
	return zoneOverlap
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
