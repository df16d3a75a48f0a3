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

// raise turns a verdict into a cluster unless doubts or an existing cluster
// explain it.
func (e *Engine) raise(r verdict, now int64) {
	v := e.view(now)
	line := v.line
	if r.h < tries {
		t := e.tries()[r.h]
		if e.covered(t, r.i) {
			return
		}
		if !r.flood {
			r = e.shrink(r, &v)
		}
		if r.score < line || e.covered(t, r.i) {
			return
		}
	}
	if r.h == onAgent {
		w := e.weigh(onAgent, &e.agents.all[r.i].sum, float64(len(e.agents.index)), false, &v)
		if w.score < line || w.seen < 8 {
			return
		}
		w.i, w.key = r.i, r.key
		r = w
	}
	if e.refusedBefore(r, now) {
		return
	}
	set, was := e.gather(r, now), r
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
	if believed(r.score, r.seen, r.base, trust) < line || e.quieted(r) {
		e.refuse(was, now)
		return
	}
	c := &cluster{
		h: r.h, node: r.i, key: r.key, bits: r.bits, flood: r.flood, hot: true, flagged: now, latest: now, raw: r.score, trust: trust, doubt: doubt, whole: math.Inf(1),
		seen: r.seen, base: r.base, usual: 1 - v.usual, window: r.window, level: stamina, all: set.all,
	}
	span := span(r.window)
	c.drain = 2*r.base/span*0 + stamina/patience(r.window)
	if r.base > 1 {
		c.drain += 1.5 * r.base / span
	}
	e.install(c, set, now)
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
	at    int64
}

func (r *verdict) subject() subject { return subject{r.h, r.key, r.bits, r.flood} }

func (e *Engine) refuse(r verdict, now int64) { e.refusals[r.subject()] = refusal{r.score, now} }

// refusedBefore reports whether the verdict was refused lately and has not
// grown since by what would change a mind.
func (e *Engine) refusedBefore(r verdict, now int64) bool {
	f, ok := e.refusals[r.subject()]
	return ok && now-f.at < refusalHolds && r.score < 1.15*f.score
}

const refusalHolds = 3 * hour

// pardon forgets old refusals.
func (e *Engine) pardon(now int64) {
	for k, f := range e.refusals {
		if now-f.at >= refusalHolds {
			delete(e.refusals, k)
		}
	}
}

// instead finds the network that explains most of what an agent or a stretch
// of the list was raised for: a network is what can be blocked.
func (e *Engine) instead(r verdict, g gathered, v *view) (verdict, bool) {
	var ms []member
	for _, n := range g.events {
		ms = append(ms, member{addr: e.log.at(n).addr})
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
		n := &t.nodes[r.i]
		if n.leaf() || r.score == 0 {
			return r
		}
		a, b := n.kid[0], n.kid[1]
		if t.sums[a].open[r.window] < t.sums[b].open[r.window] {
			a = b
		}
		if t.sums[a].open[r.window] < 0.85*t.sums[r.i].open[r.window] || t.nodes[a].owner != none {
			return r
		}
		s := e.weighNode(r.h, a, v)
		if s.score < 0.9*r.score || s.score < v.line {
			return r
		}
		r = s
	}
}

// again weighs the key of r anew: something may have been explained since.
func (e *Engine) again(r verdict, v *view) verdict {
	s := e.weighNode(r.h, r.i, v)
	s.h, s.i, s.bits, s.key = r.h, r.i, r.bits, r.key
	return s
}

// covered reports whether a hot cluster holds the node.
func (e *Engine) covered(t *trie, i int32) bool {
	for ; i != none; i = t.nodes[i].up {
		if t.nodes[i].owner != none {
			return true
		}
	}
	return false
}

