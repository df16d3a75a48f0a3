package cli

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/agent"
	"doorman/model/detect"
	"doorman/model/query"
	"doorman/model/transfer"
)

// clusterWindow is how far back the ranked list looks unless told otherwise.
const clusterWindow = "24h"

// clusterRow is a cluster with what operators said about it.
type clusterRow struct {
	detect.Cluster
	Case model.Case // the zero Case: none
	ids  []string   // as they may be shown; nil: not requested
}

// facts is the row as files tell of it.
func (r *clusterRow) facts() *model.ClusterFacts {
	f := r.Facts(r.Case)
	f.IDs = r.ids
	return &f
}

// sifting is the flags that select clusters.
type sifting struct {
	since, until   string
	fields         fieldFlags
	replay, events bool
}

func (s *sifting) addTo(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.since, "since", clusterWindow, "last seen at or after `TIME`: 24h, 7d, 2026-11-23, RFC 3339 or all")
	f.StringVar(&s.until, "until", "", "first seen before `TIME`")
	s.fields.addTo(cmd, query.ForClusters())
	f.BoolVar(&s.replay, "replay", false, "run the whole range through the engine as if live, and list every cluster ever flagged")
	f.BoolVar(&s.events, "events", false, "list the ids of the resets, too")
}

// find returns the clusters that the flags select: what needs a person first, of a
// replay the highest score first.
func (s *sifting) find(ctx context.Context, a *app, d desk, limit int) ([]clusterRow, error) {
	f := model.ClusterFilter{}
	line, err := s.fields.text()
	if err != nil {
		return nil, err
	}
	q, err := query.ParseClusters(line)
	if err != nil {
		return nil, err
	}
	if f.Since, f.Until, err = a.period(s.since, s.until); err != nil {
		return nil, err
	}
	var list []detect.Cluster
	if s.replay {
		bar := a.newBar("replayed", "resets")
		f.Progress, f.Limit = bar.show, limit
		if line != "" {
			f.Limit = 0 // the line is applied to what the store returns
		}
		list, err = d.store.ReplayClusters(ctx, detect.Config{}, f)
		bar.end()
	} else if err = a.readClusters(ctx, d); err == nil {
		list, err = d.store.Clusters(ctx, f)
	}
	if err != nil {
		return nil, err
	}
	rows, err := withCases(ctx, d, list, s.events)
	if err != nil {
		return nil, err
	}
	if !s.replay {
		now := a.Now()
		slices.SortStableFunc(rows, func(a, b clusterRow) int { return model.CompareClusters(a.facts(), b.facts(), now) })
	}
	if line == "" {
		return first(rows, limit), nil
	}
	return fitting(ctx, d, q, rows, limit)
}

// first returns the first rows, at most n of them; 0 is all.
func first[T any](rows []T, n int) []T {
	if n > 0 && len(rows) > n {
		return rows[:n]
	}
	return rows
}

// fitting returns the rows that a filter line selects, up to a limit; 0 is none.
func fitting(ctx context.Context, d desk, q query.Clusters, rows []clusterRow, limit int) ([]clusterRow, error) {
	var out []clusterRow
	for _, r := range rows {
		f := r.Facts(r.Case)
		if r.Account != "" && q.NeedsEmail() {
			a, err := d.store.FindAccount(ctx, r.Account)
			if err != nil && !model.IsKind(err, model.NotFound) {
				return nil, err
			}
			f.Email = a.Email
		}
		if q.Fits(f) {
			out = append(out, r)
		}
		if limit > 0 && len(out) == limit {
			break
		}
	}
	return out, nil
}

// readClusters waits until all resets are judged, which takes its time once.
// Without the right to write it would wait at each start: it then says what the
// list lacks.
func (a *app) readClusters(ctx context.Context, d desk) error {
	if a.flags.readOnly {
		if _, err := d.store.Clusters(ctx, model.ClusterFilter{Limit: 1}); err != nil {
			return err
		}
		if r := d.store.ClusterReading(); !r.Whole {
			a.say("%s; without --read-only the others are read once, and kept", r)
		}
		return nil
	}
	bar := a.newBar("judged", "resets")
	defer bar.end()
	return d.store.ReadClusters(ctx, func(r model.ClusterReading) {
		bar.part = r.Share
		bar.show(r.Done)
	})
}

// withCases adds the cases, and the ids of the resets where they are wanted or
// nothing else names the cluster.
func withCases(ctx context.Context, d desk, list []detect.Cluster, events bool) ([]clusterRow, error) {
	info, err := d.store.Info(ctx)
	if err != nil {
		return nil, err
	}
	cases := map[string]model.Case{}
	for ask := (model.Paging{Limit: model.MaxLimit}); ; {
		page, err := d.store.ListCases(ctx, model.CaseFilter{Paging: ask})
		if err != nil {
			return nil, err
		}
		for _, c := range page.Items {
			cases[c.Key] = c
		}
		if ask.After = page.Next; ask.After == "" {
			break
		}
	}
	rows := make([]clusterRow, len(list))
	for i, c := range list {
		rows[i] = clusterRow{Cluster: c, Case: cases[c.Key]}
		if !events && c.Kind != detect.ByPlace {
			continue
		}
		rows[i].ids = make([]string, len(c.EventIDs))
		for j, id := range c.EventIDs {
			rows[i].ids[j] = model.NewResetID(id, info.Scheme).String()
		}
	}
	return rows, nil
}

