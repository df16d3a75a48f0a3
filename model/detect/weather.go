package detect

import "math"

// rebase moves the epoch before the exponents grow out of hand.
func (e *Engine) rebase(now int64) {
	if now-e.epoch < 300*hour {
		return
	}
	by := unit(e.epoch, now)
	for _, t := range e.tries() {
		for i := range t.sums {
			t.sums[i].scale(&by)
		}
	}
	for i := range e.agents.all {
		e.agents.all[i].sum.scale(&by)
	}
	for i := range e.domains.all {
		e.domains.all[i].sum.scale(&by)
	}
	e.total.scale(&by)
	e.uses.scale(&by)
	e.plain.scale(&by)
	e.felt.scale(&by)
	e.weatherOpen *= by.kept
	e.weatherDone *= by.kept
	e.epoch = now
}

// feel keeps the weather: how many of the last hour's accounts finish, each
// neighbourhood counted once an hour so that an attack is not taken for an
// outage.
func (e *Engine) feel(r *record, open, done float64) {
	i := r.leaf[onRequest]
	if i == none || r.member != none {
		return
	}
	for up := e.net.nodes[i].up; up != none && e.net.nodes[up].local(); up = e.net.nodes[i].up {
		i = up
	}
	if r.created-e.net.nodes[i].felt < hour {
		return
	}
	e.net.nodes[i].felt = r.created
	w := e.unit(r.created)
	e.weatherOpen += open * w.kept
	e.weatherDone += done * w.kept
	e.felt.open[long] += open * w.open[long]
	e.felt.done[long] += done * w.done[long]
}

// local reports whether a network is one neighbourhood: a /20, or a /40.
func (n *node) local() bool {
	if n.key.isV4(int(n.bits)) {
		return n.bits >= 96+20
	}
	return n.bits >= 40
}

// weather is what an unfinished account is worth now. When mail is late
// everybody's requests stay open, and each says less.
func (e *Engine) weather(r *record) float32 {
	e.feel(r, 1, 0)
	if e.cfg.Without.has(NoWeather) {
		return 1
	}
	w := e.unit(r.created)
	usual := (e.felt.open[long]/w.open[long] + 8) / (e.felt.done[long]/w.done[long] + 20)
	const firm = 20 // accounts before the weather is believed
	o := (e.weatherOpen/w.kept + firm*usual/(1+usual)) / (e.weatherDone/w.kept + firm/(1+usual))
	if o <= 2*usual {
		return 1
	}
	return float32(math.Max(0.1, 2*usual/o))
}

// odds is unfinished to finished in the whole service, over a week.
func (e *Engine) odds() float64 {
	now := e.unit(e.clock)
	s := e.plain.read(&now)
	return (s.open[long] + 8) / (s.done[long] + 20)
}
