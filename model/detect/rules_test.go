package detect_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"doorman/model/detect"
)

// spray is honest traffic with one address that asks for many accounts.
func spray() *world {
	w := newWorld(5, 4)
	w.honest(500)
	w.raid("spray", "139.162.9.9/32", 2.5, 8, 60, 0.05, w.agent, func(int) netip.Addr { return netip.MustParseAddr("139.162.9.9") }, func(int) int { return w.someone() })
	return w
}

func keys(cs []detect.Cluster) string {
	var ks []string
	for _, c := range cs {
		ks = append(ks, c.Key)
	}
	return strings.Join(ks, " ")
}

func TestEvidenceOfACluster(t *testing.T) {
	w := spray()
	cs := replay(detect.Config{}, w.finish())
	if len(cs) != 1 {
		t.Fatalf("clusters %s, want one", keys(cs))
	}
	c := cs[0]
	if c.Key != "139.162.9.9/32" || c.Kind != detect.ByPrefix || c.On != detect.OnRequest || c.Prefix.String() != c.Key {
		t.Errorf("named %+v", c)
	}
	if c.Requests != 60 || c.Addresses != 1 || c.Spread != 1 || c.Accounts < 58 || c.Used+c.Live > 60 || len(c.EventIDs) != 60 {
		t.Errorf("figures %+v", c)
	}
	if c.UseRate > 0.15 || c.UsualRate < 0.5 || c.Observed < 5*c.Baseline {
		t.Errorf("rates %+v", c)
	}
	if c.Start.Before(w.start.Add(60*time.Hour)) || !c.Flagged.After(c.Start) || c.Flagged.After(c.Start.Add(2*time.Hour)) || c.End.Before(c.Flagged) {
		t.Errorf("times %v %v %v", c.Start, c.Flagged, c.End)
	}
	if !strings.Contains(c.Why, " unfinished, ") || c.Against == "" {
		t.Errorf("%q %q", c.Why, c.Against)
	}
}

func TestWhatIsNotRaised(t *testing.T) {
	evs := spray().finish()
	for name, cfg := range map[string]detect.Config{
		"an exception":        {Exceptions: []netip.Prefix{netip.MustParsePrefix("139.162.0.0/16")}},
		"a quiet cluster":     {Quiet: []string{"139.162.9.9/32"}},
		"inside a quiet one":  {Quiet: []string{"139.162.8.0/23"}},
		"a line out of reach": {Line: 1e6},
	} {
		if cs := replay(cfg, evs); len(cs) > 0 {
			t.Errorf("%s: %s", name, keys(cs))
		}
	}
	for i := range evs {
		evs[i].Operator = evs[i].IP == netip.MustParseAddr("139.162.9.9")
	}
	if cs := replay(detect.Config{}, evs); len(cs) > 0 {
		t.Errorf("issued by operators: %s", keys(cs))
	}
}

func TestRulesThatChange(t *testing.T) {
	e := detect.New(detect.Config{})
	evs := spray().finish()
	for _, ev := range evs {
		e.Add(ev)
	}
	e.Advance(end(evs))
	e.SetRules(nil, []string{"139.162.9.9/32"})
	if cs := e.Clusters(); len(cs) > 0 {
		t.Errorf("quiet: %s", keys(cs))
	}
	e.SetRules([]netip.Prefix{netip.MustParsePrefix("139.162.9.0/24")}, nil)
	if cs := e.Clusters(); len(cs) > 0 {
		t.Errorf("excepted: %s", keys(cs))
	}
	e.SetRules(nil, nil)
	if got := keys(e.Clusters()); got != "139.162.9.9/32" {
		t.Errorf("clusters %q", got)
	}
}

func TestMappedAddressesAreIPv4(t *testing.T) {
	evs := spray().finish()
	for i := range evs {
		if evs[i].IP.Is4() {
			evs[i].IP = netip.AddrFrom16(evs[i].IP.As16())
		}
	}
	if got := keys(replay(detect.Config{}, evs)); got != "139.162.9.9/32" {
		t.Errorf("clusters %q", got)
	}
}

