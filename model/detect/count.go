package detect

import "math"

const (
	again   = 6 * hour // an account counts once in this time: a person clicking again is no new evidence
	earlier = hour     // a completion finishes what was asked for up to `again` before and `earlier` after it
)

// ask lets a request take effect.
func (e *Engine) ask(n int64) {
	r := e.log.at(n)
	p := &e.accounts.all[r.account]
	r.older, p.newest = p.newest, n
	if r.operator {
		r.state = ignored
		return
	}
	e.ripening = append(e.ripening, n)
	if r.addr.known() {
		r.leaf[onRequest] = e.hang(onRequest, r.addr, n)
	}
	if p.owner != none {
		e.join(p.owner, n)
	}
	e.follow(n, r)
	if !e.cfg.Without.has(NoAccounts) {
		e.accounts.touch(r.account)
	}
}

// hang puts event n under the leaf of its key.
func (e *Engine) hang(h int, k bitkey, n int64) int32 {
	t := e.tries()[h]
	l := t.insert(k)
	if f := &t.nodes[l]; f.last == none {
		f.first, f.last = n, n
	} else {
		e.log.at(f.last).next[h] = n
		f.last = n
	}
	return l
}

// narrow reports whether a node is so small that a flood may be told by the
// plain number of requests: a /24, or the /56 of one customer.
func (n *node) narrow() bool {
	if n.key.isV4(int(n.bits)) {
		return n.bits >= 96+24
	}
	return n.bits >= 56
}

// countRaw counts a ripe request by its own outcome, whatever its account did.
func (e *Engine) countRaw(r *record, kept, lost float64) {
	if r.leaf[onRequest] == none || r.free {
		return
	}
	w := e.unit(r.created)
	d := tally{kept: kept * w.kept, lost: [2]float64{lost * w.lost[0] * float64(r.weight), lost * w.lost[1] * float64(r.weight)}}
	gate := floodLeast * e.hourly()
	for i := r.leaf[onRequest]; i != none && e.net.nodes[i].narrow(); i = e.net.nodes[i].up {
		s := &e.net.sums[i]
		s.kept += d.kept
		s.lost[0] += d.lost[0]
		s.lost[1] += d.lost[1]
		if lost > 0 && s.lost[0] > gate {
			e.net.touch(i)
		}
	}
}

// hourly is the scale of the counts of an hour at the clock.
func (e *Engine) hourly() float64 { return math.Exp(float64(e.clock-e.epoch) / hour) }

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
	r.ripe = true
	if lost {
		e.countRaw(r, 0, 1)
	} else {
		e.countRaw(r, 1, 0)
	}
}

func (e *Engine) ripe(n int64) {
	r := e.log.at(n)
	lost := r.used == 0 || r.used > e.clock
	if r.state != waiting {
		e.outcome(r, lost)
		return
	}
	defer e.outcome(r, lost)
	p := &e.accounts.all[r.account]
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
	defer e.follow(n, r)
	if r.created-p.counted < again {
		r.state = repeat
		return
	}
	p.counted = max(p.counted, r.created)
	r.state = done
	e.countDone(r)
	e.feel(r, 0, 1)
}

