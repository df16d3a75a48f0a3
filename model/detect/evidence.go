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
	e.catchUp()
	out, shown := []Cluster{}, []*cluster{}
	for _, c := range e.clusters {
		if c != nil && e.shown(c) {
			out, shown = append(out, e.show(c)), append(shown, c)
		}
	}
	e.countLive(out, shown)
	rankClusters(out)
	return out
}

// shown reports whether a cluster still says something.
func (e *Engine) shown(c *cluster) bool {
	return !c.gone && len(c.members) > 0 && !e.quieted(c) && (e.cfg.Withdrawn || c.score() >= e.cfg.Line/2)
}

func rankClusters(cs []Cluster) {
	slices.SortFunc(cs, func(a, b Cluster) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), a.Flagged.Compare(b.Flagged), cmp.Compare(a.Key, b.Key))
	})
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
			e.fill(m, m.n)
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
		named.key, named.bits, ms = narrowest(ms, c.base)
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
		} else if m.revoked == 0 && m.expires > e.clock && !e.excepted(m.addr) {
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
