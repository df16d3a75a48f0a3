package detect

import (
	"net/netip"
	"time"
)

// Engine turns a stream of resets into clusters. Make it with New. It is not
// safe for concurrent use, reads no clock and does no I/O: Advance tells it the
// time.
type Engine struct {
	cfg    Config
	clock  int64 // ms; everything up to here has been judged
	target int64 // where Advance wants the clock to be
	next   int64 // next tick
	epoch  int64
	begun  bool

	unitAt, unitEpoch int64
	unitIs            weights
	hourAt, hourEpoch int64
	hourIs            float64

	log      log
	due      queue
	warm     warmer
	desk     desk
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
	e := &Engine{cfg: cfg.withDefaults(), quiet: map[string]bool{}, refusals: map[subject]refusal{}}
	e.agents, e.domains, e.accounts = newTable(), newTable(), newAccounts()
	e.log.init()
	e.net = newTrie(96+e.cfg.Widest4, e.cfg.Widest6, true)
	e.use = newTrie(96+e.cfg.Widest4, e.cfg.Widest6, false)
	e.list = newTrie(0, widestPlace, false)
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
	e.catchUp()
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
	id, exact := identify(ev.ID)
	at := ev.Created.UnixMilli()
	n, known := e.log.find(id)
	if known || e.begun && at < e.target {
		e.catchUp()
		n, known = e.log.find(id)
	}
	if !known {
		if e.begun && (at < e.target-e.cfg.Horizon.Milliseconds() || at <= e.lost) {
			return
		}
		n = e.record(&ev, id, exact)
		e.due.push(fact{at: at, what: asked, n: n, id: id, addr: addrKey(ev.IP)})
	}
	if !ev.Used.IsZero() {
		e.redeemed(n, ev.Used, ev.UsedIP)
	}
	if !ev.Revoked.IsZero() {
		e.revoked(n, ev.Revoked.UnixMilli())
	}
}

// Redeem tells the engine that a reset was used. Unknown ids are ignored.
func (e *Engine) Redeem(id string, at time.Time, from netip.Addr) {
	if n, ok := e.known(id); ok {
		e.redeemed(n, at, from)
	}
}

// Revoke tells the engine that a reset was revoked, or with the zero time that
// this was undone. It changes what is live, not what is suspicious.
func (e *Engine) Revoke(id string, at time.Time) {
	n, ok := e.known(id)
	switch {
	case !ok:
	case at.IsZero():
		e.revoked(n, 0)
	default:
		e.revoked(n, at.UnixMilli())
	}
}

// known finds an event that is remembered at the clock.
func (e *Engine) known(name string) (int64, bool) {
	e.catchUp()
	id, _ := identify(name)
	return e.log.find(id)
}

func (e *Engine) revoked(n, at int64) {
	_, expires := e.log.ends(n)
	e.log.setEnds(n, at, expires)
}

// redeemed notes a use. It takes effect no sooner than its request.
func (e *Engine) redeemed(n int64, at time.Time, from netip.Addr) {
	r := e.log.at(n)
	if r.used != 0 {
		return
	}
	r.used = at.UnixMilli()
	e.due.push(fact{at: max(r.created, r.used), what: used, n: n, id: r.id, addr: addrKey(from)})
}

// Advance lets the clock run to t and judges on the way. Facts of the moment t
// itself wait for the next call, since more of them may come. It never runs back.
//
// Nothing can be seen of the facts between two ticks, so that they are applied
// together, at the next tick or when someone asks.
func (e *Engine) Advance(t time.Time) {
	now := t.UnixMilli()
	if !e.begun {
		if f := e.due.next(); f != nil {
			e.begin(min(f.at, now))
		}
		e.begin(now)
	}
	e.target = max(e.target, now)
	if e.target > e.next {
		e.catchUp()
	}
}

// catchUp applies what lies before the target.
func (e *Engine) catchUp() {
	if !e.begun {
		return
	}
	for f := e.due.next(); f != nil && f.at < e.target; f = e.due.next() {
		e.warmUp()
		now := *f
		e.due.drop(f)
		e.judgeUntil(now.at - 1)
		e.clock = max(e.clock, now.at)
		e.apply(&now)
	}
	e.judgeUntil(e.target - 1)
	e.clock = max(e.clock, e.target)
}

// Clock is the time up to which the engine has judged; zero before any event.
func (e *Engine) Clock() time.Time {
	if !e.begun {
		return time.Time{}
	}
	return time.UnixMilli(e.target).UTC()
}

func (e *Engine) begin(at int64) {
	if e.begun {
		return
	}
	step := e.cfg.Tick.Milliseconds()
	e.begun, e.clock, e.target, e.epoch = true, at, at, at
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

func (e *Engine) apply(f *fact) {
	if f.n < e.log.first {
		return
	}
	switch f.what {
	case asked:
		r := e.log.at(f.n)
		r.is |= inForce
		e.inForce++
		e.agents.act(r.agent, 1)
		e.ask(f.n, f.addr)
		e.crowd()
	case used:
		e.finish(f.n, f.addr)
	}
}

// Size is the number of events that the engine remembers.
func (e *Engine) Size() int {
	e.catchUp()
	return e.log.len()
}
