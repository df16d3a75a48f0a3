package query

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

// three clusters: one that goes on, one of an account, one that is over.
func threeClusters() []model.ClusterFacts {
	return []model.ClusterFacts{
		{Key: "198.51.100.0/24", Kind: "prefix", Prefix: netip.MustParsePrefix("198.51.100.0/24"), Hot: true, Score: 1457, Agents: []string{"python-requests/2.31"}, Case: model.CaseAcknowledged},
		{Key: "account:0a0b0c0d", Kind: "account", Account: "0a0b0c0d", Email: "ada@example.org", Hot: true, Score: 31},
		{Key: "agent:5eed", Kind: "agent", Agent: "curl/8", Score: 55, Case: model.CaseFalse},
	}
}

func TestFilterOfClusters(t *testing.T) {
	for line, want := range map[string]string{
		"":                                     "198.51.100.0/24 account:0a0b0c0d agent:5eed",
		"severity:critical,high":               "198.51.100.0/24",
		"-severity:past":                       "198.51.100.0/24 account:0a0b0c0d",
		"case:new":                             "account:0a0b0c0d",
		"case:new,acknowledged":                "198.51.100.0/24 account:0a0b0c0d",
		"-case:false,closed":                   "198.51.100.0/24 account:0a0b0c0d",
		"case:false_positive":                  "agent:5eed",
		"kind:account,agent":                   "account:0a0b0c0d agent:5eed",
		"ip:198.51.100.7":                      "198.51.100.0/24",
		"ip:198.51.0.0/16":                     "198.51.100.0/24",
		"198.51.100.7 severity:critical":       "198.51.100.0/24",
		"ip:2001:db8::/32":                     "",
		"agent:REQUESTS":                       "198.51.100.0/24",
		"agent:curl":                           "agent:5eed",
		"account:0a0b":                         "account:0a0b0c0d",
		"account:0a":                           "",
		"account:ADA@":                         "account:0a0b0c0d",
		"ada":                                  "account:0a0b0c0d",
		"5eed":                                 "agent:5eed",
		"score:55":                             "198.51.100.0/24 agent:5eed",
		"-kind:prefix score:40 -severity:past": "",
	} {
		q, err := ParseClusters(line)
		var got []string
		for _, c := range threeClusters() {
			if q.Fits(c) {
				got = append(got, c.Key)
			}
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q selects %q, %v, want %q", line, got, err, want)
		}
	}
}

func TestFilterOfRules(t *testing.T) {
	now := testNow()
	net := netip.MustParsePrefix
	rules := []model.Rule{
		{Prefix: net("192.0.2.0/24"), Action: model.Block, Expires: now.Add(time.Hour), Reason: "Flood at night", By: "ada", Created: now.Add(-2 * time.Hour), BatchID: "b9"},
		{Prefix: net("192.0.2.7/32"), Action: model.Allow, Reason: "the office", By: "grace", Created: now.Add(-48 * time.Hour)},
		{Prefix: net("2001:db8::/48"), Action: model.Block, Expires: now.Add(-time.Hour), By: "ada", Created: now.Add(-25 * time.Hour)},
		{Prefix: net("203.0.113.0/24"), Action: model.Block, Lifted: now.Add(-time.Minute), By: "ada", Created: now.Add(-25 * time.Hour)},
	}
	for line, want := range map[string]struct {
		rows  []int
		whole bool
	}{
		"":                           {[]int{0, 1}, true},
		"state:any":                  {[]int{0, 1, 2, 3}, true},
		"state:in-force":             {[]int{0, 1}, true},
		"state:expired,lifted":       {[]int{2, 3}, false},
		"state:lifted,lifted,lifted": {[]int{3}, false},
		"-state:in-force":            {[]int{2, 3}, false},
		"action:block":               {[]int{0}, true},
		"action:block,allow":         {[]int{0, 1}, false},
		"-action:block state:any":    {[]int{1}, true},
		"ip:192.0.2.7":               {[]int{0, 1}, false},
		"192.0.0.0/16":               {[]int{0, 1}, false},
		"ip:2001:db8::1 state:any":   {[]int{2}, false},
		"by:ada":                     {[]int{0}, false},
		"since:24h state:any":        {[]int{0}, false},
		"until:24h state:any":        {[]int{1, 2, 3}, false},
		"batch:b9":                   {[]int{0}, false},
		"flood":                      {[]int{0}, false},
		"GRACE":                      {[]int{1}, false},
	} {
		q, err := ParseRules(line, now)
		f, whole := q.Filter()
		var got []int
		for i, r := range rules {
			fits := q.Fits(r, now)
			if fits {
				got = append(got, i)
			}
			if inStore := (f.All || r.InForce(now)) && (f.Action == "" || f.Action == r.Action); fits && !inStore || whole && fits != inStore {
				t.Errorf("%q: rule %d, the store selects %v, the line %v", line, i, inStore, fits)
			}
		}
		if err != nil || !slices.Equal(got, want.rows) || whole != want.whole {
			t.Errorf("%q selects %v, whole %v, %v, want %v", line, got, whole, err, want)
		}
	}
}

