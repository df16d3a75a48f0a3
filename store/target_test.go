package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// TestExceptionsHold: containing a cluster and revoking it leave what an exception
// inside it covers, say so in the plan, and revoke the rest; so do acts on an
// account or an agent, wherever the exception lies.
func TestExceptionsHold(t *testing.T) {
	for name, tc := range map[string]struct {
		target func(s *Store, list []model.Reset) model.Target
		except string
		spares int
	}{
		"network":      {func(*Store, []model.Reset) model.Target { return target(t, "203.0.113.0/24") }, "203.0.113.0/28", 10},
		"same network": {func(*Store, []model.Reset) model.Target { return target(t, "203.0.113.0/24") }, "203.0.113.0/24", 26},
		"wider":        {func(*Store, []model.Reset) model.Target { return target(t, "203.0.113.0/24") }, "203.0.0.0/16", 0},
		"elsewhere":    {func(*Store, []model.Reset) model.Target { return target(t, "203.0.113.0/24") }, "2001:db8::/32", 0},
		"agent":        {func(*Store, []model.Reset) model.Target { return model.Target{Key: "agent:1", Agent: "curl/8"} }, "203.0.113.0/28", 10},
		"account": {func(_ *Store, l []model.Reset) model.Target {
			return model.Target{Key: "account:1", AccountID: l[1].AccountID}
		}, "203.0.113.0/28", 2},
		"named": {func(_ *Store, l []model.Reset) model.Target {
			return model.Target{Key: "list:1", IDs: []model.ResetID{l[1].ID, l[2].ID, l[40-1].ID, l[37].ID}}
		}, "203.0.113.0/28", 2},
	} {
		for verb, act := range map[string]func(s *Store, at model.Target) (model.Plan, model.Batch, error){
			"contain": func(s *Store, at model.Target) (model.Plan, model.Batch, error) {
				p, err := s.PlanContain(t.Context(), model.ContainOrder{Target: at})
				if err != nil {
					return p.Plan, model.Batch{}, err
				}
				b, err := s.Contain(t.Context(), operator(), model.ContainOrder{Target: at, Asked: p.Asked})
				return p.Plan, b, err
			},
			"revoke": func(s *Store, at model.Target) (model.Plan, model.Batch, error) {
				p, err := s.PlanRevoke(t.Context(), model.RevokeOrder{Target: at})
				if err != nil {
					return p, model.Batch{}, err
				}
				b, err := s.Revoke(t.Context(), operator(), model.RevokeOrder{Target: at, Asked: p.Asked})
				return p, b, err
			},
		} {
			s, _, list := attacked(t)
			at := tc.target(s, list)
			setRule(t, s, model.Allow, tc.except, 0)
			all := liveOf(t, s, at)
			p, b, err := act(s, at)
			if all == tc.spares && !(verb == "contain" && at.Prefix.IsValid()) {
				if !model.IsKind(err, model.NotFound) {
					t.Errorf("%s %s: %v", verb, name, err)
				}
			} else if err != nil || b.Counts.Of("resets") != all-tc.spares {
				t.Errorf("%s %s: %v %v, of %d live", verb, name, b.Counts, err, all)
			}
			if p.Resets != all-tc.spares || p.Excluded.Of("live in the exception "+tc.except) != tc.spares {
				t.Errorf("%s %s: plan of %d, excluded %v", verb, name, p.Resets, p.Excluded)
			}
			if left := liveOf(t, s, at); left != tc.spares {
				t.Errorf("%s %s: %d live afterwards, want %d", verb, name, left, tc.spares)
			}
		}
	}
}

// liveOf counts the live resets of a target, spared or not.
func liveOf(t *testing.T, s *Store, at model.Target) int {
	t.Helper()
	at.Key = ""
	p, err := s.PlanRevoke(context.Background(), model.RevokeOrder{Target: at})
	if err != nil {
		t.Fatal(err)
	}
	return p.Resets
}

// TestTheNarrowestExceptionIsNamed, once a reset; one that has expired or was
// lifted spares nothing.
func TestTheNarrowestExceptionIsNamed(t *testing.T) {
	s, c, _ := attacked(t)
	setRule(t, s, model.Allow, "203.0.113.0/27", 0)
	setRule(t, s, model.Allow, "203.0.113.0/28", 0)
	setRule(t, s, model.Allow, "203.0.113.32/27", time.Minute)
	setRule(t, s, model.Allow, "203.0.113.48/29", 0)
	if _, err := s.LiftRule(t.Context(), operator(), prefix(t, "203.0.113.48/29")); err != nil {
		t.Fatal(err)
	}
	c.forward(2 * time.Minute)
	p, err := s.PlanContain(t.Context(), model.ContainOrder{Target: target(t, "203.0.113.0/24")})
	if err != nil || p.Excluded.String() != "11 live in the exception 203.0.113.0/27, 10 live in the exception 203.0.113.0/28" || p.Resets != 5 {
		t.Errorf("%d, excluded %q, %v", p.Resets, p.Excluded, err)
	}
}

