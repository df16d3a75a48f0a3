package traffic

import (
	"cmp"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// Kind says how an attack goes about it.
type Kind string

// The kinds of attack.
const (
	Sweep     Kind = "sweep"       // one to three requests from each address of a /24
	Flood     Kind = "flood"       // one address, as fast as it can
	Rotation  Kind = "rotation"    // a new address of one IPv6 /64 every time
	MailBomb  Kind = "mail-bomb"   // one account, requested from everywhere
	Takeover  Kind = "takeover"    // the links are followed, from one network, for many accounts
	SlowSpray Kind = "slow-spray"  // a few addresses, some requests a day, all along
	ListWalk  Kind = "enumeration" // accounts in the order of the address list
)

// Attack is one planted attack. It happened as it says here: exactly Requests
// resets, all from Network or for Account, the first at Start, the last at End.
type Attack struct {
	Name       string // unique; the label of its resets
	Kind       Kind
	Network    netip.Prefix // the narrowest that holds all of it; the zero prefix for MailBomb
	Account    string       // id of the victim of a MailBomb, else ""
	Start, End time.Time
	Requests   int
	Ongoing    bool // still on at the end of the past
}

// plot is an attack before it is carried out.
type plot struct {
	kind    Kind
	network netip.Prefix
	from    int64 // µs since the start
	to      int64
	n       int
	agent   uint16
	source  func(r *rand.Rand, i int) addr
	target  func(r *rand.Rand, i int) int32
	stopped int64 // µs since the start: an operator revoked what was live; 0: no one did
	ongoing bool
}

// plots plans the attacks of the past. Together they are at most an eighth of
// all resets: a service too small for all of them has the first ones only.
func (s *Service) plots() []plot {
	all := []plot{
		s.sweep(quad(203, 0, 113, 0), s.before(50*time.Minute), s.o.Span.Microseconds(), s.size(420), 0),
		s.flood(), s.rotation(), s.bomb(), s.takeover(),
		s.sweep(s.hoster(1), s.moment(0.652), 0, s.size(380), 4),
		s.slowSpray(), s.listWalk(),
	}
	all[0].ongoing = true
	room := s.o.Resets / 8
	kept := all[:0]
	for _, p := range all {
		if p.n <= room {
			kept = append(kept, p)
			room -= p.n
		}
	}
	return kept
}

// size scales an attack with the service: as given at 100,000 resets, never
// below 24, never above 480 requests.
func (s *Service) size(n int) int {
	return min(max(int(float64(n)*float64(s.o.Resets)/100_000), 24), 480)
}

// part returns the moment after that part of the past, in µs.
func (s *Service) part(f float64) int64 { return int64(f * float64(s.o.Span.Microseconds())) }

// moment is part with up to a fiftieth more, which depends on the seed.
func (s *Service) moment(f float64) int64 {
	return s.part(f + 0.02*float64(mix(s.o.Seed^math.Float64bits(f))%1000)/1000)
}

// hoster returns a /24 of some hoster, which depends on the seed and n.
func (s *Service) hoster(n uint64) uint32 {
	k := mix(s.o.Seed<<8 | n)
	return quad(250, byte(k>>8)&^7|byte(n), byte(k), 0)
}

// before returns the moment that long before the end, but in the last quarter.
func (s *Service) before(d time.Duration) int64 {
	return max(s.o.Span.Microseconds()-d.Microseconds(), s.part(0.75))
}

// lasting returns when something ends that takes d, or a twentieth of the past
// where that is less.
func (s *Service) lasting(from int64, d time.Duration) int64 {
	return from + min(d.Microseconds(), s.part(0.05))
}

// anybody draws a victim from everybody, those who never ask included.
func (s *Service) anybody(r *rand.Rand, _ int) int32 { return int32(r.IntN(s.world.old)) }

// sweep sends one to three requests from each of many addresses of a /24; to 0
// means four hours.
func (s *Service) sweep(network uint32, from, to int64, n, script int) plot {
	if to == 0 {
		to = s.lasting(from, 4*time.Hour)
	}
	p := plot{kind: Sweep, network: netip.PrefixFrom(unmapped(v4(network)), 24), from: from, to: to, n: n,
		agent: s.script(script), target: s.anybody}
	hosts := spread(newRand(s.o.Seed^uint64(network), attackStream), n)
	p.source = func(_ *rand.Rand, i int) addr { return v4(network | hosts[i%len(hosts)]) }
	return p
}

// spread lists n hosts of a /24 in random order, each one to three times.
func spread(r *rand.Rand, n int) []uint32 {
	var hosts []uint32
	free := r.Perm(254)
	for len(hosts) < n && len(free) > 0 {
		for range min(1+r.IntN(3), n-len(hosts)) {
			hosts = append(hosts, uint32(1+free[0]))
		}
		free = free[1:]
	}
	r.Shuffle(len(hosts), func(a, b int) { hosts[a], hosts[b] = hosts[b], hosts[a] })
	return hosts
}

// flood is the crude one; someone saw it and revoked what it had got.
func (s *Service) flood() plot {
	ip := v4(quad(198, 51, 100, 23))
	from := s.moment(0.571)
	to := s.lasting(from, 40*time.Minute)
	return plot{kind: Flood, network: netip.PrefixFrom(unmapped(ip), 32), from: from, to: to, n: s.size(310),
		agent: s.script(1), target: s.anybody, stopped: to + 300*1_000_000,
		source: func(*rand.Rand, int) addr { return ip }}
}

func (s *Service) rotation() plot {
	net6 := 0x2001_0db8_4000_0000 | mix(s.o.Seed+6)&0x0fff_ffff
	from := s.moment(0.858)
	return plot{kind: Rotation, network: netip.PrefixFrom(unmapped(v6(net6, 0)), 64), from: from,
		to: s.lasting(from, 3*time.Hour), n: s.size(350), agent: s.script(2), target: s.anybody,
		source: func(r *rand.Rand, _ int) addr { return v6(net6, r.Uint64()|1) }}
}

// bomb fills one mailbox, from home lines all over.
func (s *Service) bomb() plot {
	w := s.world
	from := s.moment(0.931)
	victim := int32(mix(s.o.Seed^uint64(MailBomb[0])) % uint64(w.old))
	return plot{kind: MailBomb, from: from, to: s.lasting(from, 2*time.Hour), n: s.size(130), agent: w.agents.scripts[3],
		target: func(*rand.Rand, int) int32 { return victim },
		source: func(r *rand.Rand, _ int) addr {
			return w.at(w.homes[w.homeBy.pick(r)].household(r), victim, r.IntN(100), from)
		}}
}

// takeover follows its links: someone reads other people's mail.
func (s *Service) takeover() plot {
	from, base := s.moment(0.783), s.hoster(2)|64
	return plot{kind: Takeover, network: netip.PrefixFrom(unmapped(v4(base)), 28), from: from,
		to: s.lasting(from, 9*time.Hour), n: s.size(34), agent: 0, target: s.anybody,
		source: func(r *rand.Rand, _ int) addr { return v4(base | uint32(r.IntN(16))) }}
}

// slowSpray stays below every hourly threshold.
func (s *Service) slowSpray() plot {
	hosts, base := [3]uint32{9, 101, 214}, s.hoster(3)
	return plot{kind: SlowSpray, network: netip.PrefixFrom(unmapped(v4(base)), 24), from: s.part(0.01), to: s.part(0.99),
		n: s.size(220), agent: 1, target: s.anybody,
		source: func(r *rand.Rand, _ int) addr { return v4(base | hosts[r.IntN(3)]) }}
}

func (s *Service) listWalk() plot {
	from, base := s.moment(0.357), s.hoster(4)|192
	list := s.world.byEmail
	first := int(mix(s.o.Seed) % uint64(len(list)))
	return plot{kind: ListWalk, network: netip.PrefixFrom(unmapped(v4(base)), 26), from: from,
		to: s.lasting(from, 10*time.Hour), n: s.size(260), agent: s.script(3),
		target: func(_ *rand.Rand, i int) int32 { return list[(first+i)%len(list)] },
		source: func(r *rand.Rand, _ int) addr { return v4(base | uint32(r.IntN(64))) }}
}

// script returns the agent of the n-th program.
func (s *Service) script(n int) uint16 { return s.world.agents.scripts[n] }

// carryOut makes the visits of plot number i.
func (s *Service) carryOut(p plot, i int) {
	r := newRand(s.o.Seed, attackStream+1+stream(i))
	length := p.to - p.from
	for k := range p.n {
		// One moment in each n-th part of the time: in order, not in step.
		from := p.from + length*int64(k)/int64(p.n)
		v := visit{at: from + r.Int64N(max(length/int64(p.n), 1)), ip: p.source(r, k), who: p.target(r, k),
			agent: p.agent, label: uint16(i + 1)}
		v.useIP = v.ip
		if p.kind == Takeover && r.Float64() < 0.8 {
			v.delay = int32(20_000 + r.IntN(90_000))
		}
		if p.stopped > 0 && p.stopped < s.o.Span.Microseconds() {
			v.revoked = int32(p.stopped / 1_000_000)
		}
		s.visits = append(s.visits, v)
	}
	a := Attack{Kind: p.kind, Network: p.network, Ongoing: p.ongoing, Requests: p.n,
		Name: string(p.kind) + "-" + strconv.Itoa(i+1)}
	if p.kind == MailBomb {
		a.Account = s.world.people[p.target(r, 0)].id
	}
	s.attacks = append(s.attacks, a)
}

// label names what a visit belongs to.
func (s *Service) label(v *visit) string { return s.names[v.label] }

// date fills in when attacks and crowds began and ended, once their visits are
// in order, and puts them in the order of their start.
func (s *Service) date() {
	s.names = []string{""}
	for _, a := range s.attacks {
		s.names = append(s.names, a.Name)
	}
	for _, c := range s.crowds {
		s.names = append(s.names, c.Name)
	}
	first, last := make([]int64, len(s.names)), make([]int64, len(s.names))
	for i := range s.visits {
		v := &s.visits[i]
		if last[v.label] == 0 {
			first[v.label] = v.at
		}
		last[v.label] = max(v.at, 1)
	}
	when := func(us int64) time.Time { return s.start.Add(time.Duration(us) * time.Microsecond) }
	for i := range s.attacks {
		s.attacks[i].Start, s.attacks[i].End = when(first[i+1]), when(last[i+1])
	}
	for i := range s.crowds {
		if k := 1 + len(s.attacks) + i; s.crowds[i].Requests > 0 {
			s.crowds[i].Start, s.crowds[i].End = when(first[k]), when(last[k])
		}
	}
	slices.SortStableFunc(s.attacks, func(a, b Attack) int { return a.Start.Compare(b.Start) })
	slices.SortStableFunc(s.crowds, func(a, b Crowd) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Name, b.Name)) })
}

func unmapped(a addr) netip.Addr { return netip.AddrFrom16(a).Unmap() }