func TestRevokedIsNotLive(t *testing.T) {
	evs := spray().finish()
	e := detect.New(detect.Config{})
	for _, ev := range evs {
		e.Add(ev)
	}
	e.Advance(evs[0].Created.Add(70 * time.Hour))
	live := e.Clusters()[0].Live
	if live < 50 {
		t.Fatalf("%d live", live)
	}
	id := e.Clusters()[0].EventIDs[0]
	at := e.Clock()
	for _, id = range e.Clusters()[0].EventIDs {
		e.Revoke(id, at)
	}
	if n := e.Clusters()[0].Live; n != 0 {
		t.Errorf("%d live after all were revoked", n)
	}
	e.Revoke(id, time.Time{})
	if n := e.Clusters()[0].Live; n > 1 {
		t.Errorf("%d live after one came back", n)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	e := detect.New(detect.Config{Most: 3000})
	stream(40_000, 5_000, func(ev detect.Event) {
		e.Add(ev)
		e.Advance(ev.Created)
		if e.Size() > 3001 { // the last lies at the clock
			t.Fatalf("%d events remembered", e.Size())
		}
	})
	if e.Size() < 3000 {
		t.Errorf("%d events remembered", e.Size())
	}
}

// TestMostMakesNoDifferenceByDelivery: what a bound forgets does not depend on
// how events are handed over.
func TestMostMakesNoDifferenceByDelivery(t *testing.T) {
	evs := small(1).finish()
	cfg := detect.Config{Most: 1500}
	until := end(evs)
	run := func(step int) []detect.Cluster {
		e := detect.New(cfg)
		for rest := evs; len(rest) > 0; {
			n := min(len(rest), step)
			for _, ev := range rest[:n] {
				e.Add(ev)
			}
			e.Advance(rest[n-1].Created)
			rest = rest[n:]
		}
		e.Advance(until)
		if e.Size() > cfg.Most {
			t.Errorf("steps of %d: %d events remembered", step, e.Size())
		}
		return e.Clusters()
	}
	want := run(1)
	if len(want) < 5 {
		t.Fatalf("only %d clusters", len(want))
	}
	same(t, run(700), want)
	same(t, run(len(evs)), want)
}

// TestForgottenByMostKeepsFigures: a cluster goes on to say what its forgotten
// requests were, and what is older than they are is not taken any more.
func TestForgottenByMostKeepsFigures(t *testing.T) {
	w := spray()
	evs := w.finish()
	e := detect.New(detect.Config{Most: 400})
	for _, ev := range evs {
		e.Add(ev)
		e.Advance(ev.Created)
	}
	cs := e.Clusters()
	if len(cs) != 1 || cs[0].Requests != 60 || len(cs[0].EventIDs) != 60 || cs[0].AgentKind < 5 {
		t.Fatalf("%+v", cs)
	}
	before := e.Size()
	e.Add(evs[10])
	if e.Size() != before {
		t.Error("a forgotten event came back")
	}
}

// TestMonths runs on long after its attacks are forgotten.
func TestMonths(t *testing.T) {
	w := newWorld(9, 50)
	w.honest(150)
	w.raids(1)
	evs := w.finish()
	if g := judge(w, replay(detect.Config{}, evs)); g.recall < 0.9 || g.false_ > 1 {
		t.Errorf("%+v", g)
	}
	e := detect.New(detect.Config{})
	for _, ev := range evs {
		e.Add(ev)
		e.Advance(ev.Created)
	}
	if cs := e.Clusters(); len(cs) > 1 {
		t.Errorf("still remembered after weeks: %s", keys(cs))
	}
	if n := e.Size(); n > 150*16*3 {
		t.Errorf("%d events remembered", n)
	}
}

// TestDisorderIsTolerated delivers every event up to a minute late.
func TestDisorderIsTolerated(t *testing.T) {
	w := small(2)
	evs := w.finish()
	e := detect.New(detect.Config{})
	for i := 0; i+8 <= len(evs); i += 8 {
		for k := 7; k >= 0; k-- {
			e.Add(evs[i+k])
			if k == 3 {
				e.Advance(evs[i+7].Created)
			}
		}
	}
	e.Advance(end(evs))
	if g := judge(w, e.Clusters()); g.recall < 0.9 || g.precision < 0.85 {
		t.Errorf("%+v", g)
	}
}

// TestWalkThroughANetwork: who asks from one address after the other is one
// finding, of the network walked through, not one for each part of it.
func TestWalkThroughANetwork(t *testing.T) {
	for _, walk := range []struct {
		name, want string
		from       func(i int) netip.Addr
	}{
		{"up", "203.0.113.0/26", func(i int) netip.Addr { return netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}) }},
		{"down", "203.0.113.0/26", func(i int) netip.Addr { return netip.AddrFrom4([4]byte{203, 0, 113, byte(63 - i)}) }},
		{"IPv6", "2001:db8::/58", func(i int) netip.Addr {
			a := [16]byte{0x20, 0x01, 0x0d, 0xb8, 7: byte(i), 15: 9}
			return netip.AddrFrom16(a)
		}},
	} {
		w := newWorld(31, 4)
		w.honest(700)
		w.raid(walk.name, walk.want, 2.5, 4, 64, 0, w.agent, walk.from, func(int) int { return w.someone() })
		cs := replay(detect.Config{}, w.finish())
		if len(cs) != 1 || cs[0].Requests != 64 || cs[0].Key != walk.want {
			t.Errorf("%s: %s", walk.name, keys(cs))
		}
	}
}

