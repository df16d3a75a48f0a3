package page

import (
	"testing"

	"doorman/model"
)

func TestBlocks(t *testing.T) {
	o := Open{View: "blocks"}
	atSizes(t, func(t *testing.T, w, h int) {
		t.Run("list", func(t *testing.T) { drive(t, attacked(), o, w, h).golden() })
		t.Run("ended", func(t *testing.T) { drive(t, attacked(), o, w, h).press("s").golden() })
		t.Run("checked", func(t *testing.T) {
			drive(t, attacked(), o, w, h).press("/").write("192.0.2.9").press("enter").golden()
		})
		t.Run("asking", func(t *testing.T) {
			drive(t, attacked(), o, w, h).press("b").write("203.0.113.0/33").press("enter").golden()
		})
		t.Run("block", func(t *testing.T) {
			m := attacked()
			m.warnings = []string{"the exception of 192.0.2.7/32 inside it stays"}
			drive(t, m, o, w, h).press("b").write("192.0.2.0/25 7d").press("enter").golden()
		})
		t.Run("empty", func(t *testing.T) { drive(t, &memory{}, o, w, h).golden() })
	})
}

func TestRulesAreSetAndLifted(t *testing.T) {
	m := attacked()
	d := drive(t, m, Open{View: "blocks"}, 120, 36).press("b").write("203.0.113.77/24").press("enter").sees("Block 203.0.113.0/24").press("y").acts("block 203.0.113.0/24")
	d.sees("in 1d").press("a").write("203.0.113.9").press("enter").sees("Exception for 203.0.113.9").press("y")
	if r := m.rules[0]; r.Action != model.Allow || !r.Expires.IsZero() {
		t.Errorf("%+v", r)
	}
	d.press("g", "x").sees("Lift the rule for 203.0.113.9").press("y").acts("block 203.0.113.0/24", "allow 203.0.113.9/32", "unblock 203.0.113.9/32")
}

func TestWhatIsTypedForARule(t *testing.T) {
	for text, want := range map[string]string{"10.0.0.1": "10.0.0.1/32 24h0m0s", "::ffff:10.0.0.0/104 90m": "10.0.0.0/8 1h30m0s", " 2001:db8::/32  2w ": "2001:db8::/32 336h0m0s", "10.0.0.0/8 ever": "10.0.0.0/8 never"} {
		r, err := parseRule(text, model.Block, testNow())
		got := r.Prefix.String() + " never"
		if !r.Expires.IsZero() {
			got = r.Prefix.String() + " " + r.Expires.Sub(testNow()).String()
		}
		if err != nil || got != want {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "x", "10.0.0.0/8 x", "10.0.0.0/8 0s", "10.0.0.0/8 -1h", "10.0.0.0/33"} {
		if r, err := parseRule(text, model.Block, testNow()); err == nil {
			t.Errorf("%q is taken for %v", text, r)
		}
	}
}

func TestCheckingAnAddress(t *testing.T) {
	d := drive(t, attacked(), Open{View: "blocks"}, 120, 36)
	for text, want := range map[string]string{"192.0.2.7": "is served: 192.0.2.7 is an exception by grace", "198.51.100.1": "no rule governs it", "192.0.2.9": "is blocked for another 22h"} {
		d.press("/").write(text).press("enter").sees(want)
	}
	d.press("esc").misses("is blocked for")
	d.press("/").write("192.0.2.0/24").press("enter").sees("is a network, not an address").press("esc").misses("is a network")
}
