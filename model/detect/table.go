package detect

import "strings"

// entry is one agent or one mail domain.
type entry struct {
	text  string
	sum   tally
	live  int32 // events that refer to it …
	force int32 // … and those of them that have taken effect
	dirty bool
	owner int32
}

// table interns strings and counts them. Entries without events are reused.
type table struct {
	all     []entry
	index   map[string]int32
	free    []int32
	touched []int32
	inForce int // entries of events that have taken effect
}

func newTable() table { return table{index: map[string]int32{}} }

func (t *table) intern(s string) int32 {
	i, ok := t.index[s]
	if !ok {
		s = strings.Clone(s)
		if k := len(t.free); k > 0 {
			i = t.free[k-1]
			t.free = t.free[:k-1]
			t.all[i] = entry{text: s, owner: none, dirty: t.all[i].dirty}
		} else {
			i = int32(len(t.all))
			t.all = append(t.all, entry{text: s, owner: none})
		}
		t.index[s] = i
	}
	t.all[i].live++
	return i
}

func (t *table) release(i int32) {
	t.all[i].live--
	if t.all[i].live == 0 {
		delete(t.index, t.all[i].text)
		t.free = append(t.free, i)
	}
}

// act counts an event of entry i that takes effect, or is forgotten. What was
// added ahead of the clock does not count, so that batches make no difference.
func (t *table) act(i, by int32) {
	x := &t.all[i]
	if x.force == 0 {
		t.inForce++
	}
	if x.force += by; x.force == 0 {
		t.inForce--
	}
}

func (t *table) touch(i int32) {
	if !t.all[i].dirty {
		t.all[i].dirty = true
		t.touched = append(t.touched, i)
	}
}
