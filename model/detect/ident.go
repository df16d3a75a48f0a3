package detect

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/bits"
)

// ident is the id of a reset or an account in 16 bytes: its 32 hex digits, or a
// hash of whatever else it is.
type ident struct{ hi, lo uint64 }

// identify also reports whether the result says s without loss.
func identify(s string) (ident, bool) {
	if len(s) == 32 {
		a, b, c, d := eight(s), eight(s[8:]), eight(s[16:]), eight(s[24:])
		if a|b|c|d <= math.MaxUint32 {
			return ident{a<<32 | b, c<<32 | d}, true
		}
		hi, small, ok := unhex(s[:16])
		lo, also, fine := unhex(s[16:])
		if ok && fine {
			return ident{hi, lo}, small && also
		}
	}
	return ident{hash(s), hash(s + "\x00")}, false
}

// eight reads eight small hex digits at once, without a branch that would depend
// on them; more than 32 bits for anything else.
func eight(s string) uint64 {
	const one = 0x0101010101010101
	_ = s[7] // one check for all eight
	x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	v := x&(15*one) + 9*(x>>6&one)
	if v&^(15*one) != 0 || v+'0'*one+('a'-'0'-10)*((v+6*one)>>4&one) != x {
		return math.MaxUint64
	}
	v = (v<<4 | v>>8) & 0x00ff00ff00ff00ff
	v = (v | v>>8) & 0x0000ffff0000ffff
	return uint64(bits.ReverseBytes32(uint32(v | v>>16)))
}

// unhex reads 16 hex digits and reports whether none is a capital and whether
// all are digits.
func unhex(s string) (v uint64, small, ok bool) {
	small = true
	for i := range 16 {
		switch c := s[i]; {
		case c-'0' <= 9:
			v = v<<4 | uint64(c-'0')
		case c-'a' <= 5:
			v = v<<4 | uint64(c-'a'+10)
		case c-'A' <= 5:
			v, small = v<<4|uint64(c-'A'+10), false
		default:
			return 0, false, false
		}
	}
	return v, small, true
}

// String is the id in the form in which databases keep it.
func (i ident) String() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], i.hi)
	binary.BigEndian.PutUint64(b[8:], i.lo)
	return hex.EncodeToString(b[:])
}

func (i ident) less(j ident) bool { return i.hi < j.hi || i.hi == j.hi && i.lo < j.lo }

func (i ident) compare(j ident) int {
	switch {
	case i == j:
		return 0
	case i.less(j):
		return -1
	}
	return 1
}

// hash is FNV-1a.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
