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
	var fields fieldFlags
	var text string
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
			line, err := fields.text()
			if err != nil {
				return err
			}
			f, err := query.ParseAudit(line, a.Now())
			if err != nil {
				return err
			}
			if text != "" && f.Query != "" {
				return errFilterAlone()
			}
			f.Query += text
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				return printList(ctx, a, &list, auditShape(), func(ctx context.Context, p model.Paging) (model.Page[model.AuditEntry], error) {
					f.Paging = p
					return d.store.ListAudit(ctx, f)
				})
			})
		},
	}
	list.addTo(cmd)
	fields.addTo(cmd, query.ForAudit(nil))
	cmd.Flags().StringVar(&text, "text", "", "with `TEXT` in subject, reason or operator")
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
