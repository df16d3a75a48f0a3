package cli

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/traffic"
	"doorman/model/transfer"
)

// BuildOptions is a database to make for benchmarks.
type BuildOptions struct {
	Path     string
	Accounts iter.Seq2[model.AccountInput, error]
	Resets   iter.Seq2[model.ResetInput, error]
	Progress func(rows int)
}

// BenchOptions is what to measure.
type BenchOptions struct {
	Path   string   // of the database; it is written to
	Parts  []string // all when empty
	Seed   uint64
	Report func(BenchLine)
	Say    func(format string, args ...any)
}

// BenchLine is one measurement beside the same work of a peer, if there is one.
type BenchLine struct {
	Part, Name, Unit string
	Median           float64
	P99              float64 // 0: not measured
	Peer             string  // "" for none
	Beside           float64 // the peer's figure
	Limit            string  // what is requested
	Note             string
}

// benchCommand is for anyone who works on Doorman: it is not in the help.
func (a *app) benchCommand() *cobra.Command {
	var b bulk
	var out output
	var parts []string
	cmd := &cobra.Command{
		Use:    "bench",
		Short:  "Measure Doorman beside other programs",
		Hidden: true,
		Long: `Measure the console on a terminal, the lists, the clusters, the engine and the
import, on a database that is made for it or on the one named with --db, which
is then written to: give it a copy. Beside each figure stands that of a peer in
the same run where one is installed: sqlite3, duckdb, fail2ban, crowdsec.`,
		Example: `  doorman bench --resets 100000
  doorman bench make --db /tmp/big.db --resets 10000000
  doorman bench --db /tmp/big.db --parts start,clusters -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runBench(cmd, b, &out, parts) },
	}
	b.addTo(cmd)
	out.addTo(cmd)
	cmd.Flags().StringSliceVar(&parts, "parts", nil, "measure only these `PARTS`: start, browse, idle, lists, clusters, engine, rivals, import")
	cmd.AddCommand(a.benchMakeCommand())
	return cmd
}

// runBench measures and prints the lines when all are there.
func (a *app) runBench(cmd *cobra.Command, b bulk, out *output, parts []string) error {
	if err := out.check(); err != nil {
		return err
	}
	if a.Bench == nil {
		return unavailable("the benchmark")
	}
	o, err := a.options(cmd)
	if err != nil {
		return startError{err}
	}
	if !cmd.Flag("db").Changed {
		dir, err := os.MkdirTemp("", "doorman-bench-")
		if err != nil {
			return startError{fileError(os.TempDir(), err)}
		}
		defer func() { _ = os.RemoveAll(dir) }()
		o.Path = filepath.Join(dir, "bench.db")
		if err := a.makeBulk(cmd.Context(), o, b); err != nil {
			return err
		}
	}
	var lines []BenchLine
	err = a.Bench(cmd.Context(), o, BenchOptions{Path: o.Path, Parts: parts, Seed: b.seed, Say: a.say, Report: func(l BenchLine) { lines = append(lines, l) }})
	return errors.Join(err, printAll(a, out, benchShape(), lines))
}

func benchShape() shape[BenchLine] {
	type row = BenchLine
	text := func(name string, of func(*row) string) transfer.Column[row] {
		return transfer.Column[row]{Name: name, Of: func(l *row) transfer.Value { return textOrNull(of(l)) }}
	}
	number := func(name string, of func(*row) float64) transfer.Column[row] {
		return transfer.Column[row]{Name: name, Of: func(l *row) transfer.Value {
			if of(l) == 0 {
				return transfer.Value{}
			}
			return transfer.Real(of(l))
		}}
	}
	rounded := func(name string, of func(*row) float64) transfer.Column[row] {
		return text(name, func(l *row) string {
			if of(l) == 0 && name != "median" {
				return ""
			}
			return significant(of(l))
		})
	}
	median, p99 := func(l *row) float64 { return l.Median }, func(l *row) float64 { return l.P99 }
	beside := func(l *row) float64 { return l.Beside }
	ratio := func(l *row) float64 {
		if l.Beside == 0 {
			return 0
		}
		return l.Median / l.Beside
	}
	part, name := text("part", func(l *row) string { return l.Part }), text("operation", func(l *row) string { return l.Name })
	unit, peer := text("unit", func(l *row) string { return l.Unit }), text("peer", func(l *row) string { return l.Peer })
	limit, note := text("limit", func(l *row) string { return l.Limit }), text("note", func(l *row) string { return l.Note })
	return shape[row]{
		exact: []transfer.Column[row]{part, name, unit, {Name: "median", Of: func(l *row) transfer.Value { return transfer.Real(l.Median) }},
			number("p99", p99), peer, number("beside", beside), number("ratio", ratio), limit, note},
		table: []transfer.Column[row]{part, name, rounded("median", median), rounded("p99", p99), unit, limit, peer, rounded("beside", beside),
			rounded("ratio", ratio), note},
	}
}

// significant writes a number with three digits that count.
func significant(v float64) string {
	if v >= 1000 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
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
			return o, &model.Error{Kind: model.Invalid, Field: "end", Text: "is not a valid time; write it as 2026-11-25T12:00:00Z"}
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
with one reset in fifty. The last reset was requested just before the time
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
