package detect

import (
	"cmp"
	"math"
	"net/netip"
	"slices"
)

// Hierarchies that are no tries.
const (
	onAgent   = tries
	onAccount = tries + 1
)

// verdict is how suspicious one key is in its worst window.
type verdict struct {
	h      int
	i      int32 // node, agent or account
	window int
	flood  bool
	score  float64
	seen   float64
	base   float64
	bits   uint8
	key    bitkey
}

// view is what the judge reads by: the service at one moment.
type view struct {
	now     tally
	total   [2]tally // requests, uses
	usual   float64  // share of accounts that stay unfinished
	odds    float64
	line    float64 // the line to cross
	farOdds float64 // far uses to near ones, over a week
}

// strangeness is how much higher the line is for an engine that knows nothing
// yet: before some hundred people have finished, every place is new.
const strangeness = 3

func (e *Engine) view(now int64) view {
	v := view{now: e.unit(now)}
	v.total[0], v.total[1] = e.total.read(&v.now), e.uses.read(&v.now)
	v.odds = e.odds()
	v.usual = v.odds / (1 + v.odds)
	v.line = e.cfg.Line + strangeness*math.Exp(-v.total[0].done[long]/500)
	far := v.total[1].open[long] + 1
	v.farOdds = far / max(1, v.total[1].done[long]-far+6)
	return v
}

// priorShare is how much of a key's expected traffic comes from its being one
// of so many networks of its size, rather than from its own past.
const priorShare = 0.3

// floor is what a family may bring, by window: no key is expected to bring less.
func floor(w int) float64 { return [3]float64{0.25, 0.35, 0.6}[w] }

// expect is the number of unfinished accounts that an honest key would show in
// window w: the service's own number × the key's usual share, and half of what
// those who did finish there vouch for (a completion can be faked, so it is
// taken at half its worth).
func (e *Engine) expect(h int, s *tally, peers float64, w int, v *view) float64 {
	t := &v.total[0]
	if h == onUse {
		t = &v.total[1]
	}
	share := priorShare / (1 + peers)
	if h == onPlace {
		share = 1 / peers
	}
	past := max(0, s.done[long]-s.done[middle])
	whole := max(0, t.done[long]-t.done[middle])
	if h == onUse {
		past = max(0, s.open[long]-s.open[middle]) // of all uses, so that a slow attack is not its own excuse
	}
	if w == long {
		past = 0 // a week is its own past
	}
	if !e.cfg.Without.has(NoShare) {
		share += (1 - priorShare) * past / (whole + 50)
	}
	if h == onPlace {
		// Everybody stands somewhere in the list, and nobody beside his family.
		return 1.5*t.open[w]*share + 0.15 + e.vouch(h, s.done[w], v)
	}
	x := t.open[w]*share + floor(w)
	if h == onUse {
		return x + e.vouch(h, s.done[w], v)
	}
	x += e.vouch(h, s.done[w], v)
	return x
}

// slack widens an expectation for what no share foresees: the larger a place,
// the more its days differ by more than chance.
func slack(x float64) float64 { return x * (1 + x/(x+15)) }

// vouch is how many unfinished accounts those who finished in the same window
// and key account for. Places differ in how well their people finish, so a few
// completions vouch for as many failures; the more there are, the nearer to the
// service's own odds. Agents are too mixed to differ. For uses, those who asked
// from the same network vouch.
func (e *Engine) vouch(h int, finished float64, v *view) float64 {
	odds := v.odds
	switch h {
	case onAgent:
		return 1.2 * odds * finished
	case onUse:
		odds = v.farOdds
	}
	return finished * (odds + max(0, 1-odds)*motley/(motley+finished))
}

// motley is the number of finished accounts at which a place's own odds are
// half known.
const motley = 30

