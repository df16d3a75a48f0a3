package model

import (
	"net/netip"
	"time"
)

// RuleAction is what a rule does with requests from its prefix.
type RuleAction string

// The actions of a rule.
const (
	Block RuleAction = "block"
	Allow RuleAction = "allow" // an exception inside a block
)

// Rule is a block or an exception.
type Rule struct {
	Prefix  netip.Prefix // masked, IPv4 never mapped
	Action  RuleAction
	Expires time.Time // zero: never
	Reason  string
	By      string
	Created time.Time
	BatchID string
	Lifted  time.Time // zero: not lifted
	Wide    bool      // in SetRule: the second yes for a wide network
}

// DefaultBlock is how long a block lasts unless told otherwise.
const DefaultBlock = 24 * time.Hour

// Decide returns the rule that governs an address at a moment, and false when
// none does. The longest prefix wins; at equal length the exception wins. Cost:
// one pass over the rules.
func Decide(rules []Rule, a netip.Addr, now time.Time) (Rule, bool) {
	a = a.Unmap().WithZone("") // a prefix contains no address with a zone
	var best Rule
	found := false
	for _, r := range rules {
		if !r.InForce(now) || !r.Prefix.Contains(a) {
			continue
		}
		longer := r.Prefix.Bits() > best.Prefix.Bits()
		same := r.Prefix.Bits() == best.Prefix.Bits()
		if !found || longer || same && r.Action == Allow {
			best, found = r, true
		}
	}
	return best, found
}

// InForce reports whether the rule has neither expired nor been lifted.
func (r Rule) InForce(now time.Time) bool {
	return r.Lifted.IsZero() && (r.Expires.IsZero() || now.Before(r.Expires))
}
