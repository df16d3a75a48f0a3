package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/transfer"
	"doorman/ui/term"
)

// looking opens the database without changing a byte of it.
func looking(o *OpenOptions) { o.ReadOnly = true }

func (a *app) dbCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "db",
		Short: "Tell about the database, bring it up to date, back it up, check it",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.statusCommand(), a.migrateCommand(), a.backupCommand(), a.checkCommand())
	return cmd
}

func infoColumns() []transfer.Column[model.StoreInfo] {
	type row = model.StoreInfo
	return []transfer.Column[row]{
		{Name: "path", Of: func(i *row) transfer.Value { return transfer.Text(i.Path) }},
		{Name: "size", Of: func(i *row) transfer.Value { return transfer.Number(i.Size) }},
		{Name: "schema", Of: func(i *row) transfer.Value { return transfer.Number(i.Schema) }},
		{Name: "want_schema", Of: func(i *row) transfer.Value { return transfer.Number(i.WantSchema) }},
		{Name: "adopted", Of: func(i *row) transfer.Value { return transfer.Flag(i.Adopted) }},
		{Name: "scheme", Of: func(i *row) transfer.Value { return transfer.Text(string(i.Scheme)) }},
		{Name: "lifetime", Of: func(i *row) transfer.Value { return transfer.Text(i.Lifetime.String()) }},
		{Name: "timezone", Of: func(i *row) transfer.Value { return transfer.Text(i.Zone) }},
		{Name: "read_only", Of: func(i *row) transfer.Value { return transfer.Flag(i.ReadOnly) }},
		{Name: "sqlite", Of: func(i *row) transfer.Value { return transfer.Text(i.SQLite) }},
		{Name: "journal", Of: func(i *row) transfer.Value { return transfer.Text(i.Journal) }},
		{Name: "key_matches", Of: func(i *row) transfer.Value { return transfer.Flag(i.KeyMatches) }},
		{Name: "accounts", Of: func(i *row) transfer.Value { return countValue(i.Accounts) }},
		{Name: "resets", Of: func(i *row) transfer.Value { return countValue(i.Resets) }},
	}
}

// countValue shows a count; one that was capped as text with a plus.
func countValue(c model.Count) transfer.Value {
	if c.AtLeast {
		return transfer.Text(fmt.Sprintf("%d+", c.N))
	}
	return transfer.Number(c.N)
}

func (a *app) statusCommand() *cobra.Command {
	var out output
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Tell what the database is, without changing it",
		Example: `  doorman --db app.db db status`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := out.check(); err != nil {
				return err
			}
			return a.with(cmd, looking, func(ctx context.Context, d desk) error {
				i, err := d.store.Info(ctx)
				if err != nil {
					return err
				}
				i.ReadOnly = a.flags.readOnly
				if i.Schema < i.WantSchema {
					a.say("this database is not up to date; doorman db migrate, or any command that changes it, does that after a backup")
				}
				return printOne(a, &out, shape[model.StoreInfo]{exact: infoColumns()}, &i)
			})
		},
	}
	out.addTo(cmd)
	return cmd
}

func (a *app) migrateCommand() *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Adopt the database, or bring it up to date, after a backup",
		Long: `Adopt a database of another application, or bring one of an older Doorman up to
date. A verified backup is made beside the file first. Other commands that may
change the database do this by themselves when they open it.`,
		Example: `  doorman --db app.db db migrate --dry-run
  doorman --db app.db db migrate`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !dry {
				return a.migrate(cmd)
			}
			return a.with(cmd, looking, func(ctx context.Context, d desk) error {
				i, err := d.store.Info(ctx)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(a.Stdout, "schema %d, would become %d\n", i.Schema, i.WantSchema)
				return err
			})
		},
	}
	cmd.Flags().BoolVarP(&dry, "dry-run", "n", false, "tell what would be done, change nothing")
	cmd.Flags().BoolP("yes", "y", false, neverAsks)
	return cmd
}

func (a *app) migrate(cmd *cobra.Command) error {
	if a.flags.readOnly {
		return &model.Error{Kind: model.ReadOnly, Text: "nothing can be changed with --read-only", Hint: "leave --read-only out, or add --dry-run"}
	}
	return a.with(cmd, nil, func(ctx context.Context, d desk) error {
		i, err := d.store.Info(ctx)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.Stdout, "schema %d, up to date\n", i.Schema)
		return err
	})
}

func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a verified copy of the database, mode 0600",
		Long: `Write a copy of the database as it is at this moment and check it; other
programs go on working meanwhile. An existing file is refused, and on failure
none is left.`,
		Example: `  doorman db backup doorman-$(date +%F).db`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, looking, func(ctx context.Context, d desk) error {
				if err := d.store.Backup(ctx, args[0]); err != nil {
					return err
				}
				a.say("written and checked: %s", args[0])
				return nil
			})
		},
	}
}

func (a *app) checkCommand() *cobra.Command {
	var out output
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the whole database: pages, references, log, key",
		Long: `Check the whole database, which takes a while on a large one: every page and
index, every reference, the chain of the operators' log, and the link key. Exit
status 1 when something is wrong.`,
		Example: `  doorman db check`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := out.check(); err != nil {
				return err
			}
			return a.with(cmd, looking, func(ctx context.Context, d desk) error {
				list, err := d.store.Check(ctx)
				if err != nil {
					return err
				}
				return a.printChecks(&out, list)
			})
		},
	}
	out.addTo(cmd)
	return cmd
}

// printChecks prints findings; one that is not well is exit status 1.
func (a *app) printChecks(out *output, list []model.Check) error {
	type row = model.Check
	exact := []transfer.Column[row]{
		{Name: "name", Of: func(c *row) transfer.Value { return transfer.Text(c.Name) }},
		{Name: "ok", Of: func(c *row) transfer.Value { return transfer.Flag(c.OK) }},
		{Name: "text", Of: func(c *row) transfer.Value { return transfer.Text(c.Text) }},
		{Name: "hint", Of: func(c *row) transfer.Value { return transfer.Text(c.Hint) }},
	}
	bad := 0
	for _, c := range list {
		if !c.OK {
			bad++
		}
	}
	var err error
	if out.isTable() {
		err = a.writeChecks(list)
	} else {
		err = printAll(a, out, shape[row]{exact: exact}, list)
	}
	if err != nil || bad == 0 {
		return err
	}
	return &model.Error{Kind: model.Conflict, Text: fmt.Sprintf("%d of %d checks found something wrong", bad, len(list))}
}

func (a *app) writeChecks(list []model.Check) error {
	var rows [][]string
	for _, c := range list {
		mark := "ok"
		if !c.OK {
			mark = "WRONG"
		}
		rows = append(rows, []string{mark, term.Show(c.Name), term.Show(c.Text)})
		if c.Hint != "" {
			rows = append(rows, []string{"", "", "hint: " + term.Show(c.Hint)})
		}
	}
	return align(a.Stdout, make([]int, 3), rows)
}
