package detect

import "strings"

// person is one account. It holds no pointers.
type person struct {
	id      ident
	counted int64 // when it was last counted as unfinished or finished
	doneAt  int64 // when it last finished
	domain  int32
	newest  uint32 // its latest event, by number in short
	live    int32  // events that refer to it
	owner   int32
	is      uint8
}

// What else an account is.
const (
	stirred  = 1 << iota // stands in touched
	asking               // has a newest event
	oddOwner             // its id is no 32 hex digits
)

// longAgo is before all events.
const longAgo = -1 << 62

// accounts keeps those with events. Others are reused.
type accounts struct {
	pool[person]
	index   index
	names   map[int32]string // ids that are no 32 hex digits
	touched []int32
}

func newAccounts() accounts { return accounts{names: map[int32]string{}} }

func (a *accounts) intern(name string) int32 {
	id, exact := identify(name)
	s, ok := a.index.find(id.hash(), func(s uint32) bool {
		p := a.at(int32(s))
		return p.id == id && exact == (p.is&oddOwner == 0) && (exact || a.names[int32(s)] == name)
	})
	if ok {
		a.at(int32(s)).live++
		return int32(s)
	}
	i := a.take()
	p := a.at(i)
	*p = person{id: id, counted: longAgo, doneAt: longAgo, live: 1, owner: none, is: p.is & stirred}
	if !exact {
		p.is |= oddOwner
		a.names[i] = strings.Clone(name)
	}
	a.index.put(id.hash(), uint32(i))
	return i
}

// name is the id as it was given.
func (a *accounts) name(i int32) string {
	if p := a.at(i); p.is&oddOwner == 0 {
		return p.id.String()
	}
	return a.names[i]
}

func (a *accounts) release(i int32) {
	p := a.at(i)
	p.live--
	if p.live == 0 {
		a.index.cut(p.id.hash(), uint32(i))
		if p.is&oddOwner != 0 {
			delete(a.names, i)
		}
		a.drop(i)
	}
}

func (a *accounts) touch(i int32) {
	if p := a.at(i); p.is&stirred == 0 {
		p.is |= stirred
		a.touched = append(a.touched, i)
	}
}

// newest is the latest event of an account, or none.
func (e *Engine) newest(p *person) int64 {
	if m := e.log.long(p.newest); p.is&asking != 0 && m < e.log.end {
		return m
	}
	return none
}
