package cli

import (
	"github.com/spf13/cobra"

	"doorman/model/transfer"
)

func (a *app) keysCommand() *cobra.Command {
	var out output
	cmd := &cobra.Command{
		Use:     "keys",
		Short:   "Print the keys of the console",
		Example: `  doorman keys`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := out.check(); err != nil {
				return err
			}
			if a.Keys == nil {
				return unavailable("the console")
			}
			columns := []transfer.Column[KeyLine]{
				{Name: "page", Of: func(k *KeyLine) transfer.Value { return transfer.Text(k.Page) }},
				{Name: "key", Of: func(k *KeyLine) transfer.Value { return transfer.Text(k.Key) }},
				{Name: "does", Of: func(k *KeyLine) transfer.Value { return transfer.Text(k.Does) }},
			}
			return printAll(a, &out, shape[KeyLine]{exact: columns, table: columns}, a.Keys())
		},
	}
	out.addTo(cmd)
	return cmd
}
