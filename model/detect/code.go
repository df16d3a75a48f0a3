package detect

import (
	"cmp"
	"maps"
	"math"
	"net/netip"
	"slices"
)

func (t *tally) code(c *coder) {
	c.floats(&t.open[0], &t.open[1], &t.open[2], &t.done[0], &t.done[1], &t.done[2])
}

func (i *ident) code(c *coder) {
	c.bits(&i.hi)
	c.bits(&i.lo)
}

func (k *bitkey) code(c *coder) {
	c.u64(&k.hi)
	c.u64(&k.lo)
}

func (d *delays) code(c *coder) {
	for i := range d.count {
		number(c, &d.count[i])
	}
	number(c, &d.total)
	c.i64(&d.known)
}

func (l *log) code(c *coder) {
	first := l.first
	c.i64(&first)
	n := c.count(l.len())
	if first < 0 || first > math.MaxInt64/2 {
		c.fail()
		return
	}
	if c.reads() {
		l.first, l.end, l.base = first, first, first-first%blockSize
	}
	var last record
	for i := 0; i < n && c.err == nil; i++ {
		c.item()
		at := first + int64(i)
		if c.reads() {
			l.extend()
		}
		r := l.at(at)
		r.code(c, &last, uint32(at))
		l.codeOdd(c, at, r)
		if c.reads() {
			_, expires := l.ends(at)
			l.expiring(at, expires)
		}
		last = *r
	}
	if c.reads() && c.err == nil {
		l.reindex()
	}
}

// codeOdd is what does not fit into a record.
func (l *log) codeOdd(c *coder, n int64, r *record) {
	if r.has(oddName) {
		s := l.names[n]
		c.text(&s)
		l.names[n] = s
	}
	if r.has(oddTimes) {
		t := l.times[n]
		c.i64(&t.revoked)
		c.i64(&t.expires)
		l.times[n] = t
	}
}

// code writes a record by what differs from the last one, number n.
func (r *record) code(c *coder, last *record, n uint32) {
	r.id.code(c)
	c.since(&r.created, last.created)
	c.u8(&r.state)
	c.u8(&r.is)
	isUsed := r.used != 0
	if c.flag(&isUsed); isUsed {
		c.since(&r.used, r.created)
	}
	number(c, &r.ended)
	x := r.expires - last.expires
	number(c, &x)
	r.expires = x + last.expires
	for _, p := range []*int32{&r.agent, &r.domain, &r.account, &r.member, &r.slot} {
		number(c, p)
	}
	number(c, &r.place)
	c.nearby(&r.older, n)
	for h := range r.leaf {
		number(c, &r.leaf[h])
		c.nearby(&r.next[h], n)
		c.u8(&r.stop[h])
	}
	w := float64(r.weight)
	full := w == 1
	if c.flag(&full); full {
		w = 1
	} else {
		c.f64(&w)
	}
	r.weight = float32(w)
}

// since is a moment by its distance from another.
func (c *coder) since(p *int64, from int64) {
	d := *p - from
	c.i64(&d)
	*p = d + from
}

// nearby is the number of an event by its distance from another.
func (c *coder) nearby(p *uint32, from uint32) {
	d := int32(*p - from)
	number(c, &d)
	*p = uint32(d) + from
}

func (q *queue) code(c *coder) {
	if !c.reads() && q.head > 0 {
		q.line, q.head = slices.Clone(q.line[q.head:]), 0
	}
	list(c, &q.line, codeFact)
	list(c, &q.heap, codeFact)
}

func codeFact(c *coder, f *fact) {
	c.i64(&f.at)
	c.i64(&f.n)
	f.id.code(c)
	f.addr.code(c)
	c.u8(&f.what)
}

