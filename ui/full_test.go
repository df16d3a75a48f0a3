package ui

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/model/detect"
)

// full is a stand that answers every page with something: three of each kind.
type full struct {
	*stand
	reads *int // how often it was asked for a list or a record
}

// fullNow is when the tests of the shell take place.
func fullNow() time.Time { return time.Date(2026, 11, 23, 3, 4, 5, 0, time.UTC) }

func three[T any](reads *int, make func(i int) T) model.Page[T] {
	*reads++
	var p model.Page[T]
	for i := range 3 {
		p.Items = append(p.Items, make(i))
	}
	return p
}

func fullID(kind byte, i int) string { return strings.Repeat(string(kind), 31) + fmt.Sprint(i) }

func fullReset(i int) model.Reset {
	at := fullNow().Add(-time.Duration(i) * time.Minute)
	return model.Reset{ID: model.NewResetID(fullID('a', i), model.SchemeSecret), AccountID: fmt.Sprintf("%032x", i+1), Email: fmt.Sprintf("person.%02d@example.org", i),
		Created: at, Expires: at.Add(time.Hour), RequestedIP: fmt.Sprintf("203.0.113.%d", i+1), RequestedAgent: "curl/8", BatchID: fullID('b', 0)}
}

func fullCluster(i int) detect.Cluster {
	p := netip.MustParsePrefix(fmt.Sprintf("203.0.%d.0/24", 113+i))
	return detect.Cluster{Key: p.String(), Kind: detect.ByPrefix, Prefix: p, On: detect.OnRequest, Score: 200 - float64(i), Hot: true, Start: fullNow().Add(-time.Hour), End: fullNow(),
		Requests: 3, Accounts: 3, Live: 3, EventIDs: []string{fullID('a', 0)}, Why: "three", Against: "nothing"}
}

func fullLetter(i int) model.Letter {
	return model.Letter{ID: fullID('c', i), Kind: model.LetterIssued, ResetID: fullReset(i).ID, AccountID: fullReset(i).AccountID, To: fullReset(i).Email,
		State: model.Queued, Created: fullReset(i).Created, MessageID: "m"}
}

func fullBatch(i int) model.Batch {
	return model.Batch{ID: fullID('b', i), Verb: model.VerbRevoke, By: "ada", At: fullReset(i).Created, Subject: "3 resets", Counts: model.Tally{{Label: "resets", N: 3}}}
}

func (s full) ListResets(context.Context, model.ResetFilter) (model.Page[model.Reset], error) {
	return three(s.reads, func(i int) model.Reset {
		r := fullReset(i)
		if i == 2 { // states differ, for what counts them
			r.Used, r.WasUsed = r.Created, true
		}
		return r
	}), nil
}

func (s full) CountResets(context.Context, model.ResetFilter, int) (model.Count, error) {
	return model.Count{N: 3}, nil
}

func (s full) FindReset(context.Context, string) (model.Reset, error) {
	*s.reads++
	return fullReset(0), nil
}

func (s full) FindAccount(ctx context.Context, ref string) (model.AccountRow, error) {
	*s.reads++
	return s.stand.FindAccount(ctx, ref)
}

func (s full) ListAccounts(ctx context.Context, f model.AccountFilter) (model.Page[model.AccountRow], error) {
	*s.reads++
	return s.stand.ListAccounts(ctx, f)
}

func (s full) Clusters(context.Context, model.ClusterFilter) ([]detect.Cluster, error) {
	return three(s.reads, fullCluster).Items, nil
}

func (s full) FindCluster(context.Context, string) (detect.Cluster, error) {
	*s.reads++
	return fullCluster(0), nil
}

func (s full) ReplayClusters(context.Context, detect.Config, model.ClusterFilter) ([]detect.Cluster, error) {
	return three(s.reads, fullCluster).Items, nil
}

func (s full) ListCases(context.Context, model.CaseFilter) (model.Page[model.Case], error) {
	return three(s.reads, func(i int) model.Case {
		return model.Case{Key: fullCluster(i).Key, State: model.CaseContained, By: "ada", At: fullReset(i).Created, Batch: fullID('b', i), Subject: "network"}
	}), nil
}

