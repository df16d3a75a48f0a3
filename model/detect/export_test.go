package detect

import "fmt"

// CheckSums compares what every network counts as open with what its events say
// one by one, after all that claims, releases and expiry did to them.
func (e *Engine) CheckSums() error {
	e.catchUp()
	now := unit(e.clock, e.epoch)
	for h, t := range e.tries() {
		for i := range t.nodes.n {
			n := t.nodes.at(i)
			if n.bits == 0 {
				continue
			}
			w := e.recount(h, i, int(n.bits))
			want, got := w.read(&now), t.sums.at(i).read(&now)
			for k := range 3 {
				if !near1(got.open[k], want.open[k]) && e.log.first == 0 {
					return fmt.Errorf("hierarchy %d, %v, window %d: counted %v, its events say %v", h, t.key(i).prefix(int(n.bits)), k, got.open[k], want.open[k])
				}
			}
		}
	}
	return e.checkTotals(&now)
}

func (e *Engine) checkTotals(now *weights) error {
	if e.log.first > 0 {
		return nil
	}
	var total, agents, wantAgents tally
	for n := e.log.first; n < e.log.end; n++ {
		r := e.log.at(n)
		if r.state != open {
			continue
		}
		w := e.openUnit(onRequest, r)
		if r.member == none {
			total.addOpen(&w, 1)
		}
		if !r.has(agentOff) {
			wantAgents.addOpen(&w, 1)
		}
	}
	for i := range e.agents.all {
		agents.addOpen(&e.agents.all[i].sum.open, 1)
	}
	for name, p := range map[string][2]*tally{"service": {&e.total, &total}, "agents": {&agents, &wantAgents}} {
		got, want := p[0].read(now), p[1].read(now)
		for k := range 3 {
			if !near1(got.open[k], want.open[k]) {
				return fmt.Errorf("%s, window %d: counted %v, its events say %v", name, k, got.open[k], want.open[k])
			}
		}
	}
	return nil
}
