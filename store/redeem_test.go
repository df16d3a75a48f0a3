package store

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"doorman/model"
)

// issued writes a live reset of a new account and returns its token.
func issued(t testing.TB, s *Store, email string) (model.Reset, model.Token) {
	t.Helper()
	a := addAccount(t, s, email)
	got, err := s.Issue(context.Background(), operator(), model.IssueOrder{AccountID: a.ID})
	if err != nil {
		t.Fatal(err)
	}
	return got.Reset, model.NewToken(testKey(), got.Reset.ID, s.scheme)
}

// openFour opens one database four times, as four programs would.
func openFour(t *testing.T) []*Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "doorman.db")
	var list []*Store
	for range 4 {
		s, err := Open(context.Background(), Options{Path: path, Create: true, Key: testKey(), Now: noon, Fast: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		list = append(list, s)
	}
	return list
}

// together runs fn n times at once and waits for all.
func together(n int, fn func(i int)) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			fn(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}

func TestOneRedemptionWins(t *testing.T) {
	stores, ctx := openFour(t), context.Background()
	for round := range 50 {
		r, token := issued(t, stores[0], model.NewID()+"@example.org")
		var won atomic.Int32
		together(16, func(i int) {
			id, err := stores[i%len(stores)].Redeem(ctx, model.Act{}, model.RedeemOrder{Token: token, IP: "203.0.113.7"})
			switch {
			case err == nil && id == r.AccountID:
				won.Add(1)
			case !model.IsKind(err, model.Refused):
				t.Errorf("round %d: %q %v", round, id, err)
			}
		})
		if won.Load() != 1 {
			t.Fatalf("round %d: %d winners", round, won.Load())
		}
		if n := number(t, stores[0], `SELECT count(*) FROM doorman_outbox WHERE kind = 'reset-completed' AND reset_id = ?`, r.ID.Full()); n != 1 {
			t.Fatalf("round %d: %d emails tell of it", round, n)
		}
	}
}

func TestRedeemOrRevokeWins(t *testing.T) {
	stores, ctx := openFour(t), context.Background()
	redeemed := 0
	for round := range 50 {
		r, token := issued(t, stores[0], model.NewID()+"@example.org")
		var wins [2]atomic.Int32
		together(8, func(i int) {
			s, kind, err := stores[i%len(stores)], model.Refused, error(nil)
			if i%2 == 0 {
				_, err = s.Redeem(ctx, model.Act{}, model.RedeemOrder{Token: token})
			} else {
				kind = model.NotFound
				_, err = s.Revoke(ctx, operator(), model.RevokeOrder{IDs: []model.ResetID{r.ID}})
			}
			if err == nil {
				wins[i%2].Add(1)
			} else if !model.IsKind(err, kind) {
				t.Errorf("round %d: %v", round, err)
			}
		})
		if wins[0].Load()+wins[1].Load() != 1 {
			t.Fatalf("round %d: %d redemptions and %d revocations won", round, wins[0].Load(), wins[1].Load())
		}
		got, err := stores[1].FindReset(ctx, r.ID.Full())
		if want := []model.State{model.Used, model.Revoked}[wins[1].Load()]; err != nil || got.State(noon()) != want {
			t.Fatalf("round %d: is %s, should be %s (%v)", round, got.State(noon()), want, err)
		}
		redeemed += int(wins[0].Load())
	}
	t.Logf("%d of 50 races were won by the redemption", redeemed)
}

// TestDeadLinksAnswerAlike: what is wrong with a link is nobody's business.
func TestDeadLinksAnswerAlike(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	_, good := issued(t, s, "ann@example.org")
	id := good.ID()
	other := model.NewToken(model.Key(strings.Repeat("k", 32)), model.NewResetID(id, s.scheme), s.scheme)
	bare := model.NewToken(nil, model.NewResetID(id, model.SchemeID), model.SchemeID)
	unknown := model.NewToken(testKey(), model.NewResetID(model.NewID(), s.scheme), s.scheme)
	b, err := s.Hold(ctx, operator(), s.accountOf(t, id))
	if err != nil {
		t.Fatal(err)
	}
	check := func(name string, token model.Token) {
		t.Helper()
		before := rows(t, s)
		account, err := s.Redeem(ctx, model.Act{}, model.RedeemOrder{Token: token, IP: "203.0.113.7", Agent: "x"})
		if !model.IsKind(err, model.Refused) || !strings.HasSuffix(err.Error(), ": this link is no longer valid") || account != "" {
			t.Errorf("%s: %q %v", name, account, err)
		}
		if after := rows(t, s); !sameRows(before, after) {
			t.Errorf("%s: left %v, was %v", name, after, before)
		}
		if n := number(t, s, `SELECT count(*) FROM "PasswordReset" WHERE used_date IS NOT NULL OR used_ip_address IS NOT NULL`); n != 0 {
			t.Errorf("%s: marked as used", name)
		}
	}
	check("held", good)
	if _, err := s.Undo(ctx, operator(), b.ID); err != nil {
		t.Fatal(err)
	}
	check("another key", other)
	check("no secret", bare)
	check("unknown", unknown)
	check("zero", model.Token{})
	exec(t, s, `UPDATE "PasswordReset" SET expires_date = ?`, s.stamp(noon()))
	check("expired", good)
	exec(t, s, `UPDATE "PasswordReset" SET expires_date = ?, superseded_by = 'x'`, s.stamp(noon().Add(time.Hour)))
	check("superseded", good)
	exec(t, s, `UPDATE "PasswordReset" SET superseded_by = NULL, revoked_date = ?`, s.stamp(noon()))
	check("revoked", good)
	exec(t, s, `UPDATE "PasswordReset" SET revoked_date = NULL, was_used = 1`)
	check("flag of another program", good)
	exec(t, s, `UPDATE "PasswordReset" SET was_used = 0, user_id = NULL`)
	check("of nobody", good)
}

// accountOf returns whose reset it is.
func (s *Store) accountOf(t testing.TB, resetID string) string {
	t.Helper()
	return text(t, s, `SELECT user_id FROM "PasswordReset" WHERE id = ?`, resetID)
}

func sameRows(a, b map[string]int) bool {
	for k, n := range a {
		if b[k] != n {
			return false
		}
	}
	return true
}

func TestRedeemInSchemeID(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	s.scheme, s.lifetime = model.SchemeID, model.AdoptedLifetime
	a := addAccount(t, s, "ann@example.org")
	id := model.NewID() // as the course's application writes it
	exec(t, s, `INSERT INTO "PasswordReset" (id, created_date, was_used, user_id, used_ip_address) VALUES (?, ?, 0, ?, '203.0.113.7')`,
		id, "2026-11-23 09:00:00.575503", a.ID)
	token, err := model.ParseToken(id)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Redeem(ctx, model.Act{}, model.RedeemOrder{Token: token, IP: "198.51.100.9"}); err != nil || got != a.ID {
		t.Fatal(got, err)
	}
	r, err := s.FindReset(ctx, id)
	if err != nil || r.State(noon()) != model.Used || r.UsedIP != "198.51.100.9" || !r.Used.Equal(noon()) {
		t.Errorf("%+v %v", r, err)
	}
}
