// Package traffic makes up the password resets of a service that does not
// exist: who has an account, who requests a reset when and from where, who
// follows the link, and which attacks and harmless crowds are among them. The
// demo, the benchmarks and labelled evaluations feed on it. It is a pure
// function of its options: same options, same traffic, byte for byte.
//
// Nothing in it can point at anybody. Mail domains are those reserved by
// RFC 2606 and RFC 6761 (example.com, .org and .net, names under .example and
// .test). Addresses come from space that is never routed, shared out as plan.go
// says, because the documentation ranges alone would put a whole service into
// three networks.
package traffic

import (
	"iter"
	"sync"
	"time"

	"doorman/model"
)

// Options says which service to make up. Zero fields mean 20,000 accounts,
// 100,000 resets and 14 days; a zero End means 2026-03-16 12:00 UTC.
type Options struct {
	Seed     uint64
	Accounts int
	Resets   int // attacks and crowds included; exact
	Span     time.Duration
	End      time.Time
	Quiet    bool // no attacks in the live part; the past keeps its own
}

func (o Options) filled() Options {
	if o.Accounts <= 0 {
		o.Accounts = 20000
	}
	if o.Resets <= 0 {
		o.Resets = 100000
	}
	if o.Span <= 0 {
		o.Span = 14 * 24 * time.Hour
	}
	if o.End.IsZero() {
		o.End = time.Date(2026, 3, 16, 12, 0, 0, 0, time.UTC)
	}
	o.Span = max(o.Span.Truncate(time.Microsecond), time.Minute)
	o.End = o.End.UTC().Truncate(time.Microsecond)
	return o
}

// Service is a made-up service. Its methods may be called from several
// goroutines and any number of times.
type Service struct {
	o     Options
	start time.Time
	world *world

	once    sync.Once // the past is made when it is first requested
	visits  []visit
	names   []string // of the labels
	attacks []Attack
	crowds  []Crowd
}

// New makes up a service: its accounts at once, its past when it is first
// requested.
func New(o Options) *Service {
	o = o.filled()
	start := o.End.Add(-o.Span)
	return &Service{o: o, start: start, world: newWorld(o, start)}
}

// Accounts yields every account in the order in which they were made. All but
// the newest, who never request a reset, are older than the first reset. The
// error is always nil.
func (s *Service) Accounts() iter.Seq2[model.AccountInput, error] {
	return func(yield func(model.AccountInput, error) bool) {
		for i, p := range s.world.people {
			in := model.AccountInput{Line: i + 1, ID: p.id, Email: p.email,
				Created: time.UnixMicro(p.created).UTC(), EmailConfirmed: p.confirmed}
			if !yield(in, nil) {
				return
			}
		}
	}
}

// Resets yields every reset in order of creation, within [End−Span, End).
// Nothing in it happens after End: who had not followed the link by then has
// not used it. The error is always nil.
func (s *Service) Resets() iter.Seq2[model.ResetInput, error] {
	return func(yield func(model.ResetInput, error) bool) {
		for in := range s.Labelled() {
			if !yield(in, nil) {
				return
			}
		}
	}
}

// Labelled yields what Resets does, each with the name of the attack or crowd
// that it belongs to, "" for ordinary traffic.
func (s *Service) Labelled() iter.Seq2[model.ResetInput, string] {
	return func(yield func(model.ResetInput, string) bool) {
		s.once.Do(s.makePast)
		for i := range s.visits {
			v := &s.visits[i]
			if !yield(s.reset(i, v), s.label(v)) {
				return
			}
		}
	}
}

// Attacks returns what was planted in the past, in the order of their start.
func (s *Service) Attacks() []Attack {
	s.once.Do(s.makePast)
	return append([]Attack(nil), s.attacks...)
}

// Crowds returns the harmless crowds in the past, in the order of their start.
func (s *Service) Crowds() []Crowd {
	s.once.Do(s.makePast)
	return append([]Crowd(nil), s.crowds...)
}

// reset writes out visit number i.
func (s *Service) reset(i int, v *visit) model.ResetInput {
	p := &s.world.people[v.who]
	at := s.start.Add(time.Duration(v.at) * time.Microsecond)
	in := model.ResetInput{
		Line: i + 1, ID: makeID(s.o.Seed, resetIDs, uint64(i)), Created: at,
		AccountID: p.id, Email: p.email,
		IP: v.ip.String(), Agent: s.world.agents.all[v.agent],
		Expires: at.Add(model.DefaultLifetime),
	}
	if v.delay > 0 {
		in.Used = at.Add(time.Duration(v.delay) * time.Millisecond)
		in.UsedIP = in.IP
		if v.useIP != v.ip {
			in.UsedIP = v.useIP.String()
		}
	}
	if v.revoked > 0 {
		in.Revoked = s.start.Add(time.Duration(v.revoked) * time.Second)
	}
	return in
}
