package detect

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// bitkey is up to 128 bits, left aligned. IPv4 addresses are mapped into IPv6.
type bitkey struct{ hi, lo uint64 }

// addrKey is the key of an address; the zero key stands for none, since
// no one asks from ::.
func addrKey(a netip.Addr) bitkey {
	if !a.IsValid() {
		return bitkey{}
	}
	b := a.As16()
	return bitkey{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
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
	binary.BigEndian.PutUint64(b[:8], k.hi)
	binary.BigEndian.PutUint64(b[8:], k.lo)
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

// street is the neighbourhood of an address: its /24, or its /48.
func (k bitkey) street() bitkey {
	if k.isV4(128) {
		return k.cut(96 + 24)
	}
	return k.cut(48)
}
