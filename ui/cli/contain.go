package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/transfer"
	"doorman/ui/term"
)

// fence is the flags of a command that blocks a network.
type fence struct {
	gesture
	out  output
	last string // how long, as given
	wide bool
}

func (f *fence) addTo(cmd *cobra.Command, usual string) {
	f.out.addTo(cmd)
	f.gesture.addTo(cmd)
	cmd.Flags().StringVar(&f.last, "for", "", "how long: a `SPAN` as 90m, 24h, 7d, or ever (default: "+usual+")")
	cmd.Flags().BoolVar(&f.wide, "wide", false, "also for a network wider than a /16, or a /32 of IPv6; confirmed by typing otherwise")
}

// span reads --for; zero when it is not given.
func (f *fence) span() (time.Duration, error) {
	switch f.last {
	case "":
		return 0, nil
	case "ever":
		return model.Forever, nil
	}
	d, err := model.ParseSpan(f.last)
	if err == nil && d < time.Second {
		err = &model.Error{Kind: model.Invalid, Text: "must be longer than zero", Hint: "give 90m, 24h, 7d or ever"}
	}
	return d, named("for", err)
}

func (a *app) containCommand() *cobra.Command {
	var f fence
	cmd := &cobra.Command{
		Use:   "contain KEY",
		Short: "Revoke the live resets of a cluster and block its network",
		Long: `End an attack with one command: revoke the live resets of a cluster, block its
network where it has one, and mark its case as contained. It is one batch, which
doorman undo reverts. KEY is what doorman clusters prints, a network, or the
address or id of an account. What an exception inside the network covers stays.

It shows the plan with what speaks against it and asks first; --dry-run shows
the plan only. Without a terminal --yes is needed, and --wide for a network
wider than a /16, or a /32 of IPv6.`,
		Example: `  doorman contain 203.0.113.0/24 --dry-run
  doorman contain 2001:db8:7::/48 --for 7d --reason "ticket 4711" --yes`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.out.check(); err != nil {
				return err
			}
			last, err := f.span()
			if err != nil {
				return err
			}
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				c, err := a.findCluster(ctx, d, args[0])
				if err != nil {
					return err
				}
				return a.contain(ctx, d, &f, model.ContainOrder{Target: c.Target(), For: last, Wide: f.wide}, inWords(&c))
			})
		},
	}
	f.addTo(cmd, "24h")
	return cmd
}

func (a *app) contain(ctx context.Context, d desk, f *fence, order model.ContainOrder, name string) error {
	plan, err := d.store.PlanContain(ctx, order)
	if err != nil {
		return err
	}
	if f.dry {
		return a.printFence(&f.out, plan, name)
	}
	if plan.Resets == 0 && !plan.Block.IsValid() {
		return &model.Error{Kind: model.NotFound, Text: "nothing of it is live and it has no network to block, nothing was changed"}
	}
	question := fmt.Sprintf("contain %s: revoke %s of %s", name, count(plan.Resets, "live reset"), count(plan.Accounts, "account"))
	if plan.Block.IsValid() {
		question += ", block " + plan.Block.String()
	}
	if err := a.agree(ctx, f, plan, name, question+"?", plan.Resets); err != nil {
		return err
	}
	order.Wide, order.Asked = f.wide, plan.Asked
	batch, err := d.store.Contain(ctx, f.act(d), order)
	if err != nil {
		return err
	}
	a.say("contained: %s; doorman undo %s reverts it", batch.Counts, short(batch.ID))
	return printOne(a, &f.out, batchShape(), &batch)
}

