package detect

import (
	"net/netip"
	"slices"

	"doorman/model"
	"doorman/model/agent"
	"doorman/model/query"
)

// Flags tells which cluster a reset belongs to: the worst of those that containing
// would revoke it with, were it live.
type Flags struct {
	clusters []aim
}

// aim is a cluster and what it is aimed at.
type aim struct {
	flag   model.Flag
	target model.Target
	ids    map[string]bool
}

// FlagsOf prepares the clusters of a list. Of makes one pass over them for each
// reset.
func FlagsOf(list []Cluster) *Flags {
	f := &Flags{}
	for i := range list {
		a := aim{flag: flagOf(&list[i]), target: list[i].Target()}
		if len(a.target.IDs) > 0 {
			a.ids = map[string]bool{}
			for _, id := range a.target.IDs {
				a.ids[id.Full()] = true
			}
		}
		f.clusters = append(f.clusters, a)
	}
	slices.SortStableFunc(f.clusters, func(a, b aim) int {
		switch {
		case a.flag.WorseThan(b.flag):
			return -1
		case b.flag.WorseThan(a.flag):
			return 1
		}
		return 0
	})
	return f
}

func flagOf(c *Cluster) model.Flag {
	f := model.Flag{Key: c.Key, Severity: model.SeverityOf(c.Score, c.Hot, c.Live)}
	switch {
	case c.On == OnUse:
		f.Name = "uses from " + c.Prefix.String()
	case c.Kind == ByPrefix:
		f.Name = c.Prefix.String()
	case c.Kind == ByAccount:
		f.Name = "the account"
	case c.Kind == ByAgent:
		f.Name = "agent " + agent.Short(c.Agent)
	default:
		f.Name = "walk through the addresses"
	}
	return f
}

// Of is the flag of a reset, the zero one where it belongs to no cluster.
func (f *Flags) Of(r *model.Reset) model.Flag {
	from, _ := netip.ParseAddr(r.RequestedIP)
	from = from.Unmap().WithZone("")
	for i := range f.clusters {
		if f.clusters[i].holds(r, from) {
			return f.clusters[i].flag
		}
	}
	return model.Flag{}
}

func (a *aim) holds(r *model.Reset, from netip.Addr) bool {
	if a.ids[r.ID.Full()] {
		return true
	}
	t := &a.target
	if r.IssuedBy != "" || r.Created.Before(t.Since) || !t.Until.IsZero() && !r.Created.Before(t.Until) {
		return false
	}
	return t.Prefix.IsValid() && t.Prefix.Contains(from) || t.AccountID != "" && r.AccountID == t.AccountID ||
		t.Agent != "" && r.RequestedAgent == t.Agent
}

// Among is the filter on what the clusters of a list are aimed at: those of a key,
// "" for any, of the severities that a line names. nil: no filter.
func Among(list []Cluster, key string, words []query.Flagged) *model.Of {
	if key == "" && len(words) == 0 {
		return nil
	}
	of := &model.Of{Words: query.Resets{Cluster: key, Flagged: words}.Line()}
	// no selects what is left without the clusters that are not named.
	of.Not = slices.Contains(words, query.NotFlagged)
	for i := range list {
		c := &list[i]
		named := slices.Contains(words, query.Flagged(flagOf(c).Severity))
		if (key == "" || c.Key == key) && (len(words) == 0 || named != of.Not) {
			of.Targets = append(of.Targets, c.Target())
		}
	}
	return of
}
