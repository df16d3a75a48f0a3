package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"doorman/model"
	"doorman/model/detect"
	town "doorman/model/traffic"
)

// longService is a made-up service of seventy days, long enough that the engine
// lets clusters go.
func longService(seed uint64) *town.Service {
	return town.New(town.Options{Seed: seed, Accounts: 1500, Resets: 7000, Span: 70 * 24 * time.Hour, End: noon()})
}

// openKeeping opens a store that keeps its state whatever its size.
func openKeeping(t testing.TB, path string, c *clock) *Store {
	t.Helper()
	s := openAs(t, Options{Path: path, Create: true, Key: testKey(), Now: c.now, Fast: true})
	s.feed.least, s.feed.near = 0, 0
	return s
}

// replayed is what an engine says that reads the rows one after the other, as
// the slow and simple way has it.
func replayed(t testing.TB, s *Store) []detect.Cluster {
	t.Helper()
	cfg, err := s.DetectConfig(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	quiet := cfg.Quiet
	cfg.Quiet, cfg.Most = nil, feedMost
	at, err := s.readPlaces(context.Background(), monthOf(s.now()))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.events(context.Background(), seenResets, "r.created_date IS NOT NULL ORDER BY r.created_date, r.id", nil, newAtlas(at))
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(rows, func(a, b told) int { return a.Created.Compare(b.Created) })
	list := detect.Replay(cfg, func(yield func(detect.Event) bool) {
		for i := range rows {
			yield(rows[i].Event)
		}
	}, s.now().Add(time.Millisecond))
	return audible(list, quiet, nil)
}

// writer changes a database as the other programs of a service would.
type writer struct {
	t    *testing.T
	s    *Store
	c    *clock
	r    *rand.Rand
	left []fact
	old  []model.ResetInput
}

// happen lets the next facts of the service happen, some of them late.
func (w *writer) happen(n int) {
	for range min(n, len(w.left)) {
		f := w.left[0]
		w.left = w.left[1:]
		if d := f.at.Sub(w.c.now()); d > 0 {
			w.c.forward(d)
		}
		if f.use {
			useRow(w.t, w.s, f.in)
			continue
		}
		writeRow(w.t, w.s, f.in)
		w.old = append(w.old, f.in)
	}
	w.c.forward(time.Duration(w.r.IntN(90)) * time.Second)
}

// act does what operators do, and what goes wrong.
func (w *writer) act() {
	some := w.old[max(0, len(w.old)-1-w.r.IntN(40))]
	switch w.r.IntN(5) {
	case 0:
		order := model.RevokeOrder{Filter: model.ResetFilter{Since: w.c.in(-time.Hour)}}
		if b, err := w.s.Revoke(context.Background(), operator(), order); err == nil && w.r.IntN(2) == 0 {
			if _, err := w.s.Undo(context.Background(), operator(), b.ID); err != nil {
				w.t.Fatal(err)
			}
		}
	case 1:
		exec(w.t, w.s, `UPDATE "PasswordReset" SET superseded_by = 'x', was_used = 1 WHERE id = ? AND used_date IS NULL`, some.ID)
	case 2: // a row that took its time
		late := some
		late.ID, late.Created = model.NewID(), w.c.in(-time.Duration(1+w.r.IntN(200))*time.Minute)
		writeRow(w.t, w.s, late)
	case 3:
		list := clusters(w.t, w.s)
		if len(list) > 0 {
			setCase(w.t, w.s, list[w.r.IntN(len(list))].Key, model.CaseFalse, "ours")
		}
	default:
		w.c.forward(time.Duration(w.r.IntN(8)) * time.Hour)
	}
}

// TestClustersEqualAReplay: whatever was kept, taken up, read in strides or row by
// row, with writers at work, says what a plain replay of all rows says.
func TestClustersEqualAReplay(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { replayedAtRandom(t, seed) })
	}
}

