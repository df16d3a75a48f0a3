package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"doorman/model"
)

// waitAtMost bounds issue --wait.
const waitAtMost = 2 * time.Minute

func (a *app) issueCommand() *cobra.Command {
	var out output
	var g gesture
	var ttl string
	var wait bool
	cmd := &cobra.Command{
		Use:   "issue REF…",
		Short: "Issue a reset and queue its email",
		Long: `Issue a reset for each account and queue the email that holds its link. REF
is the address, the id, or an unambiguous beginning of the id. The older live
resets of the account end once the mail relay has accepted the new email.

The email leaves when a console or doorman deliver runs; --wait sends it
before returning. Neither the link nor its secret is ever shown.`,
		Example: `  doorman issue smith@example.org --reason "ticket 4711"
  doorman issue 4fc6f8ae --ttl 30m --wait`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := out.check(); err != nil {
				return err
			}
			lifetime, err := parseTTL(ttl)
			if err != nil {
				return err
			}
			return a.with(cmd, needKey, func(ctx context.Context, d desk) error {
				if lifetime == 0 {
					lifetime = d.conf.Reset.TTL.Duration
				}
				issued, err := a.issueAll(ctx, d, args, &g, lifetime)
				if err == nil && wait {
					err = a.deliverNow(ctx, d, issued)
				}
				if len(issued) > 0 {
					if e := printAll(a, &out, issuedShape(), issued); err == nil {
						err = e
					}
				}
				return err
			})
		},
	}
	out.addTo(cmd)
	cmd.Flags().StringVar(&g.reason, "reason", "", "`TEXT` for the audit log: why")
	cmd.Flags().StringVar(&ttl, "ttl", "", "let the reset live for `D`, from 1m to 24h (default: what the database says)")
	cmd.Flags().BoolVar(&wait, "wait", false, "send the email before returning")
	return cmd
}

func parseTTL(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	d, err := model.ParseSpan(s)
	if err == nil {
		err = model.CheckLifetime(d)
	}
	return d, named("ttl", err)
}

// issueAll looks every account up before it issues for the first.
func (a *app) issueAll(ctx context.Context, d desk, refs []string, g *gesture, lifetime time.Duration) ([]model.Issued, error) {
	rows := make([]model.AccountRow, len(refs))
	for i, ref := range refs {
		var err error
		if rows[i], err = d.store.FindAccount(ctx, ref); err != nil {
			return nil, err
		}
	}
	var done []model.Issued
	for _, row := range rows {
		one, err := d.store.Issue(ctx, g.act(d), model.IssueOrder{AccountID: row.ID, Lifetime: lifetime})
		if err != nil {
			return done, err
		}
		done = append(done, one)
	}
	return done, nil
}

// deliverNow sends letters until those of the resets have left, and writes what
// became of them into issued.
func (a *app) deliverNow(ctx context.Context, d desk, issued []model.Issued) error {
	courier, err := d.Courier()
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeoutCause(ctx, waitAtMost, &model.Error{Kind: model.Unavailable,
		Text: "the email has not left in time; it stays queued", Hint: "doorman outbox tells why"})
	defer stop()
	for {
		// A conflict means that another console is sending: it will send these too.
		if _, err := courier.Once(ctx); err != nil && !model.IsKind(err, model.Conflict) {
			return err
		}
		open := false
		for i := range issued {
			l, err := d.store.FindLetter(ctx, issued[i].Letter.ID)
			if err != nil {
				return err
			}
			issued[i].Letter = l
			switch l.State {
			case model.Failed, model.Undeliverable, model.Cancelled:
				return &model.Error{Kind: model.Unavailable, Text: "the email to " + l.To + " is " + string(l.State) + ": " + l.LastError,
					Hint: "doorman outbox shows it; doorman outbox retry sends it again"}
			case model.Queued, model.Sending:
				open = true
			}
		}
		if !open {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(250 * time.Millisecond):
		}
	}
}
