package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// Hold keeps resets of an account from being issued and redeemed until it is
// released, as a batch. Its live resets stay as they are: after the release
// they work again, as long as they have not expired.
func (s *Store) Hold(ctx context.Context, act model.Act, accountID string) (model.Batch, error) {
	return s.setHold(ctx, act, accountID, model.VerbHold)
}

// Release lifts the hold of an account, as a batch.
func (s *Store) Release(ctx context.Context, act model.Act, accountID string) (model.Batch, error) {
	return s.setHold(ctx, act, accountID, model.VerbRelease)
}

func (s *Store) setHold(ctx context.Context, act model.Act, accountID string, verb model.Verb) (model.Batch, error) {
	var b model.Batch
	err := s.write(ctx, string(verb)+" account", func(tx *gorm.DB, now time.Time) error {
		a, err := s.accountByID(tx, accountID)
		if err != nil {
			return err
		}
		b = newBatch(now, act, verb, a.ID)
		b.Counts = model.Tally{{Label: "accounts", N: 1}}
		switch {
		case verb == model.VerbHold && a.IsHeld():
			return &model.Error{Kind: model.Conflict, Text: "the account is held already" + wasFirst(a.HeldBy, a.Held, ""), Hint: "nothing is left to do"}
		case verb == model.VerbRelease && !a.IsHeld():
			last, err := lastBatch(tx, verb, a.ID)
			if err != nil {
				return err
			}
			return &model.Error{Kind: model.Conflict, Text: "the account is not held" + wasFirst(last.By, last.At, last.Reason), Hint: "nothing is left to do"}
		case verb == model.VerbHold:
			err = putHold(tx, a.ID, s.stampOrNil(b.At), textOrNil(b.By))
		default:
			err = putHold(tx, a.ID, nil, nil)
		}
		if err != nil {
			return err
		}
		return s.addBatch(tx, now, act, b)
	})
	if err != nil {
		return model.Batch{}, err
	}
	return b, nil
}

func putHold(tx *gorm.DB, accountID string, at, by *string) error {
	return tx.Exec(`UPDATE "Account" SET held_date = ?, held_by = ? WHERE id = ?`, at, by, accountID).Error
}
