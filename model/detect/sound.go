package detect

// sound reports whether what was read holds together, so that going on from it
// neither falls nor runs in circles, whatever wrote it.
func (e *Engine) sound() bool {
	if e.begun && e.next <= e.clock-e.cfg.Tick.Milliseconds() {
		return false
	}
	for h, t := range e.tries() {
		if !t.sound(e.clusters) || !e.soundLeaves(h, t) {
			return false
		}
	}
	return e.soundLog() && e.soundAccounts() && e.soundQueues() && e.soundClusters()
}

func within(i int32, n int) bool { return i >= 0 && int(i) < n }

func alive(c int32, all []*cluster) bool { return within(c, len(all)) && all[c] != nil }

// allWithin also reports whether none stands there twice.
func allWithin(is []int32, n int) bool {
	seen := make([]bool, n)
	for _, i := range is {
		if !within(i, n) || seen[i] {
			return false
		}
		seen[i] = true
	}
	return true
}

// sound looks at the tree: kids know who is above, and lengths grow downwards.
func (t *trie) sound(clusters []*cluster) bool {
	nodes, leafs := int(t.nodes.n), int(t.leafs.n)
	if !allWithin(t.nodes.free, nodes) || !allWithin(t.leafs.free, leafs) || !allWithin(t.tops.free, int(t.tops.n)) || !allWithin(t.touched, nodes) {
		return false
	}
	if t.rough && t.raws.n != t.nodes.n || !t.rough && t.raws.n > 0 || len(t.raws.free) > 0 {
		return false
	}
	spare := make([]bool, nodes)
	for _, i := range t.nodes.free {
		spare[i] = true
	}
	taken := make([]bool, leafs)
	ok := true
	t.nodes.each(func(i int32, n *node) {
		switch {
		case spare[i]:
			ok = ok && n.is&owned == 0
		case n.leaf():
			ok = ok && n.bits == 128 && within(n.kid[1], leafs) && !taken[n.kid[1]] && t.soundUp(i, n)
			if ok {
				taken[n.kid[1]] = true
			}
		default:
			ok = ok && t.soundKid(i, n, n.kid[0], spare) && t.soundKid(i, n, n.kid[1], spare) && n.kid[0] != n.kid[1] && t.soundUp(i, n)
		}
		if c, there := t.owners[i]; there != (n.is&owned != 0) || there && !alive(c, clusters) {
			ok = false
		}
	})
	return ok && t.soundTops(spare)
}

func (t *trie) soundKid(i int32, n *node, kid int32, spare []bool) bool {
	if !within(kid, len(spare)) || spare[kid] {
		return false
	}
	k := t.nodes.at(kid)
	return k.up == i && k.bits > n.bits && k.bits <= 128
}

func (t *trie) soundUp(i int32, n *node) bool {
	if n.up == none {
		return true
	}
	if !within(n.up, int(t.nodes.n)) {
		return false
	}
	u := t.nodes.at(n.up)
	return !u.leaf() && (u.kid[0] == i || u.kid[1] == i)
}

// soundTops looks at the roots: one for each tree.
func (t *trie) soundTops(spare []bool) bool {
	roots := 0
	ok := true
	t.tops.each(func(at int32, p *top) {
		if p.root == none {
			return
		}
		roots++
		ok = ok && within(p.root, len(spare)) && !spare[p.root] && t.nodes.at(p.root).up == none
		if ok {
			i, _ := t.top(p.key)
			ok = int32(i) == at
			t.leaves(p.root, func(l *leaf) {
				c, _ := t.chunk(l.key)
				ok = ok && c == p.key
			})
		}
	})
	t.nodes.each(func(i int32, n *node) {
		if !spare[i] && n.up == none {
			roots--
		}
	})
	return ok && roots == 0
}

// remembered reports whether an event is.
func (e *Engine) remembered(n int64) bool { return n >= e.log.first && n < e.log.end }

