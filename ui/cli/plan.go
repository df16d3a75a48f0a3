package cli

import (
	"fmt"
	"io"
	"strings"

	"doorman/model"
	"doorman/model/agent"
	"doorman/model/transfer"
	"doorman/ui/term"
)

func planColumns() []transfer.Column[model.Plan] {
	type row = model.Plan
	return []transfer.Column[row]{
		{Name: "verb", Of: func(p *row) transfer.Value { return transfer.Text(string(p.Verb)) }},
		{Name: "resets", Of: func(p *row) transfer.Value { return transfer.Number(p.Resets) }},
		{Name: "accounts", Of: func(p *row) transfer.Value { return transfer.Number(p.Accounts) }},
		{Name: "addresses", Of: func(p *row) transfer.Value { return transfer.Number(p.Addresses) }},
		{Name: "emails", Of: func(p *row) transfer.Value { return transfer.Number(p.Letters) }},
		{Name: "networks", Of: func(p *row) transfer.Value { return transfer.Counts(p.Networks) }},
		{Name: "agents", Of: func(p *row) transfer.Value { return transfer.Counts(p.Agents) }},
		{Name: "excluded", Of: func(p *row) transfer.Value { return transfer.Counts(p.Excluded) }},
	}
}

// printPlan prints what an act would do. A plan that touches nothing is exit
// status 3.
func (a *app) printPlan(out *output, p model.Plan) error {
	var err error
	switch out.name {
	case "table":
		err = a.writePlan(a.Stdout, p)
	case "csv":
		err = printAll(a, out, shape[model.Plan]{exact: planColumns()}, []model.Plan{p})
	default:
		_, err = a.Stdout.Write(appendPlan(a, planColumns(), &p, p.Sample))
	}
	if err == nil && p.Resets == 0 {
		a.say("nothing would be changed")
		return errNothing
	}
	return err
}

// appendPlan is a plan as one JSON object with a sample of its resets.
func appendPlan[T any](a *app, columns []transfer.Column[T], p *T, sample []model.Reset) []byte {
	b := transfer.AppendJSON(nil, columns, p)
	b = append(b[:len(b)-1], `,"sample":[`...)
	for i := range sample {
		if i > 0 {
			b = append(b, ',')
		}
		b = transfer.AppendJSON(b, transfer.ResetColumns(a.Now()), &sample[i])
	}
	return append(b, "]}\n"...)
}

// writePlan writes the plan for a person.
func (a *app) writePlan(w io.Writer, p model.Plan) error {
	var b strings.Builder
	fmt.Fprintf(&b, "would %s %s of %s, requested from %s\n", p.Verb, count(p.Resets, "live reset"), count(p.Accounts, "account"), count(p.Addresses, "address"))
	if p.Letters > 0 {
		fmt.Fprintf(&b, "would cancel %s\n", count(p.Letters, "queued email"))
	}
	parts := []struct {
		title string
		lines model.Tally
	}{{"busiest networks", p.Networks}, {"commonest agents", agent.Tally(p.Agents)}, {"unchanged", p.Excluded}}
	for _, part := range parts {
		if len(part.lines) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s:\n", part.title)
		for _, l := range part.lines {
			fmt.Fprintf(&b, "%8d  %s\n", l.N, term.Show(l.Label))
		}
	}
	if len(p.Sample) > 0 {
		b.WriteString("the newest of them:\n")
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	t := table[model.Reset]{out: w, columns: resetShape(a.Now()).table}
	for i := range p.Sample {
		if err := t.Write(&p.Sample[i]); err != nil {
			return err
		}
	}
	return t.Close()
}

// count writes a number with its noun.
func count(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "s"):
		return fmt.Sprintf("%d %ses", n, noun)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
