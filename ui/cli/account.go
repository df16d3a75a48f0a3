package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/transfer"
)

// accountResets is how many of its resets are shown with an account; resets
// --account lists all.
const accountResets = 20

func (a *app) accountCommand() *cobra.Command {
	var out output
	cmd := &cobra.Command{
		Use:   "account REF",
		Short: "Show one account with its newest resets",
		Long: `Show one account and its newest resets. REF is the address, the id, or an
unambiguous beginning of the id of at least four characters.`,
		Example: `  doorman account smith@example.org
  doorman account 4fc6f8ae
  doorman account smith@example.org -o json | jq .resets_list`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := out.check(); err != nil {
				return err
			}
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				row, err := d.store.FindAccount(ctx, args[0])
				if err != nil {
					return err
				}
				f := model.ResetFilter{AccountID: row.ID, Paging: model.Paging{Limit: accountResets}}
				resets, err := d.store.ListResets(ctx, f)
				if err != nil {
					return err
				}
				return a.printAccount(&out, row, resets)
			})
		},
	}
	out.addTo(cmd)
	return cmd
}

// printAccount prints the account and its resets; in CSV the account alone.
func (a *app) printAccount(out *output, row model.AccountRow, resets model.Page[model.Reset]) error {
	now := a.Now()
	switch out.name {
	case "csv":
		return printAll(a, out, accountShape(), []model.AccountRow{row})
	case "json", "jsonl":
		b := transfer.AppendJSON(nil, transfer.AccountColumns(), &row)
		b = append(b[:len(b)-1], `,"held_by":`...)
		b = transfer.Text(row.HeldBy).AppendJSON(b)
		b = append(b, `,"resets_list":[`...)
		for i := range resets.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = transfer.AppendJSON(b, transfer.ResetColumns(now), &resets.Items[i])
		}
		_, err := a.Stdout.Write(append(b, "]}\n"...))
		return err
	}
	columns := append(transfer.AccountColumns(), transfer.Column[model.AccountRow]{
		Name: "held_by", Of: func(r *model.AccountRow) transfer.Value { return transfer.Text(r.HeldBy) }})
	if err := printFields(a, columns, &row); err != nil {
		return err
	}
	if len(resets.Items) == 0 {
		return nil
	}
	fmt.Fprintln(a.Stdout)
	err := printAll(a, out, resetShape(now), resets.Items)
	if resets.Next != "" {
		a.say("these are the newest %d; doorman resets --account %s lists all", len(resets.Items), row.ID)
	}
	return err
}
