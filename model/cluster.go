package model

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// ClusterFacts is what a file, or a filter line, tells of a cluster. What comes
// from outside in it is hostile.
type ClusterFacts struct {
	Key     string
	Kind    string       // prefix, account, agent or cluster
	Prefix  netip.Prefix // of kind prefix, else zero
	On      string       // of kind prefix: which side the prefix lies on
	Account string       // id, of kind account
	Email   string       // of the account, where someone looked it up
	Agent   string       // of kind agent
	Agents  []string     // the commonest
	Start   time.Time
	End     time.Time
	Flagged time.Time
	Hot     bool // still being fed
	Score   float64

	Requests, Accounts, Addresses, Used, Live, Takeovers int

	Why, Against string
	Case         CaseState // the verdict; "" is new
	CaseBy       string    // who set it, "" for none
	CaseAt       time.Time // since when
	IDs          []string  // of its resets, as they may be shown; nil: not requested
}

// Severity is a word for how bad a cluster is now.
type Severity string

// The severities, the worst first.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Watch    Severity = "watch"
	Past     Severity = "past" // nothing comes in any more and nothing is live
)

// Severities lists all of them, the worst first.
func Severities() []Severity { return []Severity{Critical, High, Watch, Past} }

// ParseSeverity reads a severity by its name.
func ParseSeverity(s string) (Severity, error) {
	for _, v := range Severities() {
		if string(v) == s {
			return v, nil
		}
	}
	return "", &Error{Kind: Invalid, Field: "severity", Text: "there is no severity " + Quote(s), Hint: "use critical, high, watch or past"}
}

// The scores, in nats, from which a cluster is high and critical: a line is
// crossed by luck once in weeks, three lines never are; where a hundred are
// reached the traffic is all but nothing else.
const (
	highScore     = 40
	criticalScore = 100
)

// SeverityOf tells how bad a cluster is: hot is one that is still being fed, live
// how many of its resets could be redeemed.
func SeverityOf(score float64, hot bool, live int) Severity {
	switch {
	case !hot && live == 0:
		return Past
	case score >= criticalScore:
		return Critical
	case score >= highScore:
		return High
	}
	return Watch
}

// Severity tells how bad the cluster is.
func (c *ClusterFacts) Severity() Severity { return SeverityOf(c.Score, c.Hot, c.Live) }

// waitWindow is how recent the last request of a cluster is that needs a person
// though none of its resets is live.
const waitWindow = time.Hour

// NeedsPerson reports whether the cluster waits for an operator: it has no verdict
// yet, and has live resets or had a request within the hour.
func (c *ClusterFacts) NeedsPerson(now time.Time) bool {
	return (c.Case == "" || c.Case == CaseNew) && (c.Live > 0 || now.Sub(c.End) < waitWindow)
}

// CompareClusters is the order in which an operator looks at clusters, on every
// list and in the headline: what needs a person first, what is over last, what
// operators have handled after what they have not; each by severity, live resets
// and last request.
func CompareClusters(a, b *ClusterFacts, now time.Time) int {
	last := func(c *ClusterFacts) int {
		switch {
		case c.NeedsPerson(now):
			return 0
		case c.Severity() == Past:
			return 3
		case c.Case.IsHandled():
			return 2
		}
		return 1
	}
	rank := func(c *ClusterFacts) int { return slices.Index(Severities(), c.Severity()) }
	return cmp.Or(cmp.Compare(last(a), last(b)), cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Live, a.Live), b.End.Compare(a.End),
		cmp.Compare(b.Score, a.Score), cmp.Compare(a.Key, b.Key))
}
