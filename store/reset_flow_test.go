package store

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// addAccount writes an account straight into the table, as the application
// that owns it would.
func addAccount(t testing.TB, s *Store, email string) model.Account {
	t.Helper()
	a := model.Account{ID: model.NewID(), Email: email}
	inTx(t, s, func(tx *gorm.DB, now time.Time) error {
		return tx.Exec(`INSERT INTO "Account" (id, email, created, email_confirmed, is_super_user) VALUES (?, ?, ?, 1, 0)`,
			a.ID, email, s.stamp(now)).Error
	})
	return a
}

// rows counts the rows of what a use case may write.
func rows(t testing.TB, s *Store) map[string]int {
	t.Helper()
	n := map[string]int{}
	for _, table := range []string{"PasswordReset", "doorman_outbox", "doorman_audit", "doorman_batch", "doorman_rule", "doorman_case"} {
		var c int
		if err := s.read(context.Background()).Raw(`SELECT count(*) FROM "` + table + `"`).Scan(&c).Error; err != nil {
			t.Fatal(err)
		}
		n[table] = c
	}
	return n
}

func TestIssueWritesResetLetterAndEntry(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	a := addAccount(t, s, "ann@example.org")
	got, err := s.Issue(ctx, operator(), model.IssueOrder{AccountID: a.ID, Lifetime: 30 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.FindReset(ctx, got.Reset.ID.Full()[:8])
	if err != nil {
		t.Fatal(err)
	}
	if r != got.Reset {
		t.Errorf("stored %+v, answered %+v", r, got.Reset)
	}
	if r.State(noon()) != model.Live || r.IssuedBy != "ada" || r.RequestedIP != "" || !r.Expires.Equal(noon().Add(30*time.Minute)) {
		t.Errorf("unexpected reset %+v", r)
	}
	if got.Letter.To != a.Email || got.Letter.State != model.Queued || got.Letter.SecretHash == "" {
		t.Errorf("unexpected email %+v", got.Letter)
	}
	if n := rows(t, s); n["PasswordReset"] != 1 || n["doorman_outbox"] != 1 || n["doorman_audit"] != 1 {
		t.Error(n)
	}
	list, err := s.ListResets(ctx, model.ResetFilter{States: []model.State{model.Live}, AccountID: a.ID})
	if err != nil || len(list.Items) != 1 || list.Items[0] != r {
		t.Error(list, err)
	}
}

func TestRevokeAndUndo(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	a := addAccount(t, s, "ann@example.org")
	got, err := s.Issue(ctx, operator(), model.IssueOrder{AccountID: a.ID})
	if err != nil {
		t.Fatal(err)
	}
	order := model.RevokeOrder{Filter: model.ResetFilter{Query: "ANN@"}}
	plan, err := s.PlanRevoke(ctx, order)
	if err != nil || plan.Resets != 1 || plan.Accounts != 1 || plan.Letters != 1 || len(plan.Sample) != 1 {
		t.Fatalf("%+v %v", plan, err)
	}
	b, err := s.Revoke(ctx, operator(), order)
	if err != nil || b.Counts.String() != "1 reset, 1 account, 1 email" {
		t.Fatal(b, err)
	}
	r, err := s.FindReset(ctx, got.Reset.ID.Full())
	if err != nil || r.State(noon()) != model.Revoked || !r.WasUsed || r.Letter != model.Cancelled || r.BatchID != b.ID {
		t.Fatalf("%+v %v", r, err)
	}
	u, err := s.Undo(ctx, operator(), b.ID[:6])
	if err != nil || u.Restored.String() != "1 reset, 1 email" || len(u.Kept) != 0 {
		t.Fatalf("%+v %v", u, err)
	}
	r, err = s.FindReset(ctx, got.Reset.ID.Full())
	if err != nil || r.State(noon()) != model.Live || r.WasUsed || r.Letter != model.Queued {
		t.Fatalf("%+v %v", r, err)
	}
	if _, err := s.Undo(ctx, operator(), b.ID); !model.IsKind(err, model.Conflict) {
		t.Error(err)
	}
	if list, err := s.ListBatches(ctx, model.BatchFilter{}); err != nil || len(list.Items) != 1 || list.Items[0].CanUndo() {
		t.Error(list, err)
	}
}

func TestRequestAndRedeem(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	a := addAccount(t, s, "ann@example.org")
	err := s.Request(ctx, model.Act{}, model.RequestOrder{Email: "Ann@Example.ORG", IP: "203.0.113.7", Agent: "curl\x00\xff"})
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.ListResets(ctx, model.ResetFilter{})
	if err != nil || len(list.Items) != 1 {
		t.Fatal(list, err)
	}
	r := list.Items[0]
	token := model.NewToken(testKey(), r.ID, s.scheme)
	id, err := s.Redeem(ctx, model.Act{}, model.RedeemOrder{Token: token, IP: "203.0.113.8", Agent: "Firefox"})
	if err != nil || id != a.ID {
		t.Fatal(id, err)
	}
	r, err = s.FindReset(ctx, r.ID.Full())
	if err != nil || r.State(noon()) != model.Used || r.RequestedIP != "203.0.113.7" || r.UsedIP != "203.0.113.8" ||
		r.RequestedAgent != "curl\uFFFD" || r.UsedAgent != "Firefox" || r.Letter == "" {
		t.Fatalf("%+v %v", r, err)
	}
	if _, err := s.Redeem(ctx, model.Act{}, model.RedeemOrder{Token: token}); !model.IsKind(err, model.Refused) {
		t.Error(err)
	}
}

func TestHoldReleaseUndo(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	a := addAccount(t, s, "ann@example.org")
	b, err := s.Hold(ctx, operator(), a.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.FindAccount(ctx, "ANN@example.org"); err != nil || got.HeldBy != "ada" || !got.Held.Equal(noon()) {
		t.Fatal(got, err)
	}
	if _, err := s.Hold(ctx, operator(), a.ID); !model.IsKind(err, model.Conflict) {
		t.Error(err)
	}
	if u, err := s.Undo(ctx, operator(), b.ID); err != nil || u.Restored.Of("accounts") != 1 {
		t.Fatal(u, err)
	}
	if got, err := s.FindAccount(ctx, a.ID[:8]); err != nil || got.IsHeld() {
		t.Fatal(got, err)
	}
	if _, err := s.Release(ctx, operator(), a.ID); !model.IsKind(err, model.Conflict) {
		t.Error(err)
	}
	if page, err := s.ListAccounts(ctx, model.AccountFilter{Query: "EXAMPLE"}); err != nil || len(page.Items) != 1 {
		t.Error(page, err)
	}
}

func TestSetting(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	if v, err := s.Setting(ctx, "ui.theme"); v != "" || err != nil {
		t.Fatal(v, err)
	}
	if err := s.SetSetting(ctx, operator(), "ui.theme", "dark"); err != nil {
		t.Fatal(err)
	}
	if v, err := s.Setting(ctx, "ui.theme"); v != "dark" || err != nil {
		t.Fatal(v, err)
	}
	if err := s.SetSetting(ctx, operator(), "smtp.password", "x"); !model.IsKind(err, model.Refused) {
		t.Error(err)
	}
}

// prefix reads a network in a test.
func prefix(t testing.TB, text string) netip.Prefix {
	t.Helper()
	p, err := model.ParsePrefix(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
