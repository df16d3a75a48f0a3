package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/query"
	"doorman/model/transfer"
)

// outlet is where an export goes to, and how.
type outlet struct {
	format string
	file   string
	force  bool
}

func (o *outlet) addTo(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.format, "format", "", "write `FORMAT`: jsonl, csv or json (default: by the end of FILE; jsonl for stdout)")
	f.StringVarP(&o.format, "output", "o", "", "`FORMAT`: the same as --format")
	f.StringVar(&o.file, "to", "", "write to `FILE`, whole or not at all, mode 0600")
	f.BoolVar(&o.force, "force", false, "replace FILE when it is there already")
}

func (a *app) exportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export accounts|resets|clusters|blocks",
		Short: "Export accounts, resets, clusters or blocks as JSON Lines, CSV or JSON",
		Long: `Export accounts or resets, all or those that match, clusters or rules, to
standard output or to a file. Links and their secrets are in no export; in a
database where the id of a reset is the secret of its link, ids are cut. CSV is
safe to open in a spreadsheet: cells that it would take for a formula begin with
an apostrophe.`,
		Example: `  doorman export accounts > accounts.jsonl
  doorman export resets --since 30d --to resets.csv`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return &model.Error{Kind: model.Invalid, Text: "no kind of record named", Hint: "export accounts, resets, clusters or blocks"}
		},
	}
	cmd.AddCommand(a.exportAccountsCommand(), a.exportResetsCommand(), a.exportClustersCommand(), a.exportBlocksCommand())
	return cmd
}

func (a *app) exportAccountsCommand() *cobra.Command {
	var to outlet
	var fields accountFlags
	cmd := &cobra.Command{
		Use:     "accounts [QUERY]",
		Short:   "Export accounts, all or those whose address holds QUERY",
		Example: `  doorman export accounts --to accounts.csv`,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := fields.filter(args)
			if err != nil {
				return err
			}
			return runExport(a, cmd, &to, transfer.AccountColumns(), func(ctx context.Context, d desk, row func(*model.AccountRow) error) error {
				if err := fields.find(ctx, a, d, &f); err != nil {
					return err
				}
				return d.store.ExportAccounts(ctx, f, func(r model.AccountRow) error { return row(&r) })
			})
		},
	}
	to.addTo(cmd)
	fields.addTo(cmd)
	return cmd
}

func (a *app) exportResetsCommand() *cobra.Command {
	var to outlet
	var sel selection
	cmd := &cobra.Command{
		Use:     "resets",
		Short:   "Export resets, all or those that match",
		Example: `  doorman export resets --state live -o csv`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := sel.filter(a)
			if err != nil {
				return err
			}
			return runExport(a, cmd, &to, transfer.ResetColumns(a.Now()), func(ctx context.Context, d desk, row func(*model.Reset) error) error {
				if err := sel.find(ctx, a, d, &f); err != nil {
					return err
				}
				return d.store.ExportResets(ctx, f, func(r model.Reset) error { return row(&r) })
			})
		},
	}
	to.addTo(cmd)
	sel.addTo(cmd)
	return cmd
}

func (a *app) exportClustersCommand() *cobra.Command {
	var to outlet
	var sift sifting
	cmd := &cobra.Command{
		Use:     "clusters",
		Short:   "Export clusters, with the ids of their resets on request",
		Example: `  doorman export clusters --since all --replay --events --to clusters.json`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runExport(a, cmd, &to, clusterShape().exact, func(ctx context.Context, d desk, row func(*clusterRow) error) error {
				rows, err := sift.find(ctx, a, d, 0)
				return eachRow(rows, err, row)
			})
		},
	}
	to.addTo(cmd)
	sift.addTo(cmd)
	return cmd
}

func (a *app) exportBlocksCommand() *cobra.Command {
	var to outlet
	var fields fieldFlags
	cmd := &cobra.Command{
		Use:     "blocks",
		Short:   "Export the blocks and exceptions in force, or those that match",
		Long:    `Export the blocks and exceptions in force. For firewalls see doorman blocks -o.`,
		Example: `  doorman export blocks --to blocks.csv`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			line, err := fields.text()
			if err != nil {
				return err
			}
			q, err := query.ParseRules(line, a.Now())
			if err != nil {
				return err
			}
			return runExport(a, cmd, &to, ruleShape(line).exact, func(ctx context.Context, d desk, row func(*model.Rule) error) error {
				read := a.rulesOf(d, q)
				for at := (model.Paging{Limit: model.MaxLimit / 10}); ; {
					page, err := read(ctx, at)
					if err := eachRow(page.Items, err, row); err != nil || page.Next == "" {
						return err
					}
					at.After = page.Next
				}
			})
		},
	}
	to.addTo(cmd)
	fields.addTo(cmd, query.ForRules(nil))
	return cmd
}

