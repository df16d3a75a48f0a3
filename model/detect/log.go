package detect

import (
	"net/netip"
	"strings"
)

// What has been counted of a request.
const (
	waiting = iota // its time has not come, or it is not ripe
	open           // unfinished
	done           // its account finished
	repeat         // the account was counted within six hours: no new evidence
	ignored        // issued by an operator
)

// record is one reset that the engine remembers. It holds no pointers, so that
// the collector need not look, and other events by their number in short.
type record struct {
	id      ident
	created int64
	used    int64
	ended   int32 // when it was revoked, see log.times
	expires int32
	agent   int32
	domain  int32
	account int32
	place   uint32
	leaf    [tries]int32
	next    [tries]uint32 // later event of the same leaf, or itself
	older   uint32        // earlier event of the same account, or itself
	weight  float32       // what it counts for as unfinished: less in a mail outage
	member  int32         // cluster that claims it, or none …
	slot    int32         // … and where there
	state   uint8
	is      uint8
	stop    [tries]uint8 // counts in networks of at least this length; never: nowhere
}

// What else a reset is.
const (
	far      = 1 << iota // used far from where it was requested
	operated             // issued by an operator
	inForce              // its time has come
	ripe                 // counted as lost or kept
	free                 // from an exception
	agentOff             // explained otherwise: does not count for its agent
	oddName              // its id is no 32 hex digits
	oddTimes             // its end or expiry is too far away for 32 bits
)

func (r *record) has(x uint8) bool { return r.is&x != 0 }

// never is the stop of an event that another hierarchy explains.
const never = 255

// blockSize is how many records are stored together.
const blockSize = 1 << 10

// block is a run of records.
type block struct {
	records [blockSize]record
	expires int64 // no record of it can be redeemed from then on
}

// log is the memory of events, by number of arrival.
type log struct {
	blocks []*block
	base   int64 // number of the first record of the first block
	first  int64 // oldest number remembered
	end    int64 // number of the next
	index  index
	names  map[int64]string // ids that are not 32 hex digits
	times  map[int64]times
}

// times are the moments that do not fit into a record.
type times struct{ revoked, expires int64 }

func (l *log) init() { l.names, l.times = map[int64]string{}, map[int64]times{} }

func (l *log) at(n int64) *record {
	k := uint64(n - l.base)
	return &l.blocks[k/blockSize].records[k%blockSize]
}

func (l *log) len() int { return int(l.end - l.first) }

// long is the number of an event from its last 32 bits. It is beyond the end for
// one that is forgotten.
func (l *log) long(short uint32) int64 { return l.first + int64(short-uint32(l.first)) }

// older is the event of the same account before n, or none.
func (l *log) older(n int64) int64 {
	if m := l.long(l.at(n).older); m != n && m < l.end {
		return m
	}
	return none
}

// next is the event after n of the same leaf, or none.
func (l *log) next(h int, n int64) int64 {
	if m := l.long(l.at(n).next[h]); m != n {
		return m
	}
	return none
}

// append makes room for an event.
func (l *log) append(id ident, name string, exact bool) (int64, *record) {
	n := l.extend()
	r := l.at(n)
	*r = record{id: id, weight: 1, older: uint32(n), member: none, leaf: [tries]int32{none, none, none}, next: [tries]uint32{uint32(n), uint32(n), uint32(n)}}
	l.index.put(id.hash(), uint32(n))
	if !exact {
		r.is |= oddName
		l.names[n] = strings.Clone(name)
	}
	return n, r
}

// extend makes the next number.
func (l *log) extend() int64 {
	n := l.end
	l.end++
	for int(n-l.base) >= len(l.blocks)*blockSize {
		l.blocks = append(l.blocks, new(block))
	}
	if k := uint64(n - l.base); k%blockSize == 0 {
		l.blocks[k/blockSize].expires = 0
	}
	return n
}

func (l *log) find(id ident) (int64, bool) {
	s, ok := l.index.find(id.hash(), func(s uint32) bool { return l.at(l.long(s)).id == id })
	return l.long(s), ok
}

// name is the id of event n as it was given.
func (l *log) name(n int64) string {
	if r := l.at(n); !r.has(oddName) {
		return r.id.String()
	}
	return l.names[n]
}

// ends says when event n was revoked, or 0, and when it expires.
func (l *log) ends(n int64) (revoked, expires int64) {
	r := l.at(n)
	if r.has(oddTimes) {
		return l.times[n].revoked, l.times[n].expires
	}
	switch d := int64(r.ended); {
	case d > 0:
		revoked = r.created + d - 1
	case d < 0:
		revoked = r.created + d
	}
	return revoked, r.created + int64(r.expires)
}

func (l *log) setEnds(n, revoked, expires int64) {
	r := l.at(n)
	l.expiring(n, expires)
	d := revoked - r.created
	if d >= 0 {
		d++
	}
	if revoked == 0 {
		d = 0
	}
	x := expires - r.created
	if d != int64(int32(d)) || x != int64(int32(x)) {
		r.is |= oddTimes
		l.times[n] = times{revoked, expires}
		return
	}
	if r.has(oddTimes) {
		r.is &^= oddTimes
		delete(l.times, n)
	}
	r.ended, r.expires = int32(d), int32(x)
}

// expiring notes when event n expires.
func (l *log) expiring(n, expires int64) {
	b := l.blocks[uint64(n-l.base)/blockSize]
	b.expires = max(b.expires, expires)
}

func (l *log) forget() {
	n, r := l.first, l.at(l.first)
	l.index.cut(r.id.hash(), uint32(n))
	if r.has(oddName) {
		delete(l.names, n)
	}
	if r.has(oddTimes) {
		delete(l.times, n)
	}
	l.first++
	if l.first-l.base == blockSize {
		if len(l.blocks)*blockSize-int(l.end-l.base) < blockSize { // the next one to be filled
			l.blocks = append(l.blocks, l.blocks[0])
		}
		l.blocks = l.blocks[1:]
		l.base = l.first
	}
}

// record makes the memory of an event. Strings are copied, so that the caller's
// buffers do not stay alive.
func (e *Engine) record(ev *Event, id ident, exact bool) int64 {
	n, r := e.log.append(id, ev.ID, exact)
	r.created, r.place = ev.Created.UnixMilli(), ev.Place
	expires := r.created + e.cfg.Lifetime.Milliseconds()
	if !ev.Expires.IsZero() {
		expires = ev.Expires.UnixMilli()
	}
	e.log.setEnds(n, 0, expires)
	r.agent = e.agents.intern(ev.Agent)
	at := strings.LastIndexByte(ev.Email, '@')
	r.domain = e.domains.intern(strings.ToLower(ev.Email[at+1:]))
	r.account = e.accounts.intern(ev.Account)
	e.accounts.at(r.account).domain = r.domain
	if ev.Operator {
		r.is |= operated
	}
	if e.excepted(ev.IP) {
		r.is |= free
	}
	return n
}

func (e *Engine) excepted(a netip.Addr) bool {
	if len(e.cfg.Exceptions) == 0 {
		return false
	}
	a = a.Unmap().WithZone("")
	for _, p := range e.cfg.Exceptions {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// key is where an event lies in a hierarchy: the zero key where that is unknown
// or its time has not come.
func (e *Engine) key(h int, r *record) bitkey {
	if l := r.leaf[h]; l != none {
		return e.tries()[h].leafOf(l).key
	}
	return bitkey{}
}
