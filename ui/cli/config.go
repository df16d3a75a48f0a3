package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"doorman/model/config"
	"doorman/model/transfer"
)

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show the configuration, and where each value comes from",
		Long: `The configuration is a TOML file, overridden by the environment, overridden by
flags. For every setting there is a variable: DOORMAN_MAIL_HOST for mail.host;
DOORMAN_DB is short for DOORMAN_DB_PATH.

Secrets never stand in the file. The link key and the mail password are read
from the directory that CREDENTIALS_DIRECTORY names, from a file of mode 0600
(db.key_file, mail.password_file), or from the environment, in that order.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.showConfigCommand(), &cobra.Command{
		Use:   "path",
		Short: "Print where the configuration is looked for",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			path, _ := a.configPath()
			_, err := fmt.Fprintln(a.Stdout, path)
			return err
		},
	})
	return cmd
}

func (a *app) showConfigCommand() *cobra.Command {
	var out output
	cmd := &cobra.Command{
		Use:     "show",
		Short:   "Print every setting, its value, and where that comes from",
		Example: `  doorman config show -o json`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := out.check(); err != nil {
				return err
			}
			c, err := a.settings(cmd)
			if err != nil {
				return startError{err}
			}
			list := c.Settings()
			for i := range list {
				if list[i].Key == "db.path" && list[i].Value == "" {
					list[i].Value = a.Database
				}
			}
			return printAll(a, &out, settingShape(), list)
		},
	}
	out.addTo(cmd)
	return cmd
}

func settingShape() shape[config.Setting] {
	type row = config.Setting
	columns := []transfer.Column[row]{
		{Name: "setting", Of: func(s *row) transfer.Value { return transfer.Text(s.Key) }},
		{Name: "value", Of: func(s *row) transfer.Value { return transfer.Text(s.Value) }},
		{Name: "from", Of: func(s *row) transfer.Value { return transfer.Text(string(s.Origin)) }},
		{Name: "about", Of: func(s *row) transfer.Value { return transfer.Text(s.About) }},
	}
	return shape[row]{exact: columns, table: columns}
}
