package page

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"doorman/model"
	"doorman/model/detect"
)

// watch is the part of memory that has to do with clusters.
type watch struct {
	clusters []detect.Cluster
	// replays answers what-if questions; nil: what is in clusters.
	replays   func(detect.Config) []detect.Cluster
	rules     []model.Rule
	cases     []model.Case
	settings  map[string]string
	warnings  []string
	honest    int
	spared    model.Tally           // what containing leaves out
	meanwhile int                   // requested between the plan and the act
	reading   *model.ClusterReading // nil: all is judged
}

func (m *memory) Clusters(_ context.Context, f model.ClusterFilter) ([]detect.Cluster, error) {
	var out []detect.Cluster
	for _, c := range m.clusters {
		if !c.End.Before(f.Since) {
			c.Live = 0
			for _, id := range c.EventIDs {
				if r, err := m.FindReset(context.Background(), id); err == nil && r.State(m.now()) == model.Live {
					c.Live++
				}
			}
			out = append(out, c)
		}
	}
	return out, m.broken
}

func (m *memory) FindCluster(ctx context.Context, key string) (detect.Cluster, error) {
	all, _ := m.Clusters(ctx, model.ClusterFilter{})
	for _, c := range all {
		if c.Key == key {
			return c, m.broken
		}
	}
	return detect.Cluster{}, &model.Error{Kind: model.NotFound, Text: "there is no cluster " + model.Quote(key)}
}

func (m *memory) ReplayClusters(_ context.Context, cfg detect.Config, _ model.ClusterFilter) ([]detect.Cluster, error) {
	if m.replays != nil {
		return m.replays(cfg), m.broken
	}
	return m.clusters, m.broken
}

func (m *memory) ClusterReading() model.ClusterReading {
	if m.reading != nil {
		return *m.reading
	}
	return model.ClusterReading{Whole: true}
}

// excepted returns the networks of the exceptions in force.
func (m *memory) excepted() []netip.Prefix {
	var out []netip.Prefix
	for _, r := range m.rules {
		if r.Action == model.Allow && r.InForce(m.now()) {
			out = append(out, r.Prefix)
		}
	}
	return out
}

// claimed returns the live resets of a target.
func (m *memory) claimed(t model.Target) []*model.Reset {
	var out []*model.Reset
	for i := range m.resets {
		r := &m.resets[i]
		named := slices.ContainsFunc(t.IDs, func(id model.ResetID) bool { return id.Full() == r.ID.Full() })
		a, err := netip.ParseAddr(r.RequestedIP)
		inside := t.Prefix.IsValid() && err == nil && t.Prefix.Contains(a)
		if r.State(m.now()) == model.Live && (named || inside || t.AccountID != "" && r.AccountID == t.AccountID || t.Agent != "" && r.RequestedAgent == t.Agent) {
			out = append(out, r)
		}
	}
	return out
}

func (m *memory) PlanContain(_ context.Context, o model.ContainOrder) (model.ContainPlan, error) {
	var ids []model.ResetID
	for _, r := range m.claimed(o.Target) {
		ids = append(ids, r.ID)
	}
	p := model.ContainPlan{Plan: model.Plan{Verb: model.VerbContain, Asked: m.now()}}
	if len(ids) > 0 {
		p.Plan, _ = m.PlanRevoke(context.Background(), model.RevokeOrder{IDs: ids})
	}
	if p.Block = o.Target.Prefix; p.Block.IsValid() {
		p.Lasting(m.now(), o.For)
		p.Honest, p.Warnings, p.Excluded = m.honest, m.warnings, append(p.Excluded, m.spared...)
		p.Wide = model.IsWide(p.Block)
		if model.IsTooWide(p.Block) {
			p.Refused = p.Block.String() + " is too wide"
		}
	}
	return p, m.broken
}

func (m *memory) Contain(ctx context.Context, act model.Act, o model.ContainOrder) (model.Batch, error) {
	p, _ := m.PlanContain(ctx, o)
	if p.Wide && !o.Wide {
		return model.Batch{}, &model.Error{Kind: model.Refused, Text: "it is wide"}
	}
	b := m.batch(act, model.VerbContain, o.Target.Key, model.Tally{{Label: "resets", N: p.Resets}, {Label: model.RequestedMeanwhile, N: m.meanwhile}})
	for _, r := range m.claimed(o.Target) {
		r.Revoked, r.RevokedBy, r.WasUsed, r.BatchID = m.now(), act.Operator, true, b.ID
	}
	if p.Block.IsValid() {
		m.rules = append(m.rules, model.Rule{Prefix: p.Block, Action: model.Block, Expires: p.Until, By: act.Operator, Created: m.now(), BatchID: b.ID, Reason: act.Reason})
	}
	m.putCase(model.Case{Key: o.Target.Key, State: model.CaseContained, StateBy: act.Operator, StateAt: m.now(), By: act.Operator, At: m.now(), Note: act.Reason, Batch: b.ID, Subject: o.Target.Key})
	return b, nil
}

func (m *memory) putCase(c model.Case) {
	c.Opened = c.At
	for i, o := range m.cases {
		if o.Key == c.Key {
			c.Opened = o.Opened
			m.cases = slices.Delete(m.cases, i, i+1)
			break
		}
	}
	m.cases = append([]model.Case{c}, m.cases...)
}

// unwatch takes the rules and cases of a batch back.
func (m *memory) unwatch(batch string) {
	m.rules = slices.DeleteFunc(m.rules, func(r model.Rule) bool { return r.BatchID == batch })
	m.cases = slices.DeleteFunc(m.cases, func(c model.Case) bool { return c.Batch == batch })
}

