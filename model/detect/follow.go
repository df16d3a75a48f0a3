package detect

// cover lets a hot cluster claim an unfinished request before it is counted.
func (e *Engine) cover(n int64, r *record) {
	if r.member != none {
		e.refeed(e.clusters[r.member], r)
		return
	}
	for _, h := range [...]int{onRequest, onPlace} {
		t := e.tries()[h]
		if h == onRequest && r.has(free) || len(t.owners) == 0 {
			continue
		}
		for i := r.leaf[h]; i != none; i = t.nodes.at(i).up {
			if c := t.owner(i); c != none {
				e.joinAt(c, n, t.nodes.at(i).bits)
				e.clusters[c].feed(r.created)
				t.touch(i)
				return
			}
		}
	}
	if c := e.agents.all[r.agent].owner; c != none {
		e.join(c, n)
		e.clusters[c].feed(r.created)
		e.agents.touch(r.agent)
	}
}

// refeed lets a member that turns out unfinished keep its cluster alive.
func (e *Engine) refeed(c *cluster, r *record) {
	if !c.hot {
		return
	}
	c.feed(r.created)
	if c.h < tries {
		e.tries()[c.h].touch(c.node)
	}
}

// follow lets a hot cluster claim a request that is no evidence of its own, or
// not yet.
func (e *Engine) follow(n int64, r *record) {
	if r.member != none || r.has(free) || len(e.net.owners) == 0 {
		return
	}
	for i := r.leaf[onRequest]; i != none; i = e.net.nodes.at(i).up {
		if at := e.net.owner(i); at != none {
			if c := e.clusters[at]; c.all {
				e.join(at, n)
				if c.flood {
					c.feed(r.created)
					e.net.touch(i)
				}
			}
			return
		}
	}
}

// coverUse lets a hot cluster claim a use before it is counted.
func (e *Engine) coverUse(n int64, r *record) {
	for i := r.leaf[onUse]; i != none; i = e.use.nodes.at(i).up {
		if c := e.use.owner(i); c != none {
			if r.member == none {
				e.join(c, n)
			}
			r.stop[onUse] = e.clusters[c].bits
			e.clusters[c].feed(r.used)
			e.use.touch(i)
			return
		}
	}
}

// doubtAgain doubts a living cluster by what it has claimed since.
func (e *Engine) doubtAgain(c *cluster) {
	if c.flood || c.h == onAccount {
		return
	}
	g := e.lay(len(c.members))
	for _, m := range c.members {
		if m.n < e.log.first {
			continue
		}
		o := e.log.at(m.n)
		if c.h == onUse || o.state == open {
			g.note(o)
		} else if o.state == repeat {
			g.retried(o)
		}
	}
	c.trust, c.doubt = e.doubts(verdict{h: c.h, i: c.node}, g, e.clock)
}

// forget drops what is older than the horizon.
func (e *Engine) forget(now int64) {
	limit := now - e.cfg.Horizon.Milliseconds()
	for e.log.len() > 0 && e.log.at(e.log.first).created < limit {
		e.warmOld(limit)
		e.forgetOldest()
	}
}

// crowd drops the oldest while there are more events in force than Config.Most
// allows. What has not come into force is not old.
func (e *Engine) crowd() {
	for e.cfg.Most > 0 && e.inForce > e.cfg.Most {
		r := e.log.at(e.log.first)
		if !r.has(inForce) {
			return
		}
		e.lost = max(e.lost, r.created)
		e.forgetOldest()
	}
}

func (e *Engine) forgetOldest() {
	n := e.log.first
	r := e.log.at(n)
	for h, t := range e.tries() {
		if l := r.leaf[h]; l != none {
			e.unhang(t, h, l, n)
		}
	}
	if r.member != none {
		if c := e.clusters[r.member]; c != nil && int(r.slot) < len(c.members) && c.members[r.slot].n == n {
			e.fill(&c.members[r.slot], n)
			c.members[r.slot].n = none
		}
	}
	if r.has(inForce) {
		e.inForce--
		e.agents.act(r.agent, -1)
	}
	e.agents.release(r.agent)
	e.domains.release(r.domain)
	e.accounts.release(r.account)
	e.log.forget()
}

// unhang takes event x from its leaf, and the leaf when it was the last.
func (e *Engine) unhang(t *trie, h int, l int32, x int64) {
	f := t.leafOf(l)
	first, after := e.log.long(f.first), e.log.next(h, x)
	switch {
	case first == x && after == none:
		t.remove(l)
	case first == x:
		f.first = uint32(after)
	default:
		p := first
		for e.log.next(h, p) != x {
			p = e.log.next(h, p)
		}
		if after == none {
			f.last, after = uint32(p), p
		}
		e.log.at(p).next[h] = uint32(after)
	}
}

// archive lets clusters go whose events are all forgotten.
func (e *Engine) archive(now int64) {
	for i, c := range e.clusters {
		if c == nil || c.hot || now-c.latest <= e.cfg.Horizon.Milliseconds() || e.log.len() > 0 && e.log.at(e.log.first).created <= c.newest {
			continue
		}
		if e.onArchive != nil && e.shown(c) {
			e.onArchive(e.show(c))
		}
		e.clusters[i] = nil
	}
}

// tick is one moment of judgement.
func (e *Engine) tick(now int64) {
	e.clock = now
	e.rebase(now)
	e.ripen(now)
	e.judge(now)
	e.cool(now)
	e.forget(now)
	if now/(3*hour) != (now-e.cfg.Tick.Milliseconds())/(3*hour) {
		e.pardon(now)
		e.archive(now)
	}
}

func (e *Engine) weighFloodMembers(c *cluster) verdict {
	v := e.view(e.clock)
	var wasted, kept float64
	for i := len(c.members) - 1; i >= 0 && c.members[i].created >= e.clock-hour; i-- {
		m := &c.members[i]
		at := m.used
		if m.n >= e.log.first { // what is shown later must not matter
			at = e.log.at(m.n).used
		}
		if at != 0 && at <= e.clock {
			kept++
		} else {
			wasted++
		}
	}
	x := 4 + v.odds*kept
	return verdict{score: poisson(wasted, x), seen: wasted, base: x}
}