func (e *Engine) quieted(r verdict) bool {
	if len(e.quiet) == 0 {
		return false
	}
	c := cluster{h: r.h, node: r.i, key: r.key, bits: r.bits}
	if r.h == onAgent {
		c.text = e.agents.all[r.i].text
	}
	if r.h == onAccount {
		c.text = e.accounts.all[r.i].id
	}
	if e.quiet[c.name()] {
		return true
	}
	if r.h == onRequest || r.h == onUse {
		p := r.key.prefix(int(r.bits))
		for k := range e.quiet {
			if q, ok := quietPrefix(k, r.h); ok && q.Bits() <= p.Bits() && q.Contains(p.Addr()) {
				return true
			}
		}
	}
	return false
}

// install makes a cluster the owner of its key and claims its events.
func (e *Engine) install(c *cluster, set gathered, now int64) {
	if old := e.revive(c); old != nil {
		old.hot, old.all, old.drain, old.level = true, c.all, c.drain, stamina
		old.node, old.bits, old.key = c.node, c.bits, c.key
		if c.score() > old.score() {
			old.raw, old.trust, old.seen, old.base, old.window, old.doubt = c.raw, c.trust, c.seen, c.base, c.window, c.doubt
		}
		c = old
	} else {
		c.at = int32(len(e.clusters))
		e.clusters = append(e.clusters, c)
	}
	switch c.h {
	case onAgent:
		c.text = e.agents.all[c.node].text
		e.agents.all[c.node].owner = c.at
	case onAccount:
		c.text = e.accounts.all[c.node].id
		e.accounts.all[c.node].owner = c.at
	default:
		t := e.tries()[c.h]
		e.absorb(c, now)
		t.nodes[c.node].owner = c.at
		t.nodes[c.node].partial = true
		c.nodes = append(c.nodes, c.node)
	}
	for _, n := range set.events {
		e.join(c.at, n)
	}
	c.doubted = len(c.members)
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
func (e *Engine) absorb(c *cluster, now int64) {
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
		c.raw, c.trust = max(c.raw, o.raw), max(c.trust, o.trust)
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
	for i := r.leaf[h]; i != none; i = t.nodes[i].up {
		t.nodes[i].partial = true
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
	m := member{n: n, id: e.log.name(n), agent: e.agents.all[r.agent].text, account: e.accounts.all[r.account].id, addr: r.addr}
	if c.h == onUse {
		m.addr = r.usedAddr
	}
	m.fill(r)
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
	r.agentOff = r.agentOff || c.h != onAgent
}

// explain takes an open event out of the counts that the cluster makes moot.
func (e *Engine) explain(c *cluster, r *record, bits uint8) {
	w := e.openUnit(onRequest, r)
	e.total.add(&w, -1)
	p := tally{open: e.unit(r.created).open}
	e.plain.add(&p, -1)
	if c.h != onAgent && !r.agentOff {
		e.agents.all[r.agent].sum.add(&w, -1)
		r.agentOff = true
	}
	for h := range tries {
		switch {
		case h == onUse:
		case h == c.h:
			e.restop(h, r, bits)
		default:
			e.restop(h, r, never)
		}
	}
}

func (m *member) fill(r *record) {
	m.created, m.used, m.revoked, m.expires = r.created, r.used, r.revoked, r.expires
	m.open, m.far = r.state == open, r.far
}

// refresh weighs a hot cluster anew.
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
		c.note(e.weigh(onAgent, &e.agents.all[c.node].sum, float64(len(e.agents.index)), false, v))
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
			e.accounts.all[c.node].owner = none
		default:
			e.disown(c)
		}
	}
}

// move follows a network whose fork was taken out of the tree.
func (c *cluster) move(to int32) {
	c.node = to
	c.nodes = append(c.nodes, to)
}

func (e *Engine) disown(c *cluster) {
	for _, i := range c.nodes {
		if n := &e.tries()[c.h].nodes[i]; n.owner == c.at {
			n.owner = none
		}
	}
	c.nodes = c.nodes[:0]
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
