package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/ui/term"
)

func (a *app) holdCommand() *cobra.Command {
	return a.holdingCommand(&cobra.Command{
		Use:   "hold REF",
		Short: "Hold an account: no reset can be issued or redeemed",
		Long: `Hold an account: until doorman release lifts it, no reset can be issued for it
or redeemed; requests by the application get the usual answer, and nothing is
sent. REF is the address, the id, or the beginning of the id.`,
		Example: `  doorman hold smith@example.org --reason "taken over, ticket 4711"`,
	}, model.VerbHold)
}

func (a *app) releaseCommand() *cobra.Command {
	return a.holdingCommand(&cobra.Command{
		Use:     "release REF",
		Short:   "Lift the hold of an account",
		Long:    `Lift the hold of an account, so that resets can be issued and redeemed again.`,
		Example: `  doorman release smith@example.org --reason "identity checked"`,
	}, model.VerbRelease)
}

func (a *app) holdingCommand(cmd *cobra.Command, verb model.Verb) *cobra.Command {
	var out output
	var g gesture
	cmd.Args = cobra.ExactArgs(1)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := out.check(); err != nil {
			return err
		}
		return a.with(cmd, nil, func(ctx context.Context, d desk) error {
			row, err := d.store.FindAccount(ctx, args[0])
			if err != nil {
				return err
			}
			if g.dry {
				return a.planHold(&out, verb, row)
			}
			do, done := d.store.Hold, "held"
			if verb == model.VerbRelease {
				do, done = d.store.Release, "released"
			}
			batch, err := do(ctx, g.act(d), row.ID)
			if err != nil {
				return err
			}
			a.say("%s %s; doorman undo %s reverts it", done, row.Email, short(batch.ID))
			return printOne(a, &out, batchShape(), &batch)
		})
	}
	out.addTo(cmd)
	g.addUnasked(cmd)
	return cmd
}

// planHold tells what holding or releasing would come to.
func (a *app) planHold(out *output, verb model.Verb, row model.AccountRow) error {
	p := model.Plan{Verb: verb, Resets: row.Live, Accounts: 1}
	if row.IsHeld() == (verb == model.VerbHold) {
		p.Accounts = 0
	}
	if !out.isTable() {
		return printOne(a, out, shape[model.Plan]{exact: planColumns()}, &p)
	}
	text := fmt.Sprintf("would %s %s, which has %s\n", verb, term.Show(row.Email), count(row.Live, "live reset"))
	if p.Accounts == 0 {
		text = fmt.Sprintf("%s: nothing to %s\n", term.Show(row.Email), verb)
	}
	_, err := fmt.Fprint(a.Stdout, text)
	return err
}
