package detect

import (
	"cmp"
	"math"
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
	now     weights
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

// judge looks at everything touched since the last tick and raises what
// crosses the line, the most suspicious first: what that explains is taken out
// before the next is looked at.
func (e *Engine) judge(now int64) {
	v := e.view(now)
	var found []verdict
	for h, t := range e.tries() {
		for _, i := range t.touched {
			n := t.nodes.at(i)
			n.is &^= dirty
			if n.bits == 0 {
				continue
			}
			if c := t.owner(i); c != none {
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
		r := e.weigh(onAgent, &a.sum, float64(e.agents.inForce), false, v)
		if r.score >= v.line && r.seen >= leastAgent {
			r.i = i
			r.key.hi = hash(a.text)
			found = append(found, r)
		}
	}
	e.agents.touched = e.agents.touched[:0]
	return found
}

// judgeAccounts finds accounts that are requested from many networks, or from
// one again and again: the evidence is a network in ten minutes, so that an
// impatient person counts once.
func (e *Engine) judgeAccounts(now int64, v *view) []verdict {
	var found []verdict
	for _, i := range e.accounts.touched {
		p := e.accounts.at(i)
		p.is &^= stirred
		if p.live < leastVisits {
			continue
		}
		r := e.weighAccount(i, now)
		if p.owner != none {
			c := e.clusters[p.owner]
			c.note(r)
			continue
		}
		if r.score >= v.line {
			r.key.hi = hash(e.accounts.name(i))
			found = append(found, r)
		}
	}
	e.accounts.touched = e.accounts.touched[:0]
	return found
}

// leastVisits is how many requests of an account are worth a look.
const leastVisits = 6

// visit is a network in ten minutes.
type visit struct {
	net  bitkey
	slot int64
}

func (a visit) compare(b visit) int {
	return cmp.Or(cmp.Compare(a.net.hi, b.net.hi), cmp.Compare(a.net.lo, b.net.lo), cmp.Compare(a.slot, b.slot))
}

func (e *Engine) weighAccount(i int32, now int64) verdict {
	vs := e.desk.visits[:0]
	before := 0.0
	k := 0
	for m := e.newest(e.accounts.at(i)); m != none && k < 512; m = e.log.older(m) {
		k++
		r := e.log.at(m)
		switch {
		case r.state == ignored || r.has(free) || r.used != 0 && r.used <= now:
		case r.created < now-day:
			before++
		default:
			vs = append(vs, visit{e.key(onRequest, r).street(), r.created / (hour / 6)})
		}
	}
	slices.SortFunc(vs, visit.compare)
	nets, seen := 0, 0
	for k, v := range vs {
		if k == 0 || v.net != vs[k-1].net {
			nets++
		}
		if k == 0 || v != vs[k-1] {
			seen++
		}
	}
	e.desk.visits = vs
	if k < leastVisits {
		return verdict{h: onAccount, i: i}
	}
	c := float64(nets) + min(float64(nets), 0.5*float64(seen-nets))
	x := 0.5 + before/15
	return verdict{h: onAccount, i: i, window: middle, score: poisson(c, x), seen: c, base: x}
}

// weighFlood scores the plain number of requests of the last hour that led
// nowhere, whatever their accounts did: completions can be faked. What was kept
// vouches at the service's odds, and the day before for a machine that always
// asks.
func (e *Engine) weighFlood(i int32, v *view) verdict {
	n := e.net.nodes.at(i)
	if !n.narrow() || e.cfg.Without.has(NoFloods) {
		return verdict{}
	}
	s := e.net.raws.at(i)
	lost := max(0, s.lost[0]/v.now.hour)
	if lost < floodLeast {
		return verdict{}
	}
	before := max(0, s.lost[1]/v.now.span[middle])
	x := 4 + v.odds*max(0, s.kept/v.now.hour) + 2*max(0, before-lost)/24
	return verdict{h: onRequest, i: i, window: short, flood: true, score: poisson(lost, x), seen: lost, base: x, bits: n.bits, key: e.net.key(i)}
}

// floodLeast is how many requests an hour are worth a look.
const floodLeast = 15
