package traffic

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"doorman/model"
)

// Event is one request that arrives, and what comes of it.
type Event struct {
	At       time.Time
	Order    model.RequestOrder
	Reads    bool          // the person follows the link …
	Delay    time.Duration // … this long after asking
	UseIP    string
	UseAgent string
	Attack   string // the label of the attack that it belongs to, "" for ordinary people
}

// Live is an endless stream of requests. It is not safe for several goroutines.
type Live struct {
	s       *Service
	r       *rand.Rand
	from    time.Time
	last    time.Time
	next    time.Duration // of the next ordinary person
	strikes []*strike
	waiting []Event // who asks again, in order
}

// strike is an attack in the live part, one request at a time.
type strike struct {
	label  string
	plot   plot
	n      int           // requests so far
	start  time.Duration // since the live part began
	length time.Duration
	period time.Duration // it comes back this long after its start; 0: never
	gap    time.Duration // mean time between requests
	next   time.Duration
}

// The live part runs faster than a service of this size would run, so that
// there is something to see: ordinary people ask openRate times a second for
// openTime, then restRate times, and follow their links after a minute or so,
// not after three.
const (
	openTime = 10 * time.Minute
	openRate = 1.5
	restRate = 0.6
)

// Live continues the service from a moment on: the same people, and unless
// Options.Quiet is set the attack that was on at End dies down in the first
// minutes, a second one begins after 40 seconds, and later ones follow. The
// same moment gives the same stream; At always grows.
func (s *Service) Live(from time.Time) *Live {
	l := &Live{s: s, r: newRand(s.o.Seed, liveStream), from: from.UTC(), last: from.UTC()}
	l.next = l.gap(openRate)
	if s.o.Quiet {
		return l
	}
	old := s.sweep(quad(203, 0, 113, 0), 0, 1, 480, 0)
	fresh := s.sweep(quad(192, 0, 2, 0), 0, 1, 480, 1)
	later := s.rotation()
	l.strikes = []*strike{
		{label: "live-sweep-1", plot: old, start: time.Second, length: 8 * time.Minute, gap: 6 * time.Second},
		{label: "live-sweep-2", plot: fresh, start: 40 * time.Second, length: 6 * time.Minute,
			gap: 1500 * time.Millisecond, period: 50 * time.Minute},
		{label: "live-rotation-1", plot: later, start: 22 * time.Minute, length: 12 * time.Minute,
			gap: 4 * time.Second, period: 70 * time.Minute},
	}
	for _, k := range l.strikes {
		k.next = k.start
	}
	return l
}

// gap draws the time to the next of independent arrivals.
func (l *Live) gap(perSecond float64) time.Duration {
	return time.Duration(l.r.ExpFloat64() / perSecond * float64(time.Second))
}

// Next returns the next request. There is always one.
func (l *Live) Next() Event {
	var e Event
	hit := l.due()
	switch {
	case len(l.waiting) > 0 && l.waiting[0].At.Before(l.from.Add(min(l.next, hit.at()))):
		e, l.waiting = l.waiting[0], l.waiting[1:]
	case hit != nil && hit.next < l.next:
		e = l.strikeOnce(hit)
	default:
		e = l.ordinary()
	}
	if !e.At.After(l.last) {
		e.At = l.last.Add(time.Microsecond)
	}
	l.last = e.At
	return e
}

// due returns the strike that comes first, or nil.
func (l *Live) due() *strike {
	if len(l.strikes) == 0 {
		return nil
	}
	return slices.MinFunc(l.strikes, func(a, b *strike) int { return cmp.Compare(a.next, b.next) })
}

// at returns when the strike comes next; a strike that is nil never does.
func (k *strike) at() time.Duration {
	if k == nil {
		return 1<<63 - 1
	}
	return k.next
}

// strikeOnce makes the next request of an attack and plans the one after it. A
// third of the addresses that it tries have no account.
func (l *Live) strikeOnce(k *strike) Event {
	p := &l.s.world.people[k.plot.target(l.r, k.n)]
	e := Event{At: l.from.Add(k.next), Attack: k.label, Order: model.RequestOrder{
		Email: p.email, IP: k.plot.source(l.r, k.n).String(), Agent: l.s.world.agents.all[k.plot.agent]}}
	if l.r.Float64() < 0.33 {
		e.Order.Email = "x" + e.Order.Email
	}
	k.n++
	k.next += time.Duration(l.r.ExpFloat64() * float64(k.gap))
	if k.next > k.start+k.length {
		k.start += k.period
		k.next = k.start
		if k.period == 0 {
			l.strikes = slices.DeleteFunc(l.strikes, func(o *strike) bool { return o == k })
		}
	}
	return e
}

// ordinary makes the next request of someone who means no harm. One in sixty
// mistypes the address; one in eight asks again.
func (l *Live) ordinary() Event {
	w := l.s.world
	at := l.from.Add(l.next)
	rate := openRate
	if l.next > openTime {
		rate = restRate
	}
	l.next += l.gap(rate)
	v := w.ask(l.r, int32(w.askers.pick(l.r)), at.UnixMicro())
	p := &w.people[v.who]
	e := Event{At: at, Order: model.RequestOrder{Email: p.email, IP: v.ip.String(), Agent: w.agents.all[v.agent]}}
	if l.r.Float64() < 1.0/60 {
		e.Order.Email = p.email[:1] + p.email
		return e
	}
	if v.delay > 0 {
		e.Reads, e.UseIP, e.UseAgent = true, v.useIP.String(), e.Order.Agent
		e.Delay = max(time.Duration(v.delay/3)*time.Millisecond, 6*time.Second)
		if v.useIP != v.ip {
			e.UseAgent = w.agents.all[p.phone]
		}
	}
	if l.r.Float64() < 0.12 {
		l.again(&e)
	}
	return e
}

// again has the person of e ask a second time and follow only the later link.
func (l *Live) again(e *Event) {
	second := *e
	second.At = e.At.Add(20*time.Second + time.Duration(l.r.Int64N(int64(150*time.Second))))
	e.Reads, e.Delay, e.UseIP, e.UseAgent = false, 0, "", ""
	i, _ := slices.BinarySearchFunc(l.waiting, second, func(a, b Event) int { return a.At.Compare(b.At) })
	l.waiting = slices.Insert(l.waiting, i, second)
}
