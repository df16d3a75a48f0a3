package ui

import (
	"net/netip"
	"testing"
	"time"

	"doorman/model/detect"
)

func network(prefix string, score float64) detect.Cluster {
	return detect.Cluster{Key: prefix, Kind: detect.ByPrefix, Prefix: netip.MustParsePrefix(prefix), On: detect.OnRequest, Score: score, Hot: true,
		Flagged: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC), Why: "12 accounts, none finished."}
}

func (c *console) pulse() *console {
	c.store.changed = true
	c.do(c.s.ticked(time.Now()))
	return c
}

func TestSeriousClustersAreAnnounced(t *testing.T) {
	c := newConsole(t, 120, 40, func(o *Options) { o.Env.Store.(*stand).found = []detect.Cluster{network("192.0.2.0/24", 500)} })
	c.misses("new cluster")
	imported := network("203.0.113.0/24", 900)
	imported.Flagged = imported.Flagged.Add(-2 * time.Hour)
	c.store.found = append(c.store.found, network("198.51.100.0/28", 20), imported)
	c.pulse().misses("new cluster")
	c.store.found[1] = network("198.51.100.0/24", 200)
	c.pulse().sees("! new cluster 198.51.100.0/24, 1 shows it: 12 accounts")
	c.s.notices = nil
	c.store.found[1] = network("198.51.96.0/20", 800)
	c.pulse().misses("new cluster")
}

func TestHomeIsWhereTheClustersAre(t *testing.T) {
	c := newConsole(t, 80, 24, func(o *Options) { o.Home = "" })
	c.sees("Clusters").sees("No reset was ever requested").press("2").sees("person.00").press("1").sees("Clusters")
}
