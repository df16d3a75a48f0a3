package cli

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/transfer"
)

func (a *app) blockCommand() *cobra.Command {
	return a.ruleCommand(&cobra.Command{
		Use:   "block CIDR",
		Short: "Block a network: no reset can be requested or used from there",
		Long: `Block a network for a time: requests from there get the usual answer but make
no reset, and no link can be used from there. Live resets stay live: doorman
revoke --ip ends them, and doorman contain does both. Inside a block, doorman
allow makes exceptions: the longest network wins.`,
		Example: `  doorman block 203.0.113.0/24 --for 7d --reason "ticket 4711"
  doorman block 2001:db8::/32 --dry-run`,
	}, model.Block, "24h")
}

func (a *app) allowCommand() *cobra.Command {
	return a.ruleCommand(&cobra.Command{
		Use:   "allow CIDR",
		Short: "Allow a network inside a blocked one",
		Long: `Make an exception: the network may request and use resets although a wider one,
or the same one, is blocked, and the engine raises nothing from there.`,
		Example: `  doorman allow 203.0.113.7 --reason "our office"
  doorman allow 198.51.100.0/24 --for 30d`,
	}, model.Allow, "until it is lifted")
}

func (a *app) ruleCommand(cmd *cobra.Command, action model.RuleAction, usual string) *cobra.Command {
	var f fence
	cmd.Args = cobra.ExactArgs(1)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := f.out.check(); err != nil {
			return err
		}
		p, err := model.ParsePrefix(args[0])
		if err != nil {
			return err
		}
		last, err := f.span()
		if err != nil {
			return err
		}
		if last == 0 && action == model.Block {
			last = model.DefaultBlock
		}
		rule := model.Rule{Prefix: p, Action: action}
		if last > 0 && last != model.Forever {
			rule.Expires = a.Now().UTC().Add(last)
		}
		return a.with(cmd, nil, func(ctx context.Context, d desk) error { return a.setRule(ctx, d, &f, rule) })
	}
	f.addTo(cmd, usual)
	return cmd
}

func (a *app) setRule(ctx context.Context, d desk, f *fence, rule model.Rule) error {
	plan, err := d.store.PlanBlock(ctx, rule)
	if err != nil {
		return err
	}
	name := "network " + rule.Prefix.String()
	if f.dry {
		return a.printFence(&f.out, plan, name)
	}
	question := fmt.Sprintf("%s %s %s?", rule.Action, rule.Prefix, untilText(rule.Expires))
	if err := a.agree(ctx, f, plan, name, question, 1); err != nil {
		return err
	}
	act := f.act(d)
	rule.Wide, rule.Reason = f.wide, act.Reason
	batch, err := d.store.SetRule(ctx, act, rule)
	if err != nil {
		return err
	}
	done := map[model.RuleAction]string{model.Block: "blocked", model.Allow: "allowed"}[rule.Action]
	a.say("%s %s %s; doorman undo %s reverts it", done, rule.Prefix, untilText(rule.Expires), short(batch.ID))
	return printOne(a, &f.out, batchShape(), &batch)
}

