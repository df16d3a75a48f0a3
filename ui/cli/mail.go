package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/config"
	"doorman/ui/term"
)

func (a *app) mailCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "mail",
		Short: "Try the mail settings",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "test ADDRESS",
		Short: "Send a test email, and print what the relay answers",
		Long: `Send an email that holds no link to ADDRESS with the mail settings in force, and
print how far it came and what the relay answered. Needs no database.`,
		Example: `  doorman mail test me@example.org`,
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.testMail(cmd, args[0]) },
	})
	return cmd
}

func (a *app) testMail(cmd *cobra.Command, address string) error {
	c, err := a.settings(cmd)
	if err != nil {
		return startError{err}
	}
	if who := a.act(c); !who.Role.May(model.VerbIssue) {
		return &model.Error{Kind: model.Refused, Text: model.Quote(who.Operator) + " is a viewer and may not have emails sent",
			Hint: "an admin can give another role in the section [operators] of the configuration"}
	}
	return a.sendTest(cmd.Context(), c, address)
}

// sendTest sends a test letter with these settings and prints how far it came.
func (a *app) sendTest(ctx context.Context, c config.Loaded, address string) error {
	to, err := model.ParseEmail(address)
	if err != nil {
		return err
	}
	if c.Mail.Host == "" {
		return &model.Error{Kind: model.Invalid, Field: "mail.host", Text: "is not set, so no emails leave",
			Hint: "set it in the file that doorman config path prints, or with DOORMAN_MAIL_HOST"}
	}
	if a.TestMail == nil {
		return unavailable("mail")
	}
	reply, err := a.TestMail(ctx, c, to)
	for _, line := range term.ShowLines(strings.TrimRight(reply, "\r\n")) {
		if line != "" {
			fmt.Fprintln(a.Stdout, line)
		}
	}
	return err
}