// TestLiveIsWhatContainingRevokes: what is live of a network counts whether the
// cluster claims it or not; what operators issued, what an exception covers and
// what came after its end does not.
func TestLiveIsWhatContainingRevokes(t *testing.T) {
	w := newWorld(5, 4)
	w.honest(500)
	w.raid("spray", "139.162.9.0/24", 2.5, 8, 60, 0.05, w.agent,
		func(i int) netip.Addr { return netip.AddrFrom4([4]byte{139, 162, 9, byte(i * 4)}) }, func(int) int { return w.someone() })
	evs := w.finish()
	e := detect.New(detect.Config{})
	for _, ev := range evs {
		e.Add(ev)
	}
	e.Advance(evs[0].Created.Add(70 * time.Hour))
	c := e.Clusters()[0]
	live := c.Live
	add := func(n int, at time.Time, operator bool) {
		e.Add(detect.Event{ID: fmt.Sprintf("%032x", 1<<40+n), Account: fmt.Sprintf("%032x", 1<<41+n), Email: "new@example.org", Created: at,
			IP: c.Prefix.Addr(), Agent: "curl/8", Operator: operator})
	}
	add(1, c.End.Add(-time.Minute), false)
	add(2, c.End.Add(-time.Minute), true)
	if n := e.Clusters()[0].Live; n != live+1 {
		t.Errorf("%d live with one more that it does not claim, were %d", n, live)
	}
	inside := netip.PrefixFrom(c.Prefix.Addr(), c.Prefix.Bits()+1)
	e.SetRules([]netip.Prefix{inside}, nil)
	if n := e.Clusters()[0].Live; n == 0 || n > live*3/4 {
		t.Errorf("%d live with an exception for %s, were %d", n, inside, live+1)
	}
	e.SetRules(nil, nil)
	e.Advance(c.End.Add(20 * time.Hour))
	ended := e.Clusters()[0]
	add(3, ended.End.Add(19*time.Hour), false)
	if again := e.Clusters()[0]; ended.Hot || again.Live != ended.Live {
		t.Errorf("hot %t: %d live after the end, were %d", ended.Hot, again.Live, ended.Live)
	}
}
