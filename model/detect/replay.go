package detect

import (
	"iter"
	"time"
)

// Replay runs events, in order of creation, through a new engine as if live and
// returns every cluster that it ever raised, the most suspicious first. Each
// event may carry its use and revocation: they take effect in their own time.
// until is when the replay ends; the zero time ends it a horizon's ripening
// after the last fact.
func Replay(cfg Config, events iter.Seq[Event], until time.Time) []Cluster {
	e := New(cfg)
	var old []Cluster
	e.onArchive = func(c Cluster) { old = append(old, c) }
	last := time.Time{}
	for ev := range events {
		e.Add(ev)
		e.Advance(ev.Created)
		last = later(last, later(ev.Created, ev.Used))
	}
	if until.IsZero() {
		until = last.Add(e.cfg.Ripen + e.cfg.Tick)
	}
	e.Advance(until)
	all := append(old, e.Clusters()...)
	rankClusters(all)
	return all
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
