package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// Undo takes back a batch, as far as that is still right, and marks it as
// undone; a second time is a model.Conflict. Revoked resets become live again
// but for those that were used or have expired since, that another act changed
// since, and those whose account got a newer link since: two live links would
// be one too many. Letters that the batch cancelled wait again where their
// reset is live. Rules and cases are as before unless another act changed them
// since. It is an audited act of its own and can not be undone itself.
func (s *Store) Undo(ctx context.Context, act model.Act, batchID string) (model.Undone, error) {
	var u model.Undone
	err := s.write(ctx, "undo batch", func(tx *gorm.DB, now time.Time) error {
		row, err := findBatch(tx, batchID)
		if err != nil {
			return err
		}
		u = model.Undone{Batch: row.batch()}
		if err := mayUndo(u.Batch); err != nil {
			return err
		}
		err = s.takeBack(tx, now, act, &u)
		if err != nil {
			return err
		}
		u.Batch.UndoneAt, u.Batch.UndoneBy = now.Truncate(time.Microsecond), model.CleanText(act.Operator, maxName)
		err = tx.Exec("UPDATE doorman_batch SET undone_at = ?, undone_by = ? WHERE id = ?",
			ownStamp(u.Batch.UndoneAt), u.Batch.UndoneBy, u.Batch.ID).Error
		if err != nil {
			return err
		}
		return s.audit(tx, now, act, model.AuditEntry{
			Verb: model.VerbUndo, Subject: string(u.Batch.Verb) + " " + u.Batch.Subject, BatchID: u.Batch.ID,
			Counts: append(slices.Clone(u.Restored), u.Kept...),
		})
	})
	if err != nil {
		return model.Undone{}, err
	}
	return u, nil
}

// takeBack restores what a batch of its kind changed.
func (s *Store) takeBack(tx *gorm.DB, now time.Time, act model.Act, u *model.Undone) error {
	switch u.Batch.Verb {
	case model.VerbRevoke:
		return s.undoRevoke(tx, now, u)
	case model.VerbHold:
		return s.undoHold(tx, u)
	case model.VerbRelease:
		return s.undoRelease(tx, now, act, u)
	case model.VerbContain:
		return s.undoContain(tx, now, u)
	case model.VerbCase:
		return s.undoCase(tx, now, u)
	}
	return s.undoRules(tx, now, u)
}

func mayUndo(b model.Batch) error {
	if b.CanUndo() {
		return nil
	}
	if b.UndoneAt.IsZero() {
		return &model.Error{Kind: model.Refused, Text: "a batch of kind " + model.Quote(string(b.Verb)) + " cannot be undone"}
	}
	return &model.Error{Kind: model.Conflict, Text: "the batch was already undone by " + model.Quote(b.UndoneBy) +
		" at " + b.UndoneAt.Format(time.DateTime), Hint: "nothing was changed"}
}

// sqlReplaced selects resets whose account has a newer one with a letter that
// the relay took: the newer superseded all that were live, and would have this.
const sqlReplaced = `EXISTS (SELECT 1 FROM "PasswordReset" AS n JOIN doorman_outbox AS o ON o.reset_id = n.id
	WHERE n.user_id = r.user_id AND n.created_date > r.created_date AND o.kind = 'reset-issued' AND o.state = 'sent')`

// fate says what becomes of one reset of a revoked batch.
func fate() string {
	return `CASE
		WHEN ` + sqlUsed + ` THEN 'used since'
		WHEN NOT ` + sqlRevoked + ` OR ` + sqlSuperseded + ` THEN 'changed since'
		WHEN NOT ` + sqlValid() + ` THEN 'expired since'
		WHEN ` + sqlReplaced + ` THEN 'replaced since'
		ELSE 'resets' END`
}

func (s *Store) undoRevoke(tx *gorm.DB, now time.Time, u *model.Undone) error {
	args := s.stateArgs(now)
	args["batch"] = u.Batch.ID
	fates, err := tally(tx, "SELECT "+fate()+` AS label, count(*) AS n FROM "PasswordReset" AS r
		WHERE r.batch_id = @batch GROUP BY 1 ORDER BY 1`, args)
	if err != nil {
		return err
	}
	total := 0
	for _, l := range fates {
		total += l.N
		if l.Label != "resets" && l.Label != "changed since" {
			u.Kept = append(u.Kept, l)
		}
	}
	if gone := u.Batch.Counts.Of("resets") - total + fates.Of("changed since"); gone > 0 {
		u.Kept = append(u.Kept, model.TallyLine{Label: "changed since", N: gone})
	}
	done := tx.Exec(`UPDATE "PasswordReset" AS r SET revoked_date = NULL, revoked_by = NULL, revoke_reason = NULL, was_used = 0
		WHERE r.batch_id = @batch AND `+fate()+" = 'resets'", args)
	if done.Error != nil {
		return done.Error
	}
	letters, err := s.restoreLetters(tx, now, u.Batch.ID)
	u.Restored = model.Tally{{Label: "resets", N: int(done.RowsAffected)}, {Label: "emails", N: letters}}
	return err
}

// undoHold releases the account unless it was released, or held again, since.
func (s *Store) undoHold(tx *gorm.DB, u *model.Undone) error {
	a, err := s.accountByID(tx, u.Batch.Subject)
	if err != nil {
		return err
	}
	if !a.Held.Equal(u.Batch.At) {
		countUndone(u, false, "released since")
		return nil
	}
	countUndone(u, true, "")
	return putHold(tx, a.ID, nil, nil)
}

// undoRelease holds the account again, as it was held before.
func (s *Store) undoRelease(tx *gorm.DB, now time.Time, act model.Act, u *model.Undone) error {
	a, err := s.accountByID(tx, u.Batch.Subject)
	if err != nil {
		return err
	}
	if a.IsHeld() {
		countUndone(u, false, "held since")
		return nil
	}
	var before []batchRow
	err = tx.Raw("SELECT b.* FROM doorman_batch AS b WHERE b.verb = 'hold' AND b.subject = ? AND b.at <= ? ORDER BY b.at DESC LIMIT 1",
		a.ID, ownStamp(u.Batch.At)).Scan(&before).Error
	if err != nil {
		return err
	}
	at, by := now, model.CleanText(act.Operator, maxName)
	if len(before) == 1 {
		at, by = ownTime(before[0].At), before[0].Operator
	}
	countUndone(u, true, "")
	return putHold(tx, a.ID, s.stampOrNil(at), textOrNil(by))
}

// countUndone says of the one account of a batch whether it was restored.
func countUndone(u *model.Undone, restored bool, why string) {
	if restored {
		u.Restored = model.Tally{{Label: "accounts", N: 1}}
		return
	}
	u.Kept = model.Tally{{Label: why, N: 1}}
}
