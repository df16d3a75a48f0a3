package detect

import (
	"slices"
)

// install makes a cluster the owner of its key and claims its events.
func (e *Engine) install(c *cluster, set gathered) {
	if old := e.revive(c); old != nil {
		old.hot, old.all, old.drain, old.level = true, c.all, c.drain, stamina
		old.node, old.bits, old.key = c.node, c.bits, c.key
		if c.score() > old.score() {
			old.raw, old.trust, old.seen, old.base, old.window, old.doubt = c.raw, c.trust, c.seen, c.base, c.window, c.doubt
		}
		c = old
	} else {
		e.place(c)
	}
	switch c.h {
	case onAgent:
		c.text = e.agents.all[c.node].text
		e.agents.all[c.node].owner = c.at
	case onAccount:
		c.text = e.accounts.name(c.node)
		e.accounts.at(c.node).owner = c.at
	default:
		t := e.tries()[c.h]
		e.absorb(c)
		t.own(c.node, c.at)
		t.nodes.at(c.node).is |= partial
		c.nodes = append(c.nodes, c.node)
	}
	for _, n := range set.events {
		e.join(c.at, n)
	}
	c.doubted = len(c.members)
}

// place gives a new cluster its number.
func (e *Engine) place(c *cluster) {
	i := slices.Index(e.clusters, nil)
	if i < 0 {
		i = len(e.clusters)
		e.clusters = append(e.clusters, nil)
	}
	c.at = int32(i)
	e.clusters[i] = c
}

// revive finds the cold cluster that had the same key not long ago.
func (e *Engine) revive(c *cluster) *cluster {
	for _, o := range slices.Backward(e.clusters) {
		if o == nil || o.gone || o.h != c.h || c.flagged-o.latest > 3*day {
			continue
		}
		if c.h == onPlace && beside(o, c) {
			return o
		}
		if o.hot {
			continue
		}
		same := o.key == c.key && o.bits == c.bits
		if c.h < tries {
			b := min(o.bits, c.bits)
			same = common(o.key, c.key) >= int(b) && max(o.bits, c.bits)-b <= 4
		}
		if same {
			return o
		}
	}
	return nil
}

// beside reports whether two stretches of the address list follow each other
// closely enough to be one walk.
func beside(o, c *cluster) bool {
	wide := uint64(1) << (32 - min(o.bits, c.bits, 31))
	a, b := o.key.hi>>32, c.key.hi>>32
	if a > b {
		a, b = b, a
	}
	return b-a <= 4*wide
}

// absorb takes over the clusters inside c, unless one of them is most of it.
func (e *Engine) absorb(c *cluster) {
	for _, o := range e.clusters {
		if o == nil || o == c || o.gone || !o.hot || o.h != c.h || o.bits < c.bits || common(o.key, c.key) < int(c.bits) {
			continue
		}
		if o.raw > 2*c.raw {
			continue
		}
		if o.bits-c.bits <= near(c) {
			c.flagged = min(c.flagged, o.flagged)
		}
		c.raw, c.trust, c.newest = max(c.raw, o.raw), max(c.trust, o.trust), max(c.newest, o.newest)
		e.disown(o)
		o.hot, o.gone = false, true
		ms := o.members
		o.members = nil
		for _, m := range ms {
			if m.n >= e.log.first {
				e.log.at(m.n).member = none
				e.rejoin(c, m)
			} else {
				c.members = append(c.members, m)
			}
		}
	}
}

// near is how much wider a network may grow and still be the same finding.
func near(c *cluster) uint8 {
	if c.key.isV4(128) {
		return 4
	}
	return 16
}

func (e *Engine) rejoin(c *cluster, m member) {
	r := e.log.at(m.n)
	r.member, r.slot = c.at, int32(len(c.members))
	c.members = append(c.members, m)
	if e.isOpen(c.h, r) && r.stop[c.h] > c.bits && r.stop[c.h] != never {
		e.restop(c.h, r, c.bits)
	}
}

// restop lets an event count in networks of at least stop bits.
func (e *Engine) restop(h int, r *record, stop uint8) {
	if r.stop[h] == stop || r.leaf[h] == none {
		r.stop[h] = stop
		return
	}
	t := e.tries()[h]
	w := e.openUnit(h, r)
	if e.isOpen(h, r) {
		if r.stop[h] != never {
			t.bump(r.leaf[h], &w, -1, r.stop[h])
		}
		if stop != never {
			t.bump(r.leaf[h], &w, 1, stop)
		}
	}
	r.stop[h] = stop
	for i := r.leaf[h]; i != none; i = t.nodes.at(i).up {
		t.nodes.at(i).is |= partial
	}
}

// join makes event n a member of cluster at and takes it out of whatever else
// it would speak for.
func (e *Engine) join(at int32, n int64) {
	e.joinAt(at, n, e.clusters[at].bits)
}

func (e *Engine) joinAt(at int32, n int64, bits uint8) {
	c := e.clusters[at]
	r := e.log.at(n)
	if r.member != none || len(c.members) >= most {
		return
	}
	was := r.state == open
	if was {
		e.explain(c, r, bits)
	} else {
		e.preset(c, r, bits)
	}
	r.member, r.slot = at, int32(len(c.members))
	side := onRequest
	if c.h == onUse {
		side = onUse
	}
	m := member{n: n, id: e.log.name(n), agent: e.agents.all[r.agent].text, account: e.accounts.name(r.account), addr: e.key(side, r).addr()}
	e.fill(&m, n)
	c.newest = max(c.newest, r.created)
	c.members = append(c.members, m)
}

// preset is explain for an event that is not counted yet.
func (e *Engine) preset(c *cluster, r *record, bits uint8) {
	for h := range r.stop {
		switch {
		case h == onUse:
		case h == c.h:
			r.stop[h] = bits
		case c.h != onUse:
			r.stop[h] = never
		}
	}
	if c.h != onAgent {
		r.is |= agentOff
	}
}

// explain takes an open event out of the counts that the cluster makes moot.
func (e *Engine) explain(c *cluster, r *record, bits uint8) {
	w := e.openUnit(onRequest, r)
	e.total.addOpen(&w, -1)
	p := e.unit(r.created)
	e.plain.addOpen(&p.span, -1)
	if c.h != onAgent && !r.has(agentOff) {
		e.agents.all[r.agent].sum.addOpen(&w, -1)
		r.is |= agentOff
	}
	for h := range tries {
		switch h {
		case onUse:
		case c.h:
			e.restop(h, r, bits)
		default:
			e.restop(h, r, never)
		}
	}
}

// move follows a network whose fork was taken out of the tree.
func (c *cluster) move(to int32) {
	c.node = to
	c.nodes = append(c.nodes, to)
}

func (e *Engine) disown(c *cluster) {
	t := e.tries()[c.h]
	for _, i := range c.nodes {
		if t.owner(i) == c.at {
			t.disown(i)
		}
	}
	c.nodes = c.nodes[:0]
}
