package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"doorman/model"
	"doorman/model/detect"
)

// watchedStore holds eight days of a service, up to noon.
func watchedStore(t testing.TB) (*Store, *clock) {
	t.Helper()
	c := newClock()
	s := openAs(t, Options{Path: filepath.Join(t.TempDir(), "doorman.db"), Create: true, Key: testKey(), Now: c.now, Fast: true})
	sv := service(4000)
	settle(t, s, sv)
	if _, err := s.ImportResets(context.Background(), operator(), sv.Resets(), model.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	return s, c
}

// sweep asks for n accounts from a network, one request every ten seconds, as
// an application would that has the file open itself.
func sweep(t testing.TB, s *Store, c *clock, n int) {
	t.Helper()
	page, err := s.ListAccounts(context.Background(), model.AccountFilter{Paging: model.Paging{Limit: n}})
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range page.Items {
		c.forward(10 * time.Second)
		o := model.RequestOrder{Email: a.Email, IP: fmt.Sprintf("203.0.113.%d", 1+i%200), Agent: "curl/8.5"}
		if err := s.Request(context.Background(), model.Act{}, o); err != nil {
			t.Fatal(err)
		}
	}
}

// attackOf finds the cluster inside 203.0.113.0/24.
func attackOf(t testing.TB, s *Store) (detect.Cluster, bool) {
	t.Helper()
	for _, c := range clusters(t, s) {
		if c.Prefix.IsValid() && prefix(t, "203.0.113.0/24").Overlaps(c.Prefix) {
			return c, true
		}
	}
	return detect.Cluster{}, false
}

// TestAnotherProcessReachesTheEngine: nobody polls; the next call knows.
func TestAnotherProcessReachesTheEngine(t *testing.T) {
	s, c := watchedStore(t)
	other := openAs(t, Options{Path: s.o.Path, Key: testKey(), Now: c.now, Fast: true})
	clusters(t, s)
	sweep(t, other, c, 60)
	c.forward(20 * time.Minute)
	found, ok := attackOf(t, s)
	if !ok || found.Requests < 50 || found.Live < 50 || found.On != detect.OnRequest {
		t.Fatalf("%v %+v", ok, found)
	}
	if err := other.Request(context.Background(), model.Act{}, model.RequestOrder{Email: "nobody", IP: "203.0.113.7"}); err != nil {
		t.Fatal(err)
	}
	page, err := s.ListAccounts(context.Background(), model.AccountFilter{Paging: model.Paging{Last: true, Limit: 1}})
	if err != nil {
		t.Fatal(err)
	}
	before := found.Requests
	if err := other.Request(context.Background(), model.Act{}, model.RequestOrder{Email: page.Items[0].Email, IP: "203.0.113.7", Agent: "curl/8.5"}); err != nil {
		t.Fatal(err)
	}
	clusters(t, s)
	if known, _ := s.feed.course.engine.Knows(text(t, s, `SELECT id FROM "PasswordReset" ORDER BY created_date DESC LIMIT 1`)); !known {
		t.Error("the engine was not told of the row at once")
	}
	c.forward(time.Hour) // until it counts as unfinished
	if found, _ = attackOf(t, s); found.Requests != before+1 {
		t.Errorf("%d requests, had %d", found.Requests, before)
	}
}

// TestContainedClusterIsNoLongerLive: what an act changes shows at the next
// call, and its undo, too.
func TestContainedClusterIsNoLongerLive(t *testing.T) {
	t.Parallel()
	s, c := watchedStore(t)
	clusters(t, s)
	sweep(t, s, c, 40)
	c.forward(15 * time.Minute)
	found, _ := attackOf(t, s)
	engine := s.feed.course.engine
	b := contain(t, s, model.ContainOrder{Target: model.Target{Key: found.Key, Prefix: found.Prefix}})
	after, _ := attackOf(t, s)
	if _, err := s.Undo(context.Background(), operator(), b.ID); err != nil {
		t.Fatal(err)
	}
	again, _ := attackOf(t, s)
	if found.Live < 30 || after.Live != 0 || again.Live != found.Live {
		t.Errorf("live: %d, contained %d, undone %d", found.Live, after.Live, again.Live)
	}
	if s.feed.course.engine != engine {
		t.Error("the engine was built anew")
	}
	exec(t, s, `UPDATE "PasswordReset" SET superseded_by = 'x', was_used = 1 WHERE id = ?`, found.EventIDs[len(found.EventIDs)-1])
	if last, _ := attackOf(t, s); last.Live != found.Live-1 {
		t.Errorf("superseded: %d live, were %d", last.Live, found.Live)
	}
}

// TestExceptionsAndFalsePositivesAreQuiet, and speak again when taken back.
func TestExceptionsAndFalsePositivesAreQuiet(t *testing.T) {
	t.Parallel()
	s, c := watchedStore(t)
	ctx := context.Background()
	sweep(t, s, c, 60)
	c.forward(15 * time.Minute)
	found, ok := attackOf(t, s)
	if !ok {
		t.Fatal("no attack")
	}
	quiet := func(name string, want bool) {
		t.Helper()
		if _, ok := attackOf(t, s); ok == want {
			t.Errorf("%s: quiet %v, want %v", name, !ok, want)
		}
	}
	b := setCase(t, s, found.Key, model.CaseFalse, "our own test")
	quiet("false_positive", true)
	if _, err := s.Undo(ctx, operator(), b.ID); err != nil {
		t.Fatal(err)
	}
	quiet("undone", false)
	setCase(t, s, found.Key, model.CaseNew, "looking")
	quiet("new", false)
	if _, err := s.SetRule(ctx, operator(), model.Rule{Prefix: prefix(t, "203.0.113.0/24"), Action: model.Allow, Expires: c.in(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	quiet("exception", true)
	cfg, err := s.DetectConfig(ctx)
	if err != nil || len(cfg.Exceptions) != 1 || len(cfg.Quiet) != 0 || cfg.Lifetime != model.DefaultLifetime {
		t.Errorf("%+v %v", cfg, err)
	}
	what, err := s.ReplayClusters(ctx, detect.Config{Exceptions: cfg.Exceptions[:0]}, model.ClusterFilter{Since: noon().AddDate(0, 0, -8), Until: c.now()})
	if err != nil || !slices.ContainsFunc(what, func(c detect.Cluster) bool { return c.Key == found.Key }) {
		t.Error("without the exception it would not be there:", err)
	}
	c.forward(time.Hour)
	quiet("expired exception", false)
}

// TestOldRowsBuildTheEngineAnew: an import of the past counts as if it had
// always been there.
func TestOldRowsBuildTheEngineAnew(t *testing.T) {
	c := newClock()
	s := openAs(t, Options{Path: filepath.Join(t.TempDir(), "doorman.db"), Create: true, Key: testKey(), Now: c.now, Fast: true})
	sv, ctx := service(4000), context.Background()
	settle(t, s, sv)
	if list := clusters(t, s); list == nil || len(list) != 0 {
		t.Errorf("%v", list)
	}
	if _, err := s.ImportResets(ctx, operator(), sv.Resets(), model.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	list := clusters(t, s)
	replayed, err := s.ReplayClusters(ctx, detect.Config{}, model.ClusterFilter{Until: c.now().Add(time.Millisecond)})
	if err != nil || len(list) == 0 || inWords(list) != inWords(replayed) {
		t.Errorf("%v\nlive:\n%s\nreplayed:\n%s", err, inWords(list), inWords(replayed))
	}
	if far, err := s.Clusters(ctx, model.ClusterFilter{Since: time.Unix(0, 0), Limit: 2}); err != nil || len(far) != 2 || far[0].Key != list[0].Key {
		t.Error(far, err)
	}
}

// TestLateRowsFindTheirPlace: a row whose date is before what was judged makes
// the engine begin anew, though not at once.
func TestLateRowsFindTheirPlace(t *testing.T) {
	s, c := watchedStore(t)
	clusters(t, s)
	engine := s.feed.course.engine
	c.forward(4 * time.Minute)
	clusters(t, s)
	page, err := s.ListAccounts(context.Background(), model.AccountFilter{Paging: model.Paging{Limit: 1}})
	if err != nil {
		t.Fatal(err)
	}
	writeRow(t, s, model.ResetInput{ID: model.NewID(), Created: c.in(-3 * time.Minute), AccountID: page.Items[0].ID, IP: "192.0.2.1"})
	clusters(t, s)
	if s.feed.course.late.IsZero() || s.feed.course.engine != engine {
		t.Error("the late row was not noticed, or not put off")
	}
	c.forward(feedPause)
	writeRow(t, s, model.ResetInput{ID: model.NewID(), Created: c.now(), AccountID: page.Items[0].ID, IP: "192.0.2.1"})
	clusters(t, s)
	if !s.feed.course.late.IsZero() || s.feed.course.engine == engine {
		t.Error("the engine was not built anew")
	}
}

func TestFindCluster(t *testing.T) {
	s, c := watchedStore(t)
	ctx := context.Background()
	sweep(t, s, c, 60)
	c.forward(15 * time.Minute)
	found, _ := attackOf(t, s)
	for _, key := range []string{found.Key, found.Prefix.String()} {
		if got, err := s.FindCluster(ctx, key); err != nil || got.Key != found.Key {
			t.Error(key, got, err)
		}
	}
	for _, key := range []string{"", "198.51.100.0/24", "account:nobody", "x\x00\xff"} {
		if got, err := s.FindCluster(ctx, key); !model.IsKind(err, model.NotFound) {
			t.Error(key, got, err)
		}
	}
	list := clusters(t, s)
	for _, f := range []model.ClusterFilter{{Limit: 1}, {Since: c.in(-time.Hour)}, {Until: noon().Add(-24 * time.Hour)}} {
		some, err := s.Clusters(ctx, f)
		if err != nil || len(some) == 0 || len(some) >= len(list) {
			t.Errorf("%+v: %d of %d (%v)", f, len(some), len(list), err)
		}
	}
}

// TestOperatorsLeaveNoTrace: what a help desk issues is no evidence.
func TestOperatorsLeaveNoTrace(t *testing.T) {
	s, _ := newClockedStore(t)
	r, _ := issued(t, s, "ann@example.org")
	got, err := s.events(context.Background(), seenResets, "r.id = ?", []any{r.ID.Full()}, newAtlas(nil))
	if err != nil || len(got) != 1 || !got[0].Operator || got[0].Email != "@example.org" || !got[0].Created.Equal(noon()) {
		t.Errorf("%+v %v", got, err)
	}
}

// TestForeignRowsAsEvents: what the course's application writes is understood
// before it is completed.
func TestForeignRowsAsEvents(t *testing.T) {
	s := openAs(t, Options{Path: courseFile(t), Now: noon})
	ctx := context.Background()
	got := map[string]string{}
	list, err := s.events(ctx, seenResets, "1", nil, newAtlas(nil))
	for _, ev := range list {
		got[ev.ID[:1]] = fmt.Sprint(ev.IP, " ", ev.UsedIP, " ", !ev.Used.IsZero(), " ", !ev.Revoked.IsZero())
	}
	want := map[string]string{
		"a": "203.0.113.7 invalid IP false false", "b": "invalid IP 198.51.100.9 true false", "c": "2001:db8::5 invalid IP false false",
	}
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v (%v)", got, want, err)
	}
}

func TestPlaces(t *testing.T) {
	p := newPlaces([]string{"ann@a", "bob@a", "cleo@a", "dora@a"})
	eighth := uint32(1 << 29)
	for email, want := range map[string]uint32{
		"Ann@a": eighth, "bob@a": 3 * eighth, "dora@a": 7 * eighth, "bert@a": 2 * eighth, "aaa": 1, "zoe": math.MaxUint32, "": 0,
	} {
		if got, err := p.of(email); got != want || err != nil {
			t.Errorf("%s stands at %d, want %d (%v)", email, got, want, err)
		}
	}
	if at, _ := (*places)(nil).of("ann@a"); at != 0 {
		t.Error("a place without a list")
	}
}

// TestPlacesInAFile: a list that stays in its file says what one in memory says,
// also when another file has taken its name; a file that was cut says nothing.
func TestPlacesInAFile(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 1))
	email := func() string { return fmt.Sprintf("%x.%d@x%d.example", r.IntN(4000), r.IntN(3), r.IntN(9)) }
	var list []string
	for range 3000 {
		list = append(list, email())
	}
	slices.Sort(list)
	near := newPlaces(slices.Compact(list))
	c := &course{engine: detect.New(detect.Config{}), atlas: newAtlas(near)}
	path := filepath.Join(t.TempDir(), "state")
	mustDo(t, os.WriteFile(path, nil, 0o600))
	mustDo(t, writeState(path, c, false))
	st, err := openState(path)
	mustDo(t, err)
	far, err := st.places(0)
	mustDo(t, err)
	st.close()
	c.atlas.places = far
	mustDo(t, os.WriteFile(path+".new", nil, 0o600))
	mustDo(t, writeState(path+".new", c, false))
	was, err := os.ReadFile(path)
	mustDo(t, err)
	if is, err := os.ReadFile(path + ".new"); err != nil || !slices.Equal(was, is) {
		t.Error("what was read from the file is kept otherwise", err)
	}
	mustDo(t, os.Rename(path+".new", path))
	for range 5000 {
		e := email()
		want, _ := near.of(e)
		if got, err := far.of(e); got != want || err != nil {
			t.Fatalf("%s stands at %d, want %d (%v)", e, got, want, err)
		}
	}
	st, err = openState(path)
	mustDo(t, err)
	far, err = st.places(0)
	mustDo(t, err)
	mustDo(t, os.Truncate(path, 50))
	if _, err := far.of(near.all()[near.n-1]); err == nil {
		t.Error("a place was found in what was cut off")
	}
}

// TestManyLookAtOnce: one engine serves everybody while rows come in.
func TestManyLookAtOnce(t *testing.T) {
	s, c := watchedStore(t)
	want := len(clusters(t, s))
	together(6, func(i int) {
		for range 5 {
			if i == 0 {
				c.forward(time.Second)
				if err := s.Request(context.Background(), model.Act{}, model.RequestOrder{Email: "nobody@example.org"}); err != nil {
					t.Error(err)
				}
			}
			list, err := s.Clusters(context.Background(), model.ClusterFilter{})
			if err != nil || len(list) != want {
				t.Error(len(list), err)
			}
			if _, err := s.Poll(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestAskersMayGoAway: the reading goes on without them.
func TestAskersMayGoAway(t *testing.T) {
	s, _ := watchedStore(t)
	ctx, stop := context.WithCancel(context.Background())
	stop()
	for s.feed.course == nil {
		if _, err := s.Clusters(ctx, model.ClusterFilter{}); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		s.feed.turn <- struct{}{} // wait for a reading that has begun
		<-s.feed.turn
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestThresholdIsInForce: a saved threshold governs the engine at once, and a
// replay that names none.
func TestThresholdIsInForce(t *testing.T) {
	t.Parallel()
	s, c := watchedStore(t)
	sweep(t, s, c, 60)
	c.forward(15 * time.Minute)
	found, ok := attackOf(t, s)
	if !ok {
		t.Fatal("no attack")
	}
	above := strconv.FormatFloat(2*found.Score+1000, 'f', 1, 64)
	if err := s.SetSetting(t.Context(), operator(), "detect.line", above); err != nil {
		t.Fatal(err)
	}
	if _, ok := attackOf(t, s); ok {
		t.Error("raised below the threshold")
	}
	f := model.ClusterFilter{Since: noon().AddDate(0, 0, -8), Until: c.now()}
	if list, err := s.ReplayClusters(t.Context(), detect.Config{}, f); err != nil || len(list) != 0 {
		t.Error("replayed below the threshold:", len(list), err)
	}
	if err := s.SetSetting(t.Context(), operator(), "detect.line", "no number"); err != nil {
		t.Fatal(err)
	}
	if _, ok := attackOf(t, s); !ok {
		t.Error("a setting that is no number silences the engine")
	}
}