func (a *app) clustersCommand() *cobra.Command {
	var out output
	var sift sifting
	var limit int
	cmd := &cobra.Command{
		Use:   "clusters",
		Short: "List the suspicious networks, accounts and agents, worst first",
		Long: `List what is suspicious in the resets of the last day: what needs a person
first, then the worst. Each is the narrowest network, the account or the user
agent that explains the traffic, with the evidence for an attack and against it.
doorman cluster KEY shows all of the evidence, doorman contain KEY ends it.

--replay runs the whole range through the engine as if live, and lists every
cluster that was ever raised with the time at which it would have been, highest
score first. Finding nothing is then success (exit 0).`,
		Example: `  doorman clusters
  doorman clusters --since 7d -o json
  doorman clusters --since all --replay --limit 0`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 0 {
				return errLimit()
			}
			if err := out.check(); err != nil {
				return err
			}
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				return a.listClusters(ctx, d, &out, &sift, limit)
			})
		},
	}
	out.addTo(cmd)
	sift.addTo(cmd)
	cmd.Flags().IntVar(&limit, "limit", model.DefaultLimit, "print at most `N` lines; 0 means all")
	return cmd
}

func (a *app) listClusters(ctx context.Context, d desk, out *output, sift *sifting, limit int) error {
	more := limit
	if limit > 0 {
		more++ // to know whether the list is cut
	}
	rows, err := sift.find(ctx, a, d, more)
	if err != nil {
		return err
	}
	cut := limit > 0 && len(rows) > limit
	if cut {
		rows = rows[:limit]
	}
	if err := printAll(a, out, clusterShape(), rows); err != nil {
		return err
	}
	switch {
	case len(rows) == 0 && sift.replay:
		// The replay was done and that is its result: what runs it over many
		// traces goes on with the next.
		a.say("the replay raises nothing")
	case len(rows) == 0:
		a.say("nothing suspicious found")
		return errNothing
	case cut:
		a.say("the list is cut at %d; print all with --limit 0", limit)
	}
	return nil
}

func clusterShape() shape[clusterRow] {
	type row = clusterRow
	exact := transfer.Of(transfer.ClusterColumns(), (*row).facts)
	table := []transfer.Column[row]{exact[0], {Name: "score", Of: func(c *row) transfer.Value { return transfer.Number(int(c.Score)) }}}
	table = append(table, exact[10:16]...) // the figures
	return shape[row]{exact: exact, table: append(table, exact[7], exact[18],
		transfer.Column[row]{Name: "why", Of: func(c *row) transfer.Value { // what the key of an agent does not tell
			if c.Agent != "" {
				return transfer.Text(strconv.Quote(agent.Short(c.Agent)) + ": " + c.Why)
			}
			return textOrNull(c.Why)
		}})}
}

func textOrNull(s string) transfer.Value {
	if s == "" {
		return transfer.Value{}
	}
	return transfer.Text(s)
}

// findCluster finds what a person calls a cluster: its key, its network, or the
// account by id or address.
func (a *app) findCluster(ctx context.Context, d desk, ref string) (detect.Cluster, error) {
	c, err := lookUp(ctx, d, ref, d.store.FindCluster)
	if !model.IsKind(err, model.NotFound) || d.store.ClusterReading().Whole {
		return c, err
	}
	if err := a.readClusters(ctx, d); err != nil { // it may be among those not judged yet
		return c, err
	}
	return lookUp(ctx, d, ref, d.store.FindCluster)
}

func lookUp(ctx context.Context, d desk, ref string, find func(context.Context, string) (detect.Cluster, error)) (detect.Cluster, error) {
	ref = strings.TrimSpace(ref)
	c, missing := find(ctx, ref)
	if missing == nil || !model.IsKind(missing, model.NotFound) {
		return c, missing
	}
	var keys []string
	if p, err := model.ParsePrefix(ref); err == nil {
		keys = append(keys, p.String(), "use:"+p.String())
	} else if row, err := d.store.FindAccount(ctx, ref); err == nil {
		keys = append(keys, "account:"+row.ID)
	} else if !model.IsKind(err, model.NotFound) && !model.IsKind(err, model.Invalid) {
		return c, err
	}
	for _, key := range keys {
		if c, err := find(ctx, key); err == nil || !model.IsKind(err, model.NotFound) {
			return c, err
		}
	}
	var said *model.Error
	if errors.As(missing, &said) && said.Hint == "" {
		return c, hinted{missing, "doorman clusters --since all lists what there is"}
	}
	return c, missing
}

// inWords says what a cluster names. Hostile where it is an agent.
func inWords(c *detect.Cluster) string {
	switch {
	case c.On == detect.OnUse:
		return "uses from network " + c.Prefix.String()
	case c.Prefix.IsValid():
		return "network " + c.Prefix.String()
	case c.Account != "":
		return "account " + c.Account
	case c.Agent != "":
		return "agent " + agent.Short(c.Agent)
	}
	return "a stretch of the address list"
}
