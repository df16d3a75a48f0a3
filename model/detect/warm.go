package detect

// Most of the time that an event costs is spent on waiting for memory: each step
// down a tree says where the next one lies. What is known to be needed soon is
// therefore looked at beforehand, many events at a time and one step after the
// other, so that the waits of all of them are one. Nothing here changes anything.

// lanes is how many events are looked ahead for together.
const lanes = 16

// largeTrees is how many nodes hardly find room in a processor's own memory.
const largeTrees = 1 << 18

// warmer remembers how far ahead was looked.
type warmer struct {
	asked int64  // up to which request, by number
	old   int64  // up to which event to be forgotten
	sink  uint64 // takes what was read, so that it is read
}

// warmUp looks at what the next requests will need, if that was not done.
func (e *Engine) warmUp() {
	line := e.due.line[e.due.head:]
	if len(line) == 0 || line[0].n < e.warm.asked || e.net.nodes.n+e.list.nodes.n < largeTrees {
		return
	}
	var from, places [lanes]bitkey
	k := min(lanes, len(line))
	for i := range k {
		from[i] = line[i].addr
		places[i] = placeKey(e.log.at(line[i].n).place)
	}
	e.warm.asked = line[k-1].n + 1
	e.warm.sink += e.net.glance(from[:k]) + e.list.glance(places[:k])
}

// glance goes down to the leaves nearest to ks.
func (t *trie) glance(ks []bitkey) uint64 {
	var at [lanes]int32
	for i, k := range ks {
		at[i] = t.root(k)
	}
	sum := uint64(0)
	for left := true; left; {
		left = false
		for i, k := range ks {
			if at[i] == none {
				continue
			}
			n := t.nodes.at(at[i])
			if n.leaf() {
				at[i] = none
				sum += t.leafs.at(n.kid[1]).key.hi
				continue
			}
			at[i] = n.kid[k.bit(int(n.bits))]
			left = true
		}
	}
	return sum
}

// warmOld looks at what the forgetting of the oldest events will need.
func (e *Engine) warmOld(limit int64) {
	if e.log.first < e.warm.old {
		return
	}
	var at [tries * lanes]int32
	var in [tries * lanes]*trie
	k, n := 0, e.log.first
	for ; n < e.log.end && n < e.log.first+lanes; n++ {
		r := e.log.at(n)
		if r.created >= limit {
			break
		}
		e.warm.sink += e.log.index.glance(r.id.hash()) + uint64(e.accounts.at(r.account).live)
		for h, t := range e.tries() {
			if l := r.leaf[h]; l != none {
				at[k], in[k] = l, t
				k++
			}
		}
	}
	e.warm.old = n
	for range 2 { // the leaf, and the fork above it
		for i := range k {
			if at[i] != none {
				at[i] = in[i].nodes.at(at[i]).up
			}
		}
	}
}

// glance looks at the place of a hash.
func (x *index) glance(h uint32) uint64 {
	if len(x.slots) == 0 {
		return 0
	}
	return x.slots[x.home(h)]
}
