package cli

import (
	"context"
	"iter"
	"time"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/traffic"
)

// BuildOptions is a database to make for benchmarks.
type BuildOptions struct {
	Path     string
	Accounts iter.Seq2[model.AccountInput, error]
	Resets   iter.Seq2[model.ResetInput, error]
	Progress func(rows int)
}

// benchCommand is for whoever works on Doorman: it is not in the help.
func (a *app) benchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:    "bench",
		Short:  "Measure Doorman beside other programs",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE:   func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.benchMakeCommand())
	return cmd
}

// bulk is the flags that say which database to make.
type bulk struct {
	seed             uint64
	accounts, resets int
	end              string
}

func (b *bulk) addTo(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Uint64Var(&b.seed, "seed", 1, "`N` that the service is made from: the same seed, the same service")
	f.IntVar(&b.resets, "resets", 1_000_000, "make up `N` resets")
	f.IntVar(&b.accounts, "accounts", 0, "make up `N` accounts (default: one for ten resets)")
	f.StringVar(&b.end, "end", "", "the `TIME` after which nothing happened (default: now)")
}

// options says which service that is.
func (b *bulk) options(now time.Time) (traffic.Options, error) {
	if b.resets < 100 || b.resets > 100_000_000 || b.accounts < 0 || b.accounts > 10_000_000 {
		return traffic.Options{}, &model.Error{Kind: model.Invalid, Field: "resets", Text: "100 to 100000000, of at most 10000000 accounts"}
	}
	o := traffic.Options{Seed: b.seed, Accounts: b.accounts, Resets: b.resets, End: now}
	if o.Accounts == 0 {
		o.Accounts = max(b.resets/10, 10)
	}
	if b.end != "" {
		end, err := time.Parse(time.RFC3339, b.end)
		if err != nil {
			return o, &model.Error{Kind: model.Invalid, Field: "end", Text: "is no time as 2026-11-25T12:00:00Z"}
		}
		o.End = end
	}
	return o, nil
}

func (a *app) benchMakeCommand() *cobra.Command {
	var b bulk
	cmd := &cobra.Command{
		Use:   "make",
		Short: "Make a database of any size",
		Long: `Make the database --db, which must not be there yet, with a made-up service of the
last 90 days: a tenth of the resets as accounts, some of which ask far more often
than others, addresses of IPv4 and IPv6, one for 25 resets up to 400,000, attacks
with one reset in fifty. The last reset was asked for just before the time
--end; commands that look back from now find it as old as the file.`,
		Example: `  doorman bench make --db /tmp/big.db --resets 10000000`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := a.options(cmd)
			if err != nil {
				return startError{err}
			}
			return a.makeBulk(cmd.Context(), o, b)
		},
	}
	b.addTo(cmd)
	return cmd
}

func (a *app) makeBulk(ctx context.Context, o OpenOptions, b bulk) error {
	if a.Build == nil {
		return unavailable("making a database")
	}
	to, err := b.options(a.Now().UTC())
	if err != nil {
		return err
	}
	service := traffic.NewBulk(to)
	bar := a.newBar("made", "rows")
	defer bar.end()
	err = a.Build(ctx, o, BuildOptions{Path: o.Path, Accounts: service.Accounts(), Resets: service.Resets(), Progress: bar.show})
	if err == nil {
		bar.end()
		a.say("made %d accounts and %d resets up to %s", to.Accounts, to.Resets, to.End.Format(time.RFC3339))
	}
	return err
}
