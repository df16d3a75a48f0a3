package store

import (
	"context"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

const testLease = time.Minute

// clock is a clock that a test moves.
type clock struct{ ns atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ns.Store(noon().UnixNano())
	return c
}

func (c *clock) now() time.Time               { return time.Unix(0, c.ns.Load()).UTC() }
func (c *clock) forward(d time.Duration)      { c.ns.Add(int64(d)) }
func (c *clock) in(d time.Duration) time.Time { return c.now().Add(d) }

// openAt opens the file at path with a clock that the test moves.
func openAt(t testing.TB, path string, c *clock) *Store {
	t.Helper()
	s, err := Open(context.Background(), Options{Path: path, Create: true, Key: testKey(), Now: c.now, LinkHost: "shop.example"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func newClockedStore(t testing.TB) (*Store, *clock) {
	c := newClock()
	return openAt(t, filepath.Join(t.TempDir(), "doorman.db"), c), c
}

func claim(t testing.TB, s *Store, owner string, n int) []model.Letter {
	t.Helper()
	letters, err := s.ClaimLetters(t.Context(), owner, n, testLease)
	if err != nil {
		t.Fatal(err)
	}
	return letters
}

func letterState(t testing.TB, s *Store, id string) (state, why string) {
	t.Helper()
	return text(t, s, "SELECT state FROM doorman_outbox WHERE id = ?", id),
		text(t, s, "SELECT last_error FROM doorman_outbox WHERE id = ?", id)
}

func TestClaimHandsOutALetterOnce(t *testing.T) {
	s, _ := newClockedStore(t)
	r, l := outboxLetter(t, s, "a@example.org")
	got := claim(t, s, "one", 10)
	if len(got) != 1 || got[0].ID != l.ID || got[0].State != model.Sending || got[0].MessageID != l.MessageID {
		t.Fatalf("%+v", got)
	}
	if got[0].SecretHash == "" || !got[0].Expires.Equal(r.Expires) || got[0].Attempts != 0 {
		t.Fatalf("%+v", got[0])
	}
	if again := claim(t, s, "two", 10); len(again) != 0 {
		t.Fatalf("%+v", again)
	}
}

func TestClaimTakesOldestFirstAndNoMoreThanAsked(t *testing.T) {
	s, c := newClockedStore(t)
	var want []string
	for i := range 5 {
		_, l := outboxLetter(t, s, strconv.Itoa(i)+"@example.org")
		want = append(want, l.ID)
		c.forward(time.Second)
	}
	got := claim(t, s, "one", 3)
	if len(got) != 3 || got[0].ID != want[0] || got[2].ID != want[2] {
		t.Fatalf("%+v", got)
	}
}

func TestClaimTakesLettersWhoseLeaseRanOut(t *testing.T) {
	s, c := newClockedStore(t)
	_, l := outboxLetter(t, s, "a@example.org")
	claim(t, s, "one", 1)
	c.forward(testLease - time.Second)
	if got := claim(t, s, "two", 1); len(got) != 0 {
		t.Fatal("taken while the lease ran")
	}
	c.forward(time.Second)
	if got := claim(t, s, "two", 1); len(got) != 1 || got[0].ID != l.ID {
		t.Fatalf("%+v", got)
	}
	err := s.FinishLetter(t.Context(), "one", l.ID, model.Outcome{State: model.Sent, Reply: "250 ok"})
	if !model.IsKind(err, model.Conflict) {
		t.Fatal(err)
	}
	if state, _ := letterState(t, s, l.ID); state != "sending" {
		t.Fatal(state)
	}
	if err := s.FinishLetter(t.Context(), "two", l.ID, model.Outcome{State: model.Sent, Reply: "250 ok"}); err != nil {
		t.Fatal(err)
	}
}

// TestFinishAfterALapsedLeaseNobodyTook keeps a slow courier from sending twice.
func TestFinishAfterALapsedLeaseNobodyTook(t *testing.T) {
	s, c := newClockedStore(t)
	_, l := outboxLetter(t, s, "a@example.org")
	claim(t, s, "one", 1)
	c.forward(2 * testLease)
	if err := s.FinishLetter(t.Context(), "one", l.ID, model.Outcome{State: model.Sent, Reply: "250 ok"}); err != nil {
		t.Fatal(err)
	}
	if got := claim(t, s, "two", 1); len(got) != 0 {
		t.Fatalf("%+v", got)
	}
}

func TestClaimEndsLettersThatMustNotGoOut(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, change, state, why string }{
		{"used", `UPDATE "PasswordReset" SET used_date = @now, was_used = 1 WHERE id = @reset`, "cancelled", "the reset is used"},
		{"used by flag", `UPDATE "PasswordReset" SET was_used = 1 WHERE id = @reset`, "cancelled", "the reset is used"},
		{"revoked", `UPDATE "PasswordReset" SET revoked_date = @now, was_used = 1 WHERE id = @reset`, "cancelled", "the reset is revoked"},
		{"superseded", `UPDATE "PasswordReset" SET superseded_by = 'x', was_used = 1 WHERE id = @reset`, "cancelled", "the reset is superseded"},
		{"expired", `UPDATE "PasswordReset" SET expires_date = @now WHERE id = @reset`, "undeliverable", "the reset expired before the email could go out"},
		{"gone", `DELETE FROM "PasswordReset" WHERE id = @reset`, "cancelled", "the reset is gone"},
		{"held", `UPDATE "Account" SET held_date = @now WHERE id = @account`, "cancelled", "the account is held"},
		{"moved", `UPDATE "Account" SET email = 'new@example.org' WHERE id = @account`, "cancelled", "the account has another address now"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, _ := newClockedStore(t)
			r, l := outboxLetter(t, s, "a@example.org")
			_, good := outboxLetter(t, s, "b@example.org")
			exec(t, s, c.change, map[string]any{"now": s.stamp(s.now()), "reset": r.ID.Full(), "account": r.AccountID})
			got := claim(t, s, "one", 1)
			if len(got) != 1 || got[0].ID != good.ID {
				t.Fatalf("%+v", got)
			}
			if n := len(claim(t, s, "one", 1)); n != 0 {
				t.Fatal(n)
			}
			if state, why := letterState(t, s, l.ID); state != c.state || why != c.why {
				t.Fatalf("%s: %s", state, why)
			}
		})
	}
}

func TestCompletedLettersNeedOnlyTheAddress(t *testing.T) {
	s, _ := newClockedStore(t)
	r := outboxReset(t, s, "a@example.org", s.now())
	exec(t, s, `UPDATE "PasswordReset" SET used_date = ?, was_used = 1`, s.stamp(s.now()))
	exec(t, s, `UPDATE "Account" SET held_date = ?`, s.stamp(s.now()))
	l := queue(t, s, model.LetterCompleted, r)
	if got := claim(t, s, "one", 1); len(got) != 1 || got[0].ID != l.ID {
		t.Fatalf("%+v", got)
	}
}

func TestFinishOutcomes(t *testing.T) {
	later := noon().Add(10 * time.Minute)
	cases := []struct {
		name     string
		o        model.Outcome
		attempts int
		nextTry  string
		why      string
	}{
		{"sent", model.Outcome{State: model.Sent, Reply: "250 queued as 1"}, 1, ownStamp(noon().Add(testLease)), ""},
		{"failed", model.Outcome{State: model.Failed, Err: "451 later\x00\xff", NextTry: later}, 1, ownStamp(later), "451 later\uFFFD"},
		{"undeliverable", model.Outcome{State: model.Undeliverable, Err: "550 nobody"}, 1, ownStamp(noon().Add(testLease)), "550 nobody"},
		{"cancelled", model.Outcome{State: model.Cancelled, Err: "no"}, 0, ownStamp(noon().Add(testLease)), "no"},
		{"queued", model.Outcome{State: model.Queued}, 0, ownStamp(noon()), ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, _ := newClockedStore(t)
			_, l := outboxLetter(t, s, "a@example.org")
			claim(t, s, "one", 1)
			if err := s.FinishLetter(t.Context(), "one", l.ID, c.o); err != nil {
				t.Fatal(err)
			}
			var row letterRow
			s.read(t.Context()).First(&row, "id = ?", l.ID)
			if row.State != string(c.o.State) || row.Attempts != c.attempts || row.NextTry != c.nextTry ||
				textOrNone(row.LastError) != c.why || textOrNone(row.Reply) != c.o.Reply || row.LeaseOwner != nil || row.LeaseUntil != nil {
				t.Fatalf("%+v", row)
			}
			if sent := ownTimeOrZero(row.Sent); sent.IsZero() == (c.o.State == model.Sent) {
				t.Fatal(sent)
			}
		})
	}
}

func TestFinishRefusesOthers(t *testing.T) {
	s, _ := newClockedStore(t)
	_, l := outboxLetter(t, s, "a@example.org")
	claim(t, s, "one", 1)
	if err := s.FinishLetter(t.Context(), "one", l.ID, model.Outcome{State: model.Sending}); !model.IsKind(err, model.Invalid) {
		t.Fatal(err)
	}
	for _, owner := range []string{"two", ""} {
		if err := s.FinishLetter(t.Context(), owner, l.ID, model.Outcome{State: model.Undeliverable}); !model.IsKind(err, model.Conflict) {
			t.Fatal(err)
		}
	}
	if state, _ := letterState(t, s, l.ID); state != "sending" {
		t.Fatal(state)
	}
}

func TestSentSupersedesOlderLiveResets(t *testing.T) {
	s, c := newClockedStore(t)
	used := outboxReset(t, s, "a@example.org", c.in(-4*time.Minute))
	exec(t, s, `UPDATE "PasswordReset" SET used_date = ?, was_used = 1`, s.stamp(s.now()))
	old := outboxReset(t, s, "a@example.org", c.in(-3*time.Minute))
	oldLetter := queue(t, s, model.LetterIssued, old)
	exec(t, s, "UPDATE doorman_outbox SET next_try = ?", ownStamp(c.in(time.Hour)))
	r := outboxReset(t, s, "a@example.org", c.in(-2*time.Minute))
	newer := outboxReset(t, s, "a@example.org", c.in(-time.Minute))
	other := outboxReset(t, s, "b@example.org", c.in(-10*time.Minute))
	l := queue(t, s, model.LetterIssued, r)

	claim(t, s, "one", 1)
	if err := s.FinishLetter(t.Context(), "one", l.ID, model.Outcome{State: model.Sent, Reply: "250 ok"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		r    model.Reset
		by   string
	}{{"used", used, ""}, {"older", old, r.ID.Full()}, {"itself", r, ""}, {"newer", newer, ""}, {"of another", other, ""}} {
		if by := text(t, s, `SELECT superseded_by FROM "PasswordReset" WHERE id = ?`, c.r.ID.Full()); by != c.by {
			t.Errorf("%s: superseded by %q", c.name, by)
		}
	}
	if n := number(t, s, `SELECT was_used FROM "PasswordReset" WHERE id = ?`, old.ID.Full()); n != 1 {
		t.Error("another application would still honour the old link")
	}
	if state, why := letterState(t, s, oldLetter.ID); state != "cancelled" || why != "a newer reset took its place" {
		t.Error(state, why)
	}
}

func TestRevokedMeanwhileSupersedesNothing(t *testing.T) {
	s, c := newClockedStore(t)
	old := outboxReset(t, s, "a@example.org", c.in(-time.Minute))
	r, l := outboxLetter(t, s, "a@example.org")
	claim(t, s, "one", 1)
	exec(t, s, `UPDATE "PasswordReset" SET revoked_date = ?, was_used = 1 WHERE id = ?`, s.stamp(s.now()), r.ID.Full())
	if err := s.FinishLetter(t.Context(), "one", l.ID, model.Outcome{State: model.Sent, Reply: "250 ok"}); err != nil {
		t.Fatal(err)
	}
	if n := number(t, s, `SELECT was_used FROM "PasswordReset" WHERE id = ?`, old.ID.Full()); n != 0 {
		t.Fatal("the person is left without any link")
	}
}

func TestFinishSurvivesReopening(t *testing.T) {
	c := newClock()
	path := filepath.Join(t.TempDir(), "doorman.db")
	s := openAt(t, path, c)
	_, sent := outboxLetter(t, s, "a@example.org")
	_, lost := outboxLetter(t, s, "b@example.org")
	claim(t, s, "one", 2)
	if err := s.FinishLetter(t.Context(), "one", sent.ID, model.Outcome{State: model.Sent, Reply: "250 ok"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	c.forward(testLease)
	s = openAt(t, path, c)
	if got := claim(t, s, "two", 10); len(got) != 1 || got[0].ID != lost.ID || got[0].MessageID != lost.MessageID {
		t.Fatalf("%+v", got)
	}
}

func TestFourClaimersNeverShareALetter(t *testing.T) {
	t.Parallel()
	const letters, claimers = 500, 4
	c := newClock()
	path := filepath.Join(t.TempDir(), "doorman.db")
	first := openAt(t, path, c)
	inTx(t, first, func(tx *gorm.DB, now time.Time) error {
		if err := tx.Exec(`INSERT INTO "Account" (id, email, email_confirmed, is_super_user) VALUES ('a', 'a@example.org', 1, 0)`).Error; err != nil {
			return err
		}
		for range letters {
			r := model.Reset{ID: model.NewResetID(model.NewID(), first.scheme), AccountID: "a", Email: "a@example.org"}
			if _, err := first.enqueue(tx, now, model.LetterCompleted, r); err != nil {
				return err
			}
		}
		return nil
	})
	var mu sync.Mutex
	taken := map[string]int{}
	var wg sync.WaitGroup
	for i := range claimers {
		// SQLite does not serve those who wait in turn: on a slow machine one may wait
		// for long.
		s := openAs(t, Options{Path: path, Key: testKey(), Now: c.now, LinkHost: "shop.example", busy: time.Minute})
		wg.Go(func() {
			owner := strconv.Itoa(i)
			for {
				got, err := s.ClaimLetters(t.Context(), owner, 20, testLease)
				if err != nil {
					t.Error(err)
				}
				if err != nil || len(got) == 0 {
					return
				}
				for _, l := range got {
					mu.Lock()
					taken[l.ID]++
					mu.Unlock()
					if err := s.FinishLetter(t.Context(), owner, l.ID, model.Outcome{State: model.Sent, Reply: "250 ok"}); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	if len(taken) != letters {
		t.Errorf("%d of %d emails claimed", len(taken), letters)
	}
	for id, n := range taken {
		if n != 1 {
			t.Errorf("email %s claimed %d times", id, n)
		}
	}
	if n := number(t, first, "SELECT count(*) FROM doorman_outbox WHERE state = 'sent' AND attempts = 1"); n != letters {
		t.Error(n)
	}
}
