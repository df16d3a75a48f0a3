package detect

import (
	"cmp"
	"math"
	"slices"
)

// site is the traffic of one address.
type site struct {
	key bitkey
	n   int
}

// sites counts members by address, in order of address.
func sites(ms []member) []site {
	var ss []site
	for _, m := range ms {
		if m.addr.IsValid() {
			ss = append(ss, site{addrKey(m.addr), 1})
		}
	}
	slices.SortFunc(ss, func(a, b site) int { return cmp.Or(cmp.Compare(a.key.hi, b.key.hi), cmp.Compare(a.key.lo, b.key.lo)) })
	k := 0
	for i := range ss {
		if k > 0 && ss[k-1].key == ss[i].key {
			ss[k-1].n++
			continue
		}
		ss[k] = ss[i]
		k++
	}
	return ss[:k]
}

func events(ss []site) int {
	n := 0
	for _, s := range ss {
		n += s.n
	}
	return n
}

// span of a set of addresses in order: the bits that all share. Inside an IPv6
// /64 a host picks its addresses at will, so that the rest hardly counts.
func shared(ss []site) int {
	k := ss[0].key
	b := common(k, ss[len(ss)-1].key)
	if !k.isV4(128) && b > 64 {
		b = 64
		if len(ss) == 1 {
			b = 68
		}
	}
	return b
}

// narrow goes down to the narrowest network that explains the traffic. At each
// fork two stories compete: the traffic is spread over the whole network, or it
// comes from one side and the other side is background. The first pays for
// every address that keeps to one side although it could lie anywhere, the
// second for every event in excess of the background.
func narrow(ss []site, base float64) []site {
	best := ss
	all := float64(events(ss))
	dropped := 0.0
	for len(ss) > 1 {
		b := common(ss[0].key, ss[len(ss)-1].key)
		if !ss[0].key.isV4(128) && b >= 64 {
			break
		}
		i, _ := slices.BinarySearchFunc(ss, 1, func(s site, _ int) int { return s.key.bit(b) - 1 })
		kid, rest := ss[:i], ss[i:]
		if events(kid) < events(rest) {
			kid, rest = rest, kid
		}
		dropped += float64(events(rest))
		ss = kid
		weight := max(float64(len(kid)), float64(events(kid))/4)
		gain := weight*float64(shared(kid)-shared(best))*math.Ln2 - dropped*math.Log(max(2, all/base))
		if gain > 3 {
			best, dropped = kid, 0
		}
	}
	return best
}

// narrowest is the network of a cluster's members, and those of them that lie
// in it.
func narrowest(ms []member, base float64) (bitkey, uint8, []member) {
	ss := sites(ms)
	if len(ss) == 0 {
		return bitkey{}, 0, nil
	}
	ss = narrow(ss, base)
	k := ss[0].key
	b := common(k, ss[len(ss)-1].key)
	if !k.isV4(128) && b > 64 && b < 128 {
		b = 64
	}
	var in []member
	for _, m := range ms {
		if m.addr.IsValid() && common(addrKey(m.addr), k) >= b {
			in = append(in, m)
		}
	}
	return k.cut(b), uint8(b), in
}

// tighten narrows a living cluster to what explains its traffic and lets go of
// the rest.
func (e *Engine) tighten(c *cluster) {
	if c.h != onRequest && c.h != onUse || e.cfg.Without.has(NoWidths) {
		return
	}
	key, bits, in := narrowest(c.members, c.base)
	if bits <= c.bits || len(in) == 0 {
		return
	}
	t := e.tries()[c.h]
	i := t.find(key, bits)
	if i == none || t.owner(i) != none && t.owner(i) != c.at {
		return
	}
	old := c.members
	c.members = nil
	e.disown(c)
	n := t.nodes.at(i)
	c.node, c.key, c.bits = i, t.key(i), n.bits
	t.own(i, c.at)
	n.is |= partial
	c.nodes = append(c.nodes, i)
	for _, m := range old {
		switch inside := m.addr.IsValid() && common(addrKey(m.addr), key) >= int(bits); {
		case m.n < e.log.first && inside:
			c.members = append(c.members, m)
		case m.n < e.log.first:
		case inside:
			e.keep(c, m)
		default:
			e.release(c, e.log.at(m.n))
		}
	}
}

// keep moves a member over to the narrower network of its cluster.
func (e *Engine) keep(c *cluster, m member) {
	r := e.log.at(m.n)
	r.slot = int32(len(c.members))
	c.members = append(c.members, m)
	e.restop(c.h, r, c.bits)
}

// release gives an event back to whatever it may speak for.
func (e *Engine) release(c *cluster, r *record) {
	r.member = none
	for h, t := range e.tries() {
		if h == onUse && c.h != onUse {
			continue
		}
		if r.leaf[h] == none {
			r.stop[h] = 0
			continue
		}
		e.restop(h, r, 0)
		if e.isOpen(h, r) {
			for i := r.leaf[h]; i != none; i = t.nodes.at(i).up {
				t.touch(i)
			}
		}
	}
	if c.h == onUse {
		return
	}
	if r.state != open {
		r.is &^= agentOff
		return
	}
	w := e.openUnit(onRequest, r)
	e.total.addOpen(&w, 1)
	p := e.unit(r.created)
	e.plain.addOpen(&p.span, 1)
	if r.has(agentOff) {
		e.agents.all[r.agent].sum.addOpen(&w, 1)
		r.is &^= agentOff
	}
}
