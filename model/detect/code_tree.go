package detect

func (t *trie) code(c *coder) {
	c.item()
	for i := range t.wide {
		w := t.wide[i]
		if number(c, &w); w != t.wide[i] {
			c.fail()
			return
		}
	}
	for f := range t.seen {
		for b := range t.seen[f].from {
			number(c, &t.seen[f].from[b])
		}
		t.seen[f].good = 0
	}
	codePool(c, &t.nodes, func(c *coder, i int32, n *node) {
		t.sums.reach(i + 1)
		t.sums.at(i).code(c)
		n.code(c)
	})
	codePool(c, &t.leafs, func(c *coder, _ int32, l *leaf) {
		l.key.code(c)
		number(c, &l.first)
		c.nearby(&l.last, l.first)
	})
	codePool(c, &t.raws, func(c *coder, _ int32, r *raw) {
		c.floats(&r.lost[0], &r.lost[1], &r.kept)
		c.i64(&r.felt)
	})
	codePool(c, &t.tops, func(c *coder, _ int32, p *top) {
		p.key.code(c)
		number(c, &p.root)
	})
	codeMap(c, t.owners, func(c *coder, at *int32) { number(c, at) })
	numbers(c, &t.touched)
	if c.reads() && c.err == nil {
		t.reindex()
	}
}

func (n *node) code(c *coder) {
	number(c, &n.up)
	number(c, &n.kid[0])
	number(c, &n.kid[1])
	c.u8(&n.bits)
	c.u8(&n.is)
}

// The indexes are not written: they follow from what is.

func (t *trie) reindex() {
	t.tops.each(func(i int32, p *top) {
		if p.root != none {
			t.enter(i, p.key)
		}
	})
}

func (l *log) reindex() {
	l.index = index{}
	for n := l.first; n < l.end; n++ {
		l.index.put(l.at(n).id.hash(), uint32(n))
	}
}

func (a *accounts) reindex() {
	a.each(func(i int32, p *person) {
		if p.live > 0 {
			a.index.put(p.id.hash(), uint32(i))
		}
	})
}
