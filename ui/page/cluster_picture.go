package page

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/model/agent"
	"doorman/model/detect"
)

// picture is what the drawings of a cluster rest on: its course over time, and
// who took part in its newest resets.
type picture struct {
	course  model.Timeline
	usual   float64 // requests a step from there before it began; below zero: unknown
	of      int     // resets looked at
	cut     bool    // there are more
	addrs   map[netip.Addr]int
	people  []share
	agents  []share
	sources []share
}

// share is how often one value comes up.
type share struct {
	name string
	n    int
}

// pictureLimit bounds how many resets a picture looks at, the newest; those that
// only their ids name are read one by one.
const (
	pictureLimit = 2000
	namedLimit   = 200
)

// usualReach is how long before a cluster began its source is looked at for what
// is usual there.
const usualReach = 7 * 24 * time.Hour

// readPicture reads what the drawings need.
func (p *cluster) readPicture() tea.Cmd {
	s, c, f := p.env.Store, p.row.Cluster, p.courseFilter()
	return Load(&p.drawing, func(ctx context.Context) (picture, error) {
		pic, err := takeResets(ctx, s, c)
		if err != nil || len(f.Of) == 0 {
			return pic, err
		}
		pic.usual = -1
		if pic.course, err = s.Timeline(ctx, f); err != nil || len(f.Of[0].IDs) > 0 {
			return pic, err
		}
		before := model.TimelineFilter{Since: c.Start.Add(-usualReach), Until: c.Start, Step: time.Hour, Of: f.Of}
		was, err := s.Timeline(ctx, before)
		pic.usual = float64(total(was.Requests)) * float64(f.Step) / float64(usualReach)
		return pic, err
	}, func(pic picture, err error) tea.Cmd {
		if err == nil {
			p.picture = pic
			p.fit()
		}
		return nil
	})
}

// courseFilter is the time that the course covers: the cluster, as long before
// it, and all that came since.
func (p *cluster) courseFilter() model.TimelineFilter {
	c := p.row.Cluster
	t := sourceOf(c)
	t.Since = time.Time{}
	if t.IsZero() {
		return model.TimelineFilter{}
	}
	lead := max(c.End.Sub(c.Start), 30*time.Minute)
	f := model.TimelineFilter{Since: c.Start.Add(-lead), Until: c.End.Add(lead / 4), Of: []model.Target{t}}
	if now := p.env.Now(); c.Hot || f.Until.After(now) {
		f.Until = now.Add(time.Millisecond)
	}
	f.Step = stepFor(f.Until.Sub(f.Since), max(p.pictureWidth()-chartLabel-1, 8))
	return f
}

// takeResets counts who took part in the newest resets of a cluster.
func takeResets(ctx context.Context, s Store, c detect.Cluster) (picture, error) {
	limit := pictureLimit
	if _, ok := resetsOf(c); !ok {
		limit = namedLimit
	}
	page, err := clusterResets(ctx, s, c, model.Paging{Limit: limit})
	pic := picture{of: len(page.Items), cut: page.Next != "", addrs: map[netip.Addr]int{}}
	people, agents, sources := map[string]int{}, map[string]int{}, map[string]int{}
	for _, r := range page.Items {
		from := r.RequestedIP
		if c.On == detect.OnUse && r.UsedIP != "" {
			from = r.UsedIP
		}
		if a, err := netip.ParseAddr(from); err == nil {
			pic.addrs[a.Unmap()]++
		}
		people[cmp.Or(r.Email, model.Mask(r.AccountID))]++
		agents[r.RequestedAgent]++
		sources[from]++
	}
	pic.people, pic.agents, pic.sources = sharesOf(people), sharesOf(agents), sharesOf(sources)
	return pic, err
}

// sharesOf orders counts, the most first.
func sharesOf(counts map[string]int) []share {
	out := make([]share, 0, len(counts))
	for name, n := range counts {
		out = append(out, share{name, n})
	}
	slices.SortFunc(out, func(a, b share) int { return cmp.Or(b.n-a.n, cmp.Compare(a.name, b.name)) })
	return out
}

// agentShares are shares of user agents in their short form.
func agentShares(shares []share) []share {
	out := make([]share, len(shares))
	for i, s := range shares {
		out[i] = share{agent.Short(s.name), s.n}
	}
	return out
}

// grid divides a network into cells of equal size.
type grid struct {
	prefix netip.Prefix
	cells  int
	bits   int // of the network that one cell stands for
}

// maxCells is how many cells a map has at most, a power of two.
const maxCells = 256

// gridOf returns the map of a network: single addresses of an IPv4 network, /64s
// of an IPv6 one, or wider parts where there are too many of them; false where a
// map would tell nothing.
func gridOf(p netip.Prefix) (grid, bool) {
	unit := 64
	if p.Addr().Is4() {
		unit = 32
	}
	if !p.IsValid() || unit-p.Bits() < 3 {
		return grid{}, false
	}
	g := grid{prefix: p, cells: maxCells, bits: p.Bits() + 8}
	if g.bits > unit {
		g.bits, g.cells = unit, 1<<(unit-p.Bits())
	}
	return g, true
}

// cell returns the cell that an address lies in; false when it is outside.
func (g grid) cell(a netip.Addr) (int, bool) {
	if !g.prefix.Contains(a) {
		return 0, false
	}
	bytes, at := a.AsSlice(), 0
	for i := g.prefix.Bits(); i < g.bits; i++ {
		at = at<<1 | int(bytes[i/8]>>(7-i%8)&1)
	}
	return at, true
}

// begins returns the first address of a cell.
func (g grid) begins(cell int) netip.Addr {
	bytes := g.prefix.Masked().Addr().AsSlice()
	for i := g.bits - 1; i >= g.prefix.Bits(); i-- {
		bytes[i/8] |= byte(cell&1) << (7 - i%8)
		cell >>= 1
	}
	a, _ := netip.AddrFromSlice(bytes)
	return a
}

// counts tells how many requests fall into each cell, and how many addresses, or
// parts of the network, took part.
func (g grid) counts(addrs map[netip.Addr]int) []int {
	out := make([]int, g.cells)
	for a, n := range addrs {
		if i, ok := g.cell(a); ok {
			out[i] += n
		}
	}
	return out
}
