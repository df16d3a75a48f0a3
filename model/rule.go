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

// RuleState is where a rule stands.
type RuleState string

// The states of a rule.
const (
	RuleInForce RuleState = "in-force"
	RuleExpired RuleState = "expired"
	RuleLifted  RuleState = "lifted" // also: replaced by another for the same network
)

// RuleStates lists every state.
func RuleStates() []RuleState { return []RuleState{RuleInForce, RuleExpired, RuleLifted} }

// ParseRuleState reads a state by its name.
func ParseRuleState(s string) (RuleState, error) {
	for _, st := range RuleStates() {
		if string(st) == s {
			return st, nil
		}
	}
	return "", &Error{Kind: Invalid, Field: "state", Text: "there is no state " + Quote(s), Hint: "use in-force, expired or lifted"}
}

// State tells where the rule stands at a moment.
func (r Rule) State(now time.Time) RuleState {
	switch {
	case !r.Lifted.IsZero():
		return RuleLifted
	case !r.InForce(now):
		return RuleExpired
	}
	return RuleInForce
}

// ParseRuleAction reads an action by its name.
func ParseRuleAction(s string) (RuleAction, error) {
	switch a := RuleAction(s); a {
	case Block, Allow:
		return a, nil
	}
	return "", &Error{Kind: Invalid, Field: "action", Text: Quote(s) + " is not an action", Hint: "use block or allow"}
}
