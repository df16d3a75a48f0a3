package store

import (
	"fmt"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// What the use cases on resets do to letters, inside their own transactions.

// waiting selects the letters that no courier is working on. A letter is marked
// as sending while its lease runs; next_try is then the end of the lease, so
// "due" is one comparison for every kind of waiting.
const waiting = "(state IN ('queued', 'failed') OR state = 'sending' AND next_try <= @now)"

// idsAtOnce bounds the parameters of one statement.
const idsAtOnce = 500

// enqueue puts a letter about r in the outbox, to the address that r holds. Its
// Message-ID is fixed here, so that every attempt carries the same.
func (s *Store) enqueue(tx *gorm.DB, now time.Time, kind model.LetterKind, r model.Reset) (model.Letter, error) {
	host := s.o.LinkHost
	if host == "" {
		host = "doorman.invalid"
	}
	row := letterRow{
		ID: model.NewID(), Kind: string(kind), ResetID: r.ID.Full(), AccountID: r.AccountID, Recipient: r.Email,
		State: string(model.Queued), Created: ownStamp(now), NextTry: ownStamp(now),
		MessageID: model.NewID() + "@" + host,
	}
	if err := tx.Create(&row).Error; err != nil {
		return model.Letter{}, fmt.Errorf("queue email: %w", err)
	}
	l := s.letter(&letterView{Row: row})
	l.Expires = r.Expires
	return l, nil
}

// cancelBatchLetters cancels the waiting letters with a link to any reset that
// the batch changed last and returns how many there were, in one statement
// however many they are. Letters that tell of a completed reset stay: what they
// say is true. A letter that is on its way to the relay stays too; its link is
// dead, and should the relay refuse it the next claim cancels it.
func (s *Store) cancelBatchLetters(tx *gorm.DB, now time.Time, batchID string) (int, error) {
	res := tx.Exec(`UPDATE doorman_outbox SET state = 'cancelled', batch_id = nullif(@batch, ''),
			last_error = 'the reset was revoked', lease_owner = NULL, lease_until = NULL
		WHERE kind = @kind AND `+waiting+` AND reset_id IN (SELECT id FROM "PasswordReset" WHERE batch_id = @batch)`,
		map[string]any{"now": ownStamp(now), "batch": batchID, "kind": model.LetterIssued})
	if res.Error != nil {
		return 0, fmt.Errorf("cancel emails: %w", res.Error)
	}
	return int(res.RowsAffected), nil
}

// restoreLetters queues the letters again that the batch cancelled and whose
// resets are live; call it after the resets were restored.
func (s *Store) restoreLetters(tx *gorm.DB, now time.Time, batchID string) (int, error) {
	args := s.stateArgs(now)
	args["due"], args["batch"] = ownStamp(now), batchID
	// The state narrows it to an index; no index knows the batch of a letter, for
	// only this rare act requests it.
	res := tx.Exec(`UPDATE doorman_outbox SET state = 'queued', next_try = @due, last_error = NULL, batch_id = NULL
		WHERE state = 'cancelled' AND batch_id = @batch
			AND reset_id IN (SELECT r.id FROM "PasswordReset" AS r WHERE r.id = doorman_outbox.reset_id
				AND `+stateSQL(model.Live)+")", args)
	if res.Error != nil {
		return 0, fmt.Errorf("restore emails: %w", res.Error)
	}
	return int(res.RowsAffected), nil
}
