package page

import (
	"strings"
	"testing"
	"time"
)

// A record that is slow to come says so, but not at once: it would flicker.
func TestSlowRecordsSaySo(t *testing.T) {
	for _, view := range []string{"reset", "email", "batch"} {
		m := busy()
		e := testEnv(m)
		v, _ := ViewNamed(view)
		p := v.Make(e, sampleOpen(m, view))
		p.SetSize(80, 20)
		answer := p.Init()
		if s := p.View(); strings.Contains(s, "loading") {
			t.Errorf("%s flickers", view)
		}
		e.Now = func() time.Time { return testNow().Add(time.Second) }
		if s := p.View(); !strings.Contains(s, "loading…") {
			t.Errorf("%s shows %q after a second", view, s)
		}
		if !p.(Holder).Holding() {
			t.Errorf("%s takes keys before its record is there", view)
		}
		(&driver{t: t, page: p, env: e, store: m}).do(answer)
		if s := p.View(); strings.Contains(s, "loading") {
			t.Errorf("%s goes on loading: %q", view, s)
		}
	}
}
