package detect

// none is no node, no event, no cluster.
const none = -1

// node is a network that holds traffic. Only addresses and the points where
// networks fork are kept, so that n addresses make fewer than 2n nodes and every
// node is already the narrowest network around its traffic. A fork's key is that
// of any leaf below. What it counts lies elsewhere, so that four nodes are one
// line of memory: on the way down each has to be waited for.
type node struct {
	up   int32
	kid  [2]int32 // of a leaf: none, and its number among the leaves
	bits uint8    // 0: not in use, or everything
	is   uint8
}

// What else a node is.
const (
	dirty   = 1 << iota // stands in touched
	partial             // some events below do not count above
	owned               // a cluster sits here
	v4                  // lies in the range of IPv4
)

// leaf is a single key with its events.
type leaf struct {
	key         bitkey
	first, last uint32 // events, by number in short
}

// raw counts requests whatever their accounts did.
type raw struct {
	lost [2]float64 // requests that led nowhere: of the hour, of the day
	kept float64    // requests that were redeemed, of the hour
	felt int64      // when a leaf last told of the weather
}

func (n *node) leaf() bool { return n.kid[0] == none }

// trie is a path-compressed binary tree with counts at every fork.
type trie struct {
	nodes   pool[node]
	sums    pool[tally] // by node
	leafs   pool[leaf]
	raws    pool[raw] // by node; only where rough
	rough   bool
	tops    pool[top]
	index   index                         // of tops
	quick   [2][]int32                    // the same where few lengths make few tops: number + 1 by the key
	wide    [2]int                        // length of the networks below which each has a tree of its own: IPv6 (or other), IPv4
	seen    [2]lengths                    // distinct networks with traffic, IPv6 (or other) and IPv4
	owners  map[int32]int32               // clusters by node
	touched []int32                       // nodes to be judged at the next tick
	met     uint8                         // what the nodes were that the last insert or vouch went through
	recount func(i int32, bits int) tally // what the events under i count for in a network of that length
	moved   func(owner, to int32)         // a cluster's network has become this node
}

// top is the widest network around some keys, and the root of its tree.
type top struct {
	key  bitkey
	root int32
}

// newTrie makes a trie in whose networks no more is counted than is of use: what
// is wider than these lengths is never named.
func newTrie(v4, v6 int, rough bool) *trie {
	t := &trie{wide: [2]int{v6, v4}, rough: rough, owners: map[int32]int32{}}
	if v6 <= quickBits {
		t.quick[0] = make([]int32, 1<<v6)
	}
	if v4 >= 96 && v4-96 <= quickBits {
		t.quick[1] = make([]int32, 1<<(v4-96))
	}
	return t
}

// quickBits is the length up to which tops have a table.
const quickBits = 16

// quickly is the place of k in a table, or nil.
func (t *trie) quickly(k bitkey) *int32 {
	switch {
	case t.wide[1] > 0 && k.isV4(128):
		if q := t.quick[1]; q != nil {
			return &q[uint32(k.lo)>>(128-t.wide[1])]
		}
	case t.quick[0] != nil:
		return &t.quick[0][k.hi>>(64-t.wide[0])]
	}
	return nil
}

// chunk is the widest network around k.
func (t *trie) chunk(k bitkey) (bitkey, int) {
	bits := t.wide[0]
	if t.wide[1] > 0 && k.isV4(128) {
		bits = t.wide[1]
	}
	return k.cut(bits), bits
}

// top is the number of the tree that holds k.
func (t *trie) top(k bitkey) (uint32, bool) {
	if q := t.quickly(k); q != nil {
		return uint32(*q - 1), *q != 0
	}
	c, _ := t.chunk(k)
	return t.index.find(c.hash(), func(i uint32) bool { return t.tops.at(int32(i)).key == c })
}

func (t *trie) root(k bitkey) int32 {
	if i, ok := t.top(k); ok {
		return t.tops.at(int32(i)).root
	}
	return none
}

func (t *trie) plant(k bitkey, root int32) {
	c, _ := t.chunk(k)
	i := t.tops.take()
	*t.tops.at(i) = top{c, root}
	t.enter(i, c)
}

// enter lets top i be found.
func (t *trie) enter(i int32, c bitkey) {
	if q := t.quickly(c); q != nil {
		*q = i + 1
	} else {
		t.index.put(c.hash(), uint32(i))
	}
}

func (t *trie) uproot(k bitkey) {
	if i, ok := t.top(k); ok {
		c, _ := t.chunk(k)
		if q := t.quickly(k); q != nil {
			*q = 0
		} else {
			t.index.cut(c.hash(), i)
		}
		*t.tops.at(int32(i)) = top{root: none}
		t.tops.drop(int32(i))
	}
}

func (t *trie) alloc(n node, sum *tally) int32 {
	i := t.nodes.take()
	x := t.nodes.at(i)
	n.is |= x.is & dirty // may still stand in touched
	*x = n
	t.sums.reach(t.nodes.n)
	*t.sums.at(i) = *sum
	if t.rough {
		t.raws.reach(t.nodes.n)
		*t.raws.at(i) = raw{}
	}
	return i
}

// sprout makes the leaf of k.
func (t *trie) sprout(k bitkey, up int32) int32 {
	f := t.leafs.take()
	*t.leafs.at(f) = leaf{key: k}
	n := node{bits: 128, up: up, kid: [2]int32{none, f}}
	if k.isV4(128) {
		n.is = v4
	}
	return t.alloc(n, &tally{})
}

// descend follows k down to some leaf below i: one that agrees with k in as many
// bits as any.
func (t *trie) descend(k bitkey, i int32) int32 {
	nodes, met := t.nodes, uint8(0)
	for {
		n := nodes.at(i)
		met |= n.is
		if n.leaf() {
			t.met = met
			return i
		}
		i = n.kid[k.bit(int(n.bits))]
	}
}

