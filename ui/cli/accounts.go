package cli

import (
	"context"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/query"
)

func (a *app) accountsCommand() *cobra.Command {
	var list listing
	f := model.AccountFilter{}
	var fields accountFlags
	var sort string
	cmd := &cobra.Command{
		Use:   "accounts [QUERY]",
		Short: "List accounts, or search them by any part of the address",
		Long: `List accounts, in the order of their addresses. QUERY is any part of the
address, in any case. For each account: how many resets it ever had, how many
could be redeemed now, and when the newest was requested.`,
		Example: `  doorman accounts
  doorman accounts smith
  doorman accounts @example.org --limit 0 -o csv > accounts.csv
  doorman accounts --held -o json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := list.check()
			if err != nil {
				return err
			}
			switch f.Sort = model.AccountSort(sort); f.Sort {
			case model.ByEmail, model.ByAccountCreated:
			default:
				return &model.Error{Kind: model.Invalid, Field: "sort", Text: "accounts cannot be sorted by " + model.Quote(sort), Hint: "use email or created"}
			}
			order := f
			if f, err = fields.filter(args); err != nil {
				return err
			}
			f.Sort, f.Desc = order.Sort, order.Desc
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				if err := fields.find(ctx, a, d, &f); err != nil {
					return err
				}
				return printList(ctx, a, &list, accountShape(), func(ctx context.Context, p model.Paging) (model.Page[model.AccountRow], error) {
					f.Paging = p
					return d.store.ListAccounts(ctx, f)
				})
			})
		},
	}
	list.addTo(cmd)
	fields.addTo(cmd)
	cmd.Flags().StringVar(&sort, "sort", string(model.ByEmail), "order by `FIELD`: email or created")
	cmd.Flags().BoolVar(&f.Desc, "desc", false, "turn the order round")
	return cmd
}

// accountFlags is the flags that select accounts.
type accountFlags struct {
	fieldFlags
	held  bool
	query query.Accounts // what they say, once filter has read them
}

func (s *accountFlags) addTo(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&s.held, "held", false, "only accounts that are held, as --state held")
	s.fieldFlags.addTo(cmd, query.ForAccounts())
}

// filter reads the flags and the part of an address. Clusters need the database:
// see find.
func (s *accountFlags) filter(args []string) (model.AccountFilter, error) {
	line, err := s.text()
	if err != nil {
		return model.AccountFilter{}, err
	}
	if s.line != "" && (len(args) > 0 || s.held) {
		return model.AccountFilter{}, errFilterAlone()
	}
	s.query, err = query.ParseAccounts(line)
	s.query.Held = s.query.Held || s.held
	if len(args) == 1 {
		s.query.Query = args[0]
	}
	return s.query.AccountFilter, err
}

// find fills in the clusters.
func (s *accountFlags) find(ctx context.Context, a *app, d desk, f *model.AccountFilter) (err error) {
	f.Of, err = a.among(ctx, d, s.query.Cluster, s.query.Flagged)
	return err
}
