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
