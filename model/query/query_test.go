package query

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

// testNow is when every test takes place.
func testNow() time.Time { return time.Date(2026, 11, 23, 3, 4, 5, 0, time.UTC) }

func TestParseResets(t *testing.T) {
	now := testNow()
	for line, want := range map[string]Resets{
		"":    {},
		"ada": {ResetFilter: model.ResetFilter{Query: "ada"}},
		"state:live,used ip:203.0.113.9/24 agent:curl since:24h ada": {ResetFilter: model.ResetFilter{Query: "ada", Agent: "curl",
			States: []model.State{model.Live, model.Used}, IP: netip.MustParsePrefix("203.0.113.0/24"), Since: now.Add(-24 * time.Hour)}},
		`agent:"Mozilla/5.0 (X11"`: {ResetFilter: model.ResetFilter{Agent: "Mozilla/5.0 (X11"}},
		"2001:db8::/32":            {ResetFilter: model.ResetFilter{IP: netip.MustParsePrefix("2001:db8::/32")}},
		"203.0.113.7":              {ResetFilter: model.ResetFilter{IP: netip.MustParsePrefix("203.0.113.7/32")}},
		"Until:2026-11-22 account:0a0b0c0d": {Account: "0a0b0c0d",
			ResetFilter: model.ResetFilter{Until: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}},
		`agent:"say \"hi\" \\ there"`: {ResetFilter: model.ResetFilter{Agent: `say "hi" \ there`}},
		"-state:live,expired":         {ResetFilter: model.ResetFilter{States: []model.State{model.Used, model.Revoked, model.Superseded}}},
		`"a:b"`:                       {ResetFilter: model.ResetFilter{Query: "a:b"}},
	} {
		got, err := ParseResets(line, now)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q reads as %+v, %v, want %+v", line, got, err, want)
		}
	}
}

func TestBadFilterLines(t *testing.T) {
	for line, want := range map[string]string{
		"state:fresh": `state: there is no state "fresh"`,
		"ip:1.2.3":    `ip: "1.2.3" is neither an address nor a network`,
		"since:soon":  `since: "soon" is not a valid time`,
		"-ip:1.2.3.4": "ip: cannot exclude",
		"-state:used,revoked,superseded,expired,live": "state: excludes everything",
		"state:,":                           "state: needs a value",
		"colour:red":                        `there is no field "colour"`,
		"state:":                            "state: needs a value",
		"agent:a agent:b":                   "agent: stands twice",
		`agent:"a`:                          "a quote is not closed",
		"ada lovelace":                      `"ada lovelace" is not one part of an address`,
		"since:2026-11-22 until:2026-11-21": "until: is not after since",
	} {
		_, err := ParseResets(line, testNow())
		var e *model.Error
		if !errors.As(err, &e) || e.Error() != want || e.Hint == "" {
			t.Errorf("%q: %v, want %q and a hint", line, err, want)
		}
	}
}

// What a filter is written as reads back as the same filter.
func TestResetLineReadsBack(t *testing.T) {
	f := model.ResetFilter{Query: "ada", Agent: "a b: c", States: []model.State{model.Revoked}, IP: netip.MustParsePrefix("2001:db8::/64"),
		Since: testNow().Add(-time.Hour), Until: testNow(), BatchID: "b1", IssuedBy: "grace hopper"}
	got, err := ParseResets(ResetLine(f), testNow())
	if err != nil || !reflect.DeepEqual(got.ResetFilter, f) {
		t.Errorf("%q reads as %+v, %v, want %+v", ResetLine(f), got, err, f)
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"", "a b", `x:"y z" w`, `"`, "ip:2001:db8::1", "a:\u00a0b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		words, err := Split(line)
		if err != nil {
			return
		}
		words = slices.DeleteFunc(words, func(w Word) bool { return w.Value == "" })
		again, err := Split(Join(words...))
		if err != nil || len(again) != len(words) {
			t.Fatalf("%q is %+v, written %q, read %+v, %v", line, words, Join(words...), again, err)
		}
	})
}

// An error points at the word, whatever stands around it.
func TestErrorsPointAtTheWord(t *testing.T) {
	for line, want := range map[string]string{
		"state:live  colour:red ada":              "colour:red",
		`agent:"two words" since:soon`:            "since:soon",
		`ada "b c" state:live`:                    `ada "b c"`,
		"state:live -agent:curl":                  "-agent:curl",
		`state:live agent:"open`:                  `agent:"open`,
		"since:2026-11-22 ada until:2026-11-21 x": "until:2026-11-21",
		"ü state:é":                               "state:é",
	} {
		_, err := ParseResets(line, testNow())
		var e *Error
		if !errors.As(err, &e) || line[e.At:e.End] != want {
			t.Errorf("%q: %v points at %+v, want %q", line, err, e, want)
		}
	}
}

