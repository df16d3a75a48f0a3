package model

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
)

// Thousands writes a whole number with commas: 999, 10,000, -1,234,567.
func Thousands(n int) string { return humanize.Comma(int64(n)) }

// String writes the count as lists show it; "10,000+" is a lower bound.
func (c Count) String() string {
	if c.AtLeast {
		return Thousands(c.N) + "+"
	}
	return Thousands(c.N)
}

// Of writes the count with its noun: "1 reset", "10,000+ resets".
func (c Count) Of(noun string) string {
	if c.N == 1 && !c.AtLeast {
		return c.String() + " " + noun
	}
	return c.String() + " " + PluralOf(noun)
}

// Plural writes a number and its noun: "1 reset", "2 addresses", "1,007 batches".
func Plural(n int, noun string) string { return Count{N: n}.Of(noun) }

// PluralOf is the plural of a regular noun; of several words the last is changed.
func PluralOf(noun string) string {
	switch {
	case noun == "":
		return ""
	case strings.HasSuffix(noun, "s"), strings.HasSuffix(noun, "ch"), strings.HasSuffix(noun, "x"):
		return noun + "es"
	case strings.HasSuffix(noun, "y") && !strings.HasSuffix(noun, "ey"):
		return strings.TrimSuffix(noun, "y") + "ies"
	}
	return noun + "s"
}

// Percent writes a share between 0 and 1: "71%", "0.4%" below one percent, and
// "<0.1%" for a share that is small but not zero.
func Percent(share float64) string {
	switch {
	case share > 0 && share < 0.001:
		return "<0.1%"
	case share > 0 && share < 0.01:
		return strconv.FormatFloat(100*share, 'f', 1, 64) + "%"
	}
	return strconv.FormatFloat(100*share, 'f', 0, 64) + "%"
}

// AddressesIn writes how many addresses a network holds, of IPv6 how many /64
// networks, each of which one customer has: "1 address", "1,048,576 addresses",
// "65,536 /64 networks".
func AddressesIn(p netip.Prefix) string {
	free := p.Addr().BitLen() - p.Bits()
	switch {
	case free <= 0:
		return "1 address"
	case p.Addr().Is4():
		return Plural(1<<free, "address")
	case p.Bits() > 64:
		return "part of a /64 network"
	}
	return Plural(1<<(64-p.Bits()), "/64 network")
}
