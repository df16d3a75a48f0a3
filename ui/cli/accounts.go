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
	var sort, line string
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
			if err := list.check(); err != nil {
				return err
			}
			switch f.Sort = model.AccountSort(sort); f.Sort {
			case model.ByEmail, model.ByAccountCreated:
			default:
				return &model.Error{Kind: model.Invalid, Field: "sort", Text: "accounts cannot be sorted by " + model.Quote(sort), Hint: "use email or created"}
			}
			if len(args) == 1 {
				f.Query = args[0]
			}
			if line != "" {
				if f.Query != "" || f.Held {
					return errFilterAlone()
				}
				q, err := query.ParseAccounts(line)
				if err != nil {
					return err
				}
				f.Query, f.Held = q.Query, q.Held
			}
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				return printList(ctx, a, &list, accountShape(), func(ctx context.Context, p model.Paging) (model.Page[model.AccountRow], error) {
					f.Paging = p
					return d.store.ListAccounts(ctx, f)
				})
			})
		},
	}
	list.addTo(cmd)
	cmd.Flags().BoolVar(&f.Held, "held", false, "only accounts that are held")
	cmd.Flags().StringVar(&line, "filter", "", "as the filter `LINE` of the console selects, instead of QUERY and --held")
	cmd.Flags().StringVar(&sort, "sort", string(model.ByEmail), "order by `FIELD`: email or created")
	cmd.Flags().BoolVar(&f.Desc, "desc", false, "turn the order round")
	return cmd
}
