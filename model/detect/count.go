package detect

import "math"

const (
	again   = 6 * hour // an account counts once in this time: a person clicking again is no new evidence
	earlier = hour     // a completion finishes what was requested up to `again` before and `earlier` after it
)

// ask lets a request take effect.
func (e *Engine) ask(n int64, from bitkey) {
	r := e.log.at(n)
	p := e.accounts.at(r.account)
	if p.is&asking != 0 {
		r.older = p.newest
	}
	p.newest, p.is = uint32(n), p.is|asking
	if r.has(operated) {
		r.state = ignored
		return
	}
	e.ripening = append(e.ripening, n)
	met := uint8(0)
	if from.known() {
		r.leaf[onRequest] = e.hang(onRequest, from, n)
		met = e.net.met
	}
	if p.owner != none {
		e.join(p.owner, n)
	}
	if met&owned != 0 {
		e.follow(n, r)
	}
	if !e.cfg.Without.has(NoAccounts) {
		e.accounts.touch(r.account)
	}
}

// hang puts event n under the leaf of its key.
func (e *Engine) hang(h int, k bitkey, n int64) int32 {
	t := e.tries()[h]
	l, made := t.insert(k)
	f := t.leafOf(l)
	if made {
		f.first = uint32(n)
	} else {
		e.log.at(e.log.long(f.last)).next[h] = uint32(n)
	}
	f.last = uint32(n)
	return l
}

// narrow reports whether a node is so small that a flood may be told by the
// plain number of requests: a /24, or the /56 of one customer.
func (n *node) narrow() bool {
	if n.is&v4 != 0 {
		return n.bits >= 96+24
	}
	return n.bits >= 56
}

// countRaw counts a ripe request by its own outcome, whatever its account did.
func (e *Engine) countRaw(r *record, kept, lost float64) {
	if r.leaf[onRequest] == none || r.has(free) {
		return
	}
	w := e.unit(r.created)
	up := kept * w.hour
	down := [2]float64{lost * w.hour * float64(r.weight), lost * w.span[middle] * float64(r.weight)}
	gate := floodLeast * e.hourly()
	for i := r.leaf[onRequest]; i != none; {
		n := e.net.nodes.at(i)
		if !n.narrow() {
			return
		}
		s := e.net.raws.at(i)
		s.kept += up
		s.lost[0] += down[0]
		s.lost[1] += down[1]
		if lost > 0 && s.lost[0] > gate {
			e.net.touch(i)
		}
		i = n.up
	}
}

// hourly is the scale of the counts of an hour at the clock.
func (e *Engine) hourly() float64 {
	if e.hourAt != e.clock || e.hourEpoch != e.epoch {
		e.hourAt, e.hourEpoch, e.hourIs = e.clock, e.epoch, math.Exp(float64(e.clock-e.epoch)/hour)
	}
	return e.hourIs
}

// ripen counts the requests that have been open for long enough.
func (e *Engine) ripen(now int64) {
	k := 0
	limit := now - e.patience.ripe()
	for k < len(e.ripening) {
		n := e.ripening[k]
		if n >= e.log.first && e.log.at(n).created > limit {
			break
		}
		k++
		if n >= e.log.first {
			e.ripe(n)
		}
	}
	e.ripening = e.ripening[k:]
}

// outcome counts a request as lost or kept when it is ripe.
func (e *Engine) outcome(r *record, lost bool) {
	r.is |= ripe
	if lost {
		e.countRaw(r, 0, 1)
	} else {
		e.countRaw(r, 1, 0)
	}
}

func (e *Engine) ripe(n int64) {
	r := e.log.at(n)
	lost := r.used == 0 || r.used > e.clock
	if r.state == waiting {
		e.decide(n, r)
	}
	e.outcome(r, lost)
}

// decide counts a ripe request that no one has finished so far.
func (e *Engine) decide(n int64, r *record) {
	p := e.accounts.at(r.account)
	switch {
	case p.doneAt >= r.created-earlier && !e.cfg.Without.has(NoUnfinished):
		e.settle(n, r, p)
	case r.created-p.counted < again:
		r.state = repeat
		e.follow(n, r)
	default:
		p.counted = max(p.counted, r.created)
		r.weight = e.weather(r)
		if r.place != 0 && !e.cfg.Without.has(NoPlaces) {
			r.leaf[onPlace] = e.hang(onPlace, placeKey(r.place), n)
		}
		e.cover(n, r)
		r.state = open
		e.countOpen(r, 1)
	}
}

// settle counts a request of an account that finished.
func (e *Engine) settle(n int64, r *record, p *person) {
	if r.created-p.counted < again {
		r.state = repeat
		e.follow(n, r)
		return
	}
	p.counted = max(p.counted, r.created)
	r.state = done
	e.countDone(r)
	e.feel(r, 0, 1)
	if e.net.met&owned != 0 {
		e.follow(n, r)
	}
}

// finish lets a redemption take effect: everything that its account requested
// lately is finished.
func (e *Engine) finish(n int64, from bitkey) {
	r := e.log.at(n)
	p := e.accounts.at(r.account)
	at := r.used
	p.doneAt = max(p.doneAt, at)
	e.land(n, r, from)
	if r.has(ripe) {
		e.countRaw(r, 1, -1)
	}
	e.patience.learn(at - r.created)
	if e.cfg.Without.has(NoUnfinished) {
		return
	}
	for m := e.newest(p); m != none; m = e.log.older(m) {
		o := e.log.at(m)
		if o.created < at-again {
			break
		}
		switch {
		case o.created > at+earlier:
		case o.state == waiting:
			e.settle(m, o, p)
		case o.state == open:
			e.countOpen(o, -1)
			o.state = done
			e.countDone(o)
		}
	}
}

