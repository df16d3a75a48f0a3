package page

import (
	"fmt"
	"testing"
	"time"

	"doorman/model"
)

// arrive adds resets that are younger than all others.
func (m *memory) arrive(n int) {
	for range n {
		i := len(m.resets)
		r := m.resets[0]
		r.ID, r.Created = model.NewResetID(fmt.Sprintf("%032x", 0xa000+i), model.SchemeSecret), testNow().Add(time.Duration(i)*time.Millisecond)
		m.resets = append([]model.Reset{r}, m.resets...)
	}
}

// At the top of a list new rows show; further down they are counted until one
// goes to look.
func TestNewRowsAreCounted(t *testing.T) {
	m := attacked()
	d := drive(t, m, Open{View: "resets"}, 120, 20)
	m.arrive(2)
	d.do(d.page.Update(Changed{}))
	d.misses(" new (")
	d.press("G")
	m.arrive(3)
	d.do(d.page.Update(Changed{}))
	d.sees("↑ 3 new (g)").press("g").misses(" new (")
}

// While the lists stand still, what came is counted.
func TestPausedListsCountWhatCame(t *testing.T) {
	m := attacked()
	d := drive(t, m, Open{View: "resets"}, 120, 20)
	d.env.Paused = true
	m.arrive(7)
	d.do(d.page.(Misser).Missed())
	d.sees("↑ 7 new (u)")
	m.arrive(500)
	d.do(d.page.(Misser).Missed())
	d.sees("↑ 200+ new (u)")
	d.env.Paused = false
	d.do(d.page.Update(Changed{}))
	d.misses(" new (")
}

func TestTimesByTheClock(t *testing.T) {
	m := attacked()
	d := drive(t, m, Open{View: "resets"}, 120, 36).sees(" 1m  ▲ live")
	d.env.Absolute, d.env.Zone = true, time.FixedZone("CET", 3600)
	d.env.Turn() // as the shell does with each key
	d.sees("04:03  ▲ live").misses(" 1m  ● live")
}
