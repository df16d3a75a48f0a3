package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/query"
	"doorman/model/transfer"
)

func auditShape() shape[model.AuditEntry] {
	table := transfer.AuditColumns()[:11]
	table[7].Of = func(e *model.AuditEntry) transfer.Value { return transfer.Text(e.About) }
	table[9].Of = func(e *model.AuditEntry) transfer.Value { return transfer.Text(short(e.BatchID)) }
	return shape[model.AuditEntry]{exact: transfer.AuditColumns(), table: table}
}

func (a *app) auditCommand() *cobra.Command {
	var list listing
	var since, until, line string
	var f model.AuditFilter
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "List the operators' log, newest first; check it",
		Long: `List the operators' log, newest first: every act, and every one that was
refused. Its entries are chained by hashes, so that a changed, dropped or moved
one is found by doorman audit verify.`,
		Example: `  doorman audit --since 24h
  doorman audit --by anna --verb revoke
  doorman audit verify
  doorman audit head > head.txt && doorman audit verify --head head.txt`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := list.check(); err != nil {
				return err
			}
			var err error
			if f.Since, f.Until, err = a.period(since, until); err != nil {
				return err
			}
			if line != "" {
				if f != (model.AuditFilter{}) {
					return errFilterAlone()
				}
				if f, err = query.ParseAudit(line, a.Now()); err != nil {
					return err
				}
			}
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				return printList(ctx, a, &list, auditShape(), func(ctx context.Context, p model.Paging) (model.Page[model.AuditEntry], error) {
					f.Paging = p
					return d.store.ListAudit(ctx, f)
				})
			})
		},
	}
	list.addTo(cmd)
	flags := cmd.Flags()
	flags.StringVar(&since, "since", "", "at or after `TIME`: 24h, 7d, 2026-11-23, RFC 3339 or all")
	flags.StringVar(&until, "until", "", "before `TIME`")
	flags.StringVar(&f.Operator, "by", "", "of the operator `NAME`")
	flags.StringVar(&f.Verb, "verb", "", "of one `KIND` of act: issue, revoke, hold, …")
	flags.StringVar(&f.Query, "text", "", "with `TEXT` in subject, reason or operator")
	flags.StringVar(&line, "filter", "", "as the filter `LINE` of the console selects, instead of other flags")
	cmd.AddCommand(a.verifyCommand(), a.headCommand())
	return cmd
}

func (a *app) verifyCommand() *cobra.Command {
	var head string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check that no line of the log was changed, dropped or moved",
		Long: `Check the chain of the log from its first line to its last. With --head also
that the log still holds the signed head that doorman audit head printed
earlier, which finds a log that was cut or rewritten as a whole. Without --head
the head that audit.head_file names is checked, if there is one.`,
		Example: `  doorman audit verify
  doorman audit verify --head head.txt`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var note []byte
			if head != "" {
				var err error
				if note, err = a.readAll(head, maxHead); err != nil {
					return err
				}
			}
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				bar := a.newBar("checked", "lines")
				last, err := d.store.VerifyAudit(ctx, func(n int64) { bar.show(int(n)) })
				bar.end()
				against := head
				if err == nil && head == "" {
					against, note, err = keptHead(d.conf.Audit.HeadFile)
				}
				if err == nil && against != "" {
					err = d.store.VerifyHead(ctx, string(note))
				}
				if err != nil {
					return statusError{err, exitFailed}
				}
				_, err = fmt.Fprintf(a.Stdout, "ok: %d lines, last hash %s\n", last.Seq, last.Hash)
				if against != "" {
					a.say("also checked against the signed head in %s", against)
				}
				return err
			})
		},
	}
	cmd.Flags().StringVar(&head, "head", "", "`FILE` with a signed head, or - for standard input")
	return cmd
}
