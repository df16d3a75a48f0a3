package store

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"doorman/model"
	"doorman/model/detect"
)

// Clusters returns what the engine holds suspicious, and ever held, most
// suspicious first. The store keeps one engine and tells it what is new before it
// answers; exceptions and false positives are respected. Where much has to be
// read first it answers with what is known: ClusterReading tells. What the slices
// of a cluster hold must not be changed.
func (s *Store) Clusters(ctx context.Context, f model.ClusterFilter) ([]detect.Cluster, error) {
	j, err := s.watched(ctx)
	if err != nil {
		return nil, fmt.Errorf("find clusters: %w", explain(err))
	}
	list := j.list
	if j.past.n > 0 && (f.Since.IsZero() || !j.past.newest.Before(f.Since)) {
		old, err := s.feed.opened.list(&j.past)
		if err != nil {
			return nil, fmt.Errorf("find clusters: %w", err)
		}
		list = append(audible(slices.Clone(old), j.quiet, nil), list...)
		slices.SortFunc(list, bySuspicion)
	}
	return selectClusters(list, f), nil
}

// bySuspicion is the order in which the engine ranks.
func bySuspicion(a, b detect.Cluster) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), a.Flagged.Compare(b.Flagged), cmp.Compare(a.Key, b.Key))
}

// ClusterReading tells how much of the resets the last answer of Clusters rests
// on. It costs nothing.
func (s *Store) ClusterReading() model.ClusterReading {
	if r := s.feed.status.Load(); r != nil {
		return *r
	}
	return model.ClusterReading{}
}

// readingPause is how often the progress of a long reading is reported.
const readingPause = 200 * time.Millisecond

// ReadClusters returns when Clusters rests on all resets, and tells how far it is.
// What was read when ctx ends is kept.
func (s *Store) ReadClusters(ctx context.Context, progress func(model.ClusterReading)) error {
	for {
		if _, err := s.watched(ctx); err != nil {
			return fmt.Errorf("find clusters: %w", explain(err))
		}
		r := s.ClusterReading()
		if r.Whole {
			return nil
		}
		progress(r)
		t := time.NewTimer(readingPause)
		select {
		case <-ctx.Done():
		case <-t.C:
		}
		t.Stop()
	}
}

func selectClusters(list []detect.Cluster, f model.ClusterFilter) []detect.Cluster {
	out := []detect.Cluster{}
	for _, c := range list {
		if f.Limit > 0 && len(out) == f.Limit {
			break
		}
		if !f.Since.IsZero() && c.End.Before(f.Since) || !f.Until.IsZero() && !c.Start.Before(f.Until) {
			continue
		}
		out = append(out, c)
	}
	return out
}

// audible leaves out what operators have judged harmless. The engine does not
// raise it; but it judges a network wider than the one that it names in the end.
func audible(list []detect.Cluster, quiet []string, exceptions []netip.Prefix) []detect.Cluster {
	return slices.DeleteFunc(list, func(c detect.Cluster) bool {
		in := func(p netip.Prefix) bool {
			return c.Prefix.IsValid() && p.Bits() <= c.Prefix.Bits() && p.Contains(c.Prefix.Addr())
		}
		return slices.ContainsFunc(exceptions, in) || slices.ContainsFunc(quiet, func(key string) bool {
			side := ""
			if c.On == detect.OnUse {
				side = "use:"
			}
			text, found := strings.CutPrefix(key, side)
			p, err := netip.ParsePrefix(text)
			return key == c.Key || found && err == nil && in(p)
		})
	})
}

// FindCluster returns the cluster with a key, or the highest with a network, an
// account id or address, or an agent. It is a model.NotFound when the engine
// holds none.
func (s *Store) FindCluster(ctx context.Context, key string) (detect.Cluster, error) {
	list, err := s.Clusters(ctx, model.ClusterFilter{})
	if err != nil {
		return detect.Cluster{}, err
	}
	for _, c := range list {
		if c.Key == key {
			return c, nil
		}
	}
	p, _ := model.ParsePrefix(key)
	account := ""
	if row, err := s.FindAccount(ctx, strings.TrimPrefix(key, "account:")); err == nil {
		account = row.ID
	}
	for _, c := range list {
		if p.IsValid() && c.Prefix == p || account != "" && c.Account == account || key != "" && c.Agent == key {
			return c, nil
		}
	}
	return detect.Cluster{}, &model.Error{Kind: model.NotFound, Text: "there is no cluster " + model.Quote(model.CleanText(key, maxName)),
		Hint: "`doorman clusters` lists them; what is a false positive or inside an exception is not raised again",
		Key:  "1 shows the clusters; what is a false positive or inside an exception is not raised again"}
}

// DetectConfig returns the configuration of the engine as exceptions and false
// positives have it now: what to begin with when asking what if.
func (s *Store) DetectConfig(ctx context.Context) (detect.Config, error) {
	cfg, _, err := s.detectConfig(s.read(ctx), s.now().UTC())
	if err != nil {
		return cfg, fmt.Errorf("read the engine's configuration: %w", explain(err))
	}
	return cfg, nil
}
