package detect

import (
	"cmp"
	"math"
	"net/netip"
	"slices"
)

// member is one request that a cluster claims, kept as long as the cluster.
type member struct {
	n       int64
	id      string
	created int64
	used    int64
	revoked int64
	expires int64
	addr    netip.Addr // on the side that the cluster lies on
	agent   string
	account string
	open    bool // unfinished, and the first of its account
	far     bool
}

// cluster is a suspicion while it lives and, cold, after.
type cluster struct {
	h       int
	node    int32   // node, agent or account
	nodes   []int32 // all nodes of a cluster in a trie
	key     bitkey
	bits    uint8
	text    string // agent or account
	at      int32  // its own index
	flood   bool
	hot     bool
	gone    bool // taken over by a wider one
	all     bool // claims whatever comes from there, not only what stays unfinished
	flagged int64
	latest  int64   // when it was last fed
	newest  int64   // when its newest member was requested
	raw     float64 // highest score before doubts
	trust   float64
	whole   float64 // highest score that all members together bear out
	seen    float64
	base    float64
	usual   float64
	window  int
	level   float64 // what keeps it hot: fed by events, drained by time
	drain   float64 // per ms
	doubted int     // members at the time of the last doubt
	doubt   string
	members []member
}

// most is how many requests a cluster remembers; beyond it only its figures grow.
const most = 100_000

func (c *cluster) note(r verdict) {
	if r.score > c.raw {
		c.raw, c.seen, c.base, c.window = r.score, r.seen, r.base, r.window
	}
}

// score is the highest that the cluster reached, less what doubts explain, and
// no more than all its traffic taken together bears out.
func (c *cluster) score() float64 { return min(believed(c.raw, c.seen, c.base, c.trust), c.whole) }

// bearOut weighs all that a cluster claims: what looked bad at first may have
// finished since.
func (e *Engine) bearOut(c *cluster, v *view) {
	c.whole = math.Inf(1)
	if !c.all || c.flood || c.h >= tries || c.h == onUse || e.cfg.Without.has(NoDoubts) {
		return
	}
	var left, finished float64
	for _, m := range c.members {
		if m.n < e.log.first {
			return
		}
		switch r := e.log.at(m.n); r.state {
		case open:
			left += float64(r.weight)
		case done:
			finished++
		}
	}
	s := tally{open: [3]float64{left}, done: [3]float64{finished}}
	c.whole = poisson(left, c.base+e.vouch(c.h, finished, v)) + e.lopsided(c.h, &s, short, v)
}

// believed is a score when only a part of what was seen counts.
func believed(score, seen, base, part float64) float64 {
	if part == 1 || seen == 0 {
		return score
	}
	return score * min(1, poisson(part*seen, base)/(poisson(seen, base)+1e-9))
}

// patience is how long a cluster stays hot without being fed.
func patience(window int) float64 {
	switch window {
	case short:
		return day
	case middle:
		return 1.5 * day
	}
	return 5 * day
}

// head of level: so many events' worth of patience can be stored.
const stamina = 6

// fill tells a member what has become of its event.
func (e *Engine) fill(m *member, n int64) {
	r := e.log.at(n)
	m.created, m.used = r.created, r.used
	m.revoked, m.expires = e.log.ends(n)
	m.open, m.far = r.state == open, r.has(far)
}

// refresh weighs a hot cluster again.
func (e *Engine) refresh(at int32, v *view) {
	c := e.clusters[at]
	switch {
	case c.h < tries:
		r := e.weighNode(c.h, c.node, v)
		if c.flood {
			r = e.weighFloodMembers(c)
		}
		c.note(r)
	case c.h == onAgent:
		c.note(e.weigh(onAgent, &e.agents.all[c.node].sum, float64(e.agents.inForce), false, v))
	}
	if len(c.members) > c.doubted+c.doubted/4+2 {
		c.doubted = len(c.members)
		e.tighten(c)
		e.doubtAgain(c)
		e.bearOut(c, v)
	}
}

// cool lets clusters go that are no longer fed.
func (e *Engine) cool(now int64) {
	for _, c := range e.clusters {
		if c == nil || !c.hot {
			continue
		}
		if c.level-c.drain*float64(now-c.latest) > 0 {
			continue
		}
		v := e.view(now)
		e.bearOut(c, &v)
		c.hot = false
		switch c.h {
		case onAgent:
			e.agents.all[c.node].owner = none
		case onAccount:
			e.accounts.at(c.node).owner = none
		default:
			e.disown(c)
		}
	}
}

func (c *cluster) feed(at int64) {
	c.level = min(stamina, max(0, c.level-c.drain*float64(at-c.latest))+1)
	c.latest = max(c.latest, at)
}

func sortMembers(ms []member) {
	slices.SortFunc(ms, func(a, b member) int {
		if c := cmp.Compare(a.created, b.created); c != 0 {
			return c
		}
		return cmp.Compare(a.id, b.id)
	})
}
