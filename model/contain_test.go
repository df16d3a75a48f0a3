package model

import (
	"net/netip"
	"testing"
	"time"
)

func TestWidths(t *testing.T) {
	for text, want := range map[string][2]bool{
		"203.0.113.0/24": {false, false}, "203.0.0.0/16": {false, false}, "203.0.0.0/15": {true, false}, "203.0.0.0/8": {true, false},
		"202.0.0.0/7": {true, true}, "0.0.0.0/0": {true, true}, "2001:db8::/32": {false, false}, "2001:db8::/31": {true, false},
		"2001::/16": {true, false}, "2000::/15": {true, true}, "::/0": {true, true},
	} {
		p := netip.MustParsePrefix(text)
		if got := [2]bool{IsWide(p), IsTooWide(p)}; got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestParseCaseState(t *testing.T) {
	for _, st := range CaseStates() {
		if got, err := ParseCaseState(string(st)); got != st || err != nil {
			t.Error(st, got, err)
		}
	}
	for _, text := range []string{"false", "false-positive"} {
		if got, err := ParseCaseState(text); got != CaseFalse || err != nil {
			t.Error(text, got, err)
		}
	}
	if _, err := ParseCaseState("perhaps"); !IsKind(err, Invalid) {
		t.Error(err)
	}
}

// TestRulesThatAreOverDoNotGovern: neither a lifted one nor one that ran out.
func TestRulesThatAreOverDoNotGovern(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	p := netip.MustParsePrefix("203.0.113.0/24")
	for name, tc := range map[string]struct {
		r    Rule
		want bool
	}{
		"for ever": {Rule{Prefix: p, Action: Block}, true}, "still": {Rule{Prefix: p, Action: Block, Expires: now.Add(1)}, true},
		"over": {Rule{Prefix: p, Action: Block, Expires: now}, false}, "lifted": {Rule{Prefix: p, Action: Block, Lifted: now}, false},
	} {
		if _, got := Decide([]Rule{tc.r}, netip.MustParseAddr("203.0.113.7"), now); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWhatCanBeUndone(t *testing.T) {
	for _, v := range []Verb{VerbRevoke, VerbHold, VerbRelease, VerbContain, VerbBlock, VerbAllow, VerbUnblock, VerbCase} {
		if !(Batch{Verb: v}).CanUndo() || (Batch{Verb: v, UndoneAt: time.Unix(1, 0)}).CanUndo() {
			t.Error(v)
		}
	}
	if (Batch{Verb: VerbIssue}).CanUndo() {
		t.Error("an issued reset cannot be called back")
	}
}
