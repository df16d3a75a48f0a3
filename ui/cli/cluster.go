package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/agent"
	"doorman/model/detect"
	"doorman/model/transfer"
	"doorman/ui/term"
)

func (a *app) clusterCommand() *cobra.Command {
	var out output
	var sift sifting
	cmd := &cobra.Command{
		Use:   "cluster KEY",
		Short: "Show a cluster with its evidence",
		Long: `Show a cluster with its evidence: takeovers first, what speaks for an attack
and what against, and the figures that both rest on. KEY is what doorman
clusters prints; a network, or the address or id of an account, will do. Of what
doorman clusters --replay printed, add --replay and the range.`,
		Example: `  doorman cluster 203.0.113.0/24
  doorman cluster smith@example.org -o json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := out.check(); err != nil {
				return err
			}
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				find := d.store.FindCluster
				if sift.replay {
					var err error
					if find, err = sift.among(ctx, a, d); err != nil {
						return err
					}
				} else if err := a.readClusters(ctx, d); err != nil {
					return err
				}
				c, err := lookUp(ctx, d, args[0], find)
				if err != nil {
					return err
				}
				rows, err := withCases(ctx, d, []detect.Cluster{c}, sift.events)
				if err != nil {
					return err
				}
				if out.isTable() {
					return a.printEvidence(&rows[0])
				}
				return printOne(a, &out, evidenceShape(), &rows[0])
			})
		},
	}
	out.addTo(cmd)
	sift.addTo(cmd)
	return cmd
}

// among finds keys in a replay.
func (s *sifting) among(ctx context.Context, a *app, d desk) (func(context.Context, string) (detect.Cluster, error), error) {
	rows, err := s.find(ctx, a, d, 0)
	return func(_ context.Context, key string) (detect.Cluster, error) {
		for _, r := range rows {
			if r.Key == key {
				return r.Cluster, nil
			}
		}
		return detect.Cluster{}, &model.Error{Kind: model.NotFound, Text: "the replay flags no cluster " + model.Quote(key)}
	}, err
}

// evidenceShape is all that is known of one cluster: the fields of the list and
// the figures behind the two sentences.
func evidenceShape() shape[clusterRow] {
	type row = clusterRow
	decimal := func(name string, of func(*row) float64) transfer.Column[row] {
		return transfer.Column[row]{Name: name, Of: func(c *row) transfer.Value { return transfer.Real(of(c)) }}
	}
	return shape[row]{exact: append(clusterShape().exact,
		transfer.Column[row]{Name: "hot", Of: func(c *row) transfer.Value { return transfer.Flag(c.Hot) }},
		decimal("prefix_share", func(c *row) float64 { return c.Spread }),
		decimal("use_rate", func(c *row) float64 { return c.UseRate }),
		decimal("usual_use_rate", func(c *row) float64 { return c.UsualRate }),
		decimal("unfinished", func(c *row) float64 { return c.Observed }),
		decimal("expected", func(c *row) float64 { return c.Baseline }),
		transfer.Column[row]{Name: "distinct_agents", Of: func(c *row) transfer.Value { return transfer.Number(c.AgentKind) }},
		decimal("agent_entropy", func(c *row) float64 { return c.Entropy }),
		transfer.Column[row]{Name: "agents", Of: func(c *row) transfer.Value {
			var t model.Tally
			for _, g := range c.Agents {
				t = append(t, model.TallyLine{Label: g.Agent, N: g.N})
			}
			return transfer.Counts(t)
		}},
	)}
}

// printEvidence writes a cluster for a person.
func (a *app) printEvidence(c *clusterRow) error {
	rows := [][]string{{term.Show(c.Key), term.Show(inWords(&c.Cluster))}}
	add := func(name, format string, args ...any) {
		rows = append(rows, []string{name, fmt.Sprintf(format, args...)})
	}
	if c.Takeovers > 0 {
		add("TAKEOVERS", "%s used from here, or far from where they were requested", count(c.Takeovers, "reset"))
	}
	add("why", "%s", term.Show(c.Why))
	add("against", "%s", term.Show(c.Against))
	add("case", "%s", caseText(&c.Case))
	add("score", "%.0f, %s, raised %s", c.Score, going(&c.Cluster), c.Flagged.Format(time.DateTime))
	add("seen", "%s to %s UTC, %s", c.Start.Format(time.DateTime), c.End.Format(time.DateTime),
		strings.TrimSuffix(c.End.Sub(c.Start).Round(time.Minute).String(), "0s"))
	add("live", "%s now", count(c.Live, "reset"))
	add("requests", "%d for %s from %s%s", c.Requests, count(c.Accounts, "account"), count(c.Addresses, "address"), shareText(&c.Cluster))
	add("completed", "%s of the accounts (normally %s); %d used", model.Percent(c.UseRate), model.Percent(c.UsualRate), c.Used)
	add("unfinished", "%.0f accounts, %.1f expected%s", c.Observed, c.Baseline, timesText(&c.Cluster))
	add("agents", "%s", count(c.AgentKind, "user agent"))
	for _, g := range c.Agents {
		add("", "%6d  %s", g.N, term.Show(agent.Short(g.Agent)))
	}
	if len(c.ids) > 0 {
		add("events", "%s", term.Show(strings.Join(c.ids, " ")))
	}
	if err := align(a.Stdout, make([]int, 2), rows); err != nil {
		return err
	}
	if c.Live > 0 || c.Prefix.IsValid() {
		a.say("doorman contain %s ends it", c.Key)
	}
	return nil
}

// shareText tells how much of the network took part.
func shareText(c *detect.Cluster) string {
	switch {
	case !c.Prefix.IsValid():
		return ""
	case c.Prefix.Addr().Is4():
		return ", " + model.Percent(c.Spread) + " of the network"
	}
	return ", " + model.Percent(c.Spread) + " of its /64s"
}

// timesText tells how many times as much as expected was seen.
func timesText(c *detect.Cluster) string {
	if c.Baseline < 0.05 {
		return ""
	}
	return fmt.Sprintf(", %.0f times as many", c.Observed/c.Baseline)
}
