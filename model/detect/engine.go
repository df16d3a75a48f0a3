package detect

import (
	"net/netip"
	"time"
)

// Engine turns a stream of resets into clusters. Make it with New. It is not
// safe for concurrent use, reads no clock and does no I/O: Advance tells it the
// time.
type Engine struct {
	cfg   Config
	clock int64 // ms; everything up to here has been judged
	next  int64 // next tick
	epoch int64
	begun bool

	unitAt, unitEpoch int64
	unitIs            tally

	log      log
	due      queue
	patience delays
	ripening []int64 // numbers of requests that are not ripe, in order of arrival
	inForce  int     // events whose request has taken effect
	lost     int64   // when the newest event was created that Config.Most let go; 0: none

	net                      *trie   // request addresses
	use                      *trie   // addresses of use, where the use is far from the request
	list                     *trie   // places in the address list
	total                    tally   // the service, request side
	uses                     tally   // the service, use side
	plain                    tally   // the service, request side, whatever the weather
	felt                     tally   // the weather of the week, each address once an hour
	weatherOpen, weatherDone float64 // the service of the last hour, each address once

	agents   table
	domains  table
	accounts accounts

	clusters  []*cluster // nil where one was let go
	onArchive func(Cluster)
	quiet     map[string]bool
	refusals  map[subject]refusal
}

// New returns an empty engine.
func New(cfg Config) *Engine {
	e := &Engine{cfg: cfg.withDefaults(), net: newTrie(), use: newTrie(), list: newTrie(), quiet: map[string]bool{}, refusals: map[subject]refusal{}}
	e.agents, e.domains, e.accounts = newTable(), newTable(), newAccounts()
	e.log.init()
	e.net.chunks(96+e.cfg.Widest4, e.cfg.Widest6)
	e.use.chunks(96+e.cfg.Widest4, e.cfg.Widest6)
	e.list.chunks(0, widestPlace)
	e.patience.start = e.cfg.Ripen.Milliseconds()
	for h, t := range e.tries() {
		t.recount = func(i int32, bits int) tally { return e.recount(h, i, bits) }
		t.moved = func(owner, to int32) { e.clusters[owner].move(to) }
	}
	e.SetRules(cfg.Exceptions, cfg.Quiet)
	return e
}

// SetRules replaces Config.Exceptions and Config.Quiet. Clusters that they cover
// are no longer shown; events that are known already keep what they count for.
func (e *Engine) SetRules(exceptions []netip.Prefix, quiet []string) {
	e.cfg.Exceptions, e.cfg.Quiet = exceptions, quiet
	clear(e.quiet)
	for _, k := range quiet {
		e.quiet[k] = true
	}
}

// The hierarchies that are tries.
const (
	onRequest = iota
	onUse
	onPlace
	tries
)

func (e *Engine) tries() [tries]*trie { return [tries]*trie{e.net, e.use, e.list} }

// Add tells the engine of a reset, or of what has become of one. It takes
// effect when Advance passes the time of each fact, so that the order and the
// size of deliveries make no difference. Facts older than the clock take effect
// at once.
func (e *Engine) Add(ev Event) {
	if ev.ID == "" || ev.Created.IsZero() {
		return
	}
	n, known := e.log.find(ev.ID)
	if !known {
		at := ev.Created.UnixMilli()
		if e.begun && (at < e.clock-e.cfg.Horizon.Milliseconds() || at <= e.lost) {
			return
		}
		r := e.record(ev)
		n = e.log.append(r, ev.ID)
		e.due.push(fact{at: at, what: asked, n: n, id: r.id})
	}
	if !ev.Used.IsZero() {
		e.redeemed(n, ev.Used, ev.UsedIP)
	}
	if !ev.Revoked.IsZero() {
		e.log.at(n).revoked = ev.Revoked.UnixMilli()
	}
}

// Redeem tells the engine that a reset was used. Unknown ids are ignored.
func (e *Engine) Redeem(id string, at time.Time, from netip.Addr) {
	if n, ok := e.log.find(id); ok {
		e.redeemed(n, at, from)
	}
}

// Revoke tells the engine that a reset was revoked, or with the zero time that
// this was taken back. It changes what is live, not what is suspicious.
func (e *Engine) Revoke(id string, at time.Time) {
	if n, ok := e.log.find(id); ok {
		e.log.at(n).revoked = 0
		if !at.IsZero() {
			e.log.at(n).revoked = at.UnixMilli()
		}
	}
}

func (e *Engine) redeemed(n int64, at time.Time, from netip.Addr) {
	r := e.log.at(n)
	if r.used != 0 {
		return
	}
	r.used = at.UnixMilli()
	r.usedAddr = addrKey(from)
	e.due.push(fact{at: r.used, what: used, n: n, id: r.id})
}

// Advance lets the clock run to t and judges on the way. Facts of the moment t
// itself wait for the next call, since more of them may come. It never runs back.
func (e *Engine) Advance(t time.Time) {
	now := t.UnixMilli()
	for len(e.due) > 0 && e.due[0].at < now {
		f := e.due.pop()
		e.begin(f.at)
		e.judgeUntil(f.at - 1)
		e.clock = max(e.clock, f.at)
		e.apply(f)
	}
	e.begin(now)
	e.judgeUntil(now - 1)
	e.clock = max(e.clock, now)
}

// Clock is the time up to which the engine has judged; zero before any event.
func (e *Engine) Clock() time.Time {
	if !e.begun {
		return time.Time{}
	}
	return time.UnixMilli(e.clock).UTC()
}

func (e *Engine) begin(at int64) {
	if e.begun {
		return
	}
	step := e.cfg.Tick.Milliseconds()
	e.begun, e.clock, e.epoch = true, at, at
	e.next = (at/step + 1) * step
}

// judgeUntil runs the ticks up to and including now. Ticks at which nothing can
// happen are skipped.
func (e *Engine) judgeUntil(now int64) {
	step := e.cfg.Tick.Milliseconds()
	for e.next <= now {
		if e.idle() {
			e.next = (now/step + 1) * step
			return
		}
		e.tick(e.next)
		e.next += step
	}
}

func (e *Engine) idle() bool {
	if len(e.ripening) > 0 {
		return false
	}
	for _, t := range e.tries() {
		if len(t.touched) > 0 {
			return false
		}
	}
	return len(e.agents.touched) == 0 && len(e.accounts.touched) == 0
}

func (e *Engine) apply(f fact) {
	if f.n < e.log.first {
		return
	}
	switch f.what {
	case asked:
		e.log.at(f.n).inForce = true
		e.inForce++
		e.ask(f.n)
		e.crowd()
	case used:
		e.finish(f.n)
	}
}

// Size is the number of events that the engine remembers.
func (e *Engine) Size() int { return e.log.len() }
