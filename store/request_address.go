package store

import (
	"net/netip"
	"strings"

	"doorman/model"
)

// maxIPText bounds the text of an address, in bytes: the longest IPv6 form has
// 45, the rest is room for the list that proxies make.
const maxIPText = 256

// addressText tidies the text of an address from outside. Of a list that is too
// long it keeps the end: that is what the proxy nearest to the application
// wrote, and what is before it anybody may have made up.
func addressText(text string) string {
	if len(text) > maxIPText {
		text = text[len(text)-maxIPText:]
		if _, rest, found := strings.Cut(text, ","); found {
			text = rest
		}
	}
	return model.CleanText(text, maxIPText)
}

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
