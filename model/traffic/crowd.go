package traffic

import (
	"math"
	"net/netip"
	"strconv"
	"time"
)

// CrowdKind says why many people ask at once and mean no harm.
type CrowdKind string

// The kinds of crowd. Beside them every carrier and VPN is a crowd all the time.
const (
	Office  CrowdKind = "office"   // a company's passwords ran out: one NAT address
	Campus  CrowdKind = "campus"   // a university's morning
	MailDay CrowdKind = "mail-day" // a letter to all customers; everywhere, not labelled
)

// Crowd is a harmless crowd. Requests counts its own resets; for MailDay it is
// 0, because that day raises everybody's rate.
type Crowd struct {
	Name       string // unique; the label of its resets
	Kind       CrowdKind
	Network    netip.Prefix // IPv4 network that most of it comes from; the zero prefix for MailDay
	Start, End time.Time
	Requests   int
}

// mailDay returns when the letter to all customers went out, in time since the
// start: a weekday morning in the middle. A past below four days has none.
func (s *Service) mailDay() (time.Duration, bool) {
	if s.o.Span < 4*24*time.Hour {
		return 0, false
	}
	day := s.start.Add(s.o.Span * 2 / 5).Truncate(24 * time.Hour)
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.Add(24 * time.Hour)
	}
	return day.Add(9 * time.Hour).Sub(s.start), true
}

// surge multiplies the usual rate: the letter to all customers triples it, and
// that wears off over the day.
func (s *Service) surge(t time.Duration) float64 {
	sent, ok := s.mailDay()
	if since := t - sent; ok && since >= 0 && since < 14*time.Hour {
		return 1 + 2.4*math.Exp(-since.Hours()/3.5)
	}
	return 1
}

// gather makes the crowds. Together they are at most a twentieth of all resets.
func (s *Service) gather() {
	room := s.o.Resets / 20
	office, campus := s.biggest(false), s.biggest(true)
	room -= s.meet(Office, office, 0.30, 9*time.Hour, 3*time.Hour, min(s.size(70), room))
	room -= s.meet(Campus, campus, 0.50, 8*time.Hour, 4*time.Hour, min(s.size(190), room))
	s.meet(Campus, campus, 0.58, 8*time.Hour, 4*time.Hour, min(s.size(150), room))
	if sent, ok := s.mailDay(); ok {
		s.crowds = append(s.crowds, Crowd{Name: string(MailDay), Kind: MailDay, Start: s.start.Add(sent),
			End: s.start.Add(sent + 14*time.Hour)})
	}
}

// biggest returns the firm with most accounts, or none.
func (s *Service) biggest(campus bool) int {
	best := none
	for i := range s.world.firms {
		f := &s.world.firms[i]
		if f.campus == campus && len(f.members) > 0 && (best == none || len(f.members) > len(s.world.firms[best].members)) {
			best = i
		}
	}
	return best
}

// meet makes n visits of a firm's people from the firm's network, on the first
// weekday after a part of the past, from a local hour on. It returns how many
// it made.
func (s *Service) meet(kind CrowdKind, which int, part float64, hour, length time.Duration, n int) int {
	if which == none || n < 10 {
		return 0
	}
	f := &s.world.firms[which]
	from, ok := s.morning(part, hour-time.Duration(f.zone)*time.Minute, length)
	if !ok {
		return 0
	}
	label := uint16(len(s.attacks) + len(s.crowds) + 1)
	r := newRand(s.o.Seed, crowdStream+stream(1000*len(s.crowds)))
	made := 0
	for made < n {
		who := f.members[r.IntN(len(f.members))]
		if int(who) >= s.world.old {
			who = int32(s.world.askers.pick(r))
		}
		// A crowd comes at once and thins out.
		at := from + int64(r.Float64()*r.Float64()*float64(length.Microseconds()))
		first := len(s.visits)
		made += s.come(r, who, at, label, n-made)
		ip := f.address(r)
		for i := range s.visits[first:] {
			v := &s.visits[first+i]
			if v.useIP == v.ip {
				v.useIP = ip
			}
			v.ip = ip
		}
	}
	bits := 32
	if f.campus {
		bits = 16
	}
	s.crowds = append(s.crowds, Crowd{Name: string(kind) + "-" + strconv.Itoa(len(s.crowds)+1), Kind: kind,
		Network: netip.PrefixFrom(unmapped(v4(f.v4)), bits), Requests: made})
	return made
}

// morning returns the first weekday's moment after a part of the past at which
// something of the given length still fits before the end, in µs.
func (s *Service) morning(part float64, hour, length time.Duration) (int64, bool) {
	day := s.start.Add(time.Duration(part * float64(s.o.Span))).Truncate(24 * time.Hour)
	for range 8 {
		at := day.Add(hour)
		weekend := at.Weekday() == time.Saturday || at.Weekday() == time.Sunday
		if !weekend && !at.Before(s.start) && at.Add(length+10*time.Minute).Before(s.o.End) {
			return at.Sub(s.start).Microseconds(), true
		}
		day = day.Add(24 * time.Hour)
	}
	return 0, false
}
