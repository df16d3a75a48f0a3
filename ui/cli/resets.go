package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/detect"
	"doorman/model/query"
)

// selection is the flags that select resets.
type selection struct {
	fieldFlags
	query query.Resets // what they say, once filter has read them
}

func (s *selection) addTo(cmd *cobra.Command) { s.fieldFlags.addTo(cmd, query.ForResets(nil)) }

// filter reads the flags. Account and clusters need the database: see find.
func (s *selection) filter(a *app) (model.ResetFilter, error) {
	line, err := s.text()
	if err == nil {
		s.query, err = query.ParseResets(line, a.Now())
	}
	return s.query.ResetFilter, err
}

// errFilterAlone refuses a filter line beside flags that select as well.
func errFilterAlone() error {
	return &model.Error{Kind: model.Invalid, Field: "filter", Text: "stands beside other flags that select", Hint: "write them into the line, or leave it out"}
}

// find fills in the account and the clusters.
func (s *selection) find(ctx context.Context, a *app, d desk, f *model.ResetFilter) (err error) {
	if f.Of, err = a.among(ctx, d, s.query.Cluster, s.query.Flagged); err != nil || s.query.Account == "" {
		return err
	}
	row, err := d.store.FindAccount(ctx, s.query.Account)
	f.AccountID = row.ID
	return err
}

// among finds what flags say about clusters; nil where they say nothing.
func (a *app) among(ctx context.Context, d desk, key string, words []query.Flagged) (*model.Of, error) {
	switch {
	case key != "":
		c, err := a.findCluster(ctx, d, key)
		return detect.Among([]detect.Cluster{c}, c.Key, words), err
	case len(words) == 0:
		return nil, nil
	}
	if err := a.readClusters(ctx, d); err != nil {
		return nil, err
	}
	list, err := d.store.Clusters(ctx, model.ClusterFilter{})
	return detect.Among(list, "", words), err
}

func (a *app) resetsCommand() *cobra.Command {
	var list listing
	var sel selection
	var sort string
	var asc bool
	cmd := &cobra.Command{
		Use:   "resets",
		Short: "List resets, newest first",
		Long: `List resets, newest first. All conditions have to hold together. In a
database where the id of a reset is the secret of its link, ids are cut.`,
		Example: `  doorman resets --state live
  doorman resets --account smith@example.org
  doorman resets --ip 203.0.113.0/24 --since 24h
  doorman resets --agent curl --since 7d -o jsonl --limit 0 > resets.jsonl`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := list.check(); err != nil {
				return err
			}
			f, err := sel.filter(a)
			if err != nil {
				return err
			}
			if f.Sort, err = parseResetSort(sort); err != nil {
				return err
			}
			f.Asc = asc
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				if err := sel.find(ctx, a, d, &f); err != nil {
					return err
				}
				return printList(ctx, a, &list, resetShape(a.Now()), func(ctx context.Context, p model.Paging) (model.Page[model.Reset], error) {
					f.Paging = p
					return d.store.ListResets(ctx, f)
				})
			})
		},
	}
	list.addTo(cmd)
	sel.addTo(cmd)
	cmd.Flags().StringVar(&sort, "sort", string(model.ByCreated), "order by `FIELD`: created, used or ip")
	cmd.Flags().BoolVar(&asc, "asc", false, "turn the order round: oldest first")
	return cmd
}

func parseResetSort(s string) (model.ResetSort, error) {
	switch by := model.ResetSort(strings.ToLower(s)); by {
	case model.ByCreated, model.ByUsed, model.ByIP:
		return by, nil
	}
	return "", &model.Error{Kind: model.Invalid, Field: "sort", Text: "resets cannot be sorted by " + model.Quote(s), Hint: "use created, used or ip"}
}