// finish lets a redemption take effect: everything that its account asked for
// lately is finished.
func (e *Engine) finish(n int64) {
	r := e.log.at(n)
	p := &e.accounts.all[r.account]
	at := r.used
	p.doneAt = max(p.doneAt, at)
	e.land(n, r)
	if r.ripe {
		e.countRaw(r, 1, -1)
	}
	e.patience.learn(at - r.created)
	if e.cfg.Without.has(NoUnfinished) {
		return
	}
	for m := p.newest; m >= e.log.first; m = e.log.at(m).older {
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

// countOpen adds an unfinished account to all that it belongs to, or takes it
// back.
func (e *Engine) countOpen(r *record, sign float64) {
	w := e.unit(r.created)
	d := tally{open: w.open}
	d.scale(&tally{open: [3]float64{float64(r.weight), float64(r.weight), float64(r.weight)}})
	if r.member == none {
		e.total.add(&d, sign)
		p := tally{open: w.open}
		e.plain.add(&p, sign)
	}
	for h, t := range e.tries() {
		if h != onUse && r.leaf[h] != none && r.stop[h] != never && !r.excused(h) {
			t.bump(r.leaf[h], &d, sign, r.stop[h])
		}
	}
	e.domains.all[r.domain].sum.add(&d, sign)
	if !r.agentOff {
		a := &e.agents.all[r.agent]
		a.sum.add(&d, sign)
		if sign > 0 && !e.cfg.Without.has(NoAgents) {
			e.agents.touch(r.agent)
		}
	}
}

func (e *Engine) countDone(r *record) {
	w := e.unit(r.created)
	d := tally{done: w.done}
	e.total.add(&d, 1)
	e.plain.add(&d, 1)
	e.net.vouch(r.leaf[onRequest], &d)
	if r.place != 0 {
		e.list.vouch(e.list.locate(placeKey(r.place)), &d)
	}
	e.domains.all[r.domain].sum.add(&d, 1)
	e.agents.all[r.agent].sum.add(&d, 1)
}

// worthALook is how many unfinished accounts a network needs before it is
// weighed at all; no line is crossed below.
const worthALook = 3

// bump adds what is open to every network around leaf i that is at least stop
// bits long.
func (t *trie) bump(i int32, d *tally, sign float64, stop uint8) {
	gate := worthALook * d.open[long]
	a, b, c := sign*d.open[short], sign*d.open[middle], sign*d.open[long]
	for i != none {
		n := &t.nodes[i]
		if n.bits < stop {
			return
		}
		s := &t.sums[i]
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
func (t *trie) vouch(i int32, d *tally) {
	for i != none {
		s := &t.sums[i]
		s.done[short] += d.done[short]
		s.done[middle] += d.done[middle]
		s.done[long] += d.done[long]
		i = t.nodes[i].up
	}
}

// land counts where a reset was redeemed, when that is far from where it was
// asked for.
func (e *Engine) land(n int64, r *record) {
	if r.operator || !r.usedAddr.known() || e.cfg.Without.has(NoUses) {
		return
	}
	w := e.unit(r.used)
	r.far = r.addr.known() && far(r.addr, r.usedAddr) && !e.excepted(r.usedAddr.addr())
	d := tally{done: w.done}
	if r.far {
		d.open = w.open
		r.leaf[onUse] = e.hang(onUse, r.usedAddr, n)
		e.coverUse(n, r)
		e.use.bump(r.leaf[onUse], &d, 1, r.stop[onUse])
	}
	e.uses.add(&d, 1)
}

// far tells two networks apart that one person would not have at home and at
// once: other /16s in IPv4, other /32s in IPv6, or one of each.
func far(a, b bitkey) bool {
	v4 := a.isV4(128)
	if v4 != b.isV4(128) {
		return true
	}
	if v4 {
		return common(a, b) < 96+16
	}
	return common(a, b) < 32
}

// recount is what the events under node i count for in a network of the given
// length, by looking at each.
func (e *Engine) recount(h int, i int32, bits int) tally {
	t := e.tries()[h]
	s := t.sums[i]
	s.open = [3]float64{}
	t.leaves(i, func(l int32) {
		for n := t.nodes[l].first; n != none; n = e.log.at(n).next[h] {
			r := e.log.at(n)
			if !e.isOpen(h, r) || r.stop[h] > uint8(bits) {
				continue
			}
			w := e.openUnit(h, r)
			s.add(&w, 1)
		}
	})
	return s
}

// isOpen reports whether an event is evidence in a hierarchy.
func (e *Engine) isOpen(h int, r *record) bool {
	if h == onUse {
		return r.far
	}
	return r.state == open && !r.excused(h)
}

func (e *Engine) openUnit(h int, r *record) tally {
	if h == onUse {
		return tally{open: e.unit(r.used).open}
	}
	w := tally{open: e.unit(r.created).open}
	for k := range w.open {
		w.open[k] *= float64(r.weight)
	}
	return w
}

// excused reports whether an exception keeps the event from speaking against
// its network.
func (r *record) excused(h int) bool { return h == onRequest && r.free }
