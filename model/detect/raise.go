package detect

import "math"

// raise turns a verdict into a cluster unless doubts or an existing cluster
// explain it.
func (e *Engine) raise(r verdict, now int64) {
	v := e.view(now)
	line := v.line
	r, ok := e.stands(r, &v)
	if !ok || e.refusedBefore(r, now) {
		return
	}
	was := r
	r = e.widen(r, &v)
	set := e.gather(r, now)
	if r.h == onPlace || r.h == onAgent {
		if s, ok := e.instead(r, set, &v); ok {
			r, set, line = s, e.gather(s, now), 0.6*line
		}
	}
	if !r.flood && r.h != onAccount && set.firm < int(e.cfg.MinAccounts) {
		e.refuse(was, now)
		return
	}
	trust, doubt := e.doubts(r, set, now)
	if believed(r.score, r.seen, r.base, trust) < line || e.quieted(e.suspect(r)) {
		e.refuse(was, now)
		return
	}
	e.install(e.cluster(r, set, trust, doubt, &v), set)
}

// stands weighs a verdict again, since what was raised before it may explain it,
// and narrows it down.
func (e *Engine) stands(r verdict, v *view) (verdict, bool) {
	switch r.h {
	case onAccount:
		return r, true
	case onAgent:
		w := e.weigh(onAgent, &e.agents.all[r.i].sum, float64(e.agents.inForce), false, v)
		w.i, w.key = r.i, r.key
		return w, w.score >= v.line && w.seen >= leastAgent
	}
	t := e.tries()[r.h]
	if e.covered(t, r.i) {
		return r, false
	}
	if !r.flood {
		r = e.shrink(r, v)
	}
	return r, r.score >= v.line && !e.covered(t, r.i)
}

// leastAgent is how many unfinished accounts an agent needs: a new browser
// version has some as well.
const leastAgent = 8

// cluster is a new one; what keeps it hot drains as fast as its key's usual
// traffic, or its window's patience, would feed it.
func (e *Engine) cluster(r verdict, set gathered, trust float64, doubt string, v *view) *cluster {
	c := &cluster{
		h: r.h, node: r.i, key: r.key, bits: r.bits, flood: r.flood, hot: true, flagged: e.clock, latest: e.clock, all: set.all,
		raw: r.score, trust: trust, doubt: doubt, whole: math.Inf(1), seen: r.seen, base: r.base, usual: 1 - v.usual, window: r.window, level: stamina,
	}
	c.drain = stamina / patience(r.window)
	if r.base > 1 {
		c.drain += 1.5 * r.base / span(r.window)
	}
	return c
}

// suspect names what a verdict is about.
func (e *Engine) suspect(r verdict) *cluster {
	c := &cluster{h: r.h, key: r.key, bits: r.bits}
	switch r.h {
	case onAgent:
		c.text = e.agents.all[r.i].text
	case onAccount:
		c.text = e.accounts.name(r.i)
	}
	return c
}

// subject is what a verdict is about.
type subject struct {
	h     int
	key   bitkey
	bits  uint8
	flood bool
}

// refusal remembers a verdict that doubts have explained, so that its traffic
// is not gone through again at every tick.
type refusal struct {
	score float64
	until int64
}

func (r *verdict) subject() subject { return subject{r.h, r.key, r.bits, r.flood} }

func (e *Engine) refuse(r verdict, now int64) {
	hold := int64(3 * hour)
	if r.window == long { // what a week says changes little in hours
		hold = day
	}
	e.refusals[r.subject()] = refusal{r.score, now + hold}
}

// refusedBefore reports whether the verdict was refused lately and has not
// grown since by what would change a mind.
func (e *Engine) refusedBefore(r verdict, now int64) bool {
	f, ok := e.refusals[r.subject()]
	return ok && now < f.until && r.score < 1.15*f.score
}

// pardon forgets old refusals.
func (e *Engine) pardon(now int64) {
	for k, f := range e.refusals {
		if now >= f.until {
			delete(e.refusals, k)
		}
	}
}

// instead finds the network that explains most of what an agent or a stretch
// of the list was raised for: a network is what can be blocked.
func (e *Engine) instead(r verdict, g gathered, v *view) (verdict, bool) {
	var ms []member
	for _, n := range g.events {
		ms = append(ms, member{addr: e.key(onRequest, e.log.at(n)).addr()})
	}
	key, bits, in := narrowest(ms, r.base)
	if len(in) == 0 {
		return verdict{}, false
	}
	i := e.net.find(key, bits)
	if i == none {
		return verdict{}, false
	}
	r = e.weighNode(onRequest, i, v)
	r.h = onRequest
	return r, r.score >= 0.6*v.line && !e.covered(e.net, i)
}

// shrink goes down to the narrowest network that still holds nearly all.
func (e *Engine) shrink(r verdict, v *view) verdict {
	t := e.tries()[r.h]
	r = e.again(r, v)
	for {
		n := t.nodes.at(r.i)
		if n.leaf() || r.score == 0 {
			return r
		}
		a, b := n.kid[0], n.kid[1]
		if t.sums.at(a).open[r.window] < t.sums.at(b).open[r.window] {
			a = b
		}
		if t.sums.at(a).open[r.window] < 0.85*t.sums.at(r.i).open[r.window] || t.owner(a) != none {
			return r
		}
		s := e.weighNode(r.h, a, v)
		if s.score < 0.9*r.score || s.score < v.line {
			return r
		}
		r = s
	}
}

// again weighs the key of r again: something may have been explained since.
func (e *Engine) again(r verdict, v *view) verdict {
	s := e.weighNode(r.h, r.i, v)
	s.h, s.i, s.bits, s.key = r.h, r.i, r.bits, r.key
	return s
}

// covered reports whether a hot cluster holds the node.
func (e *Engine) covered(t *trie, i int32) bool {
	for ; i != none; i = t.nodes.at(i).up {
		if t.owner(i) != none {
			return true
		}
	}
	return false
}

// quieted reports whether operators have judged the key, or a network around
// it, harmless.
func (e *Engine) quieted(c *cluster) bool {
	if e.quiet[c.name()] {
		return true
	}
	if c.h != onRequest && c.h != onUse {
		return false
	}
	p := c.key.prefix(int(c.bits))
	for _, q := range e.cfg.Exceptions {
		if q.Bits() <= p.Bits() && q.Contains(p.Addr()) {
			return true
		}
	}
	for k := range e.quiet {
		if q, ok := quietPrefix(k, c.h); ok && q.Bits() <= p.Bits() && q.Contains(p.Addr()) {
			return true
		}
	}
	return false
}
