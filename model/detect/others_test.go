package detect_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"doorman/model/detect"
)

// TestOtherAttacks plants families and crowds that the small trace lacks: a
// company's or a provider's accounts alone, several networks at once, a burst,
// mail bombs on several accounts or from one address; a monitor, a conference, a
// campaign.
func TestOtherAttacks(t *testing.T) {
	for seed := range uint64(4) {
		w := newWorld(70+seed, 7)
		w.honest(700)
		w.benign()
		r := w.r
		of := func(dom string) func(int) int {
			return func(int) int {
				for {
					if p := w.someone(); strings.HasSuffix(w.mails[p], dom) {
						return p
					}
				}
			}
		}
		one := func(s string) func(int) netip.Addr { return func(int) netip.Addr { return netip.MustParseAddr(s) } }
		any := func(int) int { return w.someone() }
		w.raid("company-spray", "185.1.1.1/32", 1.2, 5, 40, 0.05, w.agent, one("185.1.1.1"), of("firm-b.example"))
		w.raid("provider-spray", "185.9.1.1/32", 2.2, 5, 40, 0.05, w.agent, one("185.9.1.1"), of("post.example"))
		w.raid("three24s", "", 3.2, 5, 60, 0.05, w.agent, func(i int) netip.Addr { return v4([]string{"31.1.1.0", "45.2.2.0", "91.3.3.0"}[i%3], 8, r) }, any)
		w.raid("two48s", "", 4.2, 5, 50, 0.05, w.agent, func(i int) netip.Addr { return v6([]string{"2a0b:1:1::", "2a0c:2:2::"}[i%2], 48, 128, r) }, any)
		w.raid("v6single", "2a0d::1/128", 5.2, 3, 30, 0.05, w.agent, one("2a0d::1"), any)
		w.raid("bomb-from-one", "", 5.6, 1, 60, 0, w.agent, one("77.7.7.7"), func(int) int { return 77 })
		w.raid("bomb-many", "", 6.1, 3, 90, 0, w.agent, func(int) netip.Addr { return w.home(w.someone()) }, func(i int) int { return 100 + i%4 })
		w.raid("burst", "62.5.5.5/32", 6.5, 0.05, 40, 0, w.agent, one("62.5.5.5"), any)
		// crowds
		for k := range 7 * 288 { // a monitor that asks every five minutes
			w.ask(w.start.Add(time.Duration(k)*5*time.Minute), 5, netip.MustParseAddr("9.9.9.9"), "monitor", 0)
		}
		at := w.start.Add(3*24*time.Hour + 9*time.Hour)
		for range 150 { // a conference
			w.visit(at.Add(time.Duration(r.IntN(480))*time.Minute), w.someone(), netip.MustParseAddr("90.90.90.90"), 0.5)
		}
		for range 2500 { // a campaign mail
			p := w.someone()
			w.visit(w.start.Add(5*24*time.Hour+8*time.Hour+time.Duration(r.ExpFloat64()*120)*time.Minute), p, w.home(p), 0.35)
		}
		cs := replay(detect.Config{Withdrawn: true}, w.finish())
		g := judge(w, cs)
		t.Logf("%+v", g)
		if g.recall < 0.85 || g.false_ > 0 {
			t.Errorf("%+v: %s", g, keys(cs))
		}
	}
}
