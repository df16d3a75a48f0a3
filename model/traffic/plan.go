package traffic

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
)

// The address plan. All of it is space that no network on the Internet
// announces, so that no made-up attack names a real one.
//
//	240.0.0.0/6        homes, by provider           reserved, RFC 1112 §4
//	244.0.0.0/8        offices, an address each     reserved
//	245.0.0.0/8        universities, a /16 each     reserved
//	246.0.0.0/8        VPN egress                   reserved
//	250.0.0.0/8        hosters, where attacks live  reserved
//	198.18.0.0/15      carriers' NAT egress         benchmarks, RFC 2544
//	192.0.2.0/24       attack in the live part      documentation, RFC 5737
//	198.51.100.0/24    flood from one address       documentation
//	203.0.113.0/24     attack that is on at End     documentation
//	3fff::/20          homes, carriers, offices     documentation, RFC 9637
//	2001:db8::/32      universities, hosters        documentation, RFC 3849

// addr is an address as netip.Addr.As16 gives it: no pointers, so that a million
// of them cost the garbage collector nothing.
type addr [16]byte

// String writes IPv4 addresses as IPv4.
func (a addr) String() string { return netip.AddrFrom16(a).Unmap().String() }

// v4 makes an IPv4 address of its 32 bits.
func v4(n uint32) addr {
	a := addr{10: 0xff, 11: 0xff}
	binary.BigEndian.PutUint32(a[12:], n)
	return a
}

// v6 makes an IPv6 address of its network and host halves.
func v6(network, host uint64) addr {
	var a addr
	binary.BigEndian.PutUint64(a[:8], network)
	binary.BigEndian.PutUint64(a[8:], host)
	return a
}

func (a addr) isV6() bool { return a[0] != 0 || a[10] != 0xff }

// network64 returns the first half of an IPv6 address.
func (a addr) network64() uint64 { return binary.BigEndian.Uint64(a[:8]) }

// quad makes 32 bits of four numbers, as they are written with dots.
func quad(a, b, c, d byte) uint32 { return binary.BigEndian.Uint32([]byte{a, b, c, d}) }

// provider is an access network: one IPv4 block and one IPv6 /32.
type provider struct {
	base  uint32 // first IPv4 address
	bits  int    // free bits below it
	net6  uint64 // first half of its /32
	share float64
	v6    float64 // share of its customers with IPv6
}

// homeProviders share out the households.
func homeProviders() []provider {
	return []provider{
		{quad(240, 0, 0, 0), 22, 0x3fff_0101_0000_0000, 0.30, 0.62},
		{quad(240, 128, 0, 0), 21, 0x3fff_0220_0000_0000, 0.17, 0.48},
		{quad(241, 16, 0, 0), 20, 0x3fff_03a0_0000_0000, 0.14, 0.55},
		{quad(241, 160, 0, 0), 20, 0x3fff_0412_0000_0000, 0.11, 0.30},
		{quad(242, 40, 0, 0), 19, 0x3fff_0470_0000_0000, 0.10, 0.35},
		{quad(242, 200, 0, 0), 18, 0x3fff_0501_0000_0000, 0.08, 0.12},
		{quad(243, 12, 0, 0), 18, 0x3fff_0533_0000_0000, 0.06, 0.40},
		{quad(243, 90, 0, 0), 17, 0x3fff_0588_0000_0000, 0.04, 0},
	}
}

// carriers share out the phones. Their IPv4 customers come out of a few hundred
// addresses, each shared by many.
func carriers() []provider {
	return []provider{
		{quad(198, 18, 32, 0), 8, 0x3fff_0800_0000_0000, 0.40, 0.60},
		{quad(198, 18, 208, 0), 7, 0x3fff_0812_0000_0000, 0.28, 0.55},
		{quad(198, 19, 16, 0), 7, 0x3fff_0840_0000_0000, 0.20, 0.35},
		{quad(198, 19, 144, 0), 6, 0x3fff_0871_0000_0000, 0.12, 0.70},
	}
}

// household draws the line of a customer: an IPv4 address, or a /64 with an
// empty host half.
func (p provider) household(r *rand.Rand) addr {
	if r.Float64() < p.v6 {
		// A /56 out of the /32; most homes use its first /64.
		return v6(p.net6|r.Uint64N(1<<24)<<8|firstOf(r, 4), 0)
	}
	return p.address(r)
}

// address draws one IPv4 address that looks like a host.
func (p provider) address(r *rand.Rand) addr {
	n := p.base | uint32(r.Uint64N(1<<p.bits))
	if last := n & 0xff; last == 0 || last == 255 {
		n ^= 0x11
	}
	return v4(n)
}

// phone draws the address of a phone: a shared IPv4 address, or a /64 of its
// own for this connection.
func (p provider) phone(r *rand.Rand) addr {
	if r.Float64() < p.v6 {
		return v6(p.net6|r.Uint64N(1<<20)<<4|r.Uint64N(16), slaac(r.Uint64()))
	}
	return p.address(r)
}

// firstOf draws from 0…n−1, mostly 0.
func firstOf(r *rand.Rand, n uint64) uint64 {
	if r.Float64() < 0.8 {
		return 0
	}
	return r.Uint64N(n)
}

// slaac makes a host half of 64 random bits: one in six as from a hardware
// address (RFC 4291 appendix A), the others temporary (RFC 8981).
func slaac(n uint64) uint64 {
	if n%6 != 0 {
		return n
	}
	return n&0xffffff_0000_ffffff | 0x020000_fffe_000000
}