// leafOf is the leaf that node l is.
func (t *trie) leafOf(l int32) *leaf { return t.leafs.at(t.nodes.at(l).kid[1]) }

// key is the key of a node.
func (t *trie) key(i int32) bitkey {
	n := t.nodes.at(i)
	b := int(n.bits)
	for !n.leaf() {
		n = t.nodes.at(n.kid[0])
	}
	return t.leafs.at(n.kid[1]).key.cut(b)
}

// insert returns the leaf of k and makes it if need be; it is new when it has no
// events.
func (t *trie) insert(k bitkey) (l int32, made bool) {
	at := t.root(k)
	if at == none {
		t.met = 0
		i := t.sprout(k, none)
		t.plant(k, i)
		_, bits := t.chunk(k)
		t.note(k, bits, 1)
		return i, true
	}
	at = t.descend(k, at)
	c := common(k, t.leafOf(at).key)
	if c == 128 {
		return at, false
	}
	for {
		up := t.nodes.at(at).up
		if up == none || int(t.nodes.at(up).bits) < c {
			return t.fork(k, at, c), true
		}
		at = up
	}
}

// fork puts a new leaf for k beside node at, which agrees with it in c bits.
func (t *trie) fork(k bitkey, at int32, c int) int32 {
	old := *t.nodes.at(at)
	f, sum := node{bits: uint8(c), up: old.up, is: old.is & partial}, *t.sums.at(at)
	if old.is&partial != 0 {
		sum = t.recount(at, c)
	}
	if c >= 96 && k.isV4(128) {
		f.is |= v4
	}
	i := t.alloc(f, &sum)
	if t.rough {
		*t.raws.at(i) = *t.raws.at(at)
	}
	l := t.sprout(k, i)
	b := k.bit(c)
	x := t.nodes.at(i)
	x.kid[b], x.kid[1-b] = l, at
	t.nodes.at(at).up = i
	t.relink(old.up, at, i, k)
	t.note(k, c+1, 1)
	return l
}

// relink lets what led to one node lead to another; k lies in both.
func (t *trie) relink(up, from, to int32, k bitkey) {
	if up == none {
		i, _ := t.top(k)
		t.tops.at(int32(i)).root = to
		return
	}
	n := t.nodes.at(up)
	if n.kid[0] == from {
		n.kid[0] = to
	} else {
		n.kid[1] = to
	}
}

// remove drops leaf l and the fork above it; what the fork still counted stays
// in the networks around it, where it decays.
func (t *trie) remove(l int32) {
	x := t.nodes.at(l)
	up := x.up
	key := t.leafs.at(x.kid[1]).key
	t.leafs.drop(x.kid[1])
	t.drop(l)
	if up == none {
		_, bits := t.chunk(key)
		t.uproot(key)
		t.note(key, bits, -1)
		return
	}
	f := *t.nodes.at(up)
	sib := f.kid[0]
	if sib == l {
		sib = f.kid[1]
	}
	s := t.nodes.at(sib)
	s.up = f.up
	s.is |= f.is & partial
	if f.is&owned != 0 && s.is&owned == 0 {
		c := t.owners[up]
		t.own(sib, c)
		t.moved(c, sib)
	}
	t.relink(f.up, up, sib, key)
	t.drop(up)
	t.note(key, int(f.bits)+1, -1)
}

func (t *trie) drop(i int32) {
	t.disown(i)
	n := t.nodes.at(i)
	*n = node{up: none, kid: [2]int32{none, none}, is: n.is & dirty}
	*t.sums.at(i) = tally{}
	if t.rough {
		*t.raws.at(i) = raw{}
	}
	t.nodes.drop(i)
}

// own lets cluster c sit at node i.
func (t *trie) own(i, c int32) {
	t.nodes.at(i).is |= owned
	t.owners[i] = c
}

func (t *trie) disown(i int32) {
	if n := t.nodes.at(i); n.is&owned != 0 {
		n.is &^= owned
		delete(t.owners, i)
	}
}

// owner is the cluster that sits at node i, or none.
func (t *trie) owner(i int32) int32 {
	if t.nodes.at(i).is&owned != 0 {
		return t.owners[i]
	}
	return none
}

// touch puts a node on the list of those to be judged.
func (t *trie) touch(i int32) {
	if n := t.nodes.at(i); n.is&dirty == 0 {
		n.is |= dirty
		t.touched = append(t.touched, i)
	}
}

// leaves calls f for every leaf under i, in order.
func (t *trie) leaves(i int32, f func(l *leaf)) {
	n := t.nodes.at(i)
	if n.leaf() {
		f(t.leafs.at(n.kid[1]))
		return
	}
	k := n.kid
	t.leaves(k[0], f)
	t.leaves(k[1], f)
}

// find returns the node that is the given network or the widest inside it, or
// none.
func (t *trie) find(k bitkey, bits uint8) int32 {
	i := t.root(k)
	if i == none {
		return none
	}
	for n := t.nodes.at(i); n.bits < bits; n = t.nodes.at(i) {
		i = n.kid[k.bit(int(n.bits))]
	}
	if common(k, t.key(i)) < int(bits) {
		return none
	}
	return i
}

// locate returns the narrowest network with traffic around k, or none.
func (t *trie) locate(k bitkey) int32 {
	i := t.root(k)
	if i == none {
		return none
	}
	i = t.descend(k, i)
	c := common(k, t.leafOf(i).key)
	for i != none && int(t.nodes.at(i).bits) > c {
		i = t.nodes.at(i).up
	}
	return i
}
