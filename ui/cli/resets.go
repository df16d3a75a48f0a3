package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/query"
)

// selection is the flags that select resets.
type selection struct {
	account, ip, agent, since, until string
	line                             string
	states                           []string
}

func (s *selection) addTo(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.account, "account", "", "of the account `REF`: address, id or beginning of the id")
	f.StringVar(&s.ip, "ip", "", "requested from the address or network `CIDR`")
	f.StringVar(&s.agent, "agent", "", "requested with a user agent that holds `TEXT`, in any case")
	f.StringSliceVar(&s.states, "state", nil, "in any of the `STATES`: live, used, revoked, superseded, expired")
	f.StringVar(&s.since, "since", "", "requested at or after `TIME`: 24h, 7d, 2026-11-23, RFC 3339 or all")
	f.StringVar(&s.until, "until", "", "requested before `TIME`")
	f.StringVar(&s.line, "filter", "", "as the filter `LINE` of the console selects, instead of other flags")
	_ = cmd.RegisterFlagCompletionFunc("state", cobra.FixedCompletions(stateNames(), cobra.ShellCompDirectiveNoFileComp))
}

func stateNames() []string {
	var names []string
	for _, s := range model.States() {
		names = append(names, string(s))
	}
	return names
}

// isEmpty reports whether no flag selects anything.
func (s *selection) isEmpty() bool {
	return s.account == "" && s.ip == "" && s.agent == "" && s.since == "" && s.until == "" && s.line == "" && len(s.states) == 0
}

// filter reads all flags but the account, which needs the database.
func (s *selection) filter(a *app) (f model.ResetFilter, err error) {
	if s.line != "" {
		return s.fromLine(a)
	}
	if f.States, err = parseStates(s.states, model.ParseState); err != nil {
		return f, err
	}
	if f.Since, f.Until, err = a.period(s.since, s.until); err != nil {
		return f, err
	}
	if s.ip != "" {
		f.IP, err = model.ParsePrefix(s.ip)
	}
	f.Agent = s.agent
	return f, err
}

// fromLine reads the filter line, which stands alone.
func (s *selection) fromLine(a *app) (model.ResetFilter, error) {
	alone := *s
	alone.line = ""
	if !alone.isEmpty() {
		return model.ResetFilter{}, errFilterAlone()
	}
	q, err := query.ParseResets(s.line, a.Now())
	s.account = q.Account
	return q.ResetFilter, err
}

// errFilterAlone refuses a filter line beside flags that select as well.
func errFilterAlone() error {
	return &model.Error{Kind: model.Invalid, Field: "filter", Text: "stands beside other flags that select", Hint: "write them into the line, or leave it out"}
}

// find fills in the account.
func (s *selection) find(ctx context.Context, d desk, f *model.ResetFilter) error {
	if s.account == "" {
		return nil
	}
	row, err := d.store.FindAccount(ctx, s.account)
	f.AccountID = row.ID
	return err
}

func (a *app) resetsCommand() *cobra.Command {
	var list listing
	var sel selection
	var sort string
	var asc bool
	cmd := &cobra.Command{
		Use:   "resets",
		Short: "List resets, newest first",
		Long: `List resets, newest first. All conditions have to hold together. In a
database where the id of a reset is what stands in the link, ids are shown cut.`,
		Example: `  doorman resets --state live
  doorman resets --account smith@example.org
  doorman resets --ip 203.0.113.0/24 --since 24h
  doorman resets --agent curl --since 7d -o jsonl --limit 0 > resets.jsonl`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := list.check(); err != nil {
				return err
			}
			f, err := sel.filter(a)
			if err != nil {
				return err
			}
			if f.Sort, err = parseResetSort(sort); err != nil {
				return err
			}
			f.Asc = asc
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				if err := sel.find(ctx, d, &f); err != nil {
					return err
				}
				return printList(ctx, a, &list, resetShape(a.Now()), func(ctx context.Context, p model.Paging) (model.Page[model.Reset], error) {
					f.Paging = p
					return d.store.ListResets(ctx, f)
				})
			})
		},
	}
	list.addTo(cmd)
	sel.addTo(cmd)
	cmd.Flags().StringVar(&sort, "sort", string(model.ByCreated), "order by `FIELD`: created, used or ip")
	cmd.Flags().BoolVar(&asc, "asc", false, "turn the order round: oldest first")
	return cmd
}

func parseResetSort(s string) (model.ResetSort, error) {
	switch by := model.ResetSort(strings.ToLower(s)); by {
	case model.ByCreated, model.ByUsed, model.ByIP:
		return by, nil
	}
	return "", &model.Error{Kind: model.Invalid, Field: "sort", Text: "resets cannot be sorted by " + model.Quote(s), Hint: "use created, used or ip"}
}