// weigh scores one key in every window and keeps the worst.
func (e *Engine) weigh(h int, sum *tally, peers float64, slow bool, v *view) verdict {
	s := sum.read(&v.now)
	best := verdict{h: h}
	if s.open[long] < e.cfg.MinAccounts*0.7 {
		return best
	}
	for w := range s.open {
		c := s.open[w]
		if c < e.cfg.MinAccounts*0.7 || w == long && (!slow || e.cfg.Without.has(NoSlow)) {
			continue
		}
		x := slack(e.expect(h, &s, peers, w, v))
		if c <= x || h == onAgent && c < 2*x || w == long && x > busy {
			continue
		}
		sc := poisson(c, x)
		if !e.cfg.Without.has(NoBinomial) && h != onPlace && (w != long || h == onUse) {
			sc += e.lopsided(h, &s, w, v)
		}
		if sc > best.score {
			best.score, best.window, best.seen, best.base = sc, w, c, x
		}
	}
	return best
}

// lopsided is the binomial part: unfinished among all in that window, or far
// uses among all uses. Half of the distance to even odds is left for places
// that are simply worse than others.
func (e *Engine) lopsided(h int, s *tally, w int, v *view) float64 {
	if h == onUse {
		q := v.farOdds / (1 + v.farOdds)
		return binomial(s.open[w], s.done[w], (min(q, 0.5)+0.5)/2)
	}
	return binomial(s.open[w], s.done[w], (min(v.usual, 0.5)+0.5)/2)
}

// widestPlace is the widest stretch of the list that may be named: a 256th.
const widestPlace = 8

// busy is the expectation above which a week says nothing: its days differ.
const busy = 15

// mayName reports whether a node is narrow enough to be named in window w. A
// week is only for single addresses and small networks, whose past is firm.
func (e *Engine) mayName(h int, n *node, w int) bool {
	b := int(n.bits)
	if h == onPlace {
		return b >= widestPlace && w != long
	}
	v4 := n.key.isV4(b)
	if e.cfg.Without.has(NoWidths) {
		return v4 && b == 128 || !v4 && b >= 64
	}
	if w == long {
		return v4 && b >= 96+24 || !v4 && b >= 48
	}
	if v4 {
		return b >= 96+e.cfg.Widest4
	}
	return b >= e.cfg.Widest6
}

// homes counts those who asked from a network and finished: its own people,
// who may well follow a link there.
func (e *Engine) homes(n *node) [3]float64 {
	if i := e.net.find(n.key, n.bits); i != none {
		return e.net.sums[i].done
	}
	return [3]float64{}
}

// weighNode scores a network; the zero verdict when nothing may be said of it.
func (e *Engine) weighNode(h int, i int32, v *view) verdict {
	t := e.tries()[h]
	n := &t.nodes[i]
	if n.bits == 0 || !e.mayName(h, n, short) {
		return verdict{}
	}
	sum := t.sums[i]
	if h == onUse {
		sum.done = e.homes(n)
	}
	peers := t.peers(n)
	if h == onPlace {
		peers = math.Exp2(float64(min(32, n.bits)))
	}
	r := e.weigh(h, &sum, peers, e.mayName(h, n, long), v)
	r.i, r.bits, r.key = i, n.bits, n.key
	return r
}

// judge looks at everything touched since the last tick and raises what
// crosses the line, the most suspicious first: what that explains is taken out
// before the next is looked at.
func (e *Engine) judge(now int64) {
	v := e.view(now)
	var found []verdict
	for h, t := range e.tries() {
		slices.Sort(t.touched)
		for _, i := range t.touched {
			t.nodes[i].dirty = false
			if t.nodes[i].bits == 0 {
				continue
			}
			if c := t.nodes[i].owner; c != none {
				e.refresh(c, &v)
				continue
			}
			if r := e.weighNode(h, i, &v); r.score >= v.line {
				found = append(found, r)
			} else if h == onRequest {
				if r := e.weighFlood(i, &v); r.score >= v.line {
					found = append(found, r)
				}
			}
		}
		t.touched = t.touched[:0]
	}
	found = append(found, e.judgeAgents(&v)...)
	found = append(found, e.judgeAccounts(now, &v)...)
	slices.SortFunc(found, func(a, b verdict) int {
		return cmp.Or(rank(a.h)-rank(b.h), cmp.Compare(b.score, a.score), cmp.Compare(b.bits, a.bits),
			cmp.Compare(a.key.hi, b.key.hi), cmp.Compare(a.key.lo, b.key.lo))
	})
	for _, r := range found {
		e.raise(r, now)
	}
}

