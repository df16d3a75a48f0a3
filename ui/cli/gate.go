package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"doorman/model"
)

func (a *app) requestCommand() *cobra.Command {
	var o model.RequestOrder
	cmd := &cobra.Command{
		Use:   "request EMAIL --ip IP --agent TEXT",
		Short: "A person requests a reset",
		Long: `What an application calls when a person requests a reset. It prints nothing and
exits with 0 for known, unknown, held and throttled addresses alike, so that it
does not reveal who has an account. If all is well it makes a reset and queues
its email; a console or doorman deliver sends it.`,
		Example: `  doorman request "$EMAIL" --ip "$REMOTE_ADDR" --agent "$HTTP_USER_AGENT"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Email = args[0]
			return a.with(cmd, needKey, func(ctx context.Context, d desk) error {
				return d.store.Request(ctx, d.act, o)
			})
		},
	}
	cmd.Flags().StringVar(&o.IP, "ip", "", "`IP` address of the person")
	cmd.Flags().StringVar(&o.Agent, "agent", "", "`TEXT` of the person's User-Agent header")
	return cmd
}

func (a *app) redeemCommand() *cobra.Command {
	var o model.RedeemOrder
	cmd := &cobra.Command{
		Use:   "redeem --ip IP --agent TEXT < TOKEN",
		Short: "A person follows the link of an email",
		Long: `What an application calls when a person has followed the link of an email and
chosen a new password. The token is read from standard input, never from the
command line, where others could see it. It prints the id of the account, once:
of any number of calls with one token a single one succeeds. Any other answer is
no, with exit status 3.`,
		Example: `  printf %s "$TOKEN" | doorman redeem --ip "$REMOTE_ADDR" --agent "$HTTP_USER_AGENT"`,
		Args:    noToken,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := a.readLine(cmd.Context())
			if err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			if o.Token, err = model.ParseToken(text); err != nil {
				return refusal(err)
			}
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				id, err := d.store.Redeem(ctx, d.act, o)
				if err != nil {
					return refusal(err)
				}
				_, err = fmt.Fprintln(a.Stdout, id)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&o.IP, "ip", "", "`IP` address of the person")
	cmd.Flags().StringVar(&o.Agent, "agent", "", "`TEXT` of the person's User-Agent header")
	return cmd
}

// noToken refuses arguments without repeating them: they may be a token.
func noToken(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return &usageError{"redeem takes no arguments: the token is read from standard input", cmd.CommandPath()}
}

// refusal makes "the answer is no" of everything that is wrong with a token.
func refusal(err error) error {
	for _, k := range []model.Kind{model.Invalid, model.NotFound, model.Conflict, model.Refused} {
		if model.IsKind(err, k) {
			return statusError{err, exitNo}
		}
	}
	return err
}
