package detect

import (
	"cmp"
	"fmt"
	"slices"
)

// gathered is the traffic behind a verdict, from when it set in.
type gathered struct {
	events  []int64 // to be claimed
	firm    int     // unfinished accounts among them
	done    int
	all     bool
	domains map[int32]float64 // of the unfinished accounts
	asked   map[int32]int     // requests by account that is unfinished
}

// lookback is how far behind a verdict its traffic is sought.
func lookback(w int) int64 { return min(int64(3*span(w)), 16*day) }

// gather finds what a verdict is about: the events of its key since the traffic
// set in.
func (e *Engine) gather(r verdict, now int64) gathered {
	back := lookback(r.window)
	if r.flood {
		back = 2 * hour
	}
	ns := e.behind(r, now-back)
	slices.SortFunc(ns, func(a, b int64) int {
		x, y := e.log.at(a), e.log.at(b)
		if c := cmp.Compare(e.moment(r.h, x), e.moment(r.h, y)); c != 0 {
			return c
		}
		return x.id.compare(y.id)
	})
	ns = ns[e.onset(r, ns, now):]
	g := gathered{domains: map[int32]float64{}, asked: map[int32]int{}}
	for _, n := range ns {
		o := e.log.at(n)
		switch {
		case r.h == onUse && o.has(far) || r.h != onUse && o.state == open:
			if g.asked[o.account] == 0 {
				g.firm++
				g.domains[o.domain]++
			}
			g.asked[o.account]++
		case o.state == done:
			g.done++
		}
	}
	g.all = r.flood || r.h == onAccount || r.h != onAgent && r.h != onUse && 2*g.done <= g.firm
	for _, n := range ns {
		o := e.log.at(n)
		if r.h != onUse && o.state == repeat && g.asked[o.account] > 0 {
			g.asked[o.account]++
		}
		if g.all || r.h == onUse && o.has(far) || r.h != onUse && o.state == open {
			g.events = append(g.events, n)
		}
	}
	return g
}

// moment is when an event speaks: at its request or at its use.
func (e *Engine) moment(h int, r *record) int64 {
	if h == onUse {
		return r.used
	}
	return r.created
}

// behind lists the unclaimed events of a key since a moment, in any order.
func (e *Engine) behind(r verdict, since int64) []int64 {
	var ns []int64
	take := func(n int64, o *record) {
		if o.member == none && e.moment(r.h, o) >= since && o.state != ignored && o.created <= e.clock && !o.excused(r.h) {
			ns = append(ns, n)
		}
	}
	switch r.h {
	case onAccount:
		for m := e.newest(e.accounts.at(r.i)); m != none; m = e.log.older(m) {
			take(m, e.log.at(m))
		}
	case onAgent:
		for m := e.log.end - 1; m >= e.log.first && e.log.at(m).created >= since-day; m-- {
			if o := e.log.at(m); o.agent == r.i {
				take(m, o)
			}
		}
	default:
		e.under(e.tries()[r.h], r.h, r.i, take)
	}
	return ns
}

// onset is the index at which the traffic set in: where, looking back, evidence
// stops outrunning what time would bring anyway (Page's CUSUM, backwards).
func (e *Engine) onset(r verdict, ns []int64, now int64) int {
	if r.flood || r.h == onAccount {
		return 0
	}
	drain := 1.5*r.base/span(r.window)*overFloor(r) + 1/patience(r.window)
	level, best, at, last := 0.0, 0.0, len(ns), now
	for i := len(ns) - 1; i >= 0; i-- {
		o := e.log.at(ns[i])
		level -= drain * float64(last-e.moment(r.h, o))
		last = e.moment(r.h, o)
		if r.h == onUse && o.has(far) || r.h != onUse && o.state == open {
			level++
		}
		if level > best {
			best, at = level, i
		}
	}
	return at
}

// overFloor is 0 where the expectation is hardly more than the floor, so that
// the floor, which is no rate, does not cut a slow attack short.
func overFloor(r verdict) float64 {
	return max(0, r.base-2*floor(r.window)) / r.base
}

// doubts is how much of a verdict's traffic may be believed, 0 to 1, and the
// reason when not all.
func (e *Engine) doubts(r verdict, g gathered, now int64) (float64, string) {
	if e.cfg.Without.has(NoDoubts) || r.flood || r.h == onAccount || g.firm == 0 {
		return 1, ""
	}
	ds := sortedKeys(g.domains)
	slices.SortStableFunc(ds, func(a, b int32) int { return cmp.Compare(g.domains[b], g.domains[a]) })
	v := e.view(now)
	if r.h == onUse {
		return e.doubtGateway(ds, g, &v)
	}
	top := ds[0]
	mine := g.domains[top]
	if mine < 0.3*float64(g.firm) || e.domains.all[top].text == "" {
		return 1, ""
	}
	rest := 1 - mine/float64(g.firm)
	name := e.domains.all[top].text
	if e.concentrated(top, mine, float64(g.firm), &v) {
		if g.again(top, e) < 1.3 {
			return rest + 0.4*(1-rest), fmt.Sprintf("%.0f of %d accounts are at %s: its mail may be late", mine, g.firm, name)
		}
		return rest, fmt.Sprintf("%.0f of %d accounts are at %s and ask again and again: its mail may be late or blocked", mine, g.firm, name)
	}
	if e.late(top, mine, &v) {
		return rest, fmt.Sprintf("mail to %s is late for everybody", name)
	}
	return 1, ""
}

// concentrated reports whether a mail domain has far more of the traffic than
// its share of the service explains, and is one organisation's rather than a
// provider's that everybody has.
func (e *Engine) concentrated(d int32, mine, all float64, v *view) bool {
	const provider, clear = 0.15, 4
	p := e.popular(d, mine, v)
	return p < provider && poisson(mine, all*(p+0.01)) > clear
}

// again is how often the unfinished accounts of a domain asked.
func (g *gathered) again(d int32, e *Engine) float64 {
	n, k := 0, 0
	for a, asked := range g.asked {
		if e.accounts.at(a).domain == d {
			n++
			k += asked
		}
	}
	return float64(k) / float64(max(1, n))
}

// popular is a domain's share of the service, the traffic in question aside.
func (e *Engine) popular(d int32, mine float64, v *view) float64 {
	s := e.domains.all[d].sum.read(&v.now)
	t := v.total[0]
	return max(0, s.open[long]+s.done[long]-mine) / (t.open[long] + t.done[long] + 20)
}

// late reports whether a domain's accounts stay unfinished outside the traffic
// in question, too.
func (e *Engine) late(d int32, mine float64, v *view) bool {
	s := e.domains.all[d].sum.read(&v.now)
	others := s.open[short] - mine
	t := v.total[0]
	usual := t.open[short] / (t.open[long] + 1) * s.open[long]
	return others >= 8 && others > 3*usual
}

// doubtGateway knows a mail gateway that opens links: it serves one or two
// companies, and they are not the domains that everybody has.
func (e *Engine) doubtGateway(ds []int32, g gathered, v *view) (float64, string) {
	served, n := 0.0, 0
	for _, d := range ds {
		if n < 2 && e.concentrated(d, g.domains[d], float64(g.firm), v) {
			served += g.domains[d]
			n++
		}
	}
	if served >= 0.5*float64(g.firm) {
		return 1 - served/float64(g.firm), "most accounts are at one or two companies: this may be their mail gateway opening links"
	}
	return 1, ""
}

func sortedKeys(m map[int32]float64) []int32 {
	ks := make([]int32, 0, len(m))
	for k := range m {
		ks = append(ks, k)
	}
	slices.Sort(ks)
	return ks
}
