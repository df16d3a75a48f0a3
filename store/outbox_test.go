package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// operator is who acts in the tests of letters, log, import and export.
func operator() model.Act {
	return model.Act{Operator: "ada", Role: model.Admin, Origin: "host tty1", Reason: "ticket 7"}
}

// outboxReset writes an account and a live reset of it, asked for at the given
// moment, straight into the tables.
func outboxReset(t testing.TB, s *Store, email string, created time.Time) model.Reset {
	t.Helper()
	r := model.Reset{
		ID: model.NewResetID(model.NewID(), s.scheme), AccountID: "acc-" + email, Email: email,
		Created: created, Expires: created.Add(time.Hour),
	}
	inTx(t, s, func(tx *gorm.DB, _ time.Time) error {
		err := tx.Exec(`INSERT INTO "Account" (id, email, email_confirmed, is_super_user) VALUES (?, ?, 1, 0)
			ON CONFLICT DO NOTHING`, r.AccountID, email).Error
		if err != nil {
			return err
		}
		return tx.Exec(`INSERT INTO "PasswordReset" (id, created_date, was_used, user_id, expires_date, secret_hash, requested_ip_key)
			VALUES (?, ?, 0, ?, ?, ?, x'')`, r.ID.Full(), s.stamp(created), r.AccountID, s.stamp(r.Expires),
			model.NewToken(testKey(), r.ID, s.scheme).Hash()).Error
	})
	return r
}

// outboxLetter queues a letter for a new live reset.
func outboxLetter(t testing.TB, s *Store, email string) (model.Reset, model.Letter) {
	t.Helper()
	r := outboxReset(t, s, email, s.now())
	return r, queue(t, s, model.LetterIssued, r)
}

func queue(t testing.TB, s *Store, kind model.LetterKind, r model.Reset) model.Letter {
	t.Helper()
	var l model.Letter
	inTx(t, s, func(tx *gorm.DB, now time.Time) (err error) {
		l, err = s.enqueue(tx, now, kind, r)
		return err
	})
	return l
}

// inTx runs fn in a transaction of the store and ends the test when it fails.
func inTx(t testing.TB, s *Store, fn func(tx *gorm.DB, now time.Time) error) {
	t.Helper()
	if err := s.write(context.Background(), "test", fn); err != nil {
		t.Fatal(err)
	}
}

// exec changes rows behind the back of the use cases.
func exec(t testing.TB, s *Store, query string, args ...any) {
	t.Helper()
	inTx(t, s, func(tx *gorm.DB, _ time.Time) error { return tx.Exec(query, args...).Error })
}

// number reads one number.
func number(t testing.TB, s *Store, query string, args ...any) int {
	t.Helper()
	var n int
	if err := s.read(context.Background()).Raw(query, args...).Scan(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

// text reads one column of one row, "" for NULL.
func text(t testing.TB, s *Store, query string, args ...any) string {
	t.Helper()
	var out *string
	if err := s.read(context.Background()).Raw(query, args...).Scan(&out).Error; err != nil {
		t.Fatal(err)
	}
	return textOrNone(out)
}

func TestEnqueueFixesTheMessageID(t *testing.T) {
	s := newStore(t)
	r, l := outboxLetter(t, s, "a@example.org")
	if l.State != model.Queued || l.To != "a@example.org" || l.ResetID.Full() != r.ID.Full() || !l.Expires.Equal(r.Expires) {
		t.Fatalf("%+v", l)
	}
	id, host, _ := strings.Cut(l.MessageID, "@")
	if len(id) != 32 || host != "doorman.invalid" {
		t.Fatal(l.MessageID)
	}
	if got := text(t, s, "SELECT message_id FROM doorman_outbox WHERE id = ?", l.ID); got != l.MessageID {
		t.Fatal(got)
	}
}

func TestCancelAndRestoreLettersOfABatch(t *testing.T) {
	s := newStore(t)
	var ids []string
	for _, email := range []string{"a@example.org", "b@example.org", "c@example.org"} {
		r, _ := outboxLetter(t, s, email)
		ids = append(ids, r.ID.Full())
	}
	exec(t, s, `UPDATE doorman_outbox SET state = 'sent' WHERE reset_id = ?`, ids[2])
	exec(t, s, `UPDATE "PasswordReset" SET batch_id = 'batch-1'`)
	inTx(t, s, func(tx *gorm.DB, now time.Time) error {
		n, err := s.cancelBatchLetters(tx, now, "batch-1")
		if n != 2 {
			t.Error(n)
		}
		return err
	})
	if n := number(t, s, "SELECT count(*) FROM doorman_outbox WHERE state = 'cancelled' AND batch_id = 'batch-1'"); n != 2 {
		t.Fatal(n)
	}
	exec(t, s, `UPDATE "PasswordReset" SET revoked_date = ? WHERE id = ?`, s.stamp(noon()), ids[1])
	inTx(t, s, func(tx *gorm.DB, now time.Time) error {
		n, err := s.restoreLetters(tx, now, "batch-1")
		if n != 1 {
			t.Error(n)
		}
		return err
	})
	if got := text(t, s, "SELECT state FROM doorman_outbox WHERE reset_id = ?", ids[0]); got != "queued" {
		t.Error(got)
	}
}

func TestCancelLettersOfAllResetsOfABatch(t *testing.T) {
	s := newStore(t)
	r, _ := outboxLetter(t, s, "a@example.org")
	outboxLetter(t, s, "b@example.org")
	done := queue(t, s, model.LetterCompleted, r)
	exec(t, s, `UPDATE "PasswordReset" SET batch_id = 'batch-1' WHERE id = ?`, r.ID.Full())
	inTx(t, s, func(tx *gorm.DB, now time.Time) error {
		n, err := s.cancelBatchLetters(tx, now, "batch-1")
		if n != 1 {
			t.Error(n)
		}
		return err
	})
	if got := text(t, s, "SELECT state FROM doorman_outbox WHERE id = ?", done.ID); got != "queued" {
		t.Error("an email that tells of a completed reset was cancelled:", got)
	}
}
