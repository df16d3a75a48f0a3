package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

// requests passes on a request and tells how many resets it led to.
func requests(t *testing.T, s *Store, email, ip string) int {
	t.Helper()
	before := rows(t, s)
	err := s.Request(context.Background(), model.Act{}, model.RequestOrder{Email: email, IP: ip, Agent: "Firefox"})
	if err != nil {
		t.Fatalf("%q: %v", email, err)
	}
	after := rows(t, s)
	resets := after["PasswordReset"] - before["PasswordReset"]
	if after["doorman_outbox"]-before["doorman_outbox"] != resets || after["doorman_audit"] != before["doorman_audit"] {
		t.Errorf("%q: %v after %v", email, after, before)
	}
	return resets
}

func TestRequestAnswersAlike(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	addAccount(t, s, "ann@example.org")
	addAccount(t, s, "Eve@example.org")
	addAccount(t, s, "eve@Example.org")
	held := addAccount(t, s, "held@example.org")
	addAccount(t, s, "bad\r\nBcc: x@example.org")
	if _, err := s.Hold(ctx, operator(), held.ID); err != nil {
		t.Fatal(err)
	}
	for email, want := range map[string]int{
		"ann@example.org": 1, " ANN@EXAMPLE.ORG ": 1, "Eve@example.org": 1, "eve@Example.org": 1,
		"EVE@example.org": 0, "nobody@example.org": 0, "held@example.org": 0, "": 0, "@": 0, "ann@example.org\x00": 0,
		"bad\r\nBcc: x@example.org": 0, "Ann <ann@example.org>": 0, strings.Repeat("a", 5000) + "@example.org": 0, "\xff@example.org": 0,
		"ann@example.org' OR 1=1 --": 0, "@edge0": 0, "%": 0,
	} {
		if got := requests(t, s, email, "203.0.113.7"); got != want {
			t.Errorf("%q: %d resets, want %d", email, got, want)
		}
	}
}

func TestRequestKeepsWhereFrom(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	addAccount(t, s, "ann@example.org")
	err := s.Request(ctx, model.Act{}, model.RequestOrder{
		Email: "ann@example.org", IP: "::ffff:203.0.113.7", Agent: strings.Repeat("ü\x00\xff", 4096)})
	if err != nil {
		t.Fatal(err)
	}
	page, err := s.ListResets(ctx, model.ResetFilter{IP: prefix(t, "203.0.113.0/28")})
	if err != nil || len(page.Items) != 1 {
		t.Fatal(page, err)
	}
	r := page.Items[0]
	if r.RequestedIP != "::ffff:203.0.113.7" || len(r.RequestedAgent) > model.MaxAgent || strings.ContainsRune(r.RequestedAgent, 0) ||
		r.IssuedBy != "" || r.UsedIP != "" || r.Letter != model.Queued {
		t.Errorf("%+v", r)
	}
	if token := model.NewToken(testKey(), r.ID, s.scheme); text(t, s, `SELECT secret_hash FROM "PasswordReset"`) != token.Hash() {
		t.Error("the stored hash is not that of the link")
	}
}

func TestThrottle(t *testing.T) {
	s, c := newClockedStore(t)
	s.o.Throttle = model.Throttle{PerAccount: 2, PerSource: 3, Window: time.Hour}
	ann := addAccount(t, s, "ann@example.org")
	for _, name := range []string{"bob", "cat", "dan", "eve", "fay"} {
		addAccount(t, s, name+"@example.org")
	}
	for range 5 { // resets of operators do not count
		if _, err := s.Issue(context.Background(), operator(), model.IssueOrder{AccountID: ann.ID}); err != nil {
			t.Fatal(err)
		}
	}
	for i, step := range []struct {
		email, ip string
		want      int
	}{
		{"ann@example.org", "203.0.113.1", 1}, {"ann@example.org", "203.0.113.2", 1}, {"ann@example.org", "203.0.113.3", 0},
		{"bob@example.org", "2001:db8::1", 1}, {"cat@example.org", "2001:db8::2:0:0:1", 1}, {"dan@example.org", "2001:db8::3", 1},
		{"eve@example.org", "2001:db8::4", 0}, {"eve@example.org", "2001:db8:0:1::4", 1}, {"eve@example.org", "not an address", 1},
		{"fay@example.org", "", 1}, {"fay@example.org", "", 1}, {"fay@example.org", "", 0},
	} {
		if got := requests(t, s, step.email, step.ip); got != step.want {
			t.Errorf("step %d, %s from %s: %d resets, want %d", i, step.email, step.ip, got, step.want)
		}
	}
	c.forward(time.Hour + time.Second)
	if requests(t, s, "ann@example.org", "203.0.113.3") != 1 || requests(t, s, "eve@example.org", "2001:db8::4") != 1 {
		t.Error("the window does not end")
	}
}

// TestRequestNeedsTheKey: a link that nobody could redeem must not go out.
func TestRequestNeedsTheKey(t *testing.T) {
	s := newStore(t)
	a := addAccount(t, s, "ann@example.org")
	s.o.Key = nil
	before := rows(t, s)
	for _, email := range []string{"ann@example.org", "nobody@example.org"} {
		if err := s.Request(context.Background(), model.Act{}, model.RequestOrder{Email: email}); !model.IsKind(err, model.Refused) {
			t.Error(email, err)
		}
	}
	if _, err := s.Issue(context.Background(), operator(), model.IssueOrder{AccountID: a.ID}); !model.IsKind(err, model.Refused) {
		t.Error(err)
	}
	if after := rows(t, s); !sameRows(before, after) {
		t.Error(after)
	}
}
