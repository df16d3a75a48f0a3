package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"doorman/model"
)

func (a *app) revokeCommand() *cobra.Command {
	var out output
	var g gesture
	var sel selection
	var all bool
	cmd := &cobra.Command{
		Use:   "revoke [ID…]",
		Short: "Revoke live resets, those named or all that match",
		Long: `Revoke live resets: their links are refused from now on, by Doorman and by the
application, and their emails that are still queued are cancelled. Name them by
id, or select them as doorman resets does; only live ones are touched. All that
one command revokes is one batch, which doorman undo reverts.

It shows the plan and asks first; --dry-run shows the plan only. Without a
terminal, --yes is needed.`,
		Example: `  doorman revoke 4fc6f8ae
  doorman revoke --ip 203.0.113.0/24 --since 24h --dry-run
  doorman revoke --cluster 203.0.113.0/24 --dry-run
  doorman revoke --account smith@example.org --reason "phone call" --yes
  doorman revoke --all --yes`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := out.check(); err != nil {
				return err
			}
			order, err := a.revokeOrder(args, &sel, all)
			if err != nil {
				return err
			}
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				if err := a.findOrder(ctx, d, args, &sel, &order); err != nil {
					return err
				}
				return a.revoke(ctx, d, &out, &g, order)
			})
		},
	}
	out.addTo(cmd)
	g.addTo(cmd)
	sel.addTo(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "every live reset there is")
	return cmd
}

// revokeOrder checks that the command line selects something, in one way.
func (a *app) revokeOrder(ids []string, sel *selection, all bool) (model.RevokeOrder, error) {
	f, err := sel.filter(a)
	o := model.RevokeOrder{Filter: f, All: all}
	if err != nil {
		return o, err
	}
	ways := 0
	for _, given := range []bool{len(ids) > 0, !sel.isEmpty(), all} {
		if given {
			ways++
		}
	}
	switch {
	case ways == 0:
		return o, &model.Error{Kind: model.Invalid, Text: "no resets selected",
			Hint: "name ids, select with --cluster, --account, --ip, --agent, --state or --since, or say --all"}
	case ways > 1:
		return o, &model.Error{Kind: model.Invalid, Text: "ids, a selection and --all exclude each other", Hint: "use one of them"}
	case sel.query.IsAll() && !all && len(ids) == 0:
		return o, &model.Error{Kind: model.Invalid, Text: "this selects every reset", Hint: "say --all if that is meant"}
	}
	return o, nil
}

// findOrder looks up what the command line names.
func (a *app) findOrder(ctx context.Context, d desk, ids []string, sel *selection, o *model.RevokeOrder) error {
	alone := sel.query
	if alone.Cluster = ""; sel.query.Cluster != "" && alone.IsAll() { // as containing it, without the block
		c, err := a.findCluster(ctx, d, sel.query.Cluster)
		o.Target = c.Target()
		return err
	}
	for _, ref := range ids {
		r, err := d.store.FindReset(ctx, ref)
		if err != nil {
			return err
		}
		o.IDs = append(o.IDs, r.ID)
	}
	return sel.find(ctx, a, d, &o.Filter)
}

func (a *app) revoke(ctx context.Context, d desk, out *output, g *gesture, order model.RevokeOrder) error {
	if g.dry || !g.yes {
		plan, err := d.store.PlanRevoke(ctx, order)
		if err != nil {
			return err
		}
		if g.dry {
			return a.printPlan(out, plan)
		}
		if plan.Resets > 0 && a.Terminal("stderr") {
			if err := a.writePlan(a.Stderr, plan); err != nil {
				return err
			}
		}
		if plan.Resets == 0 {
			return &model.Error{Kind: model.NotFound, Text: "no live reset matches, nothing was changed"}
		}
		question := fmt.Sprintf("revoke %s of %s?", count(plan.Resets, "live reset"), count(plan.Accounts, "account"))
		if err := a.confirm(ctx, g, question, plan.Resets); err != nil {
			return err
		}
		order.Asked = plan.Asked
	}
	batch, err := d.store.Revoke(ctx, g.act(d), order)
	if err != nil {
		return err
	}
	a.say("revoked %s; doorman undo %s reverts it", batch.Counts, short(batch.ID))
	return printOne(a, out, batchShape(), &batch)
}
