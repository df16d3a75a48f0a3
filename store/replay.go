package store

import (
	"context"
	"fmt"
	"time"

	"doorman/model"
	"doorman/model/detect"
)

// ReplayClusters runs the resets created in the filter's time through an engine
// of their own as if live and returns every cluster ever raised. Exceptions and
// Quiet that are nil are those in force now; an empty list means none. Cost: some
// 8 s a million.
func (s *Store) ReplayClusters(ctx context.Context, cfg detect.Config, f model.ClusterFilter) ([]detect.Cluster, error) {
	list, err := s.replay(ctx, cfg, f)
	if err != nil {
		return nil, fmt.Errorf("replay clusters: %w", explain(err))
	}
	return selectClusters(list, model.ClusterFilter{Limit: f.Limit}), nil
}

func (s *Store) replay(ctx context.Context, cfg detect.Config, f model.ClusterFilter) ([]detect.Cluster, error) {
	base, _, err := s.detectConfig(s.read(ctx), s.now().UTC())
	if err != nil {
		return nil, err
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
	at, err := s.readPlaces(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	var over span
	if !f.Since.IsZero() {
		// Before all that was created at that moment: the empty id sorts first.
		over.created = s.atLeast(f.Since)
	}
	if !f.Until.IsZero() {
		over.until = s.atLeast(f.Until)
	}
	var broken error
	done := 0
	list := detect.Replay(cfg, func(yield func(detect.Event) bool) {
		broken = s.walk(ctx, over, newAtlas(at), func(list []told) error {
			for i := range list {
				yield(list[i].Event)
			}
			if done += len(list); f.Progress != nil {
				f.Progress(done)
			}
			return nil
		})
	}, f.Until)
	return audible(list, cfg.Quiet, nil), broken
}
