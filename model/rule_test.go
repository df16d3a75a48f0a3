package model_test

import (
	"net/netip"
	"testing"
	"time"

	"doorman/model"
)

func TestDecide(t *testing.T) {
	rule := func(prefix string, a model.RuleAction, left time.Duration) model.Rule {
		r := model.Rule{Prefix: netip.MustParsePrefix(prefix), Action: a, Reason: prefix + " " + string(a)}
		if left != 0 {
			r.Expires = now.Add(left)
		}
		return r
	}
	rules := []model.Rule{
		rule("203.0.113.0/24", model.Block, 0),
		rule("203.0.113.64/26", model.Allow, time.Hour),
		rule("203.0.113.70/32", model.Block, time.Nanosecond),
		rule("198.51.100.0/24", model.Block, -time.Second),
		rule("192.0.2.0/24", model.Block, 0),
		rule("192.0.2.0/24", model.Allow, 0),
		rule("2001:db8::/32", model.Block, 0),
		rule("2001:db8:1::/48", model.Allow, 0),
		rule("240.0.0.0/8", model.Allow, 0),
		rule("240.0.0.0/8", model.Block, 0),
		rule("245.0.0.0/8", model.Block, time.Second),
		rule("244.0.0.0/7", model.Block, 0),
	}
	backwards := make([]model.Rule, len(rules))
	for i, r := range rules {
		backwards[len(rules)-1-i] = r
	}
	for addr, want := range map[string]string{
		"203.0.113.1":        "203.0.113.0/24 block",
		"::ffff:203.0.113.1": "203.0.113.0/24 block",
		"203.0.113.65":       "203.0.113.64/26 allow",
		"203.0.113.70":       "203.0.113.70/32 block",
		"198.51.100.1":       "",
		"192.0.2.9":          "192.0.2.0/24 allow",
		"240.1.2.3":          "240.0.0.0/8 allow",
		"244.1.2.3":          "244.0.0.0/7 block",
		"245.1.2.3":          "245.0.0.0/8 block",
		"2001:db8:2::1":      "2001:db8::/32 block",
		"2001:db8:2::1%eth0": "2001:db8::/32 block",
		"2001:db8:1::1":      "2001:db8:1::/48 allow",
		"2001:db9::1":        "",
		"0.0.0.0":            "",
	} {
		for _, order := range [][]model.Rule{rules, backwards} {
			r, ok := model.Decide(order, netip.MustParseAddr(addr), now)
			if r.Reason != want || ok != (want != "") {
				t.Errorf("%s: %q %v, want %q", addr, r.Reason, ok, want)
			}
		}
	}
	if _, ok := model.Decide(rules, netip.Addr{}, now); ok {
		t.Error("no address fell under a rule")
	}
	if r, _ := model.Decide([]model.Rule{rule("0.0.0.0/0", model.Block, 0)}, netip.MustParseAddr("1.1.1.1"), now); r.Reason == "" {
		t.Error("a rule for everybody is for nobody")
	}
	if _, ok := model.Decide([]model.Rule{rule("203.0.113.0/24", model.Block, time.Second)}, netip.MustParseAddr("203.0.113.1"), now.Add(time.Second)); ok {
		t.Error("a rule outlived its expiry")
	}
}
