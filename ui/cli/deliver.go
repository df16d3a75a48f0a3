package cli

import (
	"context"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"doorman/model"
)

func (a *app) deliverCommand() *cobra.Command {
	var once bool
	cmd := &cobra.Command{
		Use:   "deliver",
		Short: "Send the emails that are due, without a console",
		Long: `Send emails as they fall due, until interrupted or terminated; with --once only
those that are due now. Of several consoles and deliver commands on one database
a single one sends at a time. Run it as a service where no console is open.`,
		Example: `  doorman deliver
  doorman deliver --once`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, needKey, func(ctx context.Context, d desk) error {
				courier, err := d.Courier()
				if err != nil {
					return err
				}
				if once {
					return a.deliverOnce(ctx, d, courier)
				}
				a.say("sending emails; ctrl+c ends it")
				if err := courier.Run(ctx); err != nil {
					return err
				}
				return stopped(ctx)
			})
		},
	}
	cmd.Flags().BoolVar(&once, "once", false, "send what is due now, then end")
	return cmd
}

// stopped tells an interruption from the way in which a service manager ends a
// service, which is no failure.
func stopped(ctx context.Context) error {
	if cause := context.Cause(ctx); cause != nil && strings.HasPrefix(cause.Error(), syscall.SIGTERM.String()) {
		return nil
	}
	return ctx.Err()
}

// deliverOnce makes one pass and tells how the outbox stands after it. Letters
// that could not leave are exit status 1.
func (a *app) deliverOnce(ctx context.Context, d desk, c Courier) error {
	before, err := d.store.CountLetters(ctx)
	if err != nil {
		return err
	}
	sent, err := c.Once(ctx)
	if err != nil {
		return err
	}
	after, err := d.store.CountLetters(ctx)
	if err != nil {
		return err
	}
	a.say("%d sent; %d queued, %d failed, %d undeliverable", sent, after[model.Queued], after[model.Failed], after[model.Undeliverable])
	if after[model.Failed]+after[model.Undeliverable] > before[model.Failed]+before[model.Undeliverable] {
		return &model.Error{Kind: model.Unavailable, Text: "some emails could not be sent", Hint: "doorman outbox --state failed,undeliverable tells why"}
	}
	if st := c.Status(); sent == 0 && st.State == "paused" {
		return &model.Error{Kind: model.Unavailable, Text: "sending is paused: " + st.Reason}
	}
	return nil
}
