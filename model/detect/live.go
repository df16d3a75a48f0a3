package detect

import "slices"

// reach finds the clusters whose source a reset was requested from.
type reach struct {
	lengths  []int // of the networks below, each once
	networks map[int]map[bitkey][]*Cluster
	accounts map[ident][]*Cluster
	agents   map[string][]*Cluster
	claims   map[*Cluster]int32 // number of a cluster that also counts what it claims from elsewhere
}

// reachOf indexes the clusters that name a source. shown says which cluster of
// the engine each of the list is.
func reachOf(list []Cluster, shown []*cluster) *reach {
	r := &reach{networks: map[int]map[bitkey][]*Cluster{}, accounts: map[ident][]*Cluster{}, agents: map[string][]*Cluster{}, claims: map[*Cluster]int32{}}
	for i := range list {
		c := &list[i]
		switch c.Kind {
		case ByAgent:
			r.agents[c.Agent] = append(r.agents[c.Agent], c)
		case ByAccount:
			id, _ := identify(c.Account)
			r.accounts[id] = append(r.accounts[id], c)
		case ByPrefix:
			k, bits := addrKey(c.Prefix.Addr()), c.Prefix.Bits()
			if c.Prefix.Addr().Is4() {
				bits += 96
			}
			if r.networks[bits] == nil {
				r.lengths = append(r.lengths, bits)
				r.networks[bits] = map[bitkey][]*Cluster{}
			}
			r.networks[bits][k] = append(r.networks[bits][k], c)
		}
		if c.On == OnUse || c.Kind == ByPlace {
			r.claims[c] = shown[i].at
		} else {
			c.Live = 0
		}
	}
	slices.Sort(r.lengths)
	return r
}

// countLive sets Live of clusters that name a source to what containing them
// would revoke: all that is live from there since they began, claimed or not, and
// until their end where they have ended. It leaves out what operators issued and
// what an exception covers. Cost: the records of blocks that hold a live one.
func (e *Engine) countLive(list []Cluster, shown []*cluster) {
	r := reachOf(list, shown)
	e.log.eachLive(e.clock, func(rec *record) {
		if rec.has(operated) || rec.created > e.clock {
			return
		}
		from := e.key(onRequest, rec)
		if from.known() && e.excepted(from.addr()) {
			return
		}
		count := func(found []*Cluster) {
			for _, c := range found {
				if at, ok := r.claims[c]; (!ok || rec.member != at) && c.spans(rec.created) {
					c.Live++
				}
			}
		}
		count(r.accounts[e.accounts.at(rec.account).id])
		count(r.agents[e.agents.all[rec.agent].text])
		for _, bits := range r.lengths {
			count(r.networks[bits][from.cut(bits)])
		}
	})
}

// spans reports whether a moment lies in what the cluster is about.
func (c *Cluster) spans(ms int64) bool {
	return ms >= c.Start.UnixMilli() && (c.Hot || ms <= c.End.UnixMilli())
}

// eachLive calls f with every record that could be redeemed at a moment.
func (l *log) eachLive(now int64, f func(r *record)) {
	for i, b := range l.blocks {
		if b.expires <= now {
			continue
		}
		at := l.base + int64(i*blockSize)
		for n := max(at, l.first); n < min(at+blockSize, l.end); n++ {
			if r := l.at(n); r.used == 0 {
				if revoked, expires := l.ends(n); revoked == 0 && expires > now {
					f(r)
				}
			}
		}
	}
}
