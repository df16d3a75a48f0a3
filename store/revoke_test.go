package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// fillLive writes live resets of ten accounts from two networks, the i-th asked
// for i minutes ago, with a queued letter each.
func fillLive(t testing.TB, s *Store, n int) []model.Reset {
	t.Helper()
	var list []model.Reset
	accounts := make([]model.Account, 10)
	for i := range accounts {
		accounts[i] = addAccount(t, s, fmt.Sprintf("user%d@example.org", i))
	}
	inTx(t, s, func(tx *gorm.DB, now time.Time) error {
		for i := range n {
			r := s.newReset(now.Add(-time.Duration(i)*time.Minute), accounts[i%10], s.lifetime)
			r.RequestedIP, r.RequestedAgent = fmt.Sprintf("203.0.113.%d", i%50), "curl/8"
			if i%3 == 0 {
				r.RequestedIP, r.RequestedAgent = fmt.Sprintf("2001:db8::%d", i%50), "Firefox"
			}
			if _, err := s.addReset(tx, now, r); err != nil {
				return err
			}
			list = append(list, r)
		}
		return nil
	})
	return list
}

func TestRevokeByFilter(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	fillLive(t, s, 40)
	exec(t, s, `UPDATE "PasswordReset" SET used_date = ?, was_used = 1 WHERE requested_ip = '203.0.113.1'`, s.stamp(noon()))
	order := model.RevokeOrder{Filter: model.ResetFilter{IP: prefix(t, "203.0.113.0/24")}}
	plan, err := s.PlanRevoke(ctx, order)
	if err != nil {
		t.Fatal(err)
	}
	if plan.Resets != 25 || plan.Addresses != 25 || plan.Letters != 25 || plan.Accounts != 10 ||
		plan.Networks.String() != "25 203.0.113.0/24" || plan.Agents.String() != "25 curl/8" ||
		plan.Excluded.String() != "1 used" || len(plan.Sample) != 5 || plan.Verb != model.VerbRevoke || !plan.Asked.Equal(noon()) {
		t.Errorf("%+v", plan)
	}
	before := rows(t, s)
	b, err := s.Revoke(ctx, operator(), order)
	if err != nil {
		t.Fatal(err)
	}
	if b.Counts.String() != "25 resets, 10 accounts, 25 emails" || b.Subject != "resets of network 203.0.113.0/24" || b.Reason != "ticket 7" {
		t.Errorf("%+v", b)
	}
	b.About = b.Subject
	if got, err := s.FindBatch(ctx, b.ID[:4]); err != nil || fmt.Sprint(got) != fmt.Sprint(b) {
		t.Errorf("stored %+v, answered %+v (%v)", got, b, err)
	}
	after := rows(t, s)
	if after["doorman_batch"] != before["doorman_batch"]+1 || after["doorman_audit"] != before["doorman_audit"]+1 {
		t.Error(before, after)
	}
	n := number(t, s, `SELECT count(*) FROM "PasswordReset" WHERE batch_id = ? AND revoked_date = ? AND revoked_by = 'ada'
		AND revoke_reason = 'ticket 7' AND was_used = 1 AND used_date IS NULL`, b.ID, s.stamp(noon()))
	if n != 25 {
		t.Errorf("%d rows are marked", n)
	}
	if c, err := s.CountResets(ctx, model.ResetFilter{BatchID: b.ID, States: []model.State{model.Revoked}}, 10); err != nil || c.N != 10 || !c.AtLeast {
		t.Error(c, err)
	}
}

func TestRevokeTakesOnlyWhatWasAsked(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	list := fillLive(t, s, 10)
	b, err := s.Revoke(ctx, operator(), model.RevokeOrder{All: true, Asked: noon().Add(-5 * time.Minute)})
	if err != nil || b.Counts.Of("resets") != 5 || b.Subject != "all resets" {
		t.Fatal(b, err)
	}
	b, err = s.Revoke(ctx, operator(), model.RevokeOrder{IDs: []model.ResetID{list[0].ID, list[1].ID, list[9].ID}})
	if err != nil || b.Counts.Of("resets") != 2 || b.Subject != "3 resets" {
		t.Fatal(b, err)
	}
}

