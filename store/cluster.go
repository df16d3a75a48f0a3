package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"doorman/model"
	"doorman/model/detect"
)

// Clusters returns what the engine holds suspicious, most suspicious first. The
// store keeps one engine and tells it what is new before it answers; exceptions
// and false positives are respected. A time before what the engine remembers,
// some 16 days, is answered by ReplayClusters. What the slices of a cluster
// hold must not be changed.
func (s *Store) Clusters(ctx context.Context, f model.ClusterFilter) ([]detect.Cluster, error) {
	if start := anchorOf(s.now()); !f.Since.IsZero() && f.Since.Before(start) || !f.Until.IsZero() && f.Until.Before(start) {
		return s.ReplayClusters(ctx, detect.Config{}, f)
	}
	list, err := s.watched(ctx)
	if err != nil {
		return nil, fmt.Errorf("find clusters: %w", explain(err))
	}
	return selectClusters(list, f), nil
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
func audible(list []detect.Cluster, quiet []string) []detect.Cluster {
	return slices.DeleteFunc(list, func(c detect.Cluster) bool {
		return slices.ContainsFunc(quiet, func(key string) bool {
			side := ""
			if c.On == detect.OnUse {
				side = "use:"
			}
			text, found := strings.CutPrefix(key, side)
			p, err := netip.ParsePrefix(text)
			inside := found && err == nil && c.Prefix.IsValid() && p.Bits() <= c.Prefix.Bits() && p.Contains(c.Prefix.Addr())
			return key == c.Key || inside
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
		Hint: "`doorman clusters` lists them; what is a false positive or inside an exception is not raised again"}
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

// ReplayClusters runs the resets created in the filter's time through an engine
// of their own as if live and returns every cluster ever raised. Exceptions and
// Quiet that are nil are those in force now; an empty list means none. Cost:
// about 20 s a million resets.
func (s *Store) ReplayClusters(ctx context.Context, cfg detect.Config, f model.ClusterFilter) ([]detect.Cluster, error) {
	var list []detect.Cluster
	err := s.read(ctx).Transaction(func(tx *gorm.DB) error {
		now := s.now().UTC()
		base, _, err := s.detectConfig(tx, now)
		if err != nil {
			return err
		}
		if cfg.Exceptions == nil {
			cfg.Exceptions = base.Exceptions
		}
		if cfg.Quiet == nil {
			cfg.Quiet = base.Quiet
		}
		if cfg.Line == 0 {
			cfg.Line = base.Line
		}
		if cfg.Lifetime == 0 {
			cfg.Lifetime = base.Lifetime
		}
		at, err := s.readPlaces(ctx, tx, time.Time{})
		if err != nil {
			return err
		}
		c := &conditions{args: map[string]any{}}
		c.add("r.created_date IS NOT NULL")
		if !f.Since.IsZero() {
			c.bind("from", s.atLeast(f.Since), "r.created_date >= @from")
		}
		if !f.Until.IsZero() {
			c.bind("until", s.atLeast(f.Until), "r.created_date < @until")
		}
		var broken error
		list = detect.Replay(cfg, func(yield func(detect.Event) bool) {
			where := strings.Join(c.list, " AND ") + " ORDER BY r.created_date, r.id"
			broken = s.events(ctx, tx, at, where, c.args, func(ev *detect.Event) { yield(*ev) })
		}, f.Until)
		list = audible(list, cfg.Quiet)
		return broken
	}, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("replay clusters: %w", explain(err))
	}
	return selectClusters(list, model.ClusterFilter{Limit: f.Limit}), nil
}
