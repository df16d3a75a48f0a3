package detect_test

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"doorman/model/detect"
)

func replay(cfg detect.Config, evs []detect.Event) []detect.Cluster {
	return detect.Replay(cfg, slices.Values(evs), time.Time{})
}

func same(t *testing.T, got, want []detect.Cluster) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d clusters, want %d", len(got), len(want))
	}
	for i := range got {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("cluster %d differs:\n%+v\n%+v", i, got[i], want[i])
		}
	}
}

func TestSmallTraceIsFound(t *testing.T) {
	for seed := range uint64(4) {
		w := small(seed)
		g := judge(w, replay(detect.Config{}, w.finish()))
		t.Logf("seed %d: %+v", seed, g)
		if g.precision < 0.85 || g.recall < 0.9 || g.false_ > 1 {
			t.Errorf("seed %d: %+v", seed, g)
		}
	}
}

func TestQuietTraffic(t *testing.T) {
	for seed := range uint64(4) {
		w := newWorld(100+seed, 7)
		w.honest(700)
		w.benign()
		for _, c := range replay(detect.Config{}, w.finish()) {
			t.Errorf("seed %d: %s %.0f %s", seed, c.Key, c.Score, c.Why)
		}
	}
}

func end(evs []detect.Event) time.Time {
	last := time.Time{}
	for _, e := range evs {
		if e.Used.After(last) {
			last = e.Used
		}
		if e.Created.After(last) {
			last = e.Created
		}
	}
	return last.Add(12 * time.Minute)
}

func TestDeliveryMakesNoDifference(t *testing.T) {
	evs := small(1).finish()
	until := end(evs)
	want := replay(detect.Config{}, evs)

	t.Run("batches", func(t *testing.T) {
		e := detect.New(detect.Config{})
		r := rand.New(rand.NewPCG(1, 1))
		for rest := evs; len(rest) > 0; {
			n := min(len(rest), 1+r.IntN(900))
			for _, ev := range rest[:n] {
				e.Add(ev)
			}
			e.Advance(rest[n-1].Created)
			rest = rest[n:]
		}
		e.Advance(until)
		same(t, e.Clusters(), want)
	})
	t.Run("facts as they happen", func(t *testing.T) {
		e := detect.New(detect.Config{})
		type use struct{ ev detect.Event }
		var uses []use
		for _, ev := range evs {
			for len(uses) > 0 && !uses[0].ev.Used.After(ev.Created) {
				e.Redeem(uses[0].ev.ID, uses[0].ev.Used, uses[0].ev.UsedIP)
				uses = uses[1:]
			}
			bare := ev
			bare.Used, bare.UsedIP = time.Time{}, ev.UsedIP.Unmap()
			bare.UsedIP = detect.Event{}.UsedIP
			e.Add(bare)
			e.Advance(ev.Created)
			if !ev.Used.IsZero() {
				i, _ := slices.BinarySearchFunc(uses, ev.Used, func(u use, at time.Time) int { return u.ev.Used.Compare(at) })
				uses = slices.Insert(uses, i, use{ev})
			}
		}
		for _, u := range uses {
			e.Redeem(u.ev.ID, u.ev.Used, u.ev.UsedIP)
		}
		e.Advance(until)
		same(t, e.Clusters(), want)
	})
	t.Run("restarts", func(t *testing.T) {
		e := detect.New(detect.Config{})
		for i, ev := range evs {
			e.Add(ev)
			e.Advance(ev.Created)
			if i%1500 == 700 {
				var b bytes.Buffer
				if err := e.Snapshot(&b); err != nil {
					t.Fatal(err)
				}
				var err error
				if e, err = detect.Restore(detect.Config{}, &b); err != nil {
					t.Fatal(err)
				}
			}
		}
		e.Advance(until)
		same(t, e.Clusters(), want)
	})
}

func TestClaimsKeepTheCountsTrue(t *testing.T) {
	for seed := range uint64(6) {
		evs := small(seed).finish()
		e := detect.New(detect.Config{})
		for i, ev := range evs {
			e.Add(ev)
			e.Advance(ev.Created)
			if i%50 == 0 {
				if err := e.CheckSums(); err != nil {
					t.Fatalf("seed %d after %d events: %v", seed, i, err)
				}
			}
		}
	}
}

// TestLookingChangesNothing: whether uses are known beforehand or reported as
// they happen, and whether somebody asks for the clusters meanwhile, a flood whose
// requests are half completed later weighs the same.
func TestLookingChangesNothing(t *testing.T) {
	w := newWorld(12, 3)
	w.honest(500)
	from := netip.MustParseAddr("99.230.92.244")
	w.raid("flood", "99.230.92.244/32", 1.5, 0.3, 120, 0.3, w.agent, func(int) netip.Addr { return from }, func(i int) int { return 300 + i%3 })
	evs := w.finish()
	for i := range evs {
		if evs[i].IP == from && !evs[i].Used.IsZero() {
			evs[i].Used = evs[i].Created.Add(12 * time.Minute)
		}
	}
	until := end(evs)
	want := replay(detect.Config{}, evs)
	if len(want) != 1 || !strings.Contains(want[0].Why, "were not completed") {
		t.Fatalf("no flood: %+v", want)
	}
	e := detect.New(detect.Config{})
	for i, ev := range evs {
		e.Add(ev)
		e.Advance(ev.Created)
		if i%7 == 0 {
			e.Clusters()
		}
	}
	e.Advance(until)
	same(t, e.Clusters(), want)

	e = detect.New(detect.Config{})
	var uses []detect.Event
	for _, ev := range evs {
		slices.SortFunc(uses, func(a, b detect.Event) int { return a.Used.Compare(b.Used) })
		for len(uses) > 0 && !uses[0].Used.After(ev.Created) {
			e.Redeem(uses[0].ID, uses[0].Used, uses[0].UsedIP)
			uses = uses[1:]
		}
		if !ev.Used.IsZero() {
			uses = append(uses, ev)
		}
		ev.Used, ev.UsedIP = time.Time{}, netip.Addr{}
		e.Add(ev)
		e.Advance(ev.Created)
	}
	slices.SortFunc(uses, func(a, b detect.Event) int { return a.Used.Compare(b.Used) })
	for _, u := range uses {
		e.Redeem(u.ID, u.Used, u.UsedIP)
	}
	e.Advance(until)
	same(t, e.Clusters(), want)
}
