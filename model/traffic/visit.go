package traffic

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// visit is one reset in the making.
type visit struct {
	at      int64 // µs since the start
	delay   int32 // ms until the link was followed; 0: never
	revoked int32 // s since the start; 0: never
	who     int32
	ip      addr
	useIP   addr
	agent   uint16
	label   uint16 // 0: ordinary; attacks from 1, then crowds
}

// makePast makes every visit: attacks and crowds first, since they have their
// size, then ordinary people until the number is right.
func (s *Service) makePast() {
	s.visits = make([]visit, 0, s.o.Resets)
	for i, p := range s.plots() {
		s.carryOut(p, i)
	}
	s.gather()
	s.ordinary(s.o.Resets - len(s.visits))
	slices.SortFunc(s.visits, func(a, b visit) int {
		if c := cmp.Compare(a.at, b.at); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(a.who, b.who), slices.Compare(a.ip[:], b.ip[:]))
	})
	s.settleUses()
	s.date()
}

// ordinary adds n visits of people who mean no harm.
func (s *Service) ordinary(n int) {
	r := newRand(s.o.Seed, pastStream)
	tables := map[int16]timetable{}
	for n > 0 {
		who := int32(s.world.askers.pick(r))
		zone := s.world.people[who].zone
		t, ok := tables[zone]
		if !ok {
			t = newTimetable(s.start, s.o.Span, zone, s.surge)
			tables[zone] = t
		}
		n -= s.come(r, who, t.pick(r), 0, n)
	}
}

// come adds the visit of one person, and the second one where the letter is
// slow and they ask again. It returns how many it added, at most room.
func (s *Service) come(r *rand.Rand, who int32, at int64, label uint16, room int) int {
	v := s.world.ask(r, who, s.start.UnixMicro()+at)
	v.at, v.label = at, label
	again := at + int64(30+r.IntN(330))*1_000_000
	if r.Float64() >= 0.12 || room < 2 || again >= s.o.Span.Microseconds() {
		s.visits = append(s.visits, v)
		return 1
	}
	second := v
	second.at = again + r.Int64N(1_000_000)
	if second.at >= s.o.Span.Microseconds() {
		second.at = again
	}
	if r.Float64() < 0.92 {
		v.delay = 0 // the letter that came last is the one that is opened
	}
	s.visits = append(s.visits, v, second)
	return 2
}

// settleUses takes back the uses that would lie beyond the end.
func (s *Service) settleUses() {
	end := s.o.Span.Microseconds()
	for i := range s.visits {
		v := &s.visits[i]
		if v.at+int64(v.delay)*1000 >= end {
			v.delay = 0
		}
	}
}

// ask says from where and with what a person asks at a moment (µs since the
// Unix epoch), and whether and from where they follow the link.
func (w *world) ask(r *rand.Rand, who int32, at int64) visit {
	p := &w.people[who]
	v := visit{who: who, agent: p.desk}
	hour, day := localClock(at/1_000_000, p.zone)
	working := day != time.Saturday && day != time.Sunday && hour > 7.5 && hour < 18.5
	switch u := r.Float64(); {
	case p.firm != none && working && u < 0.8:
		v.ip = w.firms[p.firm].address(r)
	case u < 0.34:
		v.agent, v.ip = p.phone, w.carriers[p.carrier].phone(r)
	case u < 0.36:
		v.ip = v4(quad(246, 9, byte(r.IntN(3)), byte(10+r.IntN(40))))
	default:
		if r.Float64() < 0.4 {
			v.agent = p.phone
		}
		v.ip = w.at(p.home, who, int(v.agent), at)
	}
	v.useIP = v.ip
	if r.Float64() >= 0.63 {
		return v
	}
	v.delay = int32(min(max(lognormal(r, 150*time.Second, 0.9), 9*time.Second), 55*time.Minute) / time.Millisecond)
	switch u := r.Float64(); {
	case u < 0.13: // the letter is read on the phone
		v.useIP = w.carriers[p.carrier].phone(r)
	case u < 0.18:
		v.useIP = w.at(p.home, who, int(p.phone), at)
	}
	return v
}

// at returns the address of a device on someone's home line: the same all
// day, and the next day another one in the same /64.
func (w *world) at(home addr, who int32, device int, at int64) addr {
	if !home.isV6() {
		return home
	}
	day := uint64(at / 86_400_000_000)
	n := mix(w.seed ^ mix(uint64(who)<<20|uint64(device)))
	if n%6 != 0 { // a temporary address; those made from hardware stay
		n = mix(n+day) | 1
	}
	return v6(home.network64(), slaac(n))
}

// address draws an address of the firm: its NAT, a desk in its IPv6 network,
// or a host of its campus.
func (f *firm) address(r *rand.Rand) addr {
	switch {
	case f.net6 != 0 && r.Float64() < 0.4:
		return v6(f.net6|r.Uint64N(24), slaac(r.Uint64()))
	case f.campus:
		return v4(f.v4 | uint32(r.IntN(24))<<8 | uint32(1+r.IntN(254)))
	}
	return v4(f.v4)
}
