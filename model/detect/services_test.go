package detect_test

import (
	"net/netip"
	"testing"

	"doorman/model/detect"
)

// TestOtherServices runs the engine where nothing is as in the small trace:
// what it needs to know about a service it has to learn. Each has three weeks;
// recall is the least share of attacks found in them together, wrong the most
// clusters that are none, with and without attacks.
func TestOtherServices(t *testing.T) {
	type service struct {
		name         string
		perDay       int
		ready, delay float64
		size         float64 // of the attacks
		proxy        string
		recall       float64
		wrong        int
	}
	for _, s := range []service{
		{name: "few finish", perDay: 700, ready: 0.3, delay: 2, size: 1, recall: 0.85, wrong: 3},
		{name: "nearly all finish", perDay: 700, ready: 0.9, delay: 2, size: 1, recall: 0.95, wrong: 1},
		{name: "slow mail", perDay: 700, ready: 0.6, delay: 25, size: 1, recall: 0.9, wrong: 4},
		{name: "small", perDay: 60, ready: 0.6, delay: 2, size: 1, recall: 0.9, wrong: 4},
		{name: "large", perDay: 4000, ready: 0.6, delay: 2, size: 1, recall: 0.85, wrong: 1},
		{name: "weak attacks", perDay: 700, ready: 0.6, delay: 2, size: 0.4, recall: 0.6, wrong: 1},
		{name: "proxy", perDay: 700, ready: 0.6, delay: 2, size: 0, proxy: "10.0.0.1"},
	} {
		t.Run(s.name, func(t *testing.T) {
			recall, wrong := 0.0, 0
			for seed := range uint64(3) {
				w := newWorld(40+seed, 7)
				w.ready, w.minutes = s.ready, s.delay
				if s.proxy != "" {
					w.proxy = netip.MustParseAddr(s.proxy)
				}
				w.honest(s.perDay)
				if s.proxy == "" {
					w.benign()
				}
				wrong += len(replay(detect.Config{}, w.finish()))
				if s.size > 0 {
					w.raids(s.size)
					g := judge(w, replay(detect.Config{}, w.finish()))
					recall += g.recall / 3
					wrong += g.false_
				}
			}
			t.Logf("recall %.2f wrong %d", recall, wrong)
			if recall < s.recall || wrong > s.wrong {
				t.Errorf("recall %.2f, want %.2f; %d wrong, want at most %d", recall, s.recall, wrong, s.wrong)
			}
		})
	}
}
