package model

import (
	"net/netip"
	"testing"
)

func TestNumbersInWords(t *testing.T) {
	for got, want := range map[string]string{
		Thousands(0): "0", Thousands(999): "999", Thousands(1000): "1,000", Thousands(-1234567): "-1,234,567",
		Count{N: 10000, AtLeast: true}.String(): "10,000+", Count{N: 1, AtLeast: true}.Of("reset"): "1+ resets",
		Plural(1, "live reset"): "1 live reset", Plural(1007, "address"): "1,007 addresses", Plural(2, "batch"): "2 batches",
		Plural(0, "query"): "0 queries", Plural(2, "key"): "2 keys",
		Percent(0): "0%", Percent(0.0004): "<0.1%", Percent(0.004): "0.4%", Percent(0.714): "71%", Percent(1): "100%",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAddressesIn(t *testing.T) {
	for network, want := range map[string]string{
		"203.0.113.7/32": "1 address", "203.0.113.0/24": "256 addresses", "198.48.0.0/12": "1,048,576 addresses",
		"2001:db8::1/128": "1 address", "2001:db8::/96": "part of a /64 network", "2001:db8::/64": "1 /64 network",
		"2001:db8::/48": "65,536 /64 networks", "2001::/16": "281,474,976,710,656 /64 networks",
	} {
		if got := AddressesIn(netip.MustParsePrefix(network)); got != want {
			t.Errorf("%s: %q, want %q", network, got, want)
		}
	}
}