// TestWhatOperatorsIssuedStays when the account is attacked: the honest user was
// just helped with it.
func TestWhatOperatorsIssuedStays(t *testing.T) {
	s, _, list := attacked(t)
	issued, err := s.Issue(t.Context(), operator(), model.IssueOrder{AccountID: list[0].AccountID})
	if err != nil {
		t.Fatal(err)
	}
	at := model.Target{Key: "account:1", AccountID: list[0].AccountID}
	p, err := s.PlanContain(t.Context(), model.ContainOrder{Target: at})
	if err != nil || p.Excluded.Of("live and issued by operators") != 1 {
		t.Errorf("%+v %v", p.Excluded, err)
	}
	contain(t, s, model.ContainOrder{Target: at})
	if r, err := s.FindReset(t.Context(), issued.Reset.ID.Full()); err != nil || r.State(s.now()) != model.Live {
		t.Error(r, err)
	}
}

// TestRequestedMeanwhile: what came between the question and the act stays live,
// and the batch and the log say how much.
func TestRequestedMeanwhile(t *testing.T) {
	s, c, list := attacked(t)
	at := target(t, "203.0.113.0/24")
	p, err := s.PlanContain(t.Context(), model.ContainOrder{Target: at})
	if err != nil {
		t.Fatal(err)
	}
	c.forward(time.Second)
	for i := range 2 {
		inTx(t, s, func(tx *gorm.DB, now time.Time) error {
			r := s.newReset(now, model.Account{ID: list[i].AccountID, Email: list[i].Email}, s.lifetime)
			r.RequestedIP = "203.0.113.200"
			_, err := s.addReset(tx, now, r)
			return err
		})
	}
	b := contain(t, s, model.ContainOrder{Target: at, Asked: p.Asked})
	if b.Counts.Of("resets") != p.Resets || b.Counts.Of(model.RequestedMeanwhile) != 2 || !strings.HasSuffix(b.Counts.String(), ", 2 requested meanwhile, still live") {
		t.Error(b.Counts)
	}
	if n := number(t, s, "SELECT count(*) FROM doorman_audit WHERE batch_id = ? AND counts LIKE '%meanwhile%'", b.ID); n != 1 {
		t.Errorf("%d entries say so", n)
	}
	if again, err := s.Revoke(t.Context(), operator(), model.RevokeOrder{Target: at}); err != nil || again.Counts.Of("resets") != 2 || again.Subject != "network 203.0.113.0/24" {
		t.Error(again, err)
	}
}

// TestATargetEnds: of a cluster that has ended what came later is left alone.
func TestATargetEnds(t *testing.T) {
	s, c, list := attacked(t)
	at := target(t, "203.0.113.0/24")
	at.Until = c.now().Add(-20*time.Minute + time.Millisecond)
	want := 0
	for _, r := range list {
		if strings.HasPrefix(r.RequestedIP, "203.0.113.") && r.Created.Before(at.Until) {
			want++
		}
	}
	if b := contain(t, s, model.ContainOrder{Target: at}); want == 0 || want == 26 || b.Counts.Of("resets") != want {
		t.Errorf("%v, want %d", b.Counts, want)
	}
}