// countOpen adds an unfinished account to all that it belongs to, or removes it.
func (e *Engine) countOpen(r *record, sign float64) {
	w := e.unit(r.created)
	d := w.times(float64(r.weight))
	if r.member == none {
		e.total.addOpen(&d, sign)
		e.plain.addOpen(&w.span, sign)
	}
	if r.leaf[onRequest] != none && r.stop[onRequest] != never && !r.has(free) {
		e.net.bump(r.leaf[onRequest], &d, sign, r.stop[onRequest])
	}
	if r.leaf[onPlace] != none && r.stop[onPlace] != never {
		e.list.bump(r.leaf[onPlace], &d, sign, r.stop[onPlace])
	}
	e.domains.all[r.domain].sum.addOpen(&d, sign)
	if !r.has(agentOff) {
		e.agents.all[r.agent].sum.addOpen(&d, sign)
		if sign > 0 && !e.cfg.Without.has(NoAgents) {
			e.agents.touch(r.agent)
		}
	}
}

func (e *Engine) countDone(r *record) {
	w := e.unit(r.created)
	e.total.addDone(&w.span)
	e.plain.addDone(&w.span)
	e.net.vouch(r.leaf[onRequest], &w.span)
	if r.place != 0 {
		i := r.leaf[onPlace]
		if i == none {
			i = e.list.locate(placeKey(r.place))
		}
		e.list.vouch(i, &w.span)
	}
	e.domains.all[r.domain].sum.addDone(&w.span)
	e.agents.all[r.agent].sum.addDone(&w.span)
}

// worthALook is how many unfinished accounts a network needs before it is
// weighed at all; no line is crossed below.
const worthALook = 3

// bump adds what is open to every network around leaf i that is at least stop
// bits long.
func (t *trie) bump(i int32, d *[3]float64, sign float64, stop uint8) {
	gate := worthALook * d[long]
	a, b, c := sign*d[short], sign*d[middle], sign*d[long]
	for i != none {
		n := t.nodes.at(i)
		if n.bits < stop {
			return
		}
		s := t.sums.at(i)
		s.open[short] += a
		s.open[middle] += b
		s.open[long] += c
		if c > 0 && s.open[long] > gate {
			t.touch(i)
		}
		i = n.up
	}
}

// vouch adds an account that finished to every network around node i.
func (t *trie) vouch(i int32, d *[3]float64) {
	t.met = 0
	for i != none {
		n := t.nodes.at(i)
		t.met |= n.is
		t.sums.at(i).addDone(d)
		i = n.up
	}
}

// land counts where a reset was redeemed, when that is far from where it was
// requested.
func (e *Engine) land(n int64, r *record, from bitkey) {
	if r.has(operated) || !from.known() || e.cfg.Without.has(NoUses) {
		return
	}
	w := e.unit(r.used)
	home := e.key(onRequest, r)
	e.uses.addDone(&w.span)
	if home.known() && apart(home, from) && !e.excepted(from.addr()) {
		r.is |= far
		r.leaf[onUse] = e.hang(onUse, from, n)
		e.coverUse(n, r)
		e.use.bump(r.leaf[onUse], &w.span, 1, r.stop[onUse])
		e.uses.addOpen(&w.span, 1)
	}
}

// apart tells two networks apart that one person would not have at home and at
// once: other /16s in IPv4, other /32s in IPv6, or one of each.
func apart(a, b bitkey) bool {
	v4 := a.isV4(128)
	if v4 != b.isV4(128) {
		return true
	}
	if v4 {
		return common(a, b) < 96+16
	}
	return common(a, b) < 32
}

// recount is what node i would count in a network of the given length around it,
// its open part found by looking at each event.
func (e *Engine) recount(h int, i int32, bits int) tally {
	t := e.tries()[h]
	s := *t.sums.at(i)
	s.open = [3]float64{}
	e.under(t, h, i, func(_ int64, r *record) {
		if !e.isOpen(h, r) || r.stop[h] > uint8(bits) {
			return
		}
		w := e.openUnit(h, r)
		s.addOpen(&w, 1)
	})
	return s
}

// under calls f for every event below node i, leaf by leaf.
func (e *Engine) under(t *trie, h int, i int32, f func(n int64, r *record)) {
	t.leaves(i, func(l *leaf) {
		for n := e.log.long(l.first); n != none; n = e.log.next(h, n) {
			f(n, e.log.at(n))
		}
	})
}

// isOpen reports whether an event is evidence in a hierarchy.
func (e *Engine) isOpen(h int, r *record) bool {
	if h == onUse {
		return r.has(far)
	}
	return r.state == open && !r.excused(h)
}

func (e *Engine) openUnit(h int, r *record) [3]float64 {
	if h == onUse {
		w := e.unit(r.used)
		return w.span
	}
	w := e.unit(r.created)
	return w.times(float64(r.weight))
}

// excused reports whether an exception keeps the event from speaking against
// its network.
func (r *record) excused(h int) bool { return h == onRequest && r.has(free) }
