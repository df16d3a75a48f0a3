package cli

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/query"
	"doorman/model/transfer"
	"doorman/ui/term"
)

func caseShape() shape[model.Case] {
	exact, table := transfer.CaseColumns(), transfer.CaseColumns()
	table[6].Of = func(c *model.Case) transfer.Value { return textOrNull(short(c.Batch)) }
	return shape[model.Case]{exact: exact, table: table}
}

func caseStateNames() []string {
	var names []string
	for _, s := range model.CaseStates() {
		names = append(names, string(s))
	}
	return names
}

func (a *app) casesCommand() *cobra.Command {
	var list listing
	var fields fieldFlags
	cmd := &cobra.Command{
		Use:   "cases",
		Short: "List the cases of clusters: who has what, since when",
		Example: `  doorman cases --state acknowledged
  doorman cases --filter "by:anna since:7d 203.0.113.0/24" -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := list.check(); err != nil {
				return err
			}
			line, err := fields.text()
			if err != nil {
				return err
			}
			q, err := query.ParseCases(line, a.Now())
			if err != nil {
				return err
			}
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				return printList(ctx, a, &list, caseShape(), func(ctx context.Context, p model.Paging) (model.Page[model.Case], error) {
					return q.Page(ctx, p, d.store.ListCases)
				})
			})
		},
	}
	list.addTo(cmd)
	fields.addTo(cmd, query.ForCases(nil))
	return cmd
}

func (a *app) caseCommand() *cobra.Command {
	var out output
	var state, note string
	cmd := &cobra.Command{
		Use:   "case KEY",
		Short: "Show the case of a cluster, acknowledge it, add a note, close it",
		Long: `Show the case of a cluster, or change it with --state or --note. Acknowledged
means that you are on it; new releases it. A false positive is not raised again,
nor is anything inside it. doorman undo reverts a change. KEY is what doorman
clusters prints.`,
		Example: `  doorman case 203.0.113.0/24
  doorman case 203.0.113.0/24 --state acknowledged --note "wrote to the provider"
  doorman case 198.51.100.0/26 --state false_positive --note "the university"`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := out.check(); err != nil {
				return err
			}
			var to model.CaseState
			if state != "" {
				var err error
				if to, err = model.ParseCaseState(state); err != nil {
					return err
				}
			}
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				c, found, err := a.findCase(ctx, d, args[0])
				if err != nil {
					return err
				}
				if to == "" && note == "" {
					return a.showCase(&out, c, found)
				}
				batch, err := d.store.SetCase(ctx, d.act, c.Key, to, note, c.Subject)
				if err != nil {
					return err
				}
				a.say("%s is %s; doorman undo %s reverts it", term.Show(c.Subject), cmp.Or(to, c.Verdict()), short(batch.ID))
				return printOne(a, &out, batchShape(), &batch)
			})
		},
	}
	out.addTo(cmd)
	cmd.Flags().StringVar(&state, "state", "", "new `STATE`: new, acknowledged, contained, false_positive, closed")
	cmd.Flags().StringVar(&note, "note", "", "add a note with this `TEXT`")
	_ = cmd.RegisterFlagCompletionFunc("state", cobra.FixedCompletions(caseStateNames(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// findCase finds a case; where there is none, the cluster that it would be of.
func (a *app) findCase(ctx context.Context, d desk, ref string) (c model.Case, found bool, err error) {
	if c, err = d.store.FindCase(ctx, ref); err == nil || !model.IsKind(err, model.NotFound) {
		return c, err == nil, err
	}
	cluster, err := a.findCluster(ctx, d, ref)
	if err != nil {
		return c, false, err
	}
	if c, err = d.store.FindCase(ctx, cluster.Key); err == nil || !model.IsKind(err, model.NotFound) {
		return c, err == nil, err
	}
	return model.Case{Key: cluster.Key, State: model.CaseNew, Subject: inWords(&cluster)}, false, nil
}

func (a *app) showCase(out *output, c model.Case, found bool) error {
	if !found {
		return &model.Error{Kind: model.NotFound, Text: model.Quote(c.Key) + " has no case yet: it is new and unclaimed",
			Hint: "--state acknowledged claims it, --note adds a note"}
	}
	return printOne(a, out, caseShape(), &c)
}
