package detect

// Facts, in the order in which those of one moment are applied.
const (
	asked = iota
	used
)

// fact is something that becomes known at a moment.
type fact struct {
	at   int64
	n    int64
	id   ident
	addr bitkey // of the request or the use
	what uint8
}

// before orders facts by time, then by what does not depend on their arrival.
func (f *fact) before(g *fact) bool {
	switch {
	case f.at != g.at:
		return f.at < g.at
	case f.what != g.what:
		return f.what < g.what
	}
	return f.id.less(g.id)
}

// queue holds facts until their time comes. Requests mostly arrive in order:
// those wait in a line, all else in a heap.
type queue struct {
	line []fact
	head int // of the line
	heap []fact
}

func (q *queue) push(f fact) {
	k := len(q.line)
	if f.what != asked || q.head < k && !q.line[k-1].before(&f) {
		q.up(f)
		return
	}
	if q.head > 256 && 2*q.head > k {
		q.line = q.line[:copy(q.line, q.line[q.head:])]
		q.head = 0
	}
	q.line = append(q.line, f)
}

// next is the fact to be applied next, or nil.
func (q *queue) next() *fact {
	switch {
	case q.head == len(q.line) && len(q.heap) == 0:
		return nil
	case q.head == len(q.line) || len(q.heap) > 0 && q.heap[0].before(&q.line[q.head]):
		return &q.heap[0]
	}
	return &q.line[q.head]
}

// drop takes out what next has returned.
func (q *queue) drop(f *fact) {
	if q.head < len(q.line) && f == &q.line[q.head] {
		q.head++
		return
	}
	q.down()
}

func (q *queue) up(f fact) {
	q.heap = append(q.heap, f)
	i := len(q.heap) - 1
	for i > 0 {
		p := (i - 1) / 2
		if !f.before(&q.heap[p]) {
			break
		}
		q.heap[i] = q.heap[p]
		i = p
	}
	q.heap[i] = f
}

// down takes out the top of the heap.
func (q *queue) down() {
	k := len(q.heap) - 1
	f := q.heap[k]
	q.heap = q.heap[:k]
	i := 0
	for {
		c := 2*i + 1
		if c >= k {
			break
		}
		if c+1 < k && q.heap[c+1].before(&q.heap[c]) {
			c++
		}
		if !q.heap[c].before(&f) {
			break
		}
		q.heap[i] = q.heap[c]
		i = c
	}
	if k > 0 {
		q.heap[i] = f
	}
}
