package detect

import (
	"net/netip"
	"time"
)

// Config holds the few numbers that the engine does not learn by itself. The
// zero value of a field means the default named beside it.
type Config struct {
	// Line is the score, in nats, at which a cluster is raised. A service has
	// some 10⁵ networks to test a day and three windows each; e^-13 keeps the
	// chance that any of them crosses by luck below one in a week. 13.
	Line float64
	// MinAccounts is how many unfinished accounts a network, agent or stretch
	// needs at least: fewer is a family, whatever the odds. 5.
	MinAccounts float64
	// Tick is how often suspicion is judged, in event time. 2 min.
	Tick time.Duration
	// Ripen is how long a request may stay open before it counts as
	// unfinished, until the engine has learned when nine of ten people who
	// finish have done so. 10 min.
	Ripen time.Duration
	// Horizon is how long an event is remembered; slow attacks spread over two
	// weeks. 16 days.
	Horizon time.Duration
	// Most bounds memory: it is the greatest number of events that are
	// remembered. Beyond it the oldest are forgotten as if the horizon had passed,
	// at a moment that depends on the events alone; clusters keep their figures.
	// An event that is older than one forgotten so is not taken any more. Those
	// that were added but lie ahead of the clock come on top. 0: no bound.
	Most int
	// Widest4 and Widest6 are the shortest prefixes that may be named: below
	// them live whole providers. 16 and 32.
	Widest4, Widest6 int
	// Lifetime of a reset that names no expiry; for Live only. 24 h.
	Lifetime time.Duration
	// Exceptions are networks whose requests and uses are never evidence
	// against a network.
	Exceptions []netip.Prefix
	// Quiet lists keys of clusters that operators have judged harmless: they
	// and what lies inside them are not raised.
	Quiet []string
	// Withdrawn keeps clusters that were raised and later explained, with the
	// little that is left of their score.
	Withdrawn bool
	// Without switches signals off, to see what each is worth.
	Without Signal
}

// Signal is a set of the engine's sources of evidence.
type Signal uint

// The signals.
const (
	NoUnfinished Signal = 1 << iota // count every account, finished or not
	NoShare                         // every network of a size is expected to bring the same
	NoBinomial                      // only counts, not the share of unfinished
	NoWidths                        // single addresses and /64 only
	NoAgents                        // no botnets by their agent
	NoAccounts                      // no mail bombs
	NoPlaces                        // no walks of the address list
	NoUses                          // no takeovers
	NoDoubts                        // late mail, gateways, popular agents
	NoFloods                        // raw rate
	NoWeather                       // mail outages count in full
	NoSlow                          // no window of a week
)

func (s Signal) has(x Signal) bool { return s&x != 0 }

func (c Config) withDefaults() Config {
	def(&c.Line, 13)
	def(&c.MinAccounts, 5)
	def(&c.Tick, 2*time.Minute)
	def(&c.Ripen, 10*time.Minute)
	def(&c.Horizon, 16*24*time.Hour)
	def(&c.Widest4, 16)
	def(&c.Widest6, 32)
	def(&c.Lifetime, 24*time.Hour)
	return c
}

func def[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}