func (m *memory) PlanBlock(_ context.Context, r model.Rule) (model.ContainPlan, error) {
	p, err := m.PlanContain(context.Background(), model.ContainOrder{Target: model.Target{Prefix: r.Prefix}})
	p.Until = r.Expires
	return p, err
}

func (m *memory) SetRule(_ context.Context, act model.Act, r model.Rule) (model.Batch, error) {
	if model.IsWide(r.Prefix) && !r.Wide {
		return model.Batch{}, &model.Error{Kind: model.Refused, Text: "it is wide"}
	}
	b := m.batch(act, model.Verb(r.Action), r.Prefix.String(), model.Tally{{Label: string(r.Action) + "s", N: 1}})
	r.By, r.Created, r.BatchID = act.Operator, m.now(), b.ID
	m.rules = append([]model.Rule{r}, m.rules...)
	return b, nil
}

func (m *memory) LiftRule(_ context.Context, act model.Act, n netip.Prefix) (model.Batch, error) {
	for i := range m.rules {
		if r := &m.rules[i]; r.Prefix == n && r.InForce(m.now()) {
			r.Lifted = m.now()
			return m.batch(act, model.VerbUnblock, n.String(), model.Tally{{Label: "rules", N: 1}}), nil
		}
	}
	return model.Batch{}, &model.Error{Kind: model.NotFound, Text: "there is no such rule"}
}

func (m *memory) ListRules(_ context.Context, f model.RuleFilter) (model.Page[model.Rule], error) {
	var out []model.Rule
	for _, r := range m.rules {
		if (f.All || r.InForce(m.now())) && (f.Action == "" || f.Action == r.Action) {
			out = append(out, r)
		}
	}
	return pageOf(out, f.Paging), m.broken
}

func (m *memory) CheckIP(_ context.Context, a netip.Addr) (model.Rule, bool, error) {
	r, ok := model.Decide(m.rules, a, m.now())
	return r, ok, m.broken
}

func (m *memory) ListCases(_ context.Context, f model.CaseFilter) (model.Page[model.Case], error) {
	var out []model.Case
	for _, c := range m.cases {
		if len(f.States) == 0 || slices.Contains(f.States, c.State) {
			out = append(out, c)
		}
	}
	return pageOf(out, f.Paging), m.broken
}

func (m *memory) SetCase(_ context.Context, act model.Act, key string, state model.CaseState, note, subject string) (model.Batch, error) {
	b := m.batch(act, model.VerbCase, key+" "+string(state), model.Tally{{Label: "cases", N: 1}})
	c := model.Case{Key: key, State: cmp.Or(state, model.CaseNew), StateBy: act.Operator, StateAt: m.now(), Note: note, By: act.Operator, At: m.now(), Subject: subject}
	for _, was := range m.cases {
		if was.Key == key && state == "" {
			c.State, c.StateBy, c.StateAt = was.State, was.StateBy, was.StateAt
		}
	}
	m.putCase(c)
	return b, nil
}

func (m *memory) Setting(_ context.Context, key string) (string, error) {
	return m.settings[key], m.broken
}

func (m *memory) SetSetting(_ context.Context, act model.Act, key, value string) error {
	if m.settings == nil {
		m.settings = map[string]string{}
	}
	m.settings[key] = value
	m.acts = append(m.acts, "set "+key+" "+strconv.Quote(value))
	return nil
}

func (m *memory) Timeline(_ context.Context, f model.TimelineFilter) (model.Timeline, error) {
	from, steps, err := f.Span()
	if err != nil {
		return model.Timeline{}, err
	}
	out := model.Timeline{From: from, Step: f.Step, Requests: make([]int, steps), Uses: make([]int, steps)}
	for _, r := range m.resets {
		named := len(f.Of) == 0
		for _, t := range f.Of {
			a, err := netip.ParseAddr(r.RequestedIP)
			named = named || t.AccountID != "" && t.AccountID == r.AccountID || err == nil && t.Prefix.IsValid() && t.Prefix.Contains(a) ||
				slices.ContainsFunc(t.IDs, func(id model.ResetID) bool { return id.Full() == r.ID.Full() })
		}
		if !named {
			continue
		}
		for at, counts := range map[*time.Time][]int{&r.Created: out.Requests, &r.Used: out.Uses} {
			if i := int(at.Sub(from) / f.Step); !at.Before(from) && i < steps {
				counts[i]++
			}
		}
	}
	return out, m.broken
}

// about writes the addresses of accounts for their ids.
func (m *memory) about(subject string) string {
	for _, a := range m.accounts {
		subject = strings.ReplaceAll(subject, a.ID, a.Email)
	}
	return subject
}

// isOf reports whether one of the targets holds a reset.
func (m *memory) isOf(r model.Reset, of *model.Of) bool {
	a, err := netip.ParseAddr(r.RequestedIP)
	return slices.ContainsFunc(of.Targets, func(t model.Target) bool {
		return t.Prefix.IsValid() && err == nil && t.Prefix.Contains(a) && !r.Created.Before(t.Since) || t.AccountID != "" && r.AccountID == t.AccountID ||
			t.Agent != "" && r.RequestedAgent == t.Agent || slices.ContainsFunc(t.IDs, func(id model.ResetID) bool { return id.Full() == r.ID.Full() })
	})
}

// ResetsOf returns the resets of accounts since a moment.
func (m *memory) ResetsOf(_ context.Context, accounts []string, since time.Time) ([]model.Reset, error) {
	return slices.DeleteFunc(m.selectResets(model.ResetFilter{Since: since}), func(r model.Reset) bool { return !slices.Contains(accounts, r.AccountID) }), m.broken
}
