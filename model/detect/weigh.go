package detect

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
		// Every account has a place in the list; few neighbours share a cause.
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
func slack(x float64) float64 { return x * (1 + x/(x+40)) }

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
	return finished * (odds + max(1-odds, odds)*motley/(motley+finished))
}

// motley is the number of finished accounts at which a place's own odds are
// half known.
const motley = 30

// weigh scores one key in every window and keeps the worst.
func (e *Engine) weigh(h int, sum *tally, peers float64, slow bool, v *view) verdict {
	best := verdict{h: h}
	if e.tooFew(sum, v) {
		return best
	}
	s := sum.read(&v.now)
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

// tooFew reports whether not even a week holds enough for a score.
func (e *Engine) tooFew(sum *tally, v *view) bool {
	return sum.open[long] < 0 || sum.open[long]/v.now.span[long] < e.cfg.MinAccounts*0.7
}

// mixed is a usual share with room for places that are simply worse than
// others.
func mixed(q float64) float64 { return q + 0.18*(1-q) }

// lopsided is the binomial part: unfinished among all in that window, or far
// uses among all uses.
func (e *Engine) lopsided(h int, s *tally, w int, v *view) float64 {
	if h == onUse {
		q := v.farOdds / (1 + v.farOdds)
		return binomial(s.open[w], s.done[w], mixed(q))
	}
	return binomial(s.open[w], s.done[w], mixed(v.usual))
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
	v4 := n.is&v4 != 0
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
func (e *Engine) homes(key bitkey, bits uint8) [3]float64 {
	if i := e.net.find(key, bits); i != none {
		return e.net.sums.at(i).done
	}
	return [3]float64{}
}

// weighNode scores a network; the zero verdict when nothing may be said of it.
func (e *Engine) weighNode(h int, i int32, v *view) verdict {
	t := e.tries()[h]
	n := t.nodes.at(i)
	if n.bits == 0 || !e.mayName(h, n, short) {
		return verdict{}
	}
	sum := *t.sums.at(i)
	if e.tooFew(&sum, v) {
		return verdict{h: h, i: i, bits: n.bits}
	}
	if h == onUse {
		sum.done = e.homes(t.key(i), n.bits)
	}
	peers := t.peers(n)
	if h == onPlace {
		peers = float64(uint64(1) << min(32, n.bits))
	}
	r := e.weigh(h, &sum, peers, e.mayName(h, n, long), v)
	r.i, r.bits = i, n.bits
	if r.score > 0 {
		r.key = t.key(i)
	}
	return r
}
