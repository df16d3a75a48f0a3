package cli

import (
	"io"
	"strings"

	mcobra "github.com/muesli/mango-cobra"
	"github.com/muesli/roff"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "man",
		Short:   "Print the manual page",
		Example: `  doorman man > ~/.local/share/man/man1/doorman.1`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			forRoff(cmd.Root())
			page, err := mcobra.NewManPage(1, cmd.Root())
			if err != nil {
				return err
			}
			_, err = io.WriteString(a.Stdout, page.Build(roff.NewDocument()))
			return err
		},
	}
}

// forRoff words the help of a command and of those below it as the maker of the
// page takes it: to that a line is a paragraph, what it reads is a format, and
// the mark at the value of a flag means nothing.
func forRoff(c *cobra.Command) {
	paragraphs := strings.Split(c.Long, "\n\n")
	for i, p := range paragraphs {
		paragraphs[i] = strings.ReplaceAll(p, "\n", " ")
	}
	c.Long = verbatim(strings.Join(paragraphs, "\n"))
	c.Short, c.Example = verbatim(c.Short), verbatim(c.Example)
	plain := func(f *pflag.Flag) {
		_, usage := pflag.UnquoteUsage(f)
		f.Usage = verbatim(usage)
	}
	c.LocalFlags().VisitAll(plain)
	for _, sub := range c.Commands() {
		forRoff(sub)
	}
}

// verbatim keeps percent signs from being read as verbs.
func verbatim(s string) string { return strings.ReplaceAll(s, "%", "%%") }
