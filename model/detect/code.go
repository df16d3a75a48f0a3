package detect

func (t *tally) code(c *coder) {
	for i := range t.open {
		c.float(&t.open[i], &t.done[i])
	}
	c.float(&t.lost[0], &t.lost[1], &t.kept)
}

func (l *log) code(c *coder) {
	first, count := l.first, l.len()
	num(c, &first)
	num(c, &count)
	if c.r != nil {
		l.first, l.end, l.base = first, first, first-first%blockSize
		l.blocks = []*[blockSize]record{new([blockSize]record)}
	}
	for i := 0; i < count && c.err == nil; i++ {
		if c.w != nil {
			l.at(first + int64(i)).code(c)
			name := l.odd[first+int64(i)]
			c.text(&name)
			continue
		}
		var r record
		var name string
		r.code(c)
		c.text(&name)
		if n := l.append(r, r.id.String()); name != "" {
			l.odd[n] = name
		}
	}
}

func (r *record) code(c *coder) {
	num(c, &r.id.hi, &r.id.lo)
	num(c, &r.created, &r.used, &r.revoked, &r.expires, &r.older)
	num(c, &r.addr.hi, &r.addr.lo, &r.usedAddr.hi, &r.usedAddr.lo)
	num(c, &r.agent, &r.domain, &r.account, &r.member, &r.slot)
	num(c, &r.place)
	for h := range r.leaf {
		num(c, &r.leaf[h])
		num(c, &r.next[h])
		num(c, &r.stop[h])
	}
	w := float64(r.weight)
	c.float(&w)
	r.weight = float32(w)
	num(c, &r.state)
	c.flag(&r.far, &r.operator, &r.inForce, &r.ripe, &r.free, &r.agentOff)
}

func (t *trie) code(c *coder) {
	list(c, &t.nodes, func(c *coder, n *node) {
		num(c, &n.key.hi, &n.key.lo)
		num(c, &n.up, &n.kid[0], &n.kid[1], &n.owner)
		num(c, &n.felt, &n.first, &n.last)
		num(c, &n.bits)
		c.flag(&n.dirty, &n.partial)
	})
	list(c, &t.sums, func(c *coder, s *tally) { s.code(c) })
	nums(c, &t.free)
	if c.r != nil {
		t.regrow()
	}
	for f := range t.seen {
		for b := range t.seen[f] {
			num(c, &t.seen[f][b])
		}
	}
	nums(c, &t.touched)
}

func (t *table) code(c *coder) {
	list(c, &t.all, func(c *coder, x *entry) {
		c.text(&x.text)
		x.sum.code(c)
		num(c, &x.live, &x.owner)
		c.flag(&x.dirty)
	})
	nums(c, &t.free)
	nums(c, &t.touched)
	for i := range t.all {
		if t.all[i].live > 0 {
			t.index[t.all[i].text] = int32(i)
		}
	}
}

func (a *accounts) code(c *coder) {
	list(c, &a.all, func(c *coder, p *person) {
		c.text(&p.id)
		num(c, &p.domain, &p.live, &p.owner)
		num(c, &p.newest, &p.counted, &p.doneAt)
		c.flag(&p.dirty)
	})
	nums(c, &a.free)
	nums(c, &a.touched)
	for i := range a.all {
		if a.all[i].live > 0 {
			a.index[a.all[i].id] = int32(i)
		}
	}
}

func (d *delays) code(c *coder) {
	for i := range d.count {
		num(c, &d.count[i])
	}
	num(c, &d.total)
	num(c, &d.known)
}

func codeCluster(c *coder, p **cluster) {
	there := *p != nil
	if c.flag(&there); !there {
		return
	}
	if *p == nil {
		*p = &cluster{}
	}
	x := *p
	num(c, &x.h, &x.window, &x.doubted)
	num(c, &x.node, &x.at)
	nums(c, &x.nodes)
	num(c, &x.key.hi, &x.key.lo)
	num(c, &x.bits)
	c.text(&x.text)
	c.text(&x.doubt)
	c.flag(&x.flood, &x.hot, &x.gone, &x.all)
	num(c, &x.flagged, &x.latest, &x.newest)
	c.float(&x.raw, &x.trust, &x.whole, &x.seen, &x.base, &x.usual, &x.level, &x.drain)
	list(c, &x.members, func(c *coder, m *member) {
		num(c, &m.n, &m.created, &m.used, &m.revoked, &m.expires)
		c.text(&m.id)
		c.text(&m.agent)
		c.text(&m.account)
		c.addr(&m.addr)
		c.flag(&m.open, &m.far)
	})
}
