package detect

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// Sightings are in the order of their moments, those of one moment in that of
// their ids.
func TestOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var d desk
	for range 200 {
		const since = 1_700_000_000_000
		seen := make([]sighting, r.IntN(60))
		for i := range seen {
			at := since + r.Int64N(20)
			if r.IntN(2) == 0 {
				at = since + r.Int64N(16*day)
			}
			seen[i] = sighting{at, int64(i), &record{id: ident{hi: r.Uint64N(3), lo: r.Uint64()}}}
		}
		want := slices.Clone(seen)
		slices.SortFunc(want, func(a, b sighting) int { return cmp.Or(cmp.Compare(a.at, b.at), a.r.id.compare(b.r.id)) })
		if got := d.order(seen, since); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	}
}

// What was refused is looked at again when it has grown, or after a while: after
// a day where it rests on a week.
func TestARefusalHolds(t *testing.T) {
	for window, hold := range []int64{short: 3 * hour, middle: 3 * hour, long: day} {
		e := New(Config{})
		r := verdict{h: onUse, bits: 120, window: window, score: 20}
		e.refuse(r, day)
		for _, c := range []struct {
			score float64
			after int64
			want  bool
		}{{20, hold - 1, true}, {22, hold - 1, true}, {23, hold - 1, false}, {20, hold, false}} {
			r.score = c.score
			if got := e.refusedBefore(r, day+c.after); got != c.want {
				t.Errorf("window %d, score %v, %d ms later: refused %v", window, c.score, c.after, got)
			}
		}
		if e.pardon(day + hold - 1); len(e.refusals) != 1 {
			t.Errorf("window %d: pardoned too soon", window)
		}
		if e.pardon(day + hold); len(e.refusals) != 0 {
			t.Errorf("window %d: never pardoned", window)
		}
	}
}
