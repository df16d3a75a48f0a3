package query

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"doorman/model"
)

// FuzzParse holds every filter line to be read or refused at a place inside it,
// and what is read to mean the same when it is written and read again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"state:live ip:203.0.113.0/24 since:24h", `agent:"Mozilla/5.0 (X11"`, "-state:used x", "ip:", "since:all until:0d", "batch:\u202e",
		"account:a@example.org", "verb:revoke operator:anna", `a"b\"c`, "ip:::ffff:1.2.3.4", "state:live,used,live",
		"severity:high case:new,false score:1e308 ip:2001:db8::/32", "state:any action:block by:\"a b\"", "-state:closed since:0s"} {
		f.Add(s)
	}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	refused := func(t *testing.T, line string, err error) {
		t.Helper()
		var e *Error
		if !model.IsKind(err, model.Invalid) || !errors.As(err, &e) || e.At < 0 || e.End < e.At || e.End > len(line) {
			t.Fatalf("%q: %v at %+v", line, err, e)
		}
	}
	f.Fuzz(func(t *testing.T, line string) {
		if r, err := ParseResets(line, now); err != nil {
			refused(t, line, err)
		} else if len(r.Query)+len(r.Agent) > len(line) {
			t.Fatalf("%q is %+v", line, r)
		}
		if a, err := ParseAccounts(line); err != nil {
			refused(t, line, err)
		} else if again, err := ParseAccounts(a.Line()); err != nil || fmt.Sprint(again) != fmt.Sprint(a) {
			t.Fatalf("%q is %+v, written %q, read %+v, %v", line, a, a.Line(), again, err)
		}
		if l, err := ParseLetters(line); err != nil {
			refused(t, line, err)
		} else if again, err := ParseLetters(LetterLine(l)); err != nil || again.Query != l.Query || len(again.States) != len(l.States) {
			t.Fatalf("%q is %+v, written %q, read %+v, %v", line, l, LetterLine(l), again, err)
		}
		_, audit := ParseAudit(line, now)
		_, clusters := ParseClusters(line)
		_, rules := ParseRules(line, now)
		_, cases := ParseCases(line, now)
		for _, err := range []error{audit, clusters, rules, cases} {
			if err != nil {
				refused(t, line, err)
			}
		}
	})
}