// TestRefusalsLeaveNothing: no row, no entry, no letter.
func TestRefusalsLeaveNothing(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	r := fillLive(t, s, 3)[0]
	held := addAccount(t, s, "held@example.org")
	odd := addAccount(t, s, "a\nb@example.org")
	b, err := s.Hold(ctx, operator(), held.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Undo(ctx, operator(), b.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Hold(ctx, operator(), held.ID); err != nil {
		t.Fatal(err)
	}
	revoke := func(o model.RevokeOrder) func() error {
		return func() error { _, err := s.Revoke(ctx, operator(), o); return err }
	}
	issue := func(id string, d time.Duration) func() error {
		return func() error {
			_, err := s.Issue(ctx, operator(), model.IssueOrder{AccountID: id, Lifetime: d})
			return err
		}
	}
	for name, c := range map[string]struct {
		kind model.Kind
		do   func() error
	}{
		"issue for held":        {model.Refused, issue(held.ID, 0)},
		"issue for nobody":      {model.NotFound, issue("nobody", 0)},
		"issue by prefix":       {model.NotFound, issue(r.AccountID[:8], 0)},
		"issue for a bad mail":  {model.Refused, issue(odd.ID, 0)},
		"too short":             {model.Invalid, issue(r.AccountID, time.Second)},
		"too long":              {model.Invalid, issue(r.AccountID, 25*time.Hour)},
		"negative":              {model.Invalid, issue(r.AccountID, -time.Hour)},
		"revoke everything":     {model.Refused, revoke(model.RevokeOrder{})},
		"revoke none":           {model.NotFound, revoke(model.RevokeOrder{Filter: model.ResetFilter{Agent: "wget"}})},
		"revoke unknown":        {model.NotFound, revoke(model.RevokeOrder{IDs: []model.ResetID{model.NewResetID("x", s.scheme)}})},
		"revoke in no state":    {model.Invalid, revoke(model.RevokeOrder{Filter: model.ResetFilter{States: []model.State{"x"}}})},
		"revoke before all":     {model.NotFound, revoke(model.RevokeOrder{All: true, Asked: noon().Add(-24 * time.Hour)})},
		"undo twice":            {model.Conflict, func() error { _, err := s.Undo(ctx, operator(), b.ID); return err }},
		"undo nothing":          {model.NotFound, func() error { _, err := s.Undo(ctx, operator(), "ffffffff"); return err }},
		"hold twice":            {model.Conflict, func() error { _, err := s.Hold(ctx, operator(), held.ID); return err }},
		"hold nobody":           {model.NotFound, func() error { _, err := s.Hold(ctx, operator(), "x"); return err }},
		"release who is free":   {model.Conflict, func() error { _, err := s.Release(ctx, operator(), r.AccountID); return err }},
		"a secret as a setting": {model.Refused, func() error { return s.SetSetting(ctx, operator(), "smtp.password", "x") }},
		"a setting of no name":  {model.Invalid, func() error { return s.SetSetting(ctx, operator(), "A b", "x") }},
		"a setting with NUL":    {model.Invalid, func() error { return s.SetSetting(ctx, operator(), "ui.theme", "a\x00") }},
	} {
		before := rows(t, s)
		if err := c.do(); !model.IsKind(err, c.kind) {
			t.Errorf("%s: %v, want kind %q", name, err, c.kind)
		}
		if after := rows(t, s); !sameRows(before, after) {
			t.Errorf("%s: left %v, was %v", name, after, before)
		}
	}
	if n := number(t, s, `SELECT count(*) FROM "PasswordReset" WHERE revoked_date IS NOT NULL OR batch_id IS NOT NULL`); n != 0 {
		t.Errorf("%d resets changed", n)
	}
}

// TestNoCredentialInWords: in SchemeID a whole id is a key to an account.
func TestNoCredentialInWords(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	s.scheme = model.SchemeID
	r, _ := issued(t, s, "ann@example.org")
	id := r.ID.Full()
	b, err := s.Revoke(ctx, operator(), model.RevokeOrder{IDs: []model.ResetID{r.ID}})
	if err != nil {
		t.Fatal(err)
	}
	u, err := s.Undo(ctx, operator(), b.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, missing := s.FindReset(ctx, id[:31]+"x")
	_, again := s.Issue(ctx, operator(), model.IssueOrder{AccountID: id})
	page, err := s.ListResets(ctx, model.ResetFilter{})
	if err != nil {
		t.Fatal(err)
	}
	words := fmt.Sprintf("%+v %#v %v %v %+v %+v", b, u, missing, hintOf(missing), hintOf(again), page)
	words += text(t, s, "SELECT group_concat(subject || reason || counts) FROM doorman_audit") +
		text(t, s, "SELECT group_concat(subject || reason || counts) FROM doorman_batch")
	if strings.Contains(words, id[:9]) {
		t.Error(words)
	}
}

func hintOf(err error) string {
	var e *model.Error
	if errors.As(err, &e) {
		return e.Text + e.Hint
	}
	return ""
}

func TestHostileWords(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	fillLive(t, s, 3)
	bad := "\x00\xff\x1b[2J" + strings.Repeat("ü", 4096)
	act := model.Act{Operator: bad, Role: model.Admin, Origin: bad, Reason: bad}
	for _, f := range []model.ResetFilter{{Query: bad}, {Agent: bad}, {AccountID: bad}, {BatchID: bad}} {
		if page, err := s.ListResets(ctx, f); err != nil || len(page.Items) != 0 {
			t.Error(page, err)
		}
	}
	for _, ref := range []string{bad, "", " ", "%", "____", "…", "'; --", "@edge0"} {
		if _, err := s.FindReset(ctx, ref); !model.IsKind(err, model.NotFound) {
			t.Errorf("%q: %v", ref, err)
		}
		if _, err := s.FindAccount(ctx, ref); !model.IsKind(err, model.NotFound) {
			t.Errorf("%q: %v", ref, err)
		}
		if _, err := s.FindBatch(ctx, ref); !model.IsKind(err, model.NotFound) {
			t.Errorf("%q: %v", ref, err)
		}
	}
	b, err := s.Revoke(ctx, act, model.RevokeOrder{All: true})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.FindBatch(ctx, b.ID)
	if err != nil || got.Reason != b.Reason || got.By != b.By || len(got.Reason) > model.MaxReason || strings.ContainsRune(got.Reason, 0) {
		t.Errorf("%+v %v", got, err)
	}
	r, err := s.ListResets(ctx, model.ResetFilter{})
	if err != nil || r.Items[0].RevokeReason != b.Reason || r.Items[0].RevokedBy != b.By {
		t.Errorf("%+v %v", r, err)
	}
}