// agree shows a person the plan and asks; a script gets the warnings. A wide
// network takes a second yes.
func (a *app) agree(ctx context.Context, f *fence, plan model.ContainPlan, name, question string, n int) error {
	if plan.Refused != "" {
		return refusedPlan(plan)
	}
	switch {
	case !f.yes && a.Terminal("stderr"):
		if err := a.writeFence(a.Stderr, plan, name); err != nil {
			return err
		}
	case f.yes:
		for _, w := range plan.Warnings {
			a.say("warning: %s", w)
		}
	}
	if plan.Wide && !f.wide && (f.yes || !a.Terminal("stdin") || !a.Terminal("stderr")) {
		return &model.Error{Kind: model.Invalid, Text: plan.Block.String() + " is wider than a /16, or a /32 of IPv6: whole providers live there",
			Hint: "add --wide if that is meant, or look first with --dry-run"}
	}
	if err := a.confirm(ctx, &f.gesture, question, n); err != nil {
		return err
	}
	if !plan.Wide || f.wide {
		return nil
	}
	fmt.Fprintf(a.Stderr, "%s is wide: whole providers live there. Type the network to confirm: ", plan.Block)
	answer, err := a.readLine(ctx)
	if err != nil {
		return err
	}
	if answer != plan.Block.String() {
		return &model.Error{Kind: model.Refused, Text: "not confirmed, nothing was changed"}
	}
	f.wide = true
	return nil
}

func refusedPlan(p model.ContainPlan) error {
	return &model.Error{Kind: model.Refused, Text: p.Refused, Hint: "name the networks that the traffic comes from"}
}

func fenceColumns() []transfer.Column[model.ContainPlan] {
	type row = model.ContainPlan
	var columns []transfer.Column[row]
	for _, c := range planColumns() {
		columns = append(columns, transfer.Column[row]{Name: c.Name, Of: func(p *row) transfer.Value { return c.Of(&p.Plan) }})
	}
	return append(columns,
		transfer.Column[row]{Name: "block", Of: func(p *row) transfer.Value {
			if !p.Block.IsValid() {
				return transfer.Value{}
			}
			return transfer.Text(p.Block.String())
		}},
		transfer.Column[row]{Name: "until", Of: func(p *row) transfer.Value { return transfer.Time(p.Until) }},
		transfer.Column[row]{Name: "honest", Of: func(p *row) transfer.Value { return transfer.Number(p.Honest) }},
		transfer.Column[row]{Name: "warnings", Of: func(p *row) transfer.Value { return transfer.List(p.Warnings) }},
		transfer.Column[row]{Name: "wide", Of: func(p *row) transfer.Value { return transfer.Flag(p.Wide) }},
		transfer.Column[row]{Name: "refused", Of: func(p *row) transfer.Value { return textOrNull(p.Refused) }})
}

// printFence prints what containing or a rule would do. What cannot be done is
// an error, and nothing to do exit status 3.
func (a *app) printFence(out *output, p model.ContainPlan, name string) error {
	var err error
	switch out.name {
	case "table":
		err = a.writeFence(a.Stdout, p, name)
	case "csv":
		err = printAll(a, out, shape[model.ContainPlan]{exact: fenceColumns()}, []model.ContainPlan{p})
	default:
		_, err = a.Stdout.Write(appendPlan(a, fenceColumns(), &p, p.Sample))
	}
	switch {
	case err != nil:
		return err
	case p.Refused != "":
		return refusedPlan(p)
	case p.Resets == 0 && !p.Block.IsValid():
		a.say("nothing would be changed")
		return errNothing
	}
	return nil
}

// writeFence writes the plan for a person.
func (a *app) writeFence(w io.Writer, p model.ContainPlan, name string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "would %s %s\n", p.Verb, term.Show(name))
	if p.Block.IsValid() && p.Verb != model.VerbUnblock {
		fmt.Fprintf(&b, "%s %s, %s\n", p.Block, untilText(p.Until), model.AddressesIn(p.Block))
	}
	if p.Verb != model.VerbContain && p.Resets > 0 {
		fmt.Fprintf(&b, "unchanged: %s of %s requested from there\n", count(p.Resets, "live reset"), count(p.Accounts, "account"))
	}
	if p.Honest > 0 {
		fmt.Fprintf(&b, "real users: %s completed here in 30 days\n", count(p.Honest, "account"))
	}
	for _, text := range p.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", term.Show(text))
	}
	if p.Wide {
		b.WriteString("it is wide and needs a second yes\n")
	}
	if _, err := io.WriteString(w, b.String()); err != nil || p.Verb != model.VerbContain {
		return err
	}
	resets := p.Plan
	resets.Verb = model.VerbRevoke
	return a.writePlan(w, resets)
}

func untilText(t time.Time) string {
	if t.IsZero() {
		return "until it is lifted"
	}
	return "until " + t.UTC().Format(time.DateTime) + " UTC"
}
