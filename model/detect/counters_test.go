package detect

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// naiveEvent is an event of the obviously right engine.
type naiveEvent struct {
	created, used int64
	account       string
	addr          netip.Addr
	state         int
}

// naiveStates says what each event counts as at the end, one account at a time,
// by going through everything that happened to it.
func naiveStates(evs []naiveEvent, cfg Config, end int64) {
	step, ripen := cfg.Tick.Milliseconds(), cfg.Ripen.Milliseconds()
	type happening struct {
		at   int64
		kind int // 0 a request is ripe, 1 a use
		i    int
	}
	accounts := map[string][]happening{}
	for i, e := range evs {
		ripe := (e.created + ripen + step - 1) / step * step
		if ripe < end {
			accounts[e.account] = append(accounts[e.account], happening{ripe, 0, i})
		}
		if e.used != 0 && e.used < end {
			accounts[e.account] = append(accounts[e.account], happening{e.used, -1, i})
		}
	}
	for _, hs := range accounts {
		// What happens at the moment of a tick happens before it.
		slices.SortStableFunc(hs, func(a, b happening) int {
			if a.at != b.at {
				return int(a.at - b.at)
			}
			return a.kind - b.kind
		})
		counted, doneAt := int64(-1<<60), int64(-1<<60)
		settle := func(i int) {
			e := &evs[i]
			if e.created-counted < again {
				e.state = repeat
				return
			}
			counted, e.state = max(counted, e.created), done
		}
		for _, h := range hs {
			e := &evs[h.i]
			switch {
			case h.kind == 0 && e.state != waiting:
			case h.kind == 0 && doneAt >= e.created-earlier:
				settle(h.i)
			case h.kind == 0 && e.created-counted < again:
				e.state = repeat
			case h.kind == 0:
				counted, e.state = max(counted, e.created), open
			default:
				doneAt = max(doneAt, e.used)
				for i := len(evs) - 1; i >= 0; i-- {
					o := &evs[i]
					if o.account != e.account || o.created > h.at || o.created < h.at-again {
						continue
					}
					if o.state == waiting {
						settle(i)
					} else if o.state == open {
						o.state = done
					}
				}
			}
		}
	}
}

func near1(a, b float64) bool { return math.Abs(a-b) <= 1e-6*(1+math.Abs(a)+math.Abs(b)) }

// FuzzCounters feeds the same events to the engine and to the naive one and
// compares what every network counts.
func FuzzCounters(f *testing.F) {
	f.Add([]byte("the quick brown fox jumps over the lazy dog and does it again and again until it is tired of it"))
	f.Add([]byte{0, 0, 0, 0, 255, 255, 255, 255, 1, 2, 3, 4, 200, 100, 50, 25, 1, 1, 1, 1, 1, 1, 1, 1, 90, 90, 90, 90})
	f.Fuzz(fuzzOne)
}

func fuzzOne(t *testing.T, data []byte) {
	if len(data) > 700 {
		data = data[:700] // fewer completions than make the engine learn its own ripening time
	}
	cfg := Config{Line: 1e9, Without: NoWeather | NoPlaces | NoAgents | NoAccounts}.withDefaults()
	e := New(cfg)
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	at := start
	var evs []naiveEvent
	for i := 0; i+4 <= len(data); i += 4 {
		at = at.Add(time.Duration(data[i]) * 20 * time.Second)
		a := netip.AddrFrom4([4]byte{10, 7, data[i+1] & 3, data[i+1] >> 3})
		if data[i+1]&4 != 0 {
			a = netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, data[i+1] & 3, 15: data[i+1] >> 4})
		}
		ev := Event{ID: fmt.Sprintf("%032x", i), Created: at, Account: fmt.Sprint("account ", data[i+2]&15), IP: a}
		n := naiveEvent{created: at.UnixMilli(), account: ev.Account, addr: a}
		if data[i+3]&1 != 0 {
			ev.Used = at.Add(time.Duration(data[i+3]) * 200 * time.Second)
			ev.UsedIP = a
			n.used = ev.Used.UnixMilli()
		}
		evs = append(evs, n)
		e.Add(ev)
		e.Advance(at)
	}
	end := at.Add(time.Duration(len(data)) * time.Minute)
	e.Advance(end)
	naiveStates(evs, cfg, end.UnixMilli())
	compare(t, e, evs, end.UnixMilli())
}

func compare(t *testing.T, e *Engine, evs []naiveEvent, end int64) {
	t.Helper()
	now := unit(end, e.epoch)
	seen := 0
	for i := range e.net.nodes.n {
		n := e.net.nodes.at(i)
		if n.bits == 0 {
			continue
		}
		seen++
		p := e.net.key(i).prefix(int(n.bits))
		var want tally
		for _, v := range evs {
			if !p.Contains(v.addr) {
				continue
			}
			for w := range 3 {
				x := math.Exp(float64(v.created-end) / span(w))
				switch v.state {
				case open:
					want.open[w] += x
				case done:
					want.done[w] += x
				}
			}
		}
		got := e.net.sums.at(i).read(&now)
		for w := range 3 {
			if !near1(got.open[w], want.open[w]) || !near1(got.done[w], want.done[w]) {
				t.Fatalf("%v window %d: open %v done %v, want %v %v", p, w, got.open[w], got.done[w], want.open[w], want.done[w])
			}
		}
	}
	if seen == 0 && len(evs) > 0 {
		t.Fatal("no network was counted")
	}
}