func (s full) ListRules(context.Context, model.RuleFilter) (model.Page[model.Rule], error) {
	return three(s.reads, func(i int) model.Rule {
		return model.Rule{Prefix: fullCluster(i).Prefix, Action: model.Block, By: "ada", Created: fullReset(i).Created, BatchID: fullID('b', i)}
	}), nil
}

func (s full) ListLetters(context.Context, model.LetterFilter) (model.Page[model.Letter], error) {
	return three(s.reads, fullLetter), nil
}

func (s full) FindLetter(context.Context, string) (model.Letter, error) {
	*s.reads++
	return fullLetter(0), nil
}

func (s full) ListAudit(context.Context, model.AuditFilter) (model.Page[model.AuditEntry], error) {
	return three(s.reads, func(i int) model.AuditEntry {
		return model.AuditEntry{Seq: int64(3 - i), At: fullReset(i).Created, Operator: "ada", Verb: model.VerbRevoke, Subject: "3 resets", BatchID: fullID('b', i)}
	}), nil
}

func (s full) VerifyAudit(context.Context, func(int64)) (model.AuditEntry, error) {
	return model.AuditEntry{Seq: 3, At: fullNow()}, nil
}

func (s full) ListBatches(context.Context, model.BatchFilter) (model.Page[model.Batch], error) {
	return three(s.reads, fullBatch), nil
}

func (s full) FindBatch(context.Context, string) (model.Batch, error) {
	*s.reads++
	return fullBatch(0), nil
}

func (s full) PlanRevoke(context.Context, model.RevokeOrder) (model.Plan, error) {
	return model.Plan{Verb: model.VerbRevoke, Resets: 3, Accounts: 3, Asked: fullNow()}, nil
}

func (s full) PlanContain(_ context.Context, o model.ContainOrder) (model.ContainPlan, error) {
	return model.ContainPlan{Plan: model.Plan{Verb: model.VerbContain, Resets: 3, Accounts: 3, Asked: fullNow()}, Block: o.Target.Prefix}, nil
}

func (s full) PlanBlock(_ context.Context, r model.Rule) (model.ContainPlan, error) {
	return model.ContainPlan{Block: r.Prefix, Until: r.Expires}, nil
}

func (s full) Timeline(_ context.Context, f model.TimelineFilter) (model.Timeline, error) {
	from, steps, err := f.Span()
	return model.Timeline{From: from, Step: f.Step, Requests: make([]int, steps), Uses: make([]int, steps)}, err
}

func (s full) Setting(context.Context, string) (string, error) { return "", nil }

// places are keys that lead to every view, from one that a console can begin
// with.
func places() map[string][2]string {
	return map[string][2]string{
		"clusters": {"clusters", "j"}, "cluster": {"clusters", "<enter>"}, "whatif": {"clusters", "w"},
		"accounts": {"accounts", "j"}, "account": {"accounts", "<enter>"}, "resets": {"resets", "j"}, "reset": {"resets", "<enter>"},
		"blocks": {"blocks", "j"}, "outbox": {"outbox", "j"}, "email": {"outbox", "<enter>"}, "audit": {"audit", "j"}, "entry": {"audit", "t"},
		"cases": {"cases", "j"}, "batches": {"audit", "B"}, "batch": {"audit", "<enter>"}, "exact": {"resets", "V"}, "counts": {"resets", "#"},
	}
}

// at opens a console at a view, with a clipboard and a store that has something
// of everything.
func at(t testing.TB, view string) (c *console, copied, reads *int) {
	t.Helper()
	copied, reads = new(int), new(int)
	way := places()[view]
	c = newConsole(t, 120, 40, func(o *Options) {
		o.Home = way[0]
		o.Env.Store = full{o.Env.Store.(*stand), reads}
		o.Env.Copy = func(string) tea.Cmd { *copied++; return nil }
		o.Env.TestMail = func(context.Context, string) (string, error) { return "250 ok", nil }
	})
	c.press(way[1])
	return c, copied, reads
}
