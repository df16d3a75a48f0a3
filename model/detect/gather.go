package detect

import (
	"fmt"
	"slices"
)

// gathered is the traffic behind a verdict, from when it set in. It is good until
// the next is gathered.
type gathered struct {
	events  []int64 // to be claimed
	firm    int     // unfinished accounts among them
	done    int
	all     bool
	domains *counter // of the unfinished accounts
	asked   *counter // requests by account that is unfinished
}

// desk is where traffic is laid out to be looked at.
type desk struct {
	seen    []sighting
	ordered []sighting
	keys    []uint64
	events  []int64
	domains counter
	asked   counter
	visits  []visit
}

// sighting is an event and when it speaks.
type sighting struct {
	at int64
	n  int64
	r  *record
}

// lay clears the desk for up to n events.
func (e *Engine) lay(n int) gathered {
	d := &e.desk
	d.domains.reset(n)
	d.asked.reset(n)
	return gathered{domains: &d.domains, asked: &d.asked, events: d.events[:0]}
}

// note takes an unfinished account into account.
func (g *gathered) note(r *record) {
	if g.asked.add(r.account) == 0 {
		g.firm++
		g.domains.add(r.domain)
	}
}

// retried takes a further request of an account into account.
func (g *gathered) retried(r *record) {
	if g.asked.of(r.account) > 0 {
		g.asked.add(r.account)
	}
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
	seen := e.desk.order(e.behind(r, now-back), now-back)
	seen = seen[e.onset(r, seen, now):]
	g := e.lay(len(seen))
	for _, s := range seen {
		switch {
		case r.firm(s.r):
			g.note(s.r)
		case s.r.state == done:
			g.done++
		}
	}
	g.all = r.flood || r.h == onAccount || r.h != onAgent && r.h != onUse && 2*g.done <= g.firm
	for _, s := range seen {
		if r.h != onUse && s.r.state == repeat {
			g.retried(s.r)
		}
		if g.all || r.firm(s.r) {
			g.events = append(g.events, s.n)
		}
	}
	e.desk.events = g.events
	return g
}

// order sorts sightings that are at most 49 days younger than a moment, those of
// one moment by their ids. Numbers are sorted several times as fast as structs.
func (d *desk) order(seen []sighting, since int64) []sighting {
	keys, out := d.keys[:0], d.ordered[:0]
	for i, s := range seen {
		keys = append(keys, uint64(s.at-since)<<32|uint64(i))
	}
	slices.Sort(keys)
	for _, k := range keys {
		out = append(out, seen[uint32(k)])
	}
	for left := out; len(left) > 0; {
		k := 1
		for k < len(left) && left[k].at == left[0].at {
			k++
		}
		slices.SortFunc(left[:k], func(a, b sighting) int { return a.r.id.compare(b.r.id) })
		left = left[k:]
	}
	d.keys, d.ordered = keys, out
	return out
}

// firm reports whether an event is what a verdict rests on.
func (r *verdict) firm(o *record) bool {
	if r.h == onUse {
		return o.has(far)
	}
	return o.state == open
}

// moment is when an event speaks: at its request or at its use.
func (e *Engine) moment(h int, r *record) int64 {
	if h == onUse {
		return r.used
	}
	return r.created
}

// behind lists the unclaimed events of a key since a moment, in any order.
func (e *Engine) behind(r verdict, since int64) []sighting {
	seen := e.desk.seen[:0]
	take := func(n int64, o *record) {
		at := e.moment(r.h, o)
		if o.member == none && at >= since && o.state != ignored && o.created <= e.clock && !o.excused(r.h) {
			seen = append(seen, sighting{at, n, o})
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
	e.desk.seen = seen
	return seen
}

// onset is the index at which the traffic set in: where, looking back, evidence
// stops outrunning what time would bring anyway (Page's CUSUM, backwards).
func (e *Engine) onset(r verdict, seen []sighting, now int64) int {
	if r.flood || r.h == onAccount {
		return 0
	}
	drain := 1.5*r.base/span(r.window)*overFloor(r) + 1/patience(r.window)
	level, best, at, last := 0.0, 0.0, len(seen), now
	for i := len(seen) - 1; i >= 0; i-- {
		level -= drain * float64(last-seen[i].at)
		last = seen[i].at
		if r.firm(seen[i].r) {
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
	ds := g.domains.ranked()
	v := e.view(now)
	if r.h == onUse {
		return e.doubtGateway(ds, g, &v)
	}
	top, mine := ds[0].key, float64(ds[0].n)
	if mine < 0.3*float64(g.firm) || e.domains.all[top].text == "" {
		return 1, ""
	}
	rest := 1 - mine/float64(g.firm)
	name := e.domains.all[top].text
	if e.concentrated(top, mine, float64(g.firm), &v) {
		if g.again(top, e) < 1.3 {
			return rest + 0.4*(1-rest), fmt.Sprintf("%.0f of %d accounts are at %s: email to it may be late", mine, g.firm, name)
		}
		return rest, fmt.Sprintf("%.0f of %d accounts are at %s and request again and again: email to it may be late or blocked", mine, g.firm, name)
	}
	if e.late(top, mine, &v) {
		return rest, fmt.Sprintf("email to %s is late for everyone", name)
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
	n, k := 0, int32(0)
	for _, a := range g.asked.slots {
		if a.n > 0 && e.accounts.at(a.key).domain == d {
			n++
			k += a.n
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
func (e *Engine) doubtGateway(ds []count, g gathered, v *view) (float64, string) {
	served, n := 0.0, 0
	for _, d := range ds {
		if n < 2 && e.concentrated(d.key, float64(d.n), float64(g.firm), v) {
			served += float64(d.n)
			n++
		}
	}
	if served >= 0.5*float64(g.firm) {
		return 1 - served/float64(g.firm), "most accounts are at one or two companies: their mail gateway may open the links"
	}
	return 1, ""
}
