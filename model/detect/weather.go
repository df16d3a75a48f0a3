package detect

import "math"

// rebase moves the epoch before the exponents grow out of hand.
func (e *Engine) rebase(now int64) {
	if now-e.epoch < 300*hour {
		return
	}
	by := unit(e.epoch, now)
	for _, t := range e.tries() {
		t.sums.each(func(_ int32, s *tally) { s.scale(&by) })
		t.raws.each(func(_ int32, r *raw) { r.scale(&by) })
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
	e.weatherOpen *= by.hour
	e.weatherDone *= by.hour
	e.epoch = now
}

func (r *raw) scale(by *weights) {
	r.lost[0] *= by.hour
	r.lost[1] *= by.span[middle]
	r.kept *= by.hour
}

// feel keeps the weather: how many of the last hour's accounts finish, each
// neighbourhood counted once an hour so that an attack is not taken for an
// outage.
func (e *Engine) feel(r *record, open, done float64) {
	i := r.leaf[onRequest]
	if i == none || r.member != none {
		return
	}
	for up := e.net.nodes.at(i).up; up != none && e.net.nodes.at(up).local(); up = e.net.nodes.at(i).up {
		i = up
	}
	at := e.net.raws.at(i)
	if r.created-at.felt < hour {
		return
	}
	at.felt = r.created
	w := e.unit(r.created)
	e.weatherOpen += open * w.hour
	e.weatherDone += done * w.hour
	e.felt.open[long] += open * w.span[long]
	e.felt.done[long] += done * w.span[long]
}

// local reports whether a network is one neighbourhood: a /20, or a /40.
func (n *node) local() bool {
	if n.is&v4 != 0 {
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
	usual := (e.felt.open[long]/w.span[long] + 8) / (e.felt.done[long]/w.span[long] + 20)
	const firm = 20 // accounts before the weather is believed
	o := (e.weatherOpen/w.hour + firm*usual/(1+usual)) / (e.weatherDone/w.hour + firm/(1+usual))
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