func TestFilterOfCases(t *testing.T) {
	now := testNow()
	cases := []model.Case{
		{Key: "use:192.0.2.0/24", State: model.CaseNew, Note: "asked the provider", By: "ada", At: now.Add(-time.Hour), Subject: "uses 192.0.2.0/24"},
		{Key: "agent:5eed", State: model.CaseFalse, Note: "the uptime probe", By: "grace", At: now.Add(-30 * time.Hour), Subject: "agent curl/8"},
	}
	for line, want := range map[string][]int{
		"": {0, 1}, "state:new": {0}, "state:false": {1}, "-state:new": {1}, "ip:192.0.2.9": {0}, "by:grace": {1}, "since:24h": {0}, "until:24h": {1},
		"PROVIDER": {0}, "curl": {1}, "192.0.2.0/24": {0}, "zzz": nil,
	} {
		q, err := ParseCases(line, now)
		f, whole := q.Filter()
		var got []int
		for i, c := range cases {
			fits := q.Fits(c)
			if fits {
				got = append(got, i)
			}
			if inStore := len(f.States) == 0 || slices.Contains(f.States, c.State); fits && !inStore || whole && fits != inStore {
				t.Errorf("%q: case %d, the store selects %v, the line %v", line, i, inStore, fits)
			}
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q selects %v, %v, want %v", line, got, err, want)
		}
	}
}

// Each choice that completion offers can be read, and what is wrong is said with
// what would be right.
func TestTriageLinesAreHelped(t *testing.T) {
	for name, g := range map[string]Grammar{"clusters": ForClusters(), "rules": ForRules(testNow), "cases": ForCases(testNow)} {
		for _, f := range g.Fields {
			for _, v := range f.Values {
				for _, sign := range []string{"", "-"} {
					line := sign + f.Name + ":" + v
					if err := g.Check(line); err != nil && (sign == "" || f.Not && v != AnyState) {
						t.Errorf("%s: %q is offered and %v", name, line, err)
					}
				}
			}
		}
	}
	for line, want := range map[string]string{
		"severity:bad": `severity: there is no severity "bad"`, "case:shut": `case: there is no state "shut"`, "kind:net": `kind: there is no kind "net"`,
		"score:nan": `score: "nan" is not a score`, "score:-1": `score: "-1" is not a score`, "ip:x": `ip: "x" is neither an address nor a network`,
		"-agent:x": "agent: cannot exclude", "severty:high": `there is no field "severty"`,
	} {
		_, err := ParseClusters(line)
		var e *model.Error
		if !errors.As(err, &e) || e.Error() != want || e.Hint == "" {
			t.Errorf("%q: %v, want %q and a hint", line, err, want)
		}
	}
	if _, err := ParseRules("-state:any", testNow()); err == nil {
		t.Error("-state:any is taken")
	}
}
