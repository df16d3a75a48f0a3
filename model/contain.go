package model

import (
	"fmt"
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
	Until     time.Time // and those created at or after it, IDs excepted; zero: no bound
}

// IsZero reports whether the target names nothing.
func (t Target) IsZero() bool {
	return !t.Prefix.IsValid() && t.AccountID == "" && t.Agent == "" && len(t.IDs) == 0
}

// OnUse is the value of Target.On for networks where resets are used.
const OnUse = "used_ip"

// ContainOrder asks to end what a cluster has live, to block its network and to
// open its case.
type ContainOrder struct {
	Target Target
	For    time.Duration // how long to block; 0 means DefaultBlock, Forever until it is lifted
	Wide   bool          // the second yes for a network wider than /16 or /32 (IPv6)
	Asked  time.Time     // resets created after it are left alone; zero: no bound
}

// Forever is the length of a block that ends when it is lifted.
const Forever time.Duration = 1<<63 - 1

// ContainPlan is what containing, or a rule alone, would come to.
type ContainPlan struct {
	Plan                  // the live resets; of a rule alone those that lie inside and stay
	Block    netip.Prefix // zero: there is nothing to block
	Until    time.Time    // when the rule ends; zero: never
	Standing Rule         // the block of the same network that is in force; the zero value: none
	Honest   int          // accounts with a successful use from there in the last 30 days
	Warnings []string     // why to think twice, most serious first
	Wide     bool         // needs the second yes
	Refused  string       // why it cannot be done at all, or ""
}

// Lasting sets Until to when the block ends after a length, as in ContainOrder.For:
// one that is in force and lasts longer stays.
func (p *ContainPlan) Lasting(now time.Time, length time.Duration) {
	p.Until = time.Time{}
	switch length {
	case Forever:
		return
	case 0:
		p.Until = now.Add(DefaultBlock)
	default:
		p.Until = now.Add(length)
	}
	if s := p.Standing; s.Prefix.IsValid() && (s.Expires.IsZero() || s.Expires.After(p.Until)) {
		p.Until = s.Expires
	}
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

	Progress func(done int) // receives how many resets a replay has read; nil: not called
}

// ClusterReading is how much of the resets a list of clusters rests on. The
// zero value: nothing was read so far.
type ClusterReading struct {
	Whole       bool      // on all of them, up to now; what follows is zero then, but Fresh and FreshSince
	Done, Total int       // resets read; how many there are, about
	Since       time.Time // those requested before are not judged yet; zero: none is left out
	Until       time.Time // those requested later are not judged yet

	// Fresh is how many of the newest requests are too young to be judged: each may
	// still be completed. FreshSince is when the oldest of them was made; zero: none.
	Fresh      int
	FreshSince time.Time
}

// Share is how much of the resets was read, 0 to 1.
func (r ClusterReading) Share() float64 {
	if r.Whole {
		return 1
	}
	return min(float64(r.Done)/float64(max(r.Total, 1)), 0.99)
}

// String tells in one sentence what a list may lack; "" for a whole one.
func (r ClusterReading) String() string {
	if r.Whole {
		return ""
	}
	text := fmt.Sprintf("%.0f %% of about %d resets are judged so far", 100*r.Share(), r.Total)
	if !r.Since.IsZero() {
		text += ", beside it those since " + r.Since.UTC().Format("2006-01-02 15:04")
	}
	if !r.Until.IsZero() {
		text += "; the list is of " + r.Until.UTC().Format("2006-01-02 15:04") + " UTC"
	}
	return text
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
