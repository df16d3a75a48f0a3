package detect

import (
	"math/bits"
	"net/netip"
)

// bitkey is up to 128 bits, left aligned. IPv4 addresses are mapped into IPv6.
type bitkey struct{ hi, lo uint64 }

// addrKey is the key of an address; the zero key stands for none, since
// nobody asks from ::.
func addrKey(a netip.Addr) bitkey {
	if !a.IsValid() {
		return bitkey{}
	}
	b := a.As16()
	var k bitkey
	for i := range 8 {
		k.hi = k.hi<<8 | uint64(b[i])
		k.lo = k.lo<<8 | uint64(b[8+i])
	}
	return k
}

// known reports whether there is an address at all.
func (k bitkey) known() bool { return k != bitkey{} }

// addr is the address, or the invalid one.
func (k bitkey) addr() netip.Addr {
	if !k.known() {
		return netip.Addr{}
	}
	return k.prefix(128).Addr()
}

func placeKey(p uint32) bitkey { return bitkey{hi: uint64(p) << 32} }

const mapped = 0xffff << 32

// isV4 tells an IPv4 address, or a network inside the mapped range.
func (k bitkey) isV4(n int) bool { return n >= 96 && k.hi == 0 && k.lo&^0xffffffff == mapped }

func (k bitkey) prefix(n int) netip.Prefix {
	k = k.cut(n)
	var b [16]byte
	for i := range 8 {
		b[i] = byte(k.hi >> (56 - 8*i))
		b[8+i] = byte(k.lo >> (56 - 8*i))
	}
	a := netip.AddrFrom16(b)
	if k.isV4(n) {
		return netip.PrefixFrom(a.Unmap(), n-96)
	}
	return netip.PrefixFrom(a, n)
}

func (k bitkey) bit(i int) int {
	if i < 64 {
		return int(k.hi >> (63 - i) & 1)
	}
	return int(k.lo >> (127 - i) & 1)
}

func (k bitkey) cut(n int) bitkey {
	switch {
	case n <= 0:
		return bitkey{}
	case n < 64:
		return bitkey{hi: k.hi &^ (1<<(64-n) - 1)}
	case n == 64:
		return bitkey{hi: k.hi}
	case n < 128:
		return bitkey{hi: k.hi, lo: k.lo &^ (1<<(128-n) - 1)}
	}
	return k
}

// common is the number of leading bits that a and b share.
func common(a, b bitkey) int {
	if x := a.hi ^ b.hi; x != 0 {
		return bits.LeadingZeros64(x)
	}
	if x := a.lo ^ b.lo; x != 0 {
		return 64 + bits.LeadingZeros64(x)
	}
	return 128
}

// none is no node, no event, no cluster.
const none = -1

// node is a network that holds traffic. Only addresses and the points where
// networks fork are kept, so that n addresses make fewer than 2n nodes and
// every node is already the narrowest network around its traffic.
type node struct {
	key         bitkey
	up          int32
	kid         [2]int32
	felt        int64 // when a leaf last told of the weather
	first, last int64 // events of a leaf, by number; none
	owner       int32 // cluster that sits here, or none
	bits        uint8
	dirty       bool
	partial     bool // some events below do not count above
}

func (n *node) leaf() bool { return n.kid[0] == none }

// trie is a path-compressed binary tree with counts at every fork.
type trie struct {
	nodes   []node
	sums    []tally // of each node; apart, so that finding one touches little memory
	free    []int32
	roots   map[bitkey]int32
	top     [2]int                        // length of the networks below which each has a tree of its own: IPv6 (or other), IPv4
	seen    [2][129]int32                 // distinct networks of each length with traffic, IPv6 (or other) and IPv4
	touched []int32                       // nodes to be judged at the next tick
	recount func(i int32, bits int) tally // what the events under i count for in a network of that length
	moved   func(owner, to int32)         // a cluster's network has become this node
}

func newTrie() *trie { return &trie{roots: map[bitkey]int32{}} }

// chunks sets how wide the widest networks are. What is wider is never named,
// so nothing needs counting there.
func (t *trie) chunks(v4, v6 int) { t.top = [2]int{v6, v4} }

// chunk is the widest network around k.
func (t *trie) chunk(k bitkey) (bitkey, int) {
	top := t.top[0]
	if t.top[1] > 0 && k.isV4(128) {
		top = t.top[1]
	}
	return k.cut(top), top
}

func (t *trie) root(k bitkey) int32 {
	c, _ := t.chunk(k)
	if i, ok := t.roots[c]; ok {
		return i
	}
	return none
}

// regrow finds the roots again.
func (t *trie) regrow() {
	spare := map[int32]bool{}
	for _, i := range t.free {
		spare[i] = true
	}
	for i := range t.nodes {
		if n := &t.nodes[i]; n.up == none && !spare[int32(i)] {
			c, _ := t.chunk(n.key)
			t.roots[c] = int32(i)
		}
	}
}

