package page

import (
	"errors"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

func TestParseResets(t *testing.T) {
	now := testNow()
	for line, want := range map[string]resetQuery{
		"":    {},
		"ada": {ResetFilter: model.ResetFilter{Query: "ada"}},
		"state:live,used ip:203.0.113.9/24 agent:curl since:24h ada": {ResetFilter: model.ResetFilter{Query: "ada", Agent: "curl",
			States: []model.State{model.Live, model.Used}, IP: netip.MustParsePrefix("203.0.113.0/24"), Since: now.Add(-24 * time.Hour)}},
		`agent:"Mozilla/5.0 (X11"`: {ResetFilter: model.ResetFilter{Agent: "Mozilla/5.0 (X11"}},
		"2001:db8::/32":            {ResetFilter: model.ResetFilter{IP: netip.MustParsePrefix("2001:db8::/32")}},
		"203.0.113.7":              {ResetFilter: model.ResetFilter{IP: netip.MustParsePrefix("203.0.113.7/32")}},
		"Until:2026-11-22 account:0a0b0c0d": {account: "0a0b0c0d",
			ResetFilter: model.ResetFilter{Until: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}},
		`"a:b"`: {ResetFilter: model.ResetFilter{Query: "a:b"}},
	} {
		got, err := parseResets(line, now)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q reads as %+v, %v, want %+v", line, got, err, want)
		}
	}
}

func TestBadFilterLines(t *testing.T) {
	for line, want := range map[string]string{
		"state:fresh":                       `state: there is no state "fresh"`,
		"ip:1.2.3":                          `ip: "1.2.3" is neither an address nor a network`,
		"since:soon":                        `since: "soon" is no time`,
		"colour:red":                        `there is no field "colour"`,
		"state:":                            "state: needs a value",
		"agent:a agent:b":                   "agent: stands twice",
		`agent:"a`:                          "a quote is not closed",
		"ada lovelace":                      `"ada lovelace" is not one part of an address`,
		"since:2026-11-22 until:2026-11-21": "until: is not after since",
	} {
		_, err := parseResets(line, testNow())
		var e *model.Error
		if !errors.As(err, &e) || e.Error() != want || e.Hint == "" {
			t.Errorf("%q: %v, want %q and a hint", line, err, want)
		}
	}
}

// What a filter is written as reads back as the same filter.
func TestResetLineReadsBack(t *testing.T) {
	f := model.ResetFilter{Query: "ada", Agent: "a b: c", States: []model.State{model.Revoked}, IP: netip.MustParsePrefix("2001:db8::/64"),
		Since: testNow().Add(-time.Hour), Until: testNow(), BatchID: "b1"}
	got, err := parseResets(resetLine(f), testNow())
	if err != nil || !reflect.DeepEqual(got.ResetFilter, f) {
		t.Errorf("%q reads as %+v, %v, want %+v", resetLine(f), got, err, f)
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"", "a b", `x:"y z" w`, `"`, "ip:2001:db8::1", "a:\u00a0b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		words, err := split(line)
		if err != nil {
			return
		}
		words = slices.DeleteFunc(words, func(w word) bool { return strings.Trim(w.value, `"`) == "" })
		again, err := split(join(words))
		if err != nil || len(again) != len(words) {
			t.Fatalf("%q is %q, written %q, read %q, %v", line, words, join(words), again, err)
		}
	})
}