// rank is the order in which hierarchies explain: networks before stretches of
// the list, agents last.
func rank(h int) int {
	switch h {
	case onAgent:
		return 2
	case onPlace:
		return 1
	}
	return 0
}

func (e *Engine) judgeAgents(v *view) []verdict {
	var found []verdict
	slices.Sort(e.agents.touched)
	for _, i := range e.agents.touched {
		a := &e.agents.all[i]
		a.dirty = false
		if a.live == 0 || a.text == "" {
			continue
		}
		if a.owner != none {
			e.refresh(a.owner, v)
			continue
		}
		r := e.weigh(onAgent, &a.sum, float64(len(e.agents.index)), false, v)
		if r.score >= v.line && r.seen >= 8 {
			r.i = i
			r.key.hi = hash(a.text)
			found = append(found, r)
		}
	}
	e.agents.touched = e.agents.touched[:0]
	return found
}

// judgeAccounts finds accounts that are asked for from many networks, or from
// one again and again: the evidence is a network in ten minutes, so that an
// impatient person counts once.
func (e *Engine) judgeAccounts(now int64, v *view) []verdict {
	var found []verdict
	slices.Sort(e.accounts.touched)
	for _, i := range e.accounts.touched {
		p := &e.accounts.all[i]
		p.dirty = false
		if p.live < 6 {
			continue
		}
		r := e.weighAccount(i, now)
		if p.owner != none {
			c := e.clusters[p.owner]
			c.note(r)
			continue
		}
		if r.score >= v.line {
			found = append(found, r)
		}
	}
	e.accounts.touched = e.accounts.touched[:0]
	return found
}

func (e *Engine) weighAccount(i int32, now int64) verdict {
	type visit struct {
		net  bitkey
		slot int64
	}
	seen := map[visit]bool{}
	nets := map[bitkey]bool{}
	before := 0.0
	k := 0
	for m := e.accounts.all[i].newest; m >= e.log.first && k < 512; m = e.log.at(m).older {
		k++
		r := e.log.at(m)
		switch {
		case r.state == ignored || r.free || r.used != 0 && r.used <= now:
		case r.created < now-day:
			before++
		default:
			net := street(r.addr)
			seen[visit{net, r.created / (hour / 6)}] = true
			nets[net] = true
		}
	}
	c := float64(len(nets)) + min(float64(len(nets)), 0.5*float64(len(seen)-len(nets)))
	x := 0.8 + before/15
	return verdict{h: onAccount, i: i, window: middle, score: poisson(c, x), seen: c, base: x, key: bitkey{hi: hash(e.accounts.all[i].id)}}
}

// weighFlood scores the plain number of requests of the last hour that led
// nowhere, whatever their accounts did: completions can be faked. What was kept
// vouches at the service's odds, and the day before for a machine that always
// asks.
func (e *Engine) weighFlood(i int32, v *view) verdict {
	n := &e.net.nodes[i]
	if !n.narrow() || e.cfg.Without.has(NoFloods) {
		return verdict{}
	}
	s := e.net.sums[i].read(&v.now)
	if s.lost[0] < floodLeast {
		return verdict{}
	}
	x := 4 + v.odds*s.kept + 2*max(0, s.lost[1]-s.lost[0])/24
	return verdict{h: onRequest, i: i, window: short, flood: true, score: poisson(s.lost[0], x), seen: s.lost[0], base: x, bits: n.bits, key: n.key}
}

// floodLeast is how many requests an hour are worth a look.
const floodLeast = 15

// street is the neighbourhood of an address: its /24, or its /48.
func street(a netip.Addr) bitkey {
	k := addrKey(a)
	if a.Is4() {
		return k.cut(96 + 24)
	}
	return k.cut(48)
}
