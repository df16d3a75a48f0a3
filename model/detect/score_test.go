package detect_test

import (
	"slices"

	"doorman/model/detect"
)

// grade is how well clusters fit what was planted.
type grade struct {
	precision float64 // average precision over the ranked list
	recall    float64
	false_    int      // clusters that are no attack
	missed    []string // families
	named     float64
}

// judge grades ranked clusters: a cluster is right when at least half of what
// it claims is one attack, an attack is found when right clusters cover three
// tenths of it.
func judge(w *world, cs []detect.Cluster) grade {
	of := map[string]int{}
	for k, a := range w.attacks {
		for _, id := range a.IDs {
			of[id] = k
		}
	}
	covered := make([]map[string]bool, len(w.attacks))
	found, named := make([]bool, len(w.attacks)), make([]bool, len(w.attacks))
	var g grade
	right := 0
	for rank, c := range cs {
		hits := map[int][]string{}
		for _, id := range c.EventIDs {
			if k, ok := of[id]; ok {
				hits[k] = append(hits[k], id)
			}
		}
		best := -1
		for k, ids := range hits {
			if 2*len(ids) >= len(c.EventIDs) && (best < 0 || len(ids) > len(hits[best])) {
				best = k
			}
		}
		if best < 0 {
			g.false_++
			continue
		}
		right++
		if covered[best] == nil {
			covered[best] = map[string]bool{}
		}
		for _, id := range hits[best] {
			covered[best][id] = true
		}
		a := w.attacks[best]
		named[best] = named[best] || a.Prefix == "" || c.Prefix.String() == a.Prefix
		if !found[best] && 10*len(covered[best]) >= 3*len(a.IDs) {
			found[best] = true
			g.precision += float64(right) / float64(rank+1)
		}
	}
	n := float64(len(w.attacks))
	g.precision /= n
	for k, ok := range found {
		if ok {
			g.recall += 1 / n
		} else {
			g.missed = append(g.missed, w.attacks[k].Family)
		}
		if named[k] {
			g.named += 1 / n
		}
	}
	slices.Sort(g.missed)
	return g
}
