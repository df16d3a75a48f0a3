package cli

import (
	"context"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/transfer"
)

func (a *app) batchesCommand() *cobra.Command {
	var list listing
	var since string
	cmd := &cobra.Command{
		Use:   "batches [BATCH]",
		Short: "List what was done, newest first; or show one batch",
		Example: `  doorman batches --since 7d
  doorman batches 4fc6f8ae -o json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := list.check(); err != nil {
				return err
			}
			from, _, err := a.period(since, "")
			if err != nil {
				return err
			}
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				if len(args) == 1 {
					b, err := d.store.FindBatch(ctx, args[0])
					if err != nil {
						return err
					}
					return printOne(a, &list.output, batchShape(), &b)
				}
				return printList(ctx, a, &list, batchShape(), func(ctx context.Context, p model.Paging) (model.Page[model.Batch], error) {
					return d.store.ListBatches(ctx, model.BatchFilter{Since: from, Paging: p})
				})
			})
		},
	}
	list.addTo(cmd)
	cmd.Flags().StringVar(&since, "since", "", "done at or after `TIME`: 24h, 7d, 2026-11-23, RFC 3339 or all")
	return cmd
}

func (a *app) undoCommand() *cobra.Command {
	var out output
	var g gesture
	cmd := &cobra.Command{
		Use:   "undo BATCH",
		Short: "Undo a batch, as far as it can be",
		Long: `Undo what one batch did: resets that it revoked become live again unless
they have expired or were used since, a hold is lifted or set again, a block or
an exception likewise, a case is as it was. It says what could not be restored.
Undoing is an act of its own in the audit log. BATCH is an id, or an unambiguous
beginning, from doorman batches.`,
		Example: `  doorman undo 4fc6f8ae --reason "wrong network"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := out.check(); err != nil {
				return err
			}
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				b, err := d.store.FindBatch(ctx, args[0])
				if err != nil {
					return err
				}
				if g.dry {
					if !b.CanUndo() {
						a.say("this batch cannot be undone")
					}
					return printOne(a, &out, batchShape(), &b)
				}
				u, err := d.store.Undo(ctx, g.act(d), b.ID)
				if err != nil {
					return err
				}
				return printOne(a, &out, undoneShape(), &u)
			})
		},
	}
	out.addTo(cmd)
	g.addUnasked(cmd)
	return cmd
}

func undoneShape() shape[model.Undone] {
	type row = model.Undone
	columns := []transfer.Column[row]{
		{Name: "id", Of: func(u *row) transfer.Value { return transfer.Text(u.Batch.ID) }},
		{Name: "verb", Of: func(u *row) transfer.Value { return transfer.Text(string(u.Batch.Verb)) }},
		{Name: "undone", Of: func(u *row) transfer.Value { return transfer.Time(u.Batch.UndoneAt) }},
		{Name: "restored", Of: func(u *row) transfer.Value { return transfer.Counts(u.Restored) }},
		{Name: "kept", Of: func(u *row) transfer.Value { return transfer.Counts(u.Kept) }},
	}
	return shape[row]{exact: columns, table: columns}
}