func TestComplete(t *testing.T) {
	seen := func(field string) []string {
		return map[string][]string{"agent": {"curl/8.5.0", "Mozilla/5.0 (X11)", "evil\x1b]0;x"}, "ip": {"203.0.113.7"}}[field]
	}
	for line, want := range map[string][]string{
		"":                          {"state:", "ip:", "agent:", "since:", "until:", "account:", "cluster:", "flagged:", "batch:", "by:"},
		"a":                         {"agent:", "account:"},
		"-":                         {"-state:", "-flagged:"},
		"ada s":                     {"state:", "since:"},
		"state:":                    {"live", "used", "revoked", "superseded", "expired"},
		"state:live,":               {"used", "revoked", "superseded", "expired"},
		"-state:live,re":            {"revoked"},
		"STATE:L":                   {"live"},
		"agent:":                    {"curl/8.5.0", `"Mozilla/5.0 (X11)"`},
		"agent:x11":                 {`"Mozilla/5.0 (X11)"`},
		`state:live agent:"mozilla`: {`"Mozilla/5.0 (X11)"`},
		"ip:":                       {"203.0.113.7"},
		"since:2":                   {"24h"},
		"colour:":                   nil,
		"account:":                  nil,
		`"quoted t`:                 nil,
	} {
		o := ForResets(testNow).Complete(line, len(line), seen)
		if !slices.Equal(o.Choices, want) {
			t.Errorf("%q offers %q, want %q", line, o.Choices, want)
		}
		for _, c := range o.Choices {
			if strings.HasSuffix(c, ":") {
				continue
			}
			if _, err := ParseResets(line[:o.From]+c+line[o.To:], testNow()); err != nil {
				t.Errorf("%q with %q cannot be read: %v", line, c, err)
			}
		}
	}
}

// Whatever stands in a line and wherever the cursor is, a choice fits into it.
func FuzzComplete(f *testing.F) {
	f.Add("state:li agent:\"a b", 8)
	f.Add("-state:live,", 12)
	f.Add("ü:\"é\\\" x", 3)
	f.Add("stAte:\x96\xae\xa5\xcc", 68)
	f.Fuzz(func(t *testing.T, line string, place int) {
		seen := func(string) []string { return []string{line, "a b", `q"q`} }
		o := ForResets(testNow).Complete(line, place, seen)
		if o.From < 0 || o.From > o.To || o.To > len(line) {
			t.Fatalf("%q at %d: %+v", line, place, o)
		}
	})
}

// Every other language reads back what it writes, too.
func TestOtherLinesReadBack(t *testing.T) {
	a := model.AuditFilter{Verb: "revoke", Operator: "grace hopper", Since: testNow().Add(-time.Hour), BatchID: "b1", Query: `say "no"`}
	if got, err := ParseAudit(AuditLine(a), testNow()); err != nil || !reflect.DeepEqual(got, a) {
		t.Errorf("%q reads as %+v, %v", AuditLine(a), got, err)
	}
	l := model.LetterFilter{States: []model.LetterState{model.Undeliverable, model.Failed}, Query: "ada"}
	if got, err := ParseLetters(LetterLine(l)); err != nil || !reflect.DeepEqual(got, l) {
		t.Errorf("%q reads as %+v, %v", LetterLine(l), got, err)
	}
	p := Accounts{AccountFilter: model.AccountFilter{Held: true, Query: "ada"}, Cluster: "203.0.113.0/24", Flagged: []Flagged{"high"}}
	if got, err := ParseAccounts(p.Line()); err != nil || !reflect.DeepEqual(got, p) {
		t.Errorf("%q reads as %+v, %v", p.Line(), got, err)
	}
	if _, err := ParseAudit("verb:revok", testNow()); err == nil || !strings.Contains(err.(*Error).Err.(*model.Error).Hint, "revoke") {
		t.Errorf("no hint: %v", err)
	}
}

// Every field says what it takes, in the line and as a flag, and takes a value;
// what it takes it writes back, and the field of a column is a condition on it.
func TestFieldsAreDeclaredWhole(t *testing.T) {
	values := map[string]string{"ip": "203.0.113.0/24", "since": "24h", "until": "1h", "score": "40"}
	for list, g := range map[string]Grammar{
		"clusters": ForClusters(), "accounts": ForAccounts(), "resets": ForResets(testNow), "rules": ForRules(testNow), "emails": ForLetters(),
		"audit": ForAudit(testNow), "cases": ForCases(testNow),
	} {
		for _, f := range g.Fields {
			if f.Form == "" || strings.Count(f.Use, "`") != 2 {
				t.Errorf("%s %s: form %q, use %q", list, f.Name, f.Form, f.Use)
			}
			value := values[f.Name]
			if value == "" {
				value = "curl"
			}
			if len(f.Values) > 0 {
				value = f.Values[0]
			}
			if err := g.Check(Join(Word{Field: f.Name, Value: value})); err != nil {
				t.Errorf("%s %s: %v", list, f.Name, err)
			}
			if o := g.Complete(f.Name[:1], 1, nil); !slices.Contains(o.Choices, f.Name+":") {
				t.Errorf("%s: %q completes to %v", list, f.Name[:1], o.Choices)
			}
		}
	}
	got := ResetConditions(model.ResetFilter{Agent: "curl", IssuedBy: "ada"})
	if want := []Condition{{"requested_agent", "curl", true}, {"issued_by", "ada", false}}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	audit := AuditConditions(model.AuditFilter{Verb: "issue", Operator: "ada", BatchID: "b1"})
	if want := []Condition{{"verb", "issue", false}, {"operator", "ada", false}, {"batch_id", "b1", false}}; !slices.Equal(audit, want) {
		t.Errorf("%v", audit)
	}
}

// yes is any severity, -flagged:yes what no cluster claims, like flagged:no.
func TestFlaggedWords(t *testing.T) {
	for line, want := range map[string]string{
		"flagged:yes": "critical,high,watch,past", "-flagged:yes": "no", "flagged:no": "no", "-flagged:no": "critical,high,watch,past",
		"flagged:high,critical": "high,critical", "-flagged:past,no": "critical,high,watch",
	} {
		q, err := ParseResets(line, testNow())
		if got := commas(q.Flagged); err != nil || got != want {
			t.Errorf("%s: %s %v, want %s", line, got, err, want)
		}
	}
	if _, err := ParseResets("flagged:maybe", testNow()); err == nil || !strings.Contains(err.Error(), "maybe") {
		t.Error(err)
	}
}
