package cli

import (
	"github.com/spf13/cobra"

	"doorman/model/transfer"
)

func (a *app) keysCommand() *cobra.Command {
	var out output
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Print the keys of the console",
		Long: `Print the keys of the console, with those that the section [ui.keys] of the
configuration gives: on the left the usual key, on the right your own.`,
		Example: `  doorman keys`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := out.check(); err != nil {
				return err
			}
			if a.Keys == nil {
				return unavailable("the console")
			}
			c, err := a.settings(cmd)
			if err != nil {
				return startError{err}
			}
			lines, err := a.Keys(c)
			if err != nil {
				return startError{err}
			}
			columns := []transfer.Column[KeyLine]{
				{Name: "page", Of: func(k *KeyLine) transfer.Value { return transfer.Text(k.Page) }},
				{Name: "key", Of: func(k *KeyLine) transfer.Value { return transfer.Text(k.Key) }},
				{Name: "does", Of: func(k *KeyLine) transfer.Value { return transfer.Text(k.Does) }},
			}
			return printAll(a, &out, shape[KeyLine]{exact: columns, table: columns}, lines)
		},
	}
	out.addTo(cmd)
	return cmd
}
