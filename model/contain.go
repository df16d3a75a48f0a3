package model

import (
	"net/netip"
	"time"
)

// Target is what a cluster names: Prefix, AccountID, Agent or IDs; the first of
// them that is set says which resets are meant.
type Target struct {
	Key       string // of the cluster, for its case
	Prefix    netip.Prefix
	On        string // which side Prefix lies on: "used_ip" for uses, else requests
	AccountID string
	Agent     string    // the whole of it, as recorded
	IDs       []ResetID // with Prefix too: nothing is left out for them
	Since     time.Time // resets created before it are left alone; zero: no bound
}

// OnUse is the value of Target.On for networks where resets are used.
const OnUse = "used_ip"

// ContainOrder asks to end what a cluster has live, to block its network and to
// open its case.
type ContainOrder struct {
	Target Target
	For    time.Duration // how long to block; 0 means DefaultBlock
	Wide   bool          // the second yes for a network wider than /16 or /32 (IPv6)
	Asked  time.Time     // resets created after it are left alone; zero: no bound
}

// ContainPlan is what containing, or a rule alone, would come to.
type ContainPlan struct {
	Plan                  // the live resets; of a rule alone those that lie inside and stay
	Block    netip.Prefix // zero: there is nothing to block
	Until    time.Time    // when the rule ends; zero: never
	Honest   int          // accounts with a successful use from there in the last 30 days
	Warnings []string     // why to think twice, most serious first
	Wide     bool         // needs the second yes
	Refused  string       // why it cannot be done at all, or ""
}

// RuleFilter selects rules, the newest first. The zero value means all in force.
type RuleFilter struct {
	Action RuleAction // "" means both
	All    bool       // also those that have expired or were lifted
	Paging
}

// ClusterFilter selects clusters by when they were active. The zero value means
// all that the engine still knows.
type ClusterFilter struct {
	Since time.Time // last seen at or after; zero: no bound
	Until time.Time // first seen before; zero: no bound
	Limit int       // 0: all
}

// Widths of a network, in bits. A wider one than Wide needs a second yes, a
// wider one than Widest is refused: at /8 lie the address blocks of whole
// regions, below IPv6 /16 whole registries.
const (
	WideBits4   = 16
	WideBits6   = 32
	WidestBits4 = 8
	WidestBits6 = 16
)

// IsWide reports whether a rule for the network needs a second yes.
func IsWide(p netip.Prefix) bool { return p.Bits() < bitsOf(p, WideBits4, WideBits6) }

// IsTooWide reports whether no rule is made for the network at all.
func IsTooWide(p netip.Prefix) bool { return p.Bits() < bitsOf(p, WidestBits4, WidestBits6) }

func bitsOf(p netip.Prefix, four, six int) int {
	if p.Addr().Is4() {
		return four
	}
	return six
}
