package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// due selects the letters that a courier may take: those whose time has come,
// and those whose courier let the lease run out. It says which states it does
// not want, as the index doorman_outbox_due does: with a list of those it wants
// SQLite walks the index on the state instead, and sorts.
const due = "state NOT IN ('sent', 'undeliverable', 'cancelled') AND next_try <= @now"

// maxReply bounds what is kept of a relay's words, in bytes.
const maxReply = 500

// ClaimLetters takes up to n due letters, oldest first, for the length of the
// lease; until then no one else gets them. Due letters that must not go out any
// more (the reset is spent, the account is held or has another address) are
// ended on the way, with the reason. Attempts are counted when they finish.
func (s *Store) ClaimLetters(ctx context.Context, owner string, n int, lease time.Duration) ([]model.Letter, error) {
	var letters []model.Letter
	if idle, err := s.nothingDue(ctx); idle || err != nil {
		return nil, err
	}
	err := s.write(ctx, "claim emails", func(tx *gorm.DB, now time.Time) error {
		letters = nil
		// Each round takes letters out of what is due, so the rounds end.
		for len(letters) < n {
			ids, err := s.lease(tx, now, owner, n-len(letters), lease)
			if err != nil || len(ids) == 0 {
				return err
			}
			good, err := s.weed(tx, now, ids)
			if err != nil {
				return err
			}
			letters = append(letters, good...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return letters, nil
}

// nothingDue looks before the write lock is taken: a courier asks every other
// second and mostly there is nothing to do.
func (s *Store) nothingDue(ctx context.Context) (bool, error) {
	if s.w == nil {
		return false, nil
	}
	var n int
	err := s.read(ctx).Raw("SELECT count(*) FROM (SELECT 1 FROM doorman_outbox WHERE "+due+" LIMIT 1)",
		map[string]any{"now": ownStamp(s.now())}).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("claim emails: %w", explain(err))
	}
	return n == 0, nil
}

// lease marks due letters as taken, in one statement, and returns their ids.
func (s *Store) lease(tx *gorm.DB, now time.Time, owner string, n int, lease time.Duration) ([]string, error) {
	var ids []string
	err := tx.Raw(`UPDATE doorman_outbox SET state = 'sending', lease_owner = @owner, lease_until = @until, next_try = @until
		WHERE id IN (SELECT id FROM doorman_outbox WHERE `+due+` ORDER BY next_try, id LIMIT @n) RETURNING id`,
		map[string]any{"now": ownStamp(now), "until": ownStamp(now.Add(max(lease, time.Millisecond))), "owner": owner, "n": n},
	).Scan(&ids).Error
	return ids, err
}

// weed ends those of the leased letters that must not go out and returns the
// others.
func (s *Store) weed(tx *gorm.DB, now time.Time, ids []string) ([]model.Letter, error) {
	var rows []letterView
	err := tx.Raw(letterSelect+" WHERE o.id IN ? ORDER BY o.created, o.id", ids).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	type end struct {
		state  model.LetterState
		reason string
	}
	ended := map[end][]string{}
	var good []model.Letter
	for i := range rows {
		state, reason := s.verdict(&rows[i], now)
		if state != "" {
			ended[end{state, reason}] = append(ended[end{state, reason}], rows[i].Row.ID)
			continue
		}
		good = append(good, s.letter(&rows[i]))
	}
	for e, ids := range ended {
		// With the batch that revoked the reset, so that taking it back brings the
		// letter back, too.
		err := tx.Exec(`UPDATE doorman_outbox SET state = @state, last_error = @reason, lease_owner = NULL, lease_until = NULL,
				batch_id = (SELECT r.batch_id FROM "PasswordReset" AS r WHERE r.id = reset_id AND coalesce(r.revoked_date, '') <> '')
			WHERE id IN @ids`, map[string]any{"state": e.state, "reason": e.reason, "ids": ids}).Error
		if err != nil {
			return nil, err
		}
	}
	return good, nil
}

// FinishLetter records what became of a claimed letter. It is a model.Conflict,
// and changes nothing, when the letter is not the owner's: someone else took
// it after the lease ran out, or it was finished. A lease that ran out without
// a taker still counts, for sending the letter again would help no one. Sent
// supersedes the account's older live resets.
func (s *Store) FinishLetter(ctx context.Context, owner, id string, o model.Outcome) error {
	return s.write(ctx, "finish email", func(tx *gorm.DB, now time.Time) error {
		set, err := finish(o, now)
		if err != nil {
			return err
		}
		var done []letterRow
		err = tx.Raw("UPDATE doorman_outbox SET "+set.columns+`, lease_owner = NULL, lease_until = NULL
			WHERE id = @id AND state = 'sending' AND lease_owner = @owner RETURNING *`, set.with(owner, id)).Scan(&done).Error
		if err != nil {
			return err
		}
		if len(done) == 0 {
			return &model.Error{Kind: model.Conflict, Text: "the email is no longer in this courier's hands",
				Hint: "its lease ran out and another courier took it"}
		}
		if o.State == model.Sent && done[0].Kind == string(model.LetterIssued) {
			return s.supersede(tx, now, &done[0])
		}
		return nil
	})
}

// finishing is how an outcome changes a letter.
type finishing struct {
	columns string
	args    map[string]any
}

func (f finishing) with(owner, id string) map[string]any {
	f.args["owner"], f.args["id"] = owner, id
	return f.args
}

func finish(o model.Outcome, now time.Time) (finishing, error) {
	next := o.NextTry
	if next.IsZero() {
		next = now
	}
	f := finishing{args: map[string]any{
		"state": o.State, "now": ownStamp(now), "next": ownStamp(next),
		"reply": model.CleanText(o.Reply, maxReply), "err": model.CleanText(o.Err, maxReply),
	}}
	switch o.State {
	case model.Sent:
		f.columns = "state = @state, attempts = attempts + 1, sent = @now, reply = @reply, last_error = NULL"
	case model.Failed:
		f.columns = "state = @state, attempts = attempts + 1, next_try = @next, last_error = @err"
	case model.Undeliverable:
		f.columns = "state = @state, attempts = attempts + 1, last_error = @err"
	case model.Cancelled:
		f.columns = "state = @state, last_error = @err"
	case model.Queued:
		f.columns = "state = @state, next_try = @next, last_error = coalesce(nullif(@err, ''), last_error)"
	default:
		return f, &model.Error{Kind: model.Invalid, Field: "state", Text: "no attempt ends as " + model.Quote(string(o.State))}
	}
	return f, nil
}

// supersede ends the account's live resets that are older than the one whose
// letter the relay has taken, and the letters that still wait for them. It does
// nothing when the new one was revoked meanwhile: the person would be left
// without any link.
func (s *Store) supersede(tx *gorm.DB, now time.Time, l *letterRow) error {
	args := s.stateArgs(now)
	args["id"], args["account"] = l.ResetID, l.AccountID
	var ids []string
	err := tx.Raw(`UPDATE "PasswordReset" AS r SET superseded_by = @id, was_used = 1
		WHERE r.user_id = @account AND r.id <> @id AND `+stateSQL(model.Live)+`
			AND EXISTS (SELECT 1 FROM "PasswordReset" AS new WHERE new.id = @id AND coalesce(new.revoked_date, '') = ''
				AND (r.created_date < new.created_date OR r.created_date = new.created_date AND r.id < new.id))
		RETURNING id`, args).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return err
	}
	return tx.Exec(`UPDATE doorman_outbox SET state = 'cancelled', last_error = 'a newer reset took its place',
			lease_owner = NULL, lease_until = NULL
		WHERE reset_id IN @ids AND kind = @kind AND `+waiting,
		map[string]any{"ids": ids, "kind": model.LetterIssued, "now": ownStamp(now)}).Error
}