// TestFilterByClusters: a filter by what clusters are aimed at selects the same as
// their flags, in pages and in counts, alone and with other fields; the other way
// round it selects the rest.
func TestFilterByClusters(t *testing.T) {
	s, _, list := attacked(t)
	if _, err := s.Issue(t.Context(), operator(), model.IssueOrder{AccountID: list[0].AccountID}); err != nil {
		t.Fatal(err)
	}
	network, account := target(t, "203.0.113.0/24"), model.Target{Key: "account:1", AccountID: list[0].AccountID}
	agent, named := model.Target{Key: "agent:1", Agent: "Firefox"}, model.Target{Key: "list:1", IDs: []model.ResetID{list[3].ID, list[4].ID}}
	late := network
	late.Since, late.Until = list[20].Created, list[10].Created
	of := func(ts ...model.Target) *model.Of { return &model.Of{Targets: ts} }
	for name, tc := range map[string]struct {
		f    model.ResetFilter
		want int
	}{
		"network":             {model.ResetFilter{Of: of(network)}, 26},
		"account":             {model.ResetFilter{Of: of(account)}, 4},
		"agent":               {model.ResetFilter{Of: of(agent)}, 14},
		"named":               {model.ResetFilter{Of: of(named)}, 2},
		"in its time":         {model.ResetFilter{Of: of(late)}, 7},
		"since later":         {model.ResetFilter{Of: of(late), Since: list[15].Created}, 3},
		"two":                 {model.ResetFilter{Of: of(network, agent)}, 40},
		"none of two":         {model.ResetFilter{Of: &model.Of{Targets: []model.Target{network, agent}, Not: true}}, 1},
		"no cluster":          {model.ResetFilter{Of: of()}, 0},
		"not of no cluster":   {model.ResetFilter{Of: &model.Of{Not: true}}, 41},
		"with an agent":       {model.ResetFilter{Of: of(account), Agent: "curl"}, 2},
		"with a network":      {model.ResetFilter{Of: of(network), IP: prefix(t, "203.0.113.0/28")}, 10},
		"with another":        {model.ResetFilter{Of: of(network), IP: prefix(t, "2001:db8::/32")}, 0},
		"live":                {model.ResetFilter{Of: of(network), States: []model.State{model.Live}}, 26},
		"used":                {model.ResetFilter{Of: of(network), States: []model.State{model.Used}}, 0},
		"of an address":       {model.ResetFilter{Of: of(network), Query: "user1@"}, 3},
		"all by address":      {model.ResetFilter{Of: of(network, named), Sort: model.ByIP}, 27},
		"one, oldest first":   {model.ResetFilter{Of: of(account), Asc: true}, 4},
		"network, by address": {model.ResetFilter{Of: of(network), Sort: model.ByIP}, 26},
	} {
		if n, err := s.CountResets(t.Context(), tc.f, 0); err != nil || n.N != tc.want {
			t.Errorf("%s: counted %d %v, want %d", name, n.N, err, tc.want)
		}
		got := 0
		tc.f.Limit = 6
		for {
			page, err := s.ListResets(t.Context(), tc.f)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got += len(page.Items)
			if tc.f.After = page.Next; page.Next == "" {
				break
			}
		}
		if got != tc.want {
			t.Errorf("%s: listed %d, want %d", name, got, tc.want)
		}
	}
	for name, tc := range map[string]struct {
		f    model.AccountFilter
		want int
	}{
		"named":      {model.AccountFilter{Of: of(named)}, 2},
		"searched":   {model.AccountFilter{Of: of(named), Query: "user3"}, 1},
		"short part": {model.AccountFilter{Of: of(named), Query: "3"}, 1},
		"held":       {model.AccountFilter{Of: of(named), Held: true}, 0},
		"the others": {model.AccountFilter{Of: &model.Of{Targets: []model.Target{named}, Not: true}}, 8},
		"none":       {model.AccountFilter{Of: of()}, 0},
	} {
		page, err := s.ListAccounts(t.Context(), tc.f)
		if err != nil || len(page.Items) != tc.want {
			t.Errorf("accounts, %s: %d %v, want %d", name, len(page.Items), err, tc.want)
		}
		if n, err := s.CountAccounts(t.Context(), tc.f, 0); err != nil || n.N != tc.want {
			t.Errorf("accounts, %s: counted %d %v, want %d", name, n.N, err, tc.want)
		}
	}
}

// TestExceptionsHoldInFilters: revoking what a filter by clusters selects leaves
// what any exception covers, too.
func TestExceptionsHoldInFilters(t *testing.T) {
	s, _, _ := attacked(t)
	setRule(t, s, model.Allow, "203.0.113.0/28", 0)
	o := model.RevokeOrder{Filter: model.ResetFilter{Of: &model.Of{Targets: []model.Target{target(t, "203.0.113.0/24")}, Words: "flagged:yes"}}}
	p, err := s.PlanRevoke(t.Context(), o)
	if err != nil || p.Resets != 16 || p.Excluded.String() != "10 live in the exception 203.0.113.0/28" {
		t.Errorf("%d, excluded %q, %v", p.Resets, p.Excluded, err)
	}
	b, err := s.Revoke(t.Context(), operator(), o)
	if err != nil || b.Counts.Of("resets") != 16 || b.Subject != "resets of flagged:yes" {
		t.Errorf("%+v %v", b, err)
	}
}

// TestResetsOf: the resets of the accounts that are named, since a moment.
func TestResetsOf(t *testing.T) {
	s, _, list := attacked(t)
	got, err := s.ResetsOf(t.Context(), []string{list[0].AccountID, list[1].AccountID, "nobody"}, list[20].Created)
	if err != nil || len(got) != 5 || got[0].ID.Full() != list[0].ID.Full() || got[4].ID.Full() != list[20].ID.Full() {
		t.Errorf("%d %v", len(got), err)
	}
}
