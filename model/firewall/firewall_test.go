package firewall

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

var update = flag.Bool("update", false, "write the golden files anew")

var now = time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)

func rule(action model.RuleAction, prefix string, last time.Duration) model.Rule {
	r := model.Rule{Prefix: netip.MustParsePrefix(prefix), Action: action, Reason: "; } drop\n\x1b[2J"}
	if last != 0 {
		r.Expires = now.Add(last)
	}
	return r
}

// rules hold one of everything: an exception in a block, a block in that, one in
// a longer one, two that touch, equal ones, expired and lifted ones.
func rules() []model.Rule {
	lifted := rule(model.Block, "192.0.2.0/24", time.Hour)
	lifted.Lifted = now.Add(-time.Minute)
	return []model.Rule{
		rule(model.Block, "203.0.113.0/24", 24*time.Hour),
		rule(model.Allow, "203.0.113.64/26", 0),
		rule(model.Block, "203.0.113.77/32", time.Hour),
		rule(model.Block, "198.51.100.0/25", time.Hour),
		rule(model.Block, "198.51.100.128/25", 2*time.Hour),
		rule(model.Block, "10.0.0.0/16", 0),
		rule(model.Block, "10.0.7.0/24", time.Hour),
		rule(model.Block, "100.64.0.0/24", time.Hour),
		rule(model.Allow, "100.64.0.0/24", time.Hour),
		rule(model.Block, "2001:db8::/48", 90*time.Minute+time.Nanosecond),
		rule(model.Allow, "2001:db8:0:8000::/50", 0),
		rule(model.Block, "192.0.2.7/32", -time.Second),
		lifted,
	}
}

func TestFormats(t *testing.T) {
	for _, f := range Formats() {
		t.Run(string(f), func(t *testing.T) {
			var got strings.Builder
			if err := Write(&got, f, rules(), now); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", string(f)+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(got.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("got\n%s\nwant\n%s", &got, want)
			}
		})
	}
	if err := Write(&strings.Builder{}, "iptables", nil, now); !model.IsKind(err, model.Invalid) {
		t.Errorf("an unknown format: %v", err)
	}
}

func TestSame(t *testing.T) {
	write := func(f Format, list []model.Rule, at time.Time) []byte {
		var b bytes.Buffer
		if err := Write(&b, f, list, at); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	longer := slices.Clone(rules())
	longer[0].Expires = longer[0].Expires.Add(time.Hour)
	for _, f := range Formats() {
		was := write(f, rules(), now)
		if !Same(was, write(f, rules(), now.Add(time.Minute))) {
			t.Errorf("%s: another one a minute later", f)
		}
		if Same(was, write(f, rules()[1:], now)) || Same(nil, was) || Same(was, nil) {
			t.Errorf("%s: the same with a block less", f)
		}
		if same := Same(was, write(f, longer, now)); same != (f != NFTables) {
			t.Errorf("%s: the same with a longer block: %v", f, same)
		}
	}
}

// A block waits behind a shorter exception and lasts until the last of those
// that follow each other.
func TestElementsEndWithTheirRules(t *testing.T) {
	for _, c := range []struct {
		name  string
		rules []model.Rule
		until time.Duration // of 203.0.113.7; 0: for good
	}{
		{"one", []model.Rule{rule(model.Block, "203.0.113.7/32", time.Hour)}, time.Hour},
		{"a wider longer one follows", []model.Rule{rule(model.Block, "203.0.113.7/32", time.Hour), rule(model.Block, "203.0.113.0/24", 2*time.Hour)}, 2 * time.Hour},
		{"a wider shorter one does not", []model.Rule{rule(model.Block, "203.0.113.7/32", 2*time.Hour), rule(model.Block, "203.0.113.0/24", time.Hour)}, 2 * time.Hour},
		{"an exception follows", []model.Rule{rule(model.Block, "203.0.113.7/32", time.Hour), rule(model.Allow, "203.0.113.0/25", 0),
			rule(model.Block, "203.0.113.0/24", 3*time.Hour)}, time.Hour},
		{"a short exception follows, gone by then", []model.Rule{rule(model.Block, "203.0.113.7/32", time.Hour), rule(model.Allow, "203.0.113.0/25", time.Minute),
			rule(model.Block, "203.0.113.0/24", 3*time.Hour)}, 3 * time.Hour},
		{"for good follows", []model.Rule{rule(model.Block, "203.0.113.7/32", time.Hour), rule(model.Block, "203.0.113.0/24", 0)}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := netip.MustParseAddr("203.0.113.7")
			for _, e := range Blocked(c.rules, now) {
				if !e.Prefix.Contains(a) {
					continue
				}
				if want := now.Add(c.until); c.until == 0 && !e.Until.IsZero() || c.until != 0 && !e.Until.Equal(want) {
					t.Errorf("until %v, want %v", e.Until, want)
				}
				return
			}
			t.Error("not blocked")
		})
	}
}

