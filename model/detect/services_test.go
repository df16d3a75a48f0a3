package detect_test

import (
	"net/netip"
	"testing"

	"doorman/model/detect"
)

// TestOtherServices runs the engine where nothing is as in the small trace:
// what it needs to know about a service it has to learn.
func TestOtherServices(t *testing.T) {
	type service struct {
		name           string
		perDay         int
		ready, delay   float64
		size           float64 // of the attacks
		proxy          string
		recall, false_ float64
	}
	for _, s := range []service{
		{name: "few finish", perDay: 700, ready: 0.3, delay: 2, size: 1},
		{name: "nearly all finish", perDay: 700, ready: 0.9, delay: 2, size: 1},
		{name: "slow mail", perDay: 700, ready: 0.6, delay: 25, size: 1},
		{name: "small", perDay: 60, ready: 0.6, delay: 2, size: 1},
		{name: "large", perDay: 4000, ready: 0.6, delay: 2, size: 1},
		{name: "weak attacks", perDay: 700, ready: 0.6, delay: 2, size: 0.4},
		{name: "proxy", perDay: 700, ready: 0.6, delay: 2, size: 0, proxy: "10.0.0.1"},
	} {
		t.Run(s.name, func(t *testing.T) {
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
				quiet := replay(detect.Config{Withdrawn: true}, w.finish())
				for _, c := range quiet {
					t.Logf("QUIET %s %.0f at %v: %s %s", c.Key, c.Score, c.Flagged.Format("02 15:04"), c.Why, c.Against)
				}
				if s.size > 0 {
					w.raids(s.size)
					cs := replay(detect.Config{}, w.finish())
					g := judge(w, cs)
					t.Logf("%+v of %d", g, len(cs))
				}
			}
		})
	}
}
