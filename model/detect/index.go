package detect

import "math/bits"

// index finds numbers by a hash. A slot is 32 bits of the hash and the number,
// so that a look touches one line of memory and seldom what the number stands
// for. Linear probing, at most 3/4 full; taking out closes the gap.
type index struct {
	slots []uint64 // hash, number; 0: empty
	used  int
	shift uint8
}

const firstSlots = 1 << 6

// mix makes a hash of 128 bits. Its last bit is set, so that no slot is 0.
func mix(hi, lo uint64) uint32 {
	a, b := bits.Mul64(hi^0xa0761d6478bd642f, lo^0xe7037ed1a0b428db)
	a, b = bits.Mul64(a^b^0x8ebc6af09c88c6e3, hi^0x589965cc75374cc3)
	return uint32((a^b)>>32) | 1
}

func (i ident) hash() uint32  { return mix(i.hi, i.lo) }
func (k bitkey) hash() uint32 { return mix(k.hi, k.lo) }

func (x *index) home(h uint32) int { return int(h >> x.shift) }

// find returns the number with hash h that is the one looked for.
func (x *index) find(h uint32, is func(n uint32) bool) (uint32, bool) {
	if len(x.slots) == 0 {
		return 0, false
	}
	for i := x.home(h); ; i = (i + 1) & (len(x.slots) - 1) {
		s := x.slots[i]
		if s == 0 {
			return 0, false
		}
		if uint32(s>>32) == h && is(uint32(s)) {
			return uint32(s), true
		}
	}
}

// put adds a number that is not there.
func (x *index) put(h, n uint32) {
	if 4*(x.used+1) > 3*len(x.slots) {
		x.grow(max(firstSlots, 2*len(x.slots)))
	}
	x.used++
	x.set(uint64(h)<<32 | uint64(n))
}

func (x *index) set(s uint64) {
	i := x.home(uint32(s >> 32))
	for x.slots[i] != 0 {
		i = (i + 1) & (len(x.slots) - 1)
	}
	x.slots[i] = s
}

func (x *index) grow(size int) {
	old := x.slots
	x.slots = make([]uint64, size)
	x.shift = uint8(32 - bits.TrailingZeros(uint(size)))
	for _, s := range old {
		if s != 0 {
			x.set(s)
		}
	}
}

// cut takes a number out.
func (x *index) cut(h, n uint32) {
	if len(x.slots) == 0 {
		return
	}
	mask := len(x.slots) - 1
	i := x.home(h)
	for x.slots[i] != uint64(h)<<32|uint64(n) {
		if x.slots[i] == 0 {
			return
		}
		i = (i + 1) & mask
	}
	x.used--
	for j := (i + 1) & mask; x.slots[j] != 0; j = (j + 1) & mask {
		// What may not stand before its home stays.
		if h := x.home(uint32(x.slots[j] >> 32)); (j-h)&mask >= (j-i)&mask {
			x.slots[i] = x.slots[j]
			i = j
		}
	}
	x.slots[i] = 0
}
