package page

import (
	"net/netip"

	"doorman/model"
)

// prefixText writes a network; one of a single address as the address alone.
func prefixText(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

// addressOf returns the network of the one address that a reset was requested
// from; false where none was recorded, or none that is an address.
func addressOf(r model.Reset) (netip.Prefix, bool) {
	p, err := model.ParsePrefix(r.RequestedIP)
	return p, err == nil && p.IsSingleIP()
}

// networkOf returns the network that most likely belongs to one customer of one
// provider: the /24 of an IPv4 address, the /64 of an IPv6 address.
func networkOf(p netip.Prefix) netip.Prefix {
	bits := 64
	if p.Addr().Is4() {
		bits = 24
	}
	return netip.PrefixFrom(p.Addr(), bits).Masked()
}
