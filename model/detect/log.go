package detect

import (
	"container/heap"
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

// record is one reset that the engine remembers.
type record struct {
	id       ident
	created  int64
	used     int64
	revoked  int64
	expires  int64
	addr     bitkey // zero: unknown; no pointers here, so that the collector need not look
	usedAddr bitkey
	agent    int32
	domain   int32
	account  int32
	place    uint32
	leaf     [tries]int32
	next     [tries]int64 // later event of the same leaf
	older    int64        // earlier event of the same account
	weight   float32      // what it counts for as unfinished: less in a mail outage
	state    uint8
	stop     [tries]uint8 // counts in networks of at least this length; never: nowhere
	far      bool         // used far from where it was asked for
	operator bool
	inForce  bool  // its time has come
	ripe     bool  // counted as lost or kept
	free     bool  // from an exception
	agentOff bool  // explained otherwise: does not count for its agent
	member   int32 // cluster that claims it, or none …
	slot     int32 // … and where there
}

// never is the stop of an event that another hierarchy explains.
const never = 255

// blockSize is how many records are stored together.
const blockSize = 1 << 12

// log is the memory of events, by number of arrival.
type log struct {
	blocks []*[blockSize]record
	base   int64 // number of the first record of the first block
	first  int64 // oldest number remembered
	end    int64 // number of the next
	byID   map[ident]int64
	odd    map[int64]string // ids that are not 32 hex digits
}

func (l *log) init() { l.byID, l.odd = map[ident]int64{}, map[int64]string{} }

func (l *log) at(n int64) *record {
	n -= l.base
	return &l.blocks[n/blockSize][n%blockSize]
}

func (l *log) len() int { return int(l.end - l.first) }

func (l *log) append(r record, id string) int64 {
	n := l.end
	l.end++
	if int(n-l.base) == len(l.blocks)*blockSize {
		l.blocks = append(l.blocks, new([blockSize]record))
	}
	*l.at(n) = r
	l.byID[r.id] = n
	if !r.id.isHex(id) {
		l.odd[n] = strings.Clone(id)
	}
	return n
}

func (l *log) find(id string) (int64, bool) {
	n, ok := l.byID[identify(id)]
	return n, ok
}

// name is the id of event n as it was given.
func (l *log) name(n int64) string {
	if s, ok := l.odd[n]; ok {
		return s
	}
	return l.at(n).id.String()
}

func (l *log) forget() {
	r := l.at(l.first)
	if l.byID[r.id] == l.first {
		delete(l.byID, r.id)
	}
	delete(l.odd, l.first)
	l.first++
	if l.first-l.base == blockSize {
		l.blocks[0] = nil
		l.blocks = l.blocks[1:]
		l.base = l.first
	}
}

// record makes the memory of an event. Strings are copied, so that the caller's
// buffers do not stay alive.
func (e *Engine) record(ev Event) record {
	r := record{
		id: identify(ev.ID), created: ev.Created.UnixMilli(), place: ev.Place, weight: 1, older: none, member: none,
		operator: ev.Operator, addr: addrKey(ev.IP),
		leaf: [tries]int32{none, none, none}, next: [tries]int64{none, none, none},
	}
	r.expires = r.created + e.cfg.Lifetime.Milliseconds()
	if !ev.Expires.IsZero() {
		r.expires = ev.Expires.UnixMilli()
	}
	r.agent = e.agents.intern(ev.Agent)
	at := strings.LastIndexByte(ev.Email, '@')
	r.domain = e.domains.intern(strings.ToLower(ev.Email[at+1:]))
	r.account = e.accounts.intern(ev.Account)
	e.accounts.all[r.account].domain = r.domain
	r.free = e.excepted(ev.IP)
	return r
}

func (e *Engine) excepted(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	for _, p := range e.cfg.Exceptions {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

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
	what uint8
}

// queue orders facts by time, then by what does not depend on their arrival.
type queue []fact

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	a, b := &q[i], &q[j]
	switch {
	case a.at != b.at:
		return a.at < b.at
	case a.what != b.what:
		return a.what < b.what
	}
	return a.id.less(b.id)
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push and Pop are for container/heap only.
func (q *queue) Push(x any) { *q = append(*q, x.(fact)) }

// Pop is for container/heap only.
func (q *queue) Pop() any {
	old := *q
	f := old[len(old)-1]
	old[len(old)-1] = fact{}
	*q = old[:len(old)-1]
	return f
}

func (q *queue) push(f fact) { heap.Push(q, f) }
func (q *queue) pop() fact   { return heap.Pop(q).(fact) }
