package cli

import (
	"context"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/query"
	"doorman/model/transfer"
)

func letterShape() shape[model.Letter] {
	exact, table := transfer.LetterColumns(), transfer.LetterColumns()
	table[0].Of = func(l *model.Letter) transfer.Value { return transfer.Text(short(l.ID)) }
	table[4].Of = func(l *model.Letter) transfer.Value { return transfer.Text(short(l.ResetID.String())) }
	return shape[model.Letter]{exact: exact, table: table}
}

func (a *app) outboxCommand() *cobra.Command {
	var list listing
	var fields fieldFlags
	var to string
	cmd := &cobra.Command{
		Use:   "outbox",
		Short: "List emails, newest first; send again or cancel them",
		Long: `List emails, newest first. Sent means that the mail relay accepted the email,
not that it arrived. Failed emails are retried; undeliverable ones are not.`,
		Example: `  doorman outbox --state failed,undeliverable
  doorman outbox retry 4fc6f8ae
  doorman outbox cancel 4fc6f8ae --yes`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := list.check(); err != nil {
				return err
			}
			f, err := letterFilter(&fields, to)
			if err != nil {
				return err
			}
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				if err := a.sayWaiting(ctx, d); err != nil {
					return err
				}
				return printList(ctx, a, &list, letterShape(), func(ctx context.Context, p model.Paging) (model.Page[model.Letter], error) {
					f.Paging = p
					return d.store.ListLetters(ctx, f)
				})
			})
		},
	}
	list.addTo(cmd)
	fields.addTo(cmd, query.ForLetters())
	cmd.Flags().StringVar(&to, "to", "", "with a recipient that holds `TEXT`")
	cmd.AddCommand(a.retryCommand(), a.cancelCommand())
	return cmd
}

// sayWaiting tells why emails wait that the relay would not take from anyone here.
func (a *app) sayWaiting(ctx context.Context, d desk) error {
	n, err := d.store.CountLetters(ctx)
	if err != nil {
		return err
	}
	reason, err := waitingFor(ctx, d, n[model.Queued])
	if err == nil && reason != "" {
		a.say("%s queued: %s", model.Plural(n[model.Queued], "email"), reason)
	}
	return err
}

// waitingFor is why queued emails wait, "" when they are only due: a courier
// leaves its reason with those it gave back. The newest say how it is now.
func waitingFor(ctx context.Context, d desk, queued int) (string, error) {
	if queued == 0 {
		return "", nil
	}
	newest, err := d.store.ListLetters(ctx, model.LetterFilter{States: []model.LetterState{model.Queued}, Paging: model.Paging{Limit: model.MaxLimit / 10}})
	for _, l := range newest.Items {
		if l.LastError != "" {
			return l.LastError, err
		}
	}
	return "", err
}

// letterFilter reads the flags that select emails.
func letterFilter(fields *fieldFlags, to string) (model.LetterFilter, error) {
	line, err := fields.text()
	if err != nil {
		return model.LetterFilter{}, err
	}
	f, err := query.ParseLetters(line)
	if to != "" && fields.line != "" {
		return f, errFilterAlone()
	}
	if to != "" {
		f.Query = to
	}
	return f, err
}

func (a *app) retryCommand() *cobra.Command {
	var g gesture
	cmd := &cobra.Command{
		Use:     "retry ID…",
		Short:   "Send emails again that failed, are undeliverable or wait, at once",
		Example: `  doorman outbox retry 4fc6f8ae`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				return a.onLetters(ctx, d, &g, args, "queued again", d.store.RetryLetters)
			})
		},
	}
	g.addUnasked(cmd)
	return cmd
}

func (a *app) cancelCommand() *cobra.Command {
	var g gesture
	cmd := &cobra.Command{
		Use:     "cancel ID…",
		Short:   "Keep emails that have not left from leaving",
		Example: `  doorman outbox cancel 4fc6f8ae --reason "wrong address"`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				if !g.dry {
					if err := a.confirm(ctx, &g, "cancel "+count(len(args), "email")+"?", len(args)); err != nil {
						return err
					}
				}
				return a.onLetters(ctx, d, &g, args, "cancelled", d.store.CancelLetters)
			})
		},
	}
	g.addTo(cmd)
	return cmd
}

// onLetters looks the letters up and does something with all of them.
func (a *app) onLetters(ctx context.Context, d desk, g *gesture, refs []string, done string, do func(context.Context, model.Act, []string) (int, error)) error {
	ids := make([]string, len(refs))
	letters := make([]model.Letter, len(refs))
	for i, ref := range refs {
		l, err := d.store.FindLetter(ctx, ref)
		if err != nil {
			return err
		}
		ids[i], letters[i] = l.ID, l
	}
	if g.dry {
		a.say("would be %s, where their state allows it:", done)
		return printAll(a, &output{name: "table"}, letterShape(), letters)
	}
	n, err := do(ctx, g.act(d), ids)
	if err != nil {
		return err
	}
	a.say("%d of %d emails %s", n, len(ids), done)
	if n == 0 {
		return errNothing
	}
	return nil
}