func replayedAtRandom(t *testing.T, seed uint64) {
	sv, path, c := longService(seed), filepath.Join(t.TempDir(), "doorman.db"), newClock()
	split := noon().Add(-30 * time.Hour)
	c.forward(split.Sub(c.now()))
	s := openKeeping(t, path, c)
	settle(t, s, sv)
	if _, err := s.ImportResets(context.Background(), operator(), before(sv, split), model.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	w := &writer{t: t, s: s, c: c, r: rand.New(rand.NewPCG(seed, 1)), left: facts(sv, split)}
	w.happen(1)
	for step := range 24 {
		w.happen(w.r.IntN(40))
		if step%3 == 0 {
			w.act()
		}
		clusters(t, s)
		if w.r.IntN(3) == 0 { // another start, from what was kept
			if w.r.IntN(2) == 0 {
				s.feed.course.saved = -stateNews
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = openKeeping(t, path, c)
			w.s = s
		}
		if step%6 == 5 {
			c.forward(feedPause) // late rows are put in their order
			writeRow(t, s, model.ResetInput{ID: model.NewID(), Created: c.now(), AccountID: w.old[0].AccountID, IP: "192.0.2.1"})
			got, want := clusters(t, s), replayed(t, s)
			if len(want) == 0 || inWords(got) != inWords(want) {
				t.Fatalf("step %d: %d clusters, want %d\n%s", step, len(got), len(want), firstDifference(got, want))
			}
		}
	}
	if s.feed.past.n == 0 {
		t.Error("the engine let no cluster go: the test is too short")
	}
}

func firstDifference(got, want []detect.Cluster) string {
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || inWords(got[i:i+1]) != inWords(want[i:i+1]) {
			return fmt.Sprintf("%d: got\n%.1200swant\n%.1200s", i, inWords(got[min(i, len(got)):min(i+1, len(got))]), inWords(want[min(i, len(want)):min(i+1, len(want))]))
		}
	}
	return "no difference"
}

// filled is a store with a service in it whose engine is up to date, and its path.
func filled(t *testing.T, c *clock) (*Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "doorman.db")
	s := openKeeping(t, path, c)
	sv := service(2500)
	settle(t, s, sv)
	if _, err := s.ImportResets(context.Background(), operator(), sv.Resets(), model.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	return s, path
}

// again closes a store and opens it anew.
func again(t *testing.T, s *Store, path string, c *clock) *Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return openKeeping(t, path, c)
}

// TestNothingNewNeedsNoEngine: the list is there before anything is read.
func TestNothingNewNeedsNoEngine(t *testing.T) {
	c := newClock()
	s, path := filled(t, c)
	c.forward(26 * time.Hour) // nothing ripens any more, nothing is live
	want := inWords(clusters(t, s))
	s = again(t, s, path, c)
	if got := inWords(clusters(t, s)); got != want || !s.feed.parked || s.feed.course != nil || !s.ClusterReading().Whole {
		t.Errorf("parked %v\n%s\nwant\n%s", s.feed.parked, got, want)
	}
	c.forward(time.Hour)
	if got := inWords(clusters(t, s)); got != want || !s.feed.parked {
		t.Error("an hour later:", got)
	}
	setCase(t, s, clusters(t, s)[0].Key, model.CaseFalse, "ours")
	if got := clusters(t, s); inWords(got) != inWords(replayed(t, s)) {
		t.Error("after a false positive:", inWords(got))
	}
	sweep(t, s, c, 30)
	if got := inWords(clusters(t, s)); got != inWords(replayed(t, s)) || s.feed.parked {
		t.Error("after new rows:", got)
	}
}

// TestAStateIsKeptOnceMoreAtRest: a state that was kept while resets were live is
// taken up until they are not, then it is kept again and only shown.
func TestAStateIsKeptOnceMoreAtRest(t *testing.T) {
	c := newClock()
	s, path := filled(t, c)
	clusters(t, s)
	s = again(t, s, path, c)
	if clusters(t, s); s.feed.parked {
		t.Fatal("is at rest too early")
	}
	c.forward(26 * time.Hour)
	want := inWords(clusters(t, s))
	s = again(t, s, path, c)
	if got := inWords(clusters(t, s)); got != want || !s.feed.parked || got != inWords(replayed(t, s)) {
		t.Errorf("parked %v, the list is the same %v", s.feed.parked, got == want)
	}
}

// TestStateThatDoesNotFit is passed over, and nothing of it is believed.
func TestStateThatDoesNotFit(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(t *testing.T, s *Store, file string){
		"cut": func(t *testing.T, _ *Store, file string) {
			rewriteState(t, file, func(b []byte) []byte { return b[:len(b)/2] })
		},
		"changed": func(t *testing.T, _ *Store, file string) {
			rewriteState(t, file, func(b []byte) []byte { b[len(b)/2] ^= 4; return b })
		},
		"head": func(t *testing.T, _ *Store, file string) {
			rewriteState(t, file, func(b []byte) []byte { b[len(b)-60] ^= 4; return b })
		},
		"empty": func(t *testing.T, _ *Store, file string) { rewriteState(t, file, func([]byte) []byte { return nil }) },
		"threshold": func(t *testing.T, s *Store, _ string) {
			if err := s.SetSetting(t.Context(), operator(), "detect.line", "40"); err != nil {
				t.Fatal(err)
			}
		},
		"rows gone": func(t *testing.T, s *Store, _ string) {
			exec(t, s, `DELETE FROM "PasswordReset" WHERE rowid > (SELECT max(rowid) - 1000 FROM "PasswordReset")`)
		},
		"other rows": func(t *testing.T, s *Store, _ string) {
			exec(t, s, `UPDATE "PasswordReset" SET id = 'x' || id WHERE rowid = (SELECT max(rowid) FROM "PasswordReset")`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			s, path := filled(t, c)
			clusters(t, s)
			if s = again(t, s, path, c); s.feed.course != nil {
				t.Fatal("read before it was requested")
			}
			harm(t, s, path+stateSuffix)
			got, want := clusters(t, s), replayed(t, s)
			if len(want) == 0 || inWords(got) != inWords(want) {
				t.Error(firstDifference(got, want))
			}
		})
	}
}

