package firewall

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"doorman/model"
)

// Element is a network all of which is blocked, until the same moment.
type Element struct {
	Prefix netip.Prefix
	Until  time.Time // zero: for good
}

// Blocked cuts the address space into the networks that are blocked now:
// disjoint, as few as can be, in order, without the exceptions. An element ends
// when the blocks that follow each other there have ended, and at the latest
// where an exception would govern. A block that waits behind an exception which
// ends earlier is not told: it shows when the exception is gone.
//
// Cost: up to 128 steps a rule.
func Blocked(rules []model.Rule, now time.Time) []Element {
	return carve(rules, now, func(chain []model.Rule) Element { return Element{Until: fate(chain, now)} })
}

// Networks is Blocked without the times, which makes fewer and wider ones.
func Networks(rules []model.Rule, now time.Time) []netip.Prefix {
	var list []netip.Prefix
	for _, e := range carve(rules, now, func([]model.Rule) Element { return Element{} }) {
		list = append(list, e.Prefix)
	}
	return list
}

func carve(rules []model.Rule, now time.Time, judge func(chain []model.Rule) Element) []Element {
	list := inForce(rules, now)
	slices.SortFunc(list, compare)
	four := slices.IndexFunc(list, func(r model.Rule) bool { return !r.Prefix.Addr().Is4() })
	if four < 0 {
		four = len(list)
	}
	c := carver{judge: judge}
	out := c.cut(netip.PrefixFrom(netip.IPv4Unspecified(), 0), list[:four])
	return append(out, c.cut(netip.PrefixFrom(netip.IPv6Unspecified(), 0), list[four:])...)
}

// carver walks down the address space. chain holds the rules around the place
// where it is, the widest first.
type carver struct {
	judge func(chain []model.Rule) Element
	chain []model.Rule
}

// cut returns what is blocked of p. inside holds the rules of p and of what lies
// in it, sorted.
func (c *carver) cut(p netip.Prefix, inside []model.Rule) []Element {
	depth := len(c.chain)
	defer func() { c.chain = c.chain[:depth] }()
	for len(inside) > 0 && inside[0].Prefix == p {
		c.chain, inside = append(c.chain, inside[0]), inside[1:]
	}
	if len(inside) == 0 {
		if !blocks(c.chain) {
			return nil
		}
		e := c.judge(c.chain)
		e.Prefix = p
		return []Element{e}
	}
	low, high := halves(p)
	i, _ := slices.BinarySearchFunc(inside, high, func(r model.Rule, h netip.Prefix) int {
		return cmp.Or(r.Prefix.Addr().Compare(h.Addr()), 1)
	})
	out := append(c.cut(low, inside[:i]), c.cut(high, inside[i:])...)
	if len(out) == 2 && out[0].Prefix == low && out[1].Prefix == high && out[0].Until.Equal(out[1].Until) {
		return []Element{{p, out[0].Until}}
	}
	return out
}

// blocks reports whether the longest rule of a chain blocks; of equally long
// ones the exception counts.
func blocks(chain []model.Rule) bool {
	last, ok := governs(chain, time.Time{})
	return ok && last.Action == model.Block
}

// governs returns the rule of a chain that counts once those that end by the
// given moment are gone; the zero moment is before all.
func governs(chain []model.Rule, after time.Time) (model.Rule, bool) {
	var found model.Rule
	ok := false
	for _, r := range slices.Backward(chain) {
		switch {
		case !after.IsZero() && !r.Expires.IsZero() && !r.Expires.After(after):
		case !ok:
			found, ok = r, true
		case r.Prefix == found.Prefix && r.Action == model.Allow:
			found = r
		}
	}
	return found, ok
}

// fate is when what a chain blocks now is blocked no more; zero: never.
func fate(chain []model.Rule, now time.Time) time.Time {
	until := now
	for {
		r, ok := governs(chain, until)
		if !ok || r.Action != model.Block || r.Expires.IsZero() {
			if ok && r.Action == model.Block {
				return time.Time{}
			}
			return until
		}
		until = r.Expires
	}
}

// halves splits a network that is no single address.
func halves(p netip.Prefix) (low, high netip.Prefix) {
	b := p.Addr().As16()
	bit := p.Bits()
	if p.Addr().Is4() {
		bit += 96
	}
	b[bit/8] |= 0x80 >> (bit % 8)
	h := netip.AddrFrom16(b)
	if p.Addr().Is4() {
		h = h.Unmap()
	}
	return netip.PrefixFrom(p.Addr(), p.Bits()+1), netip.PrefixFrom(h, p.Bits()+1)
}
