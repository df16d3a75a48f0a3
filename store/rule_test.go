package store

import (
	"context"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

// setRule puts a rule in force; d 0 means for ever.
func setRule(t testing.TB, s *Store, action model.RuleAction, network string, d time.Duration) model.Batch {
	t.Helper()
	r := model.Rule{Prefix: prefix(t, network), Action: action}
	if d > 0 {
		r.Expires = s.now().Add(d)
	}
	b, err := s.SetRule(context.Background(), operator(), r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// governs names the rule for an address: "block 203.0.113.0/24", or "".
func governs(t testing.TB, s *Store, ip string) string {
	t.Helper()
	r, ok, err := s.CheckIP(context.Background(), netip.MustParseAddr(ip))
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		return ""
	}
	return string(r.Action) + " " + r.Prefix.String()
}

func TestTheLongestPrefixGoverns(t *testing.T) {
	s, c := newClockedStore(t)
	setRule(t, s, model.Block, "203.0.0.0/16", 0)
	setRule(t, s, model.Allow, "203.0.113.0/24", time.Hour)
	setRule(t, s, model.Block, "203.0.113.7", 2*time.Hour)
	setRule(t, s, model.Block, "2001:db8::/32", 0)
	setRule(t, s, model.Allow, "2001:db8::/32", 0)
	for ip, want := range map[string]string{
		"203.0.9.1": "block 203.0.0.0/16", "203.0.113.8": "allow 203.0.113.0/24", "203.0.113.7": "block 203.0.113.7/32",
		"::ffff:203.0.113.7": "block 203.0.113.7/32", "203.1.0.1": "", "2001:db8::9": "allow 2001:db8::/32", "2001:db9::9": "", "::1": "",
	} {
		if got := governs(t, s, ip); got != want {
			t.Errorf("%s: %q, want %q", ip, got, want)
		}
	}
	c.forward(time.Hour)
	if got := governs(t, s, "203.0.113.8"); got != "block 203.0.0.0/16" {
		t.Error("an expired exception still counts:", got)
	}
	c.forward(time.Hour)
	if got := governs(t, s, "203.0.113.7"); got != "block 203.0.0.0/16" {
		t.Error("an expired block still counts:", got)
	}
}

// TestProbingEqualsDeciding: the index finds what going through all rules would.
func TestProbingEqualsDeciding(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	list := []string{"198.18.0.0/15", "198.18.0.0/16", "198.18.4.0/22", "198.18.5.0/24", "198.18.5.128/25", "198.18.5.130",
		"2001:db8::/32", "2001:db8:5::/48", "2001:db8:5:6::/64", "2001:db8:5:6::7"}
	for i, network := range list {
		action := []model.RuleAction{model.Block, model.Allow}[i%2]
		if _, err := s.SetRule(ctx, operator(), model.Rule{Prefix: prefix(t, network), Action: action, Wide: true}); err != nil {
			t.Fatal(err)
		}
	}
	page, err := s.ListRules(ctx, model.RuleFilter{})
	if err != nil || len(page.Items) != len(list) {
		t.Fatal(len(page.Items), err)
	}
	for _, ip := range []string{"198.18.5.130", "198.18.5.131", "198.18.5.1", "198.18.6.1", "198.18.8.1", "198.19.0.1", "198.20.0.1",
		"2001:db8:5:6::7", "2001:db8:5:6::8", "2001:db8:5:7::", "2001:db8:6::", "2001:db9::"} {
		a := netip.MustParseAddr(ip)
		want, found := model.Decide(page.Items, a, noon())
		got, ok, err := s.CheckIP(ctx, a)
		if err != nil || ok != found || got != want {
			t.Errorf("%s: %+v %v, want %+v %v (%v)", ip, got, ok, want, found, err)
		}
	}
}

func TestListRules(t *testing.T) {
	s, c := newClockedStore(t)
	ctx := context.Background()
	setRule(t, s, model.Block, "203.0.113.0/24", time.Hour)
	c.forward(time.Second)
	setRule(t, s, model.Allow, "203.0.113.7", 0)
	c.forward(time.Second)
	setRule(t, s, model.Block, "192.0.2.0/24", time.Minute)
	c.forward(time.Second)
	setRule(t, s, model.Block, "203.0.113.0/24", 3*time.Hour)
	c.forward(2 * time.Minute)
	for _, tc := range []struct {
		f    model.RuleFilter
		want string
	}{
		{model.RuleFilter{}, "block 203.0.113.0/24, allow 203.0.113.7/32"},
		{model.RuleFilter{Action: model.Allow}, "allow 203.0.113.7/32"},
		{model.RuleFilter{All: true}, "block 203.0.113.0/24, block 192.0.2.0/24, allow 203.0.113.7/32, block 203.0.113.0/24"},
	} {
		var all []string
		tc.f.Limit = 1
		for {
			page, err := s.ListRules(ctx, tc.f)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.Items {
				all = append(all, string(r.Action)+" "+r.Prefix.String())
			}
			if tc.f.After = page.Next; page.Next == "" {
				break
			}
		}
		if got := strings.Join(all, ", "); got != tc.want {
			t.Errorf("%+v: %s", tc.f, got)
		}
	}
	page, err := s.ListRules(ctx, model.RuleFilter{})
	if r := page.Items[0]; err != nil || r.By != "ada" || r.Reason != "ticket 7" || !r.Expires.Equal(noon().Add(3*time.Hour+3*time.Second)) || r.BatchID == "" {
		t.Errorf("%+v %v", r, err)
	}
}

func TestRefusedRulesLeaveNothing(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	for name, tc := range map[string]struct {
		r    model.Rule
		kind model.Kind
	}{
		"wide":        {model.Rule{Prefix: netip.MustParsePrefix("198.18.0.0/15"), Action: model.Block}, model.Refused},
		"wide IPv6":   {model.Rule{Prefix: netip.MustParsePrefix("2001:db8::/31"), Action: model.Block}, model.Refused},
		"widest":      {model.Rule{Prefix: netip.MustParsePrefix("198.0.0.0/7"), Action: model.Block, Wide: true}, model.Refused},
		"widest IPv6": {model.Rule{Prefix: netip.MustParsePrefix("2000::/15"), Action: model.Allow, Wide: true}, model.Refused},
		"everything":  {model.Rule{Prefix: netip.MustParsePrefix("::ffff:0.0.0.0/96"), Action: model.Block, Wide: true}, model.Refused},
		"nothing":     {model.Rule{Action: model.Block}, model.Invalid},
		"action":      {model.Rule{Prefix: netip.MustParsePrefix("192.0.2.0/24"), Action: "drop"}, model.Invalid},
		"past":        {model.Rule{Prefix: netip.MustParsePrefix("192.0.2.0/24"), Action: model.Block, Expires: noon()}, model.Invalid},
	} {
		before := rows(t, s)
		if _, err := s.SetRule(ctx, operator(), tc.r); !model.IsKind(err, tc.kind) {
			t.Error(name, err)
		}
		if after := rows(t, s); !sameRows(before, after) {
			t.Error(name, before, after)
		}
	}
	before := rows(t, s)
	if _, err := s.LiftRule(ctx, operator(), prefix(t, "192.0.2.0/24")); !model.IsKind(err, model.NotFound) {
		t.Error(err)
	}
	if after := rows(t, s); !sameRows(before, after) {
		t.Error(before, after)
	}
	if _, err := s.SetRule(ctx, operator(), model.Rule{Prefix: netip.MustParsePrefix("198.18.0.0/15"), Action: model.Block, Wide: true}); err != nil {
		t.Error("after the second yes:", err)
	}
}

// TestUndoOfRules: each gesture is taken back to what was in force before it.
func TestUndoOfRules(t *testing.T) {
	s, c := newClockedStore(t)
	ctx := context.Background()
	undo := func(b model.Batch) string {
		t.Helper()
		u, err := s.Undo(ctx, operator(), b.ID)
		if err != nil {
			t.Fatal(err)
		}
		return u.Restored.String() + " | " + u.Kept.String()
	}
	check := func(got, want, force string) {
		t.Helper()
		if got != want {
			t.Errorf("undone: %s, want %s", got, want)
		}
		if now := governs(t, s, "192.0.2.1"); now != force {
			t.Errorf("in force is %q, want %q", now, force)
		}
	}
	first := setRule(t, s, model.Block, "192.0.2.0/24", 2*time.Hour)
	second := setRule(t, s, model.Block, "192.0.2.0/24", time.Minute)
	check(undo(first), " | 1 block changed since", "block 192.0.2.0/24")
	c.forward(2 * time.Minute)
	check(undo(second), "1 block restored | 1 block expired since", "block 192.0.2.0/24")
	allow := setRule(t, s, model.Allow, "192.0.2.0/24", 0)
	check("", "", "allow 192.0.2.0/24")
	lifted, err := s.LiftRule(ctx, operator(), prefix(t, "192.0.2.0/24"))
	if err != nil || lifted.Counts.String() != "1 block, 1 exception" && lifted.Counts.String() != "1 exception, 1 block" {
		t.Fatal(lifted, err)
	}
	check(undo(allow), " | 1 exception changed since", "")
	check(undo(lifted), "1 exception restored, 1 block restored | ", "allow 192.0.2.0/24")
	again, err := s.LiftRule(ctx, operator(), prefix(t, "192.0.2.0/24"))
	if err != nil {
		t.Fatal(err)
	}
	setRule(t, s, model.Block, "192.0.2.0/24", time.Hour)
	check(undo(again), "1 exception restored | 1 block replaced since", "allow 192.0.2.0/24")
	if _, err := s.Undo(ctx, operator(), again.ID); !model.IsKind(err, model.Conflict) {
		t.Error(err)
	}
}

// TestRulesInForce: who is blocked can neither ask nor redeem, and learns nothing.
func TestRulesInForce(t *testing.T) {
	s, c := newClockedStore(t)
	ctx := context.Background()
	addAccount(t, s, "ann@example.org")
	setRule(t, s, model.Block, "203.0.113.0/24", time.Hour)
	setRule(t, s, model.Allow, "203.0.113.7", 0)
	ask := func(ip string) bool {
		t.Helper()
		before := rows(t, s)
		if err := s.Request(ctx, model.Act{}, model.RequestOrder{Email: "ann@example.org", IP: ip, Agent: "x"}); err != nil {
			t.Fatal(err)
		}
		return !sameRows(before, rows(t, s))
	}
	_, token := issued(t, s, "bob@example.org")
	redeem := func(ip string) bool {
		t.Helper()
		before := rows(t, s)
		_, err := s.Redeem(ctx, model.Act{}, model.RedeemOrder{Token: token, IP: ip})
		if err != nil && (!model.IsKind(err, model.Refused) || !sameRows(before, rows(t, s))) {
			t.Error(ip, err)
		}
		return err == nil
	}
	for ip, want := range map[string]bool{
		"203.0.113.9": false, " [::ffff:203.0.113.9]:443": false, "10.0.0.1, 203.0.113.9": false, "203.0.113.9, 10.0.0.1": false,
		"203.0.113.7": true, "192.0.2.1": true, "": true, "not an address": true, "\x00\xff203.0.113.9": true,
		strings.Repeat("192.0.2.1, ", 100) + "203.0.113.9": false, strings.Repeat("203.0.113.9, ", 100) + "192.0.2.1": true,
	} {
		if got := ask(ip); got != want {
			t.Errorf("asking from %q: %v", ip, got)
		}
	}
	if redeem("203.0.113.9") || redeem("::ffff:203.0.113.9") {
		t.Error("a blocked address redeemed")
	}
	c.forward(30 * time.Minute)
	if !redeem("203.0.113.7") {
		t.Error("the exception could not redeem")
	}
	c.forward(31 * time.Minute)
	if !ask("203.0.113.9") {
		t.Error("the block outlived its time")
	}
}

// TestMigrateBeforeTriage: a database from before rules and cases gets them,
// after a backup, and can be looked at without.
func TestMigrateBeforeTriage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "doorman.db")
	_ = openAs(t, Options{Path: path, Create: true, Key: testKey()}).Close()
	foreign(t, path, `DROP TABLE doorman_rule`, `DROP TABLE doorman_case`, `DROP TABLE doorman_address_part`, `DROP TABLE doorman_address`,
		`DROP TRIGGER doorman_address_insert`, `DROP TRIGGER doorman_address_update`, `DROP TRIGGER doorman_address_delete`,
		`DROP TABLE doorman_address_stale`, `DROP INDEX doorman_reset_class`, `DROP INDEX doorman_audit_operator`, `DROP INDEX doorman_audit_verb`,
		`DROP TRIGGER doorman_outbox_tally_insert`, `DROP TRIGGER doorman_outbox_tally_update`, `DROP TRIGGER doorman_outbox_tally_delete`,
		`DROP TABLE doorman_outbox_tally`,
		`DELETE FROM doorman_migration WHERE version >= 4`)
	look := openAs(t, Options{Path: path, ReadOnly: true})
	if page, err := look.ListRules(context.Background(), model.RuleFilter{}); err != nil || len(page.Items) != 0 {
		t.Error(page, err)
	}
	if page, err := look.ListCases(context.Background(), model.CaseFilter{}); err != nil || len(page.Items) != 0 {
		t.Error(page, err)
	}
	clusters(t, look)
	_ = look.Close()
	s := openAs(t, Options{Path: path, Key: testKey(), Act: operator()})
	setRule(t, s, model.Block, "192.0.2.0/24", 0)
	if s.backup == "" || ask(t, s.backup, `SELECT max(version) FROM doorman_migration`) != "3" ||
		text(t, s, "SELECT verb || ' ' || subject FROM doorman_audit ORDER BY seq LIMIT 1") != "migrate schema "+strconv.Itoa(s.schema) {
		t.Error("no backup or no entry:", s.backup)
	}
}