// TestAClockThatWasWrong: what an engine judged in a time that has not come yet is
// judged again, by a console that is open and by the next start.
func TestAClockThatWasWrong(t *testing.T) {
	t.Parallel()
	for name, restart := range map[string]bool{"open": false, "next start": true} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			s, path := filled(t, c)
			c.forward(6 * 24 * time.Hour)
			clusters(t, s)
			if restart {
				s = again(t, s, path, c)
			}
			c.forward(-6 * 24 * time.Hour)
			clusters(t, s)
			sweep(t, s, c, 60)
			c.forward(20 * time.Minute)
			if restart {
				s = again(t, s, path, c)
			}
			got, want := clusters(t, s), replayed(t, s)
			if len(want) == 0 || inWords(got) != inWords(want) {
				t.Error(firstDifference(got, want))
			}
		})
	}
}

func rewriteState(t *testing.T, file string, change func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, change(b), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestStateIsPrivateAndReplacedWhole: mode 0600, no other file is left, and who
// only looks writes none.
func TestStateIsPrivateAndReplacedWhole(t *testing.T) {
	c := newClock()
	s, path := filled(t, c)
	looked := openAs(t, Options{Path: path, ReadOnly: true, Now: c.now})
	looked.feed.least = 0
	want := inWords(clusters(t, looked))
	if err := looked.Close(); err != nil || exists(path+stateSuffix) {
		t.Error("who only looks left a file:", err)
	}
	clusters(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path + stateSuffix)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	if names, err := filepath.Glob(path + stateSuffix + ".*"); err != nil || len(names) > 0 {
		t.Error(names, err)
	}
	looked = openAs(t, Options{Path: path, ReadOnly: true, Now: c.now})
	if got := inWords(clusters(t, looked)); got != want || looked.feed.course == nil || looked.feed.course.saved == 0 {
		t.Error("a read-only start does not take up what was kept")
	}
}

// TestHalfAStateIsTidiedUp: what a console left that died while it wrote goes with
// the next state; what another one writes just now stays.
func TestHalfAStateIsTidiedUp(t *testing.T) {
	c := newClock()
	s, path := filled(t, c)
	left, young, long := path+stateSuffix+".part-00000000", path+stateSuffix+".part-11111111", time.Now().Add(-2*partStale)
	for _, p := range []string{left, young, path + ".part-00000000"} {
		if err := os.WriteFile(p, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Chtimes(left, long, long), os.Chtimes(path+".part-00000000", long, long)); err != nil {
		t.Fatal(err)
	}
	clusters(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if exists(left) || !exists(young) || !exists(path+".part-00000000") || !exists(path+stateSuffix) {
		t.Errorf("left %v, young %v, of a backup %v", exists(left), exists(young), exists(path+".part-00000000"))
	}
}

// TestLargeStateIsTakenUpBesideTheWork: the list that was kept is shown at once,
// and it is said that it is not the last word.
func TestLargeStateIsTakenUpBesideTheWork(t *testing.T) {
	c := newClock()
	s, path := filled(t, c)
	sweep(t, s, c, 40)
	kept := inWords(clusters(t, s))
	s = again(t, s, path, c)
	s.feed.large = 0
	sweep(t, s, c, 60)
	c.forward(20 * time.Minute)
	if got, r := inWords(clusters(t, s)), s.ClusterReading(); got != kept || r.Whole || r.Until.IsZero() || r.String() == "" {
		t.Errorf("%+v\n%s\nkept\n%s", r, got, kept)
	}
	waitWhole(t, s)
	if got, want := clusters(t, s), replayed(t, s); inWords(got) != inWords(want) || inWords(got) == kept {
		t.Error(firstDifference(got, want))
	}
}

// TestWhatWasTriedIsNotShownForWhatWasKept: a threshold that is taken back shows
// what was kept, not what the other one made of it.
func TestWhatWasTriedIsNotShownForWhatWasKept(t *testing.T) {
	c := newClock()
	s, path := filled(t, c)
	kept := inWords(clusters(t, s))
	s = again(t, s, path, c)
	for _, line := range []string{"200", ""} {
		if err := s.SetSetting(t.Context(), operator(), settingLine, line); err != nil {
			t.Fatal(err)
		}
		s.feed.large = 0
		if got := inWords(clusters(t, s)); (got == kept) != (line == "") {
			t.Errorf("line %q:\n%s\nkept\n%s", line, got, kept)
		}
	}
}

func waitWhole(t *testing.T, s *Store) {
	t.Helper()
	if err := s.ReadClusters(context.Background(), func(model.ClusterReading) {}); err != nil {
		t.Fatal(err)
	}
}

// TestLongReadingGoesOnBesideTheWork: the newest rows are judged meanwhile, an end
// in the middle loses little, and what comes out is a replay of all.
func TestLongReadingGoesOnBesideTheWork(t *testing.T) {
	c := newClock()
	s, path := filled(t, c)
	s.feed.atOnce = 100
	near := clusters(t, s)
	if r := s.ClusterReading(); r.Whole || r.Since.IsZero() || len(near) == 0 {
		t.Errorf("%+v, %d clusters", r, len(near))
	}
	if err := s.Close(); err != nil { // in the middle, or before it has begun
		t.Fatal(err)
	}
	s = openKeeping(t, path, c)
	s.feed.atOnce = 100
	sweep(t, s, c, 30)
	b := setCase(t, s, clusters(t, s)[0].Key, model.CaseFalse, "ours")
	if key := b.Subject; slices.ContainsFunc(clusters(t, s), func(x detect.Cluster) bool { return key != "" && x.Key == key }) {
		t.Error("a false positive is shown while the rows are read")
	}
	waitWhole(t, s)
	got, want := clusters(t, s), replayed(t, s)
	if len(want) == 0 || inWords(got) != inWords(want) {
		t.Error(firstDifference(got, want))
	}
}

// TestPartOfAReadingIsGoneOnFrom: what a reading had read when it was kept is not
// read again, and what changed behind it counts.
func TestPartOfAReadingIsGoneOnFrom(t *testing.T) {
	c := newClock()
	s, _ := filled(t, c)
	ctx, now := context.Background(), s.now()
	cfg, _, err := s.detectConfig(s.read(ctx), now)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Most = feedMost
	part, err := s.newCourse(ctx, cfg, now)
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.mark(ctx)
	if err != nil {
		t.Fatal(err)
	}
	part.at.Row, part.at.RowID, part.at.Entry, part.at.Hash, part.at.Read = m.Row, m.RowID, m.Entry, m.Hash, now
	half := text(t, s, `SELECT CAST(created_date AS TEXT) FROM "PasswordReset" ORDER BY created_date LIMIT 1 OFFSET 1500`)
	err = s.walk(ctx, span{until: half}, part.atlas, func(list []told) error { part.take(list, now); return nil })
	if err != nil || part.at.Rows != 1500 {
		t.Fatal(part.at.Rows, err)
	}
	s.saveState(part)
	sweep(t, s, c, 40)
	exec(t, s, `UPDATE "PasswordReset" SET used_date = ?, was_used = 1, used_ip_address = '192.0.2.9'
		WHERE used_date IS NULL AND rowid IN (SELECT rowid FROM "PasswordReset" ORDER BY created_date DESC LIMIT 20)`, s.stamp(c.now()))
	got, want := clusters(t, s), replayed(t, s)
	if len(want) == 0 || inWords(got) != inWords(want) {
		t.Error(firstDifference(got, want))
	}
	if s.feed.course.saved != 1500 {
		t.Errorf("gone on from %d rows", s.feed.course.saved)
	}
}

// A reading that ends just where it was saved is saved once more: otherwise every
// start would wait for an engine that goes on from there.
func TestAFileThatBreaksOffIsReplacedByAWholeOne(t *testing.T) {
	c := newClock()
	s, path := filled(t, c)
	clusters(t, s)
	part := *s.feed.course
	part.at.Whole = false
	s.saveState(&part)
	s.feed.course = &part // so that the closing keeps nothing more
	s = again(t, s, path, c)
	clusters(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	st, err := openState(path + stateSuffix)
	if err != nil {
		t.Fatal(err)
	}
	defer st.close()
	if !st.Point.Whole || st.Point.Rows != part.at.Rows {
		t.Errorf("%+v", st.Point)
	}
}
