package detect

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// Clusters returns every cluster that the engine remembers, the most suspicious
// first; it remembers them for the horizon after they were last fed.
func (e *Engine) Clusters() []Cluster {
	out := []Cluster{}
	for _, c := range e.clusters {
		if c == nil || c.gone || len(c.members) == 0 || c.score() < e.cfg.Line/2 {
			continue
		}
		out = append(out, e.show(c))
	}
	slices.SortFunc(out, func(a, b Cluster) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), a.Flagged.Compare(b.Flagged), cmp.Compare(a.Key, b.Key))
	})
	return out
}

// name is the key of a cluster.
func (c *cluster) name() string {
	switch c.h {
	case onAgent:
		return "agent:" + strconv.FormatUint(hash(c.text), 16)
	case onAccount:
		return "account:" + c.text
	case onPlace:
		return fmt.Sprintf("list:%08x/%d", c.key.hi>>32, c.bits)
	case onUse:
		return "use:" + c.key.prefix(int(c.bits)).String()
	}
	return c.key.prefix(int(c.bits)).String()
}

func quietPrefix(k string, h int) (netip.Prefix, bool) {
	if h == onUse {
		if len(k) < 4 || k[:4] != "use:" {
			return netip.Prefix{}, false
		}
		k = k[4:]
	}
	p, err := netip.ParsePrefix(k)
	return p, err == nil
}

// show works the evidence out.
func (e *Engine) show(c *cluster) Cluster {
	for i := range c.members {
		if m := &c.members[i]; m.n >= e.log.first {
			m.fill(e.log.at(m.n))
		}
	}
	ms := slices.Clone(c.members)
	sortMembers(ms)
	s := Cluster{Score: c.score(), Flagged: when(c.flagged), Hot: c.hot, UsualRate: c.usual, Baseline: c.base, Observed: c.seen}
	named := *c
	switch c.h {
	case onAgent:
		s.Kind, s.Agent = ByAgent, c.text
	case onAccount:
		s.Kind, s.Account = ByAccount, c.text
	case onPlace:
		s.Kind = ByPlace
	default:
		s.Kind, s.On = ByPrefix, OnRequest
		if c.h == onUse {
			s.On = OnUse
		}
		named.key, named.bits, ms = narrowest(ms)
		s.Prefix = named.key.prefix(int(named.bits))
	}
	s.Key = named.name()
	e.figures(c, &s, ms)
	s.Why, s.Against = why(c, &s), against(c, &s)
	return s
}

func when(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// figures counts the members.
func (e *Engine) figures(c *cluster, s *Cluster, ms []member) {
	agents, accounts, addrs, homes := map[string]int{}, map[string]bool{}, map[netip.Addr]bool{}, map[netip.Addr]bool{}
	finished := map[string]bool{}
	for _, m := range ms {
		agents[m.agent]++
		accounts[m.account] = true
		addrs[m.addr] = true
		homes[netip.PrefixFrom(m.addr, min(64, m.addr.BitLen())).Masked().Addr()] = true
		if m.used != 0 {
			s.Used++
			finished[m.account] = true
			if m.far || c.h == onUse {
				s.Takeovers++
			}
		} else if m.revoked == 0 && m.expires > e.clock {
			s.Live++
		}
		s.EventIDs = append(s.EventIDs, m.id)
	}
	s.Start, s.End = when(ms[0].created), when(ms[len(ms)-1].created)
	s.Requests, s.Accounts, s.Addresses = len(ms), len(accounts), len(addrs)
	s.UseRate = float64(len(finished)) / float64(len(accounts))
	s.AgentKind = len(agents)
	for a, n := range agents {
		s.Agents = append(s.Agents, AgentShare{a, n})
	}
	slices.SortFunc(s.Agents, func(a, b AgentShare) int { return cmp.Or(b.N-a.N, cmp.Compare(a.Agent, b.Agent)) })
	for _, a := range s.Agents {
		p := float64(a.N) / float64(len(ms))
		s.Entropy -= p * math.Log2(p)
	}
	s.Agents = s.Agents[:min(5, len(s.Agents))]
	if s.Prefix.IsValid() {
		if s.Prefix.Addr().Is4() {
			s.Spread = float64(len(addrs)) / math.Exp2(float64(32-s.Prefix.Bits()))
		} else {
			s.Spread = float64(len(homes)) / math.Exp2(float64(max(0, 64-s.Prefix.Bits())))
		}
	}
}

// narrowest goes down to the network that holds nine tenths of the members, and
// leaves the others out. Inside an IPv6 /64 only a single address is named: a
// host picks its addresses there at will.
func narrowest(ms []member) (bitkey, uint8, []member) {
	keys := make([]bitkey, 0, len(ms))
	for _, m := range ms {
		if m.addr.IsValid() {
			keys = append(keys, addrKey(m.addr))
		}
	}
	slices.SortFunc(keys, func(a, b bitkey) int { return cmp.Or(cmp.Compare(a.hi, b.hi), cmp.Compare(a.lo, b.lo)) })
	least := (9*len(keys) + 9) / 10
	for len(keys) > 1 {
		b := common(keys[0], keys[len(keys)-1])
		if b == 128 {
			break
		}
		i, _ := slices.BinarySearchFunc(keys, 1, func(k bitkey, _ int) int { return k.bit(b) - 1 })
		switch {
		case i >= least:
			keys = keys[:i]
		case len(keys)-i >= least:
			keys = keys[i:]
		default:
			least = len(keys) + 1
		}
		if least > len(keys) {
			break
		}
	}
	k := keys[0]
	b := common(k, keys[len(keys)-1])
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