func (t *table) code(c *coder) {
	list(c, &t.all, func(c *coder, x *entry) {
		c.text(&x.text)
		x.sum.code(c)
		number(c, &x.live)
		number(c, &x.force)
		number(c, &x.owner)
		c.flag(&x.dirty)
	})
	numbers(c, &t.free)
	numbers(c, &t.touched)
	number(c, &t.inForce)
	for i := range t.all {
		if t.all[i].live > 0 {
			t.index[t.all[i].text] = int32(i)
		}
	}
}

func numbers(c *coder, p *[]int32) { list(c, p, func(c *coder, x *int32) { number(c, x) }) }

func (a *accounts) code(c *coder) {
	codePool(c, &a.pool, func(c *coder, i int32, p *person) {
		p.id.code(c)
		c.i64(&p.counted)
		c.i64(&p.doneAt)
		number(c, &p.domain)
		number(c, &p.newest)
		number(c, &p.live)
		number(c, &p.owner)
		c.u8(&p.is)
		if p.is&oddOwner != 0 && p.live > 0 {
			s := a.names[i]
			c.text(&s)
			a.names[i] = s
		}
	})
	numbers(c, &a.touched)
	if c.reads() && c.err == nil {
		a.reindex()
	}
}

// codePool is every value ever handed out, those at rest as well: what is handed
// out next depends on them.
func codePool[T any](c *coder, p *pool[T], each func(c *coder, i int32, x *T)) {
	n := c.count(int(p.n))
	for i := int32(0); int(i) < n && c.err == nil; i++ {
		c.item()
		if c.reads() {
			p.reach(i + 1)
		}
		each(c, i, p.at(i))
	}
	numbers(c, &p.free)
}

func codeMap[V any](c *coder, m map[int32]V, each func(*coder, *V)) {
	keys := slices.Sorted(maps.Keys(m))
	list(c, &keys, func(c *coder, k *int32) {
		number(c, k)
		v := m[*k]
		each(c, &v)
		m[*k] = v
	})
}

func (e *Engine) codeRefusals(c *coder) {
	type pair struct {
		s subject
		r refusal
	}
	var ps []pair
	for s, r := range e.refusals {
		ps = append(ps, pair{s, r})
	}
	slices.SortFunc(ps, func(a, b pair) int {
		return cmp.Or(a.s.h-b.s.h, cmp.Compare(a.s.key.hi, b.s.key.hi), cmp.Compare(a.s.key.lo, b.s.key.lo), int(a.s.bits)-int(b.s.bits), cmp.Compare(a.r.until, b.r.until))
	})
	list(c, &ps, func(c *coder, p *pair) {
		number(c, &p.s.h)
		p.s.key.code(c)
		c.u8(&p.s.bits)
		c.flag(&p.s.flood)
		c.f64(&p.r.score)
		c.i64(&p.r.until)
	})
	for _, p := range ps {
		e.refusals[p.s] = p.r
	}
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
	for _, n := range []*int{&x.h, &x.window, &x.doubted} {
		number(c, n)
	}
	number(c, &x.node)
	number(c, &x.at)
	x.key.code(c)
	c.u8(&x.bits)
	c.text(&x.text)
	c.text(&x.doubt)
	c.flag(&x.flood, &x.hot, &x.gone, &x.all)
	for _, t := range []*int64{&x.flagged, &x.latest, &x.newest} {
		c.i64(t)
	}
	for _, f := range []*float64{&x.raw, &x.trust, &x.whole, &x.seen, &x.base, &x.usual, &x.level, &x.drain} {
		c.f64(f)
	}
	numbers(c, &x.nodes)
	list(c, &x.members, codeMember)
}

func codeMember(c *coder, m *member) {
	c.i64(&m.n)
	c.i64(&m.created)
	c.since(&m.used, m.created)
	c.since(&m.revoked, m.created)
	c.since(&m.expires, m.created)
	c.text(&m.id)
	c.text(&m.agent)
	c.text(&m.account)
	s := ""
	if m.addr.IsValid() {
		s = string(m.addr.AsSlice())
	}
	c.text(&s)
	m.addr, _ = netip.AddrFromSlice([]byte(s))
	c.flag(&m.open, &m.far)
}
