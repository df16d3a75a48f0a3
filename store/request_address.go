package store

import "net/netip"

// maxIPText bounds the text of an address, in bytes: the longest IPv6 form has
// 45, the rest is room for the list that proxies make.
const maxIPText = 256

// sourceRange is the range of keys that count as one source: an IPv4 address or
// an IPv6 /64, which is what one customer has.
func sourceRange(text string) (lo, hi []byte) {
	a, ok := parseAddress(text)
	if !ok {
		return []byte{0}, []byte{0} // no key is one byte long
	}
	a = a.Unmap().WithZone("")
	bits := 64
	if a.Is4() {
		bits = 32
	}
	return keyRange(netip.PrefixFrom(a, bits))
}