// Whatever the rules: what is written blocks what Decide blocks, now and, by the
// timeouts, never longer than Decide does.
func FuzzBlocked(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed, seed%30)
	}
	f.Fuzz(func(t *testing.T, seed, n uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		var list []model.Rule
		for range n % 64 {
			list = append(list, randomRule(r))
		}
		elements, networks := Blocked(list, now), Networks(list, now)
		for i := range len(elements) - 1 {
			if a, b := elements[i].Prefix, elements[i+1].Prefix; a.Overlaps(b) || comparePrefix(a, b) >= 0 {
				t.Fatalf("%v before %v", a, b)
			}
		}
		for range 200 {
			a := randomAddr(r)
			i := slices.IndexFunc(elements, func(e Element) bool { return e.Prefix.Contains(a) })
			in := slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(a) })
			if want := blockedAt(list, a, now); (i >= 0) != want || in != want {
				t.Fatalf("%v of %v: %v and %v, want %v", a, list, i >= 0, in, want)
			}
			if i < 0 {
				continue
			}
			for at := now; at.Before(now.Add(20 * time.Hour)); at = at.Add(30 * time.Minute) {
				if e := elements[i]; (e.Until.IsZero() || at.Before(e.Until)) && !blockedAt(list, a, at) {
					t.Fatalf("%v of %v is free at %v, told %v", a, list, at, e.Until)
				}
			}
		}
	})
}

func blockedAt(list []model.Rule, a netip.Addr, at time.Time) bool {
	r, ok := model.Decide(list, a, at)
	return ok && r.Action == model.Block
}

// randomAddr draws from few addresses, so that rules meet.
func randomAddr(r *rand.Rand) netip.Addr {
	if r.IntN(3) > 0 {
		return netip.AddrFrom4([4]byte{203, byte(r.IntN(2)), 0, byte(r.IntN(16))})
	}
	return netip.AddrFrom16([16]byte{0x20, 1, 15: byte(r.IntN(16)), 7: byte(r.IntN(2))})
}

func randomRule(r *rand.Rand) model.Rule {
	a := randomAddr(r)
	p, _ := a.Prefix(max(0, a.BitLen()-r.IntN(6)-r.IntN(2)*16))
	out := model.Rule{Prefix: p, Action: model.Block}
	if r.IntN(3) == 0 {
		out.Action = model.Allow
	}
	if hours := r.IntN(18); hours > 0 {
		out.Expires = now.Add(time.Duration(hours-1) * time.Hour)
	}
	return out
}

func BenchmarkBlocked(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var list []model.Rule
	for range 10_000 {
		a := netip.AddrFrom4([4]byte{byte(r.IntN(200)), byte(r.IntN(256)), byte(r.IntN(256)), byte(r.IntN(256))})
		list = append(list, model.Rule{Prefix: netip.PrefixFrom(a, 24+r.IntN(9)).Masked(), Action: model.Block, Expires: now.Add(time.Hour)})
	}
	for b.Loop() {
		Blocked(list, now)
	}
}
