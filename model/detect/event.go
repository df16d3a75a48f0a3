package detect

import (
	"net/netip"
	"time"
)

// Event is one reset as the engine sees it. Only ID, Created and Account are
// needed; whatever else is unknown is left at its zero value and the signals
// that rest on it stay silent. A later Add with the same ID is an update.
type Event struct {
	ID       string
	Created  time.Time
	Account  string
	Email    string     // of the account; only its domain is kept
	IP       netip.Addr // of the request
	Agent    string     // hostile text, kept as it is
	Place    uint32     // where the account stands in the ordered list of all addresses, spread over the whole range; 0: unknown
	Used     time.Time  // zero: not redeemed so far
	UsedIP   netip.Addr
	Revoked  time.Time // zero: not revoked so far
	Expires  time.Time // zero: Config.Lifetime after Created
	Operator bool      // issued by an operator: kept for its completion, never evidence
}

// Kind says what a cluster names.
type Kind string

// The kinds of cluster.
const (
	ByPrefix  Kind = "prefix"
	ByAccount Kind = "account"
	ByAgent   Kind = "agent"
	ByPlace   Kind = "cluster" // a stretch of the ordered address list; only its event ids name it
)

// The sides of a reset on which a prefix can lie.
const (
	OnRequest = "ip"
	OnUse     = "used_ip"
)

// AgentShare is one agent of a cluster and the number of its requests.
type AgentShare struct {
	Agent string
	N     int
}

// Cluster is what the engine holds suspicious, with its evidence. Slices belong
// to the receiver.
type Cluster struct {
	Key       string // stable while the cluster lives: the prefix, "account:…", "agent:…", "list:…"; uses are led by "use:"
	Kind      Kind
	Prefix    netip.Prefix // kind prefix only
	On        string       // kind prefix only: OnRequest or OnUse
	Account   string       // kind account only
	Agent     string       // kind agent only; hostile
	Score     float64      // natural log of how much likelier the traffic is under attack than under the usual traffic
	Start     time.Time    // first and last request claimed
	End       time.Time
	Flagged   time.Time // event time at which it crossed the line, never later knowledge
	Hot       bool      // still being fed
	Requests  int
	Accounts  int
	Addresses int
	Spread    float64      // share of the prefix's addresses (IPv6: of its /64s) that took part; 0 for other kinds
	Used      int          // requests that were redeemed
	UseRate   float64      // share of accounts that finished …
	UsualRate float64      // … and the share that is normal for the service
	Agents    []AgentShare // the commonest, at most 5
	AgentKind int          // distinct agents
	Entropy   float64      // of the agents, in bits
	Baseline  float64      // unfinished accounts that were expected
	Observed  float64      // unfinished accounts that were seen, in the same window and measure
	Live      int          // resets that containing it would revoke at the engine's clock, see countLive
	Takeovers int          // used from the flagged network or far from the request
	EventIDs  []string     // in order of arrival
	Why       string
	Against   string
}
