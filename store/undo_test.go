package store

import (
	"context"
	"testing"
	"time"

	"doorman/model"
)

// revokeAll revokes everything that is live.
func revokeAll(t *testing.T, s *Store) model.Batch {
	t.Helper()
	b, err := s.Revoke(context.Background(), operator(), model.RevokeOrder{All: true})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestUndoKeepsWhatMovedOn has one reset for each reason not to restore it.
func TestUndoKeepsWhatMovedOn(t *testing.T) {
	s, c := newClockedStore(t)
	ctx := context.Background()
	list := make([]model.Reset, 5)
	for i, name := range []string{"good", "used", "changed", "expired", "replaced"} {
		list[i], _ = issued(t, s, name+"@example.org")
	}
	b := revokeAll(t, s)
	c.forward(time.Minute)
	mark := func(set string, r model.Reset, args ...any) {
		t.Helper()
		exec(t, s, `UPDATE "PasswordReset" SET `+set+` WHERE id = '`+r.ID.Full()+`'`, args...)
	}
	mark("used_date = ?", list[1], s.stamp(c.now()))
	mark("batch_id = 'another'", list[2])
	mark("expires_date = ?", list[3], s.stamp(c.now()))
	again, err := s.Issue(ctx, operator(), model.IssueOrder{AccountID: list[4].AccountID})
	if err != nil {
		t.Fatal(err)
	}
	exec(t, s, "UPDATE doorman_outbox SET state = 'sent' WHERE id = ?", again.Letter.ID)
	before := number(t, s, "SELECT count(*) FROM doorman_audit")
	u, err := s.Undo(ctx, model.Act{Operator: "bob", Role: model.Responder}, b.ID)
	if err != nil {
		t.Fatal(err)
	}
	if u.Restored.String() != "1 reset, 1 email" || u.Kept.String() != "1 expired since, 1 replaced since, 1 used since, 1 changed since" {
		t.Errorf("%+v", u)
	}
	if u.Batch.UndoneBy != "bob" || !u.Batch.UndoneAt.Equal(c.now()) {
		t.Errorf("%+v", u.Batch)
	}
	for i, want := range []model.State{model.Live, model.Used, model.Revoked, model.Revoked, model.Revoked} {
		r, err := s.FindReset(ctx, list[i].ID.Full())
		if err != nil || r.State(c.now()) != want {
			t.Errorf("%s is %s, want %s (%v)", r.Email, r.State(c.now()), want, err)
		}
		letter := model.Cancelled
		if want == model.Live {
			letter = model.Queued
		}
		if r.Letter != letter {
			t.Errorf("the email to %s is %s", r.Email, r.Letter)
		}
	}
	if number(t, s, "SELECT count(*) FROM doorman_audit") != before+1 ||
		text(t, s, "SELECT verb || ' ' || operator || ' ' || batch_id FROM doorman_audit ORDER BY seq DESC LIMIT 1") != "undo bob "+b.ID {
		t.Error("the undo is not in the log")
	}
}

// TestUndoRestoresTheRowExactly: a redemption after revoke and undo works as if
// nothing had been.
func TestUndoRestoresTheRowExactly(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	r, token := issued(t, s, "ann@example.org")
	before, err := s.FindReset(ctx, r.ID.Full())
	if err != nil {
		t.Fatal(err)
	}
	b := revokeAll(t, s)
	if _, err := s.Redeem(ctx, model.Act{}, model.RedeemOrder{Token: token}); !model.IsKind(err, model.Refused) {
		t.Fatal(err)
	}
	if _, err := s.Undo(ctx, operator(), b.ID); err != nil {
		t.Fatal(err)
	}
	after, err := s.FindReset(ctx, r.ID.Full())
	before.BatchID = b.ID // the batch still lists what it concerned
	if err != nil || after != before {
		t.Errorf("%+v, was %+v (%v)", after, before, err)
	}
	if id, err := s.Redeem(ctx, model.Act{}, model.RedeemOrder{Token: token}); err != nil || id != r.AccountID {
		t.Error(id, err)
	}
}

// TestUndoLeavesSentLetters: a letter that went out is not sent again.
func TestUndoLeavesSentLetters(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	r, _ := issued(t, s, "ann@example.org")
	exec(t, s, "UPDATE doorman_outbox SET state = 'sent'")
	b := revokeAll(t, s)
	if b.Counts.Of("emails") != 0 {
		t.Error(b.Counts)
	}
	u, err := s.Undo(ctx, operator(), b.ID)
	if err != nil || u.Restored.String() != "1 reset" {
		t.Error(u, err)
	}
	if got, err := s.FindReset(ctx, r.ID.Full()); err != nil || got.Letter != model.Sent {
		t.Error(got, err)
	}
}

func TestOneUndoWins(t *testing.T) {
	stores, ctx := openFour(t), context.Background()
	issued(t, stores[0], "ann@example.org")
	b := revokeAll(t, stores[0])
	won := make(chan bool, 8)
	together(8, func(i int) {
		_, err := stores[i%len(stores)].Undo(ctx, operator(), b.ID)
		if err != nil && !model.IsKind(err, model.Conflict) {
			t.Error(err)
		}
		won <- err == nil
	})
	close(won)
	n := 0
	for ok := range won {
		if ok {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d winners", n)
	}
}

func TestUndoHoldAndRelease(t *testing.T) {
	s, c := newClockedStore(t)
	ctx := context.Background()
	a := addAccount(t, s, "ann@example.org")
	hold, err := s.Hold(ctx, operator(), a.ID)
	if err != nil {
		t.Fatal(err)
	}
	since := c.now()
	c.forward(time.Hour)
	release, err := s.Release(ctx, model.Act{Operator: "bob", Role: model.Admin}, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	if u, err := s.Undo(ctx, operator(), release.ID); err != nil || u.Restored.Of("accounts") != 1 {
		t.Fatal(u, err)
	}
	got, err := s.FindAccount(ctx, a.ID)
	if err != nil || !got.Held.Equal(since) || got.HeldBy != "ada" {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := s.Release(ctx, operator(), a.ID); err != nil {
		t.Fatal(err)
	}
	u, err := s.Undo(ctx, operator(), hold.ID)
	if err != nil || u.Restored.String() != "" || u.Kept.Of("released since") != 1 {
		t.Errorf("%+v %v", u, err)
	}
}

// A letter that was on its way when its reset was revoked, and did not arrive,
// is no more lost than one that waited: taken back, it goes out.
func TestUndoBringsBackALetterThatWasOnItsWay(t *testing.T) {
	s, clock := newClockedStore(t)
	ctx := context.Background()
	r, l := outboxLetter(t, s, "a@example.org")
	if got := claim(t, s, "one", 1); len(got) != 1 {
		t.Fatalf("%+v", got)
	}
	b, err := s.Revoke(ctx, operator(), model.RevokeOrder{IDs: []model.ResetID{r.ID}})
	if err != nil {
		t.Fatal(err)
	}
	clock.forward(10 * time.Minute) // the courier died
	if got := claim(t, s, "two", 1); len(got) != 0 {
		t.Fatalf("the email of a revoked reset goes out: %+v", got)
	}
	if _, err := s.Undo(ctx, operator(), b.ID); err != nil {
		t.Fatal(err)
	}
	if got := claim(t, s, "two", 1); len(got) != 1 || got[0].ID != l.ID {
		t.Errorf("%+v", got)
	}
}
