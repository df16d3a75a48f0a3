package detect

// lengths counts networks by their length. What is counted from one length on
// is noted once, and summed up when someone asks.
type lengths struct {
	from [129]int32 // change of the count at a length
	sum  [129]int32
	good int // how many of the sums are
}

func (l *lengths) add(from int, by int32) {
	l.from[from] += by
	l.good = min(l.good, from)
}

// at is how many networks of a length there are.
func (l *lengths) at(bits uint8) int32 {
	for ; l.good <= int(bits); l.good++ {
		n := l.from[l.good]
		if l.good > 0 {
			n += l.sum[l.good-1]
		}
		l.sum[l.good] = n
	}
	return l.sum[bits]
}

func (t *trie) note(k bitkey, from int, by int32) {
	fam := 0
	if k.isV4(128) {
		fam = 1
	}
	t.seen[fam].add(from, by)
}

// peers is how many networks of the node's length have traffic.
func (t *trie) peers(n *node) float64 {
	if n.is&v4 != 0 {
		return float64(t.seen[1].at(n.bits))
	}
	return float64(t.seen[0].at(n.bits))
}