func (t *trie) alloc(n node) int32 {
	if k := len(t.free); k > 0 {
		i := t.free[k-1]
		t.free = t.free[:k-1]
		n.dirty = t.nodes[i].dirty // may still stand in touched
		t.nodes[i], t.sums[i] = n, tally{}
		return i
	}
	t.nodes, t.sums = append(t.nodes, n), append(t.sums, tally{})
	return int32(len(t.nodes) - 1)
}

// insert returns the leaf of k and makes it if need be.
func (t *trie) insert(k bitkey) int32 {
	at := t.root(k)
	for at != none {
		n := &t.nodes[at]
		c := min(common(k, n.key), int(n.bits))
		if c < int(n.bits) {
			return t.fork(k, at, c)
		}
		if n.leaf() {
			return at
		}
		at = n.kid[k.bit(int(n.bits))]
	}
	chunk, top := t.chunk(k)
	i := t.alloc(node{key: k, bits: 128, up: none, kid: [2]int32{none, none}, first: none, last: none, owner: none})
	t.roots[chunk] = i
	t.note(k, top, 1)
	return i
}

// fork puts a new leaf for k beside node at, which agrees with it in c bits.
func (t *trie) fork(k bitkey, at int32, c int) int32 {
	old := t.nodes[at]
	sum := t.sums[at]
	if old.partial {
		sum = t.recount(at, c)
	}
	f := t.alloc(node{key: k.cut(c), bits: uint8(c), up: old.up, partial: old.partial, felt: old.felt, first: none, last: none, owner: none})
	t.sums[f] = sum
	l := t.alloc(node{key: k, bits: 128, up: f, kid: [2]int32{none, none}, first: none, last: none, owner: none})
	b := k.bit(c)
	t.nodes[f].kid[b], t.nodes[f].kid[1-b] = l, at
	t.nodes[at].up = f
	t.relink(old.up, at, f)
	t.note(k, c+1, 1)
	return l
}

func (t *trie) relink(up, from, to int32) {
	switch {
	case up == none:
		c, _ := t.chunk(t.nodes[to].key)
		t.roots[c] = to
	case t.nodes[up].kid[0] == from:
		t.nodes[up].kid[0] = to
	default:
		t.nodes[up].kid[1] = to
	}
}

// remove drops leaf l and the fork above it; what the fork still counted stays
// in the networks around it, where it decays.
func (t *trie) remove(l int32) {
	up := t.nodes[l].up
	key := t.nodes[l].key
	t.drop(l)
	if up == none {
		c, top := t.chunk(key)
		delete(t.roots, c)
		t.note(key, top, -1)
		return
	}
	f := t.nodes[up]
	sib := f.kid[0]
	if sib == l {
		sib = f.kid[1]
	}
	t.nodes[sib].up = f.up
	t.nodes[sib].partial = t.nodes[sib].partial || f.partial
	if f.owner != none && t.nodes[sib].owner == none {
		t.nodes[sib].owner = f.owner
		t.moved(f.owner, sib)
	}
	t.relink(f.up, up, sib)
	t.drop(up)
	t.note(key, int(f.bits)+1, -1)
}

func (t *trie) drop(i int32) {
	t.nodes[i].up = none
	t.nodes[i].owner, t.nodes[i].partial = none, false
	t.nodes[i].bits = 0
	t.sums[i] = tally{}
	t.free = append(t.free, i)
}

func (t *trie) note(k bitkey, from int, by int32) {
	fam := 0
	if k.isV4(128) {
		fam = 1
	}
	for b := from; b <= 128; b++ {
		t.seen[fam][b] += by
	}
}

// peers is how many networks of the node's length have traffic.
func (t *trie) peers(n *node) float64 {
	if n.key.isV4(int(n.bits)) {
		return float64(t.seen[1][n.bits])
	}
	return float64(t.seen[0][n.bits])
}

// touch puts a node on the list of those to be judged.
func (t *trie) touch(i int32) {
	if !t.nodes[i].dirty {
		t.nodes[i].dirty = true
		t.touched = append(t.touched, i)
	}
}

// leaves calls f for every leaf under i, in order.
func (t *trie) leaves(i int32, f func(l int32)) {
	n := &t.nodes[i]
	if n.leaf() {
		f(i)
		return
	}
	k := n.kid
	t.leaves(k[0], f)
	t.leaves(k[1], f)
}

// find returns the node that is the given network or the widest inside it, or
// none.
func (t *trie) find(k bitkey, bits uint8) int32 {
	for i := t.root(k); i != none; {
		n := &t.nodes[i]
		if c := common(k, n.key); c < int(min(n.bits, bits)) {
			return none
		}
		if n.bits >= bits {
			return i
		}
		i = n.kid[k.bit(int(n.bits))]
	}
	return none
}

// locate returns the narrowest network with traffic around k, or none.
func (t *trie) locate(k bitkey) int32 {
	best := int32(none)
	for i := t.root(k); i != none; {
		n := &t.nodes[i]
		if common(k, n.key) < int(n.bits) {
			break
		}
		best = i
		if n.leaf() {
			break
		}
		i = n.kid[k.bit(int(n.bits))]
	}
	return best
}