// soundLeaves follows the events of every leaf: each must say that it hangs there,
// and there are no more of them than say so.
func (e *Engine) soundLeaves(h int, t *trie) bool {
	hang := 0
	for n := e.log.first; n < e.log.end; n++ {
		l := e.log.at(n).leaf[h]
		if l == none {
			continue
		}
		if hang++; !within(l, int(t.nodes.n)) || !t.nodes.at(l).leaf() || t.nodes.at(l).bits != 128 {
			return false
		}
	}
	ok := true
	t.nodes.each(func(i int32, x *node) {
		if !ok || x.bits != 128 || !x.leaf() {
			return
		}
		f := t.leafs.at(x.kid[1])
		for s := f.first; ok; s = e.log.at(e.log.long(s)).next[h] {
			n := e.log.long(s)
			hang--
			ok = hang >= 0 && e.remembered(n) && e.log.at(n).leaf[h] == i
			if !ok || e.log.at(n).next[h] == s {
				ok = ok && s == f.last
				break
			}
		}
	})
	return ok && hang == 0
}

func (e *Engine) soundLog() bool {
	left := e.inForce
	for n := e.log.first; n < e.log.end; n++ {
		r := e.log.at(n)
		if !within(r.agent, len(e.agents.all)) || !within(r.domain, len(e.domains.all)) || !within(r.account, int(e.accounts.n)) {
			return false
		}
		if r.member != none && (!alive(r.member, e.clusters) || r.slot < 0) {
			return false
		}
		if r.has(inForce) {
			left--
		}
	}
	return left == 0
}

// soundAccounts counts who refers to whom, and follows the events of accounts.
func (e *Engine) soundAccounts() bool {
	if !allWithin(e.accounts.touched, int(e.accounts.n)) || !allWithin(e.accounts.free, int(e.accounts.n)) {
		return false
	}
	agents, domains, persons := make([]int32, len(e.agents.all)), make([]int32, len(e.domains.all)), make([]int32, e.accounts.n)
	for n := e.log.first; n < e.log.end; n++ {
		r := e.log.at(n)
		agents[r.agent]++
		domains[r.domain]++
		persons[r.account]++
	}
	ok := true
	e.accounts.each(func(i int32, p *person) {
		ok = ok && p.live == persons[i] && (p.owner == none || alive(p.owner, e.clusters)) && within(p.domain, len(e.domains.all))
		if !ok {
			return
		}
		for m := e.newest(p); m != none; m = e.log.older(m) {
			if persons[i]--; persons[i] < 0 || e.log.at(m).account != i {
				ok = false
				return
			}
		}
	})
	return ok && e.agents.sound(agents, e.clusters) && e.domains.sound(domains, e.clusters)
}

func (t *table) sound(live []int32, clusters []*cluster) bool {
	if !allWithin(t.free, len(t.all)) || !allWithin(t.touched, len(t.all)) {
		return false
	}
	for i := range t.all {
		x := &t.all[i]
		if x.live != live[i] || x.owner != none && !alive(x.owner, clusters) {
			return false
		}
	}
	return true
}

func (e *Engine) soundQueues() bool {
	for _, n := range e.ripening {
		if n >= e.log.end {
			return false
		}
	}
	for _, fs := range [][]fact{e.due.line, e.due.heap} {
		for i := range fs {
			if fs[i].n >= e.log.end || fs[i].what > used {
				return false
			}
		}
	}
	return true
}

func (e *Engine) soundClusters() bool {
	for i, c := range e.clusters {
		if c == nil {
			continue
		}
		keys := 0
		switch {
		case c.h >= 0 && c.h < tries:
			keys = int(e.tries()[c.h].nodes.n)
		case c.h == onAgent:
			keys = len(e.agents.all)
		case c.h == onAccount:
			keys = int(e.accounts.n)
		}
		if int(c.at) != i || !within(c.node, keys) || c.window < short || c.window > long || c.bits > 128 {
			return false
		}
		for _, n := range c.nodes {
			if !within(n, keys) {
				return false
			}
		}
		for k := range c.members {
			if m := &c.members[k]; m.n >= e.log.end || !m.addr.IsValid() && (c.h == onRequest || c.h == onUse) {
				return false
			}
		}
	}
	return true
}
