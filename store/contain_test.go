package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// attacked is a store with 40 live resets, 26 of them from 203.0.113.0/24, with
// a letter each.
func attacked(t testing.TB) (*Store, *clock, []model.Reset) {
	s, c := newClockedStore(t)
	return s, c, fillLive(t, s, 40)
}

func target(t testing.TB, network string) model.Target {
	p := prefix(t, network)
	return model.Target{Key: p.String(), Prefix: p}
}

func contain(t testing.TB, s *Store, o model.ContainOrder) model.Batch {
	t.Helper()
	b, err := s.Contain(context.Background(), operator(), o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func caseIs(t testing.TB, s *Store, key string) string {
	t.Helper()
	c, err := s.FindCase(context.Background(), key)
	if model.IsKind(err, model.NotFound) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(c.State) + ": " + c.Note
}

func TestContainAndUndo(t *testing.T) {
	s, c, list := attacked(t)
	ctx := context.Background()
	before := resetTexts(t, s)
	plan, err := s.PlanContain(ctx, model.ContainOrder{Target: target(t, "203.0.113.0/24")})
	if err != nil || plan.Resets != 26 || plan.Letters != 26 || plan.Block.String() != "203.0.113.0/24" || plan.Verb != model.VerbContain ||
		!plan.Until.Equal(c.in(model.DefaultBlock)) || plan.Refused != "" || plan.Wide || len(plan.Warnings) != 0 {
		t.Fatalf("%+v %v", plan, err)
	}
	n := rows(t, s)
	b := contain(t, s, model.ContainOrder{Target: target(t, "203.0.113.0/24"), Asked: plan.Asked})
	if b.Counts.String() != "26 resets, 10 accounts, 26 emails, 1 block, 1 case" || b.Subject != "network 203.0.113.0/24" || !b.CanUndo() {
		t.Errorf("%+v", b)
	}
	after := rows(t, s)
	for table, more := range map[string]int{"doorman_audit": 1, "doorman_batch": 1, "doorman_rule": 1, "doorman_case": 1, "PasswordReset": 0, "doorman_outbox": 0} {
		if after[table] != n[table]+more {
			t.Errorf("%s has %d rows, had %d", table, after[table], n[table])
		}
	}
	if governs(t, s, "203.0.113.77") != "block 203.0.113.0/24" || caseIs(t, s, "203.0.113.0/24") != "contained: ticket 7" {
		t.Error(governs(t, s, "203.0.113.77"), caseIs(t, s, "203.0.113.0/24"))
	}
	c.forward(time.Minute)
	exec(t, s, `UPDATE "PasswordReset" SET expires_date = ? WHERE id = ?`, s.stamp(c.now()), list[1].ID.Full())
	u, err := s.Undo(ctx, operator(), b.ID)
	if err != nil || u.Restored.String() != "25 resets, 25 emails, 1 block lifted, 1 case" || u.Kept.String() != "1 expired since" {
		t.Errorf("%+v %v", u, err)
	}
	if governs(t, s, "203.0.113.77") != "" || caseIs(t, s, "203.0.113.0/24") != "" {
		t.Error(governs(t, s, "203.0.113.77"), caseIs(t, s, "203.0.113.0/24"))
	}
	now := resetTexts(t, s)
	for id, was := range before {
		if id != list[1].ID.Full() && now[id] != was {
			t.Errorf("%s\nwas %s", now[id], was)
		}
	}
}

// resetTexts is every reset in words, by id, but for the batch that it remembers.
func resetTexts(t testing.TB, s *Store) map[string]string {
	t.Helper()
	page, err := s.ListResets(context.Background(), model.ResetFilter{Paging: model.Paging{Limit: 1000}})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, r := range page.Items {
		r.BatchID = ""
		out[r.ID.Full()] = fmt.Sprintf("%+v", r)
	}
	return out
}

// TestContainFollowsItsTarget: which resets end depends on what was named.
func TestContainFollowsItsTarget(t *testing.T) {
	for name, tc := range map[string]struct {
		make func(list []model.Reset) model.Target
		want string
	}{
		"account": {func(l []model.Reset) model.Target { return model.Target{Key: "account:x", AccountID: l[0].AccountID} },
			"4 resets, 1 account, 4 emails, 1 case"},
		"agent": {func([]model.Reset) model.Target { return model.Target{Key: "agent:1", Agent: "Firefox"} },
			"14 resets, 10 accounts, 14 emails, 1 case"},
		"named": {func(l []model.Reset) model.Target {
			return model.Target{IDs: []model.ResetID{l[0].ID, l[5].ID}, Agent: "Firefox"}
		},
			"2 resets, 2 accounts, 2 emails"},
		"network and named": {func(l []model.Reset) model.Target {
			return model.Target{Prefix: prefix(t, "203.0.113.1"), IDs: []model.ResetID{l[0].ID}}
		}, "2 resets, 2 accounts, 2 emails, 1 block"},
		"network where nothing is live": {func([]model.Reset) model.Target { return target(t, "192.0.2.0/24") }, "1 block, 1 case"},
		"since": {func(l []model.Reset) model.Target {
			return model.Target{Agent: "Firefox", Since: l[10].Created}
		}, "4 resets, 4 accounts, 4 emails"},
	} {
		s, _, list := attacked(t)
		if b := contain(t, s, model.ContainOrder{Target: tc.make(list)}); b.Counts.String() != tc.want {
			t.Errorf("%s: %s", name, b.Counts)
		}
	}
}

func TestRefusedContainLeavesNothing(t *testing.T) {
	s, _, _ := attacked(t)
	ctx := context.Background()
	for name, tc := range map[string]struct {
		o    model.ContainOrder
		kind model.Kind
	}{
		"nothing named":   {model.ContainOrder{}, model.Invalid},
		"nothing is live": {model.ContainOrder{Target: model.Target{Key: "agent:1", Agent: "wget"}}, model.NotFound},
		"wide":            {model.ContainOrder{Target: target(t, "203.0.0.0/15")}, model.Refused},
		"too wide":        {model.ContainOrder{Target: target(t, "202.0.0.0/7"), Wide: true}, model.Refused},
		"negative":        {model.ContainOrder{Target: target(t, "203.0.113.0/24"), For: -1}, model.Invalid},
		"hostile key":     {model.ContainOrder{Target: model.Target{Key: strings.Repeat("k", 400), Prefix: prefix(t, "203.0.113.0/24")}}, model.Invalid},
	} {
		before, resets := rows(t, s), resetTexts(t, s)
		if _, err := s.Contain(ctx, operator(), tc.o); !model.IsKind(err, tc.kind) {
			t.Error(name, err)
		}
		if after := rows(t, s); !sameRows(before, after) || fmt.Sprint(resets) != fmt.Sprint(resetTexts(t, s)) {
			t.Error(name, "left something:", before, after)
		}
	}
	plan, err := s.PlanContain(ctx, model.ContainOrder{Target: target(t, "202.0.0.0/7")})
	if err != nil || !strings.Contains(plan.Refused, "too wide") || plan.Resets != 26 {
		t.Errorf("%+v %v", plan, err)
	}
	if b := contain(t, s, model.ContainOrder{Target: target(t, "203.0.0.0/15"), Wide: true}); b.Counts.Of("blocks") != 1 {
		t.Error(b)
	}
}

// TestContainKeepsALongerBlock: to contain again never opens the door earlier.
func TestContainKeepsALongerBlock(t *testing.T) {
	s, c, _ := attacked(t)
	setRule(t, s, model.Block, "203.0.113.0/24", 0)
	plan, err := s.PlanContain(context.Background(), model.ContainOrder{Target: target(t, "203.0.113.0/24"), For: time.Hour})
	if err != nil || !plan.Until.IsZero() {
		t.Error(plan.Until, err)
	}
	b := contain(t, s, model.ContainOrder{Target: target(t, "203.0.113.0/24"), For: time.Hour})
	if b.Counts.Of("blocks") != 0 {
		t.Error(b.Counts)
	}
	c.forward(2 * time.Hour)
	if u, err := s.Undo(context.Background(), operator(), b.ID); err != nil || u.Kept.String() != "26 expired since" || u.Restored.Of("cases") != 1 {
		t.Error(u, err)
	}
	if governs(t, s, "203.0.113.1") == "" {
		t.Error("the older block went with it")
	}
}

func TestWarnings(t *testing.T) {
	s, c, _ := attacked(t)
	s.o.Act.Address = "::ffff:198.51.100.9"
	ctx := context.Background()
	setRule(t, s, model.Allow, "203.0.113.64/26", 0)
	setRule(t, s, model.Allow, "203.0.113.32/27", 0)
	setRule(t, s, model.Allow, "192.0.2.0/24", 0)
	for i := range 3 {
		exec(t, s, `UPDATE "PasswordReset" SET used_date = ?, was_used = 1, used_ip_address = '203.0.113.`+fmt.Sprint(i)+
			`:4711' WHERE requested_ip = ?`, s.stamp(c.now()), fmt.Sprintf("203.0.113.%d", i+1))
	}
	for network, want := range map[string][]string{
		"203.0.113.0/24":    {"2 exceptions inside it stay, 203.0.113.32/27 first", "2 accounts completed a reset there in the last 30 days"},
		"192.0.2.0/24":      {"the exception for the same network wins: the block has no effect until it is lifted"},
		"192.0.2.4/31":      {"it is narrower than the exception of 192.0.2.0/24 and wins over it"},
		"198.51.100.0/24":   {"you are connected from there yourself: 198.51.100.9"},
		"10.1.2.0/24":       {"it holds private addresses: a proxy or your own network"},
		"100.100.0.0/16":    {"it holds carrier addresses (RFC 6598), which many customers share"},
		"127.0.0.1":         {"it holds loopback addresses: this machine itself"},
		"169.254.3.0/24":    {"it holds link-local addresses: a proxy or your own network"},
		"fd00:1::/48":       {"it holds private addresses: a proxy or your own network"},
		"2001:db8:9::/48":   nil,
		"2001:db8:9::/31":   {"it is wider than a /16, or a /32 of IPv6: whole providers live there"},
		"198.51.100.128/25": nil,
	} {
		o := model.ContainOrder{Target: target(t, network)}
		plan, err := s.PlanContain(ctx, o)
		if err != nil || !slices.Equal(plan.Warnings, want) {
			t.Errorf("%s: %q %v", network, plan.Warnings, err)
		}
		same, err := s.PlanBlock(ctx, model.Rule{Prefix: o.Target.Prefix, Action: model.Block})
		if err != nil || !slices.Equal(same.Warnings, want) || same.Honest != plan.Honest || same.Verb != model.VerbBlock || same.Resets != plan.Resets {
			t.Errorf("%s: %+v %v", network, same, err)
		}
	}
	setRule(t, s, model.Block, "203.0.113.128/25", 0)
	plan, err := s.PlanBlock(ctx, model.Rule{Prefix: prefix(t, "203.0.113.0/24"), Action: model.Allow})
	if err != nil || !slices.Equal(plan.Warnings, []string{"the block of 203.0.113.128/25 inside it stays"}) {
		t.Errorf("%q %v", plan.Warnings, err)
	}
}

// TestOneAddressForAll: a proxy that hides the clients is not an attacker.
func TestOneAddressForAll(t *testing.T) {
	for name, tc := range map[string]struct {
		used string // where the resets of honest people are used
		want bool
	}{"proxy": {"198.51.100.1", true}, "attacker": {"192.0.2.9", false}} {
		s, c := newClockedStore(t)
		var accounts []model.Account
		for i := range 30 {
			accounts = append(accounts, addAccount(t, s, fmt.Sprintf("user%d@example.org", i)))
		}
		inTx(t, s, func(tx *gorm.DB, now time.Time) error {
			for i, a := range accounts {
				r := s.newReset(now.Add(-time.Duration(i)*time.Minute), a, s.lifetime)
				r.RequestedIP = "198.51.100.1"
				if _, err := s.addReset(tx, now, r); err != nil {
					return err
				}
			}
			return nil
		})
		exec(t, s, `UPDATE "PasswordReset" SET used_date = ?, was_used = 1, used_ip_address = ? WHERE user_id IN (?, ?)`,
			s.stamp(c.now()), tc.used, accounts[0].ID, accounts[1].ID)
		plan, err := s.PlanContain(context.Background(), model.ContainOrder{Target: target(t, "198.51.100.0/28")})
		if err != nil {
			t.Fatal(err)
		}
		warned := slices.ContainsFunc(plan.Warnings, func(w string) bool {
			return w == "30 of the 30 requests of the last day come from 198.51.100.1: a proxy seems to hide the clients, and a block would shut everybody out"
		})
		if warned != tc.want {
			t.Errorf("%s: %q", name, plan.Warnings)
		}
	}
}

// TestContainHidesCredentials: where ids are tokens none gets into a subject, a
// plan or the log.
func TestContainHidesCredentials(t *testing.T) {
	s := openAs(t, Options{Path: courseFile(t, `INSERT INTO "PasswordReset" (id, user_id, created_date, was_used) VALUES
		('0123456789abcdef0123456789abcdef', (SELECT id FROM "Account" LIMIT 1), '2026-11-23 11:59:00.000000', 0)`), Now: noon})
	ids := []model.ResetID{model.NewResetID("0123456789abcdef0123456789abcdef", s.scheme)}
	plan, err := s.PlanContain(context.Background(), model.ContainOrder{Target: model.Target{Key: "list:1", IDs: ids}})
	if err != nil || plan.Resets != 1 || strings.Contains(fmt.Sprintf("%+v", plan), ids[0].Full()) {
		t.Errorf("%+v %v", plan, err)
	}
	b := contain(t, s, model.ContainOrder{Target: model.Target{Key: "list:1", IDs: ids}})
	if b.Subject != "1 reset" || number(t, s, "SELECT count(*) FROM doorman_audit WHERE subject LIKE '%89abcdef0%'") != 0 {
		t.Errorf("%+v", b)
	}
}