func eachRow[T any](rows []T, err error, row func(*T) error) error {
	for i := range rows {
		if err == nil {
			err = row(&rows[i])
		}
	}
	return err
}

func (o *outlet) resolve() (transfer.Format, error) {
	switch {
	case o.format == string(transfer.JSON):
		return transfer.JSON, nil
	case o.format != "":
		return transfer.ParseFormat(o.format)
	case o.file == "":
		return transfer.JSONL, nil
	case filepath.Ext(o.file) == ".json":
		return transfer.JSON, nil
	}
	return transfer.FormatOf(o.file)
}

// runExport streams records out. A generic method there cannot be, so it is a
// function.
func runExport[T any](a *app, cmd *cobra.Command, to *outlet, columns []transfer.Column[T], rows func(context.Context, desk, func(*T) error) error) error {
	format, err := to.resolve()
	if err != nil {
		return err
	}
	n := 0
	write := func(w io.Writer) error {
		return a.with(cmd, nil, func(ctx context.Context, d desk) error {
			out, err := transfer.NewWriter(w, format, columns)
			if err != nil {
				return err
			}
			bar := a.newBar("written", "records")
			if to.file == "" && a.Terminal("stdout") {
				bar.w = nil // the records themselves are seen
			}
			defer bar.end()
			err = rows(ctx, d, func(v *T) error {
				n++
				bar.show(n)
				return out.Write(v)
			})
			if err == nil {
				err = out.Close()
			}
			if err == nil && n > 0 && !a.flags.readOnly {
				err = d.store.LogExport(ctx, d.act, cmd.Name(), n)
			}
			return err
		})
	}
	if to.file == "" {
		err = write(a.safeOut(&output{name: string(format)}))
	} else {
		err = writeWhole(to.file, to.force, write)
	}
	if err == nil && n == 0 {
		a.say("nothing found")
		return errNothing
	}
	if err == nil && to.file != "" {
		a.say("%d records written to %s", n, to.file)
	}
	return err
}

// writeWhole makes a file of mode 0600 that is there whole or not at all.
func writeWhole(path string, replace bool, write func(io.Writer) error) error {
	if !replace {
		if err := vacant(path, "name another file, or add --force"); err != nil {
			return err
		}
	}
	return putFile(path, 0o600, write)
}

// vacant refuses the name of a file that is there; the hint says what to do.
func vacant(path, hint string) error {
	if _, err := os.Lstat(path); err == nil {
		return &model.Error{Kind: model.Conflict, Field: path, Text: "exists already", Hint: hint}
	}
	return nil
}

// NewFile makes a file of mode 0600 that is there whole or not at all. It never
// replaces one that another process makes meanwhile.
func NewFile(path string, write func(io.Writer) error) error {
	path = fromHome(path)
	if err := vacant(path, "name another file"); err != nil {
		return err
	}
	return putFile(path, 0o600, func(w io.Writer) error {
		if err := write(w); err != nil {
			return err
		}
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return fileError(path, err)
		}
		return f.Close()
	})
}

// fromHome makes of "~/x", as people type it where no shell reads it, a path in
// their home.
func fromHome(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return path
}

// putFile puts a new file in the place of path: whole, on the disk, or not at
// all.
func putFile(path string, mode fs.FileMode, write func(io.Writer) error) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*")
	if errors.Is(err, fs.ErrNotExist) {
		return &model.Error{Kind: model.Unavailable, Field: dir, Text: "there is no such folder", Hint: "make it first, or name another", Err: err}
	}
	if err != nil {
		return fileError(path, err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	buf := bufio.NewWriterSize(f, 64<<10)
	if err = write(buf); err != nil {
		return err
	}
	if err = buf.Flush(); err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = f.Close()
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fileError(path, err)
	}
	if d, e := os.Open(dir); e == nil { // so that the new name is on the disk, too
		_ = d.Sync() // not every system knows it
		_ = d.Close()
	}
	return nil
}
