package model

import (
	"net/netip"
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
	Email   string       // of the account, where somebody looked it up
	Agent   string       // of kind agent
	Agents  []string     // the commonest
	Start   time.Time
	End     time.Time
	Flagged time.Time
	Hot     bool // still being fed
	Score   float64

	Requests, Accounts, Addresses, Used, Live, Takeovers int

	Why, Against string
	Case         CaseState // "": nobody said anything
	IDs          []string  // of its resets, as they may be shown; nil: not asked for
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