func (a *app) unblockCommand() *cobra.Command {
	var out output
	var g gesture
	cmd := &cobra.Command{
		Use:   "unblock CIDR",
		Short: "Lift the block and the exception of a network",
		Long: `Lift the rules of exactly this network, block and exception alike. Those of
wider and narrower ones stay. doorman undo reverts it.`,
		Example: `  doorman unblock 203.0.113.0/24 --reason "was the university"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := out.check(); err != nil {
				return err
			}
			p, err := model.ParsePrefix(args[0])
			if err != nil {
				return err
			}
			return a.with(cmd, nil, func(ctx context.Context, d desk) error { return a.liftRule(ctx, d, &out, &g, p) })
		},
	}
	out.addTo(cmd)
	g.addTo(cmd)
	return cmd
}

func (a *app) liftRule(ctx context.Context, d desk, out *output, g *gesture, p netip.Prefix) error {
	rules, err := allRules(ctx, d)
	if err != nil {
		return err
	}
	plan := model.ContainPlan{Plan: model.Plan{Verb: model.VerbUnblock}}
	var names []string
	for _, r := range rules {
		if r.Prefix == p {
			plan.Block, plan.Until = p, r.Expires
			names = append(names, fmt.Sprintf("%s (%s, by %s)", r.Action, untilText(r.Expires), r.By))
		}
	}
	if len(names) == 0 {
		return &model.Error{Kind: model.NotFound, Text: "there is no rule for exactly " + p.String(), Hint: "doorman blocks lists them"}
	}
	name := p.String() + ": " + strings.Join(names, ", ")
	if g.dry {
		return a.printFence(out, plan, name)
	}
	if err := a.confirm(ctx, g, "unblock "+name+"?", 1); err != nil {
		return err
	}
	batch, err := d.store.LiftRule(ctx, g.act(d), p)
	if err != nil {
		return err
	}
	a.say("lifted %s; doorman undo %s reverts it", batch.Counts, short(batch.ID))
	if r, ok, err := d.store.CheckIP(ctx, p.Addr()); err == nil && ok && r.Action == model.Block {
		a.say("%s is still blocked, by %s", p.Addr(), r.Prefix)
	}
	return printOne(a, out, batchShape(), &batch)
}

// allRules reads every rule in force.
func allRules(ctx context.Context, d desk) ([]model.Rule, error) {
	var rules []model.Rule
	for ask := (model.Paging{Limit: model.MaxLimit}); ; {
		page, err := d.store.ListRules(ctx, model.RuleFilter{Paging: ask})
		if err != nil {
			return nil, err
		}
		rules = append(rules, page.Items...)
		if ask.After = page.Next; ask.After == "" {
			return rules, nil
		}
	}
}

// verdict is what is decided about an address.
type verdict struct {
	ip    netip.Addr
	found bool
	rule  model.Rule
}

func (v *verdict) blocked() bool { return v.found && v.rule.Action == model.Block }

func (a *app) checkIPCommand() *cobra.Command {
	var out output
	cmd := &cobra.Command{
		Use:   "check IP",
		Short: "Tell whether an address is blocked, and by which rule",
		Long: `Tell whether an address is blocked, and print the rule that governs it: the one
of the longest network, and an exception rather than a block. Exit status 3 when
it is blocked, 0 otherwise.`,
		Example: `  doorman check 203.0.113.7
  doorman check "$REMOTE_ADDR" -o json || exit`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := out.check(); err != nil {
				return err
			}
			ip, err := netip.ParseAddr(strings.TrimSpace(args[0]))
			if err != nil {
				return &model.Error{Kind: model.Invalid, Field: "ip", Text: model.Quote(args[0]) + " is not an IP address",
					Hint: "write it as 203.0.113.7 or 2001:db8::7"}
			}
			v := verdict{ip: ip.Unmap().WithZone("")}
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				if v.rule, v.found, err = d.store.CheckIP(ctx, v.ip); err != nil {
					return err
				}
				if err := printOne(a, &out, verdictShape(v.found), &v); err != nil {
					return err
				}
				if v.blocked() {
					return errNothing
				}
				return nil
			})
		},
	}
	out.addTo(cmd)
	return cmd
}

// verdictShape shows the rule where there is one; without one its fields are
// null.
func verdictShape(found bool) shape[verdict] {
	type row = verdict
	columns := []transfer.Column[row]{
		{Name: "ip", Of: func(v *row) transfer.Value { return transfer.Text(v.ip.String()) }},
		{Name: "blocked", Of: func(v *row) transfer.Value { return transfer.Flag(v.blocked()) }},
	}
	for _, c := range ruleShape("").exact {
		columns = append(columns, transfer.Column[row]{Name: c.Name, Of: func(v *row) transfer.Value {
			if !found {
				return transfer.Value{}
			}
			return c.Of(&v.rule)
		}})
	}
	return shape[row]{exact: columns, table: columns}
}

// ruleShape is how rules are printed; line is the filter line that selects them,
// which may request those that have ended.
func ruleShape(line string) shape[model.Rule] {
	columns := transfer.RuleColumns(line != "")
	return shape[model.Rule]{exact: columns, table: columns}
}
