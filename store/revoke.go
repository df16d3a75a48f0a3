package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// Revoke ends all live resets that the order selects, as one batch: one
// statement changes them, one cancels their letters that still wait. It is a
// model.NotFound when none of them is live. Cost: one pass over what the filter
// selects; measured, 10,000 resets take about a third of a second.
func (s *Store) Revoke(ctx context.Context, act model.Act, order model.RevokeOrder) (model.Batch, error) {
	var b model.Batch
	err := s.write(ctx, "revoke resets", func(tx *gorm.DB, now time.Time) error {
		b = newBatch(now, act, model.VerbRevoke, s.revokeSubject(order))
		newer, err := s.endOrder(tx, now, order, &b)
		if err != nil {
			return err
		}
		if b.Counts.Of("resets") == 0 {
			return s.noneLive(tx, now, order.IDs)
		}
		b.Counts = append(b.Counts, newer...)
		return s.addBatch(tx, now, act, b)
	})
	if err != nil {
		return model.Batch{}, err
	}
	return b, nil
}

// endOrder revokes what an order selects, see endTarget.
func (s *Store) endOrder(tx *gorm.DB, now time.Time, o model.RevokeOrder, b *model.Batch) (newer model.Tally, err error) {
	if len(o.IDs) == 0 && !o.Target.IsZero() {
		return s.endTarget(tx, now, o.Target, o.Asked, b)
	}
	c, err := s.revokeWhere(o, now)
	if err != nil {
		return nil, err
	}
	if isOfClusters(o) {
		spared, err := s.spared(tx, now, model.Target{}, c)
		if err != nil {
			return nil, err
		}
		c.add("NOT " + spared)
	}
	b.Counts, err = s.endResets(tx, now, c, *b)
	return nil, err
}

// isOfClusters reports whether an order selects by clusters: then exceptions hold.
func isOfClusters(o model.RevokeOrder) bool {
	return len(o.IDs) == 0 && o.Filter.Of != nil && !o.Filter.Of.Not
}

// endResets revokes what is live among those selected and cancels the letters
// that wait for them.
func (s *Store) endResets(tx *gorm.DB, now time.Time, c *conditions, b model.Batch) (model.Tally, error) {
	n, err := s.revokeRows(tx, now, c, b)
	if err != nil {
		return nil, err
	}
	accounts := 0
	err = tx.Raw(`SELECT count(DISTINCT user_id) FROM "PasswordReset" WHERE batch_id = ?`, b.ID).Scan(&accounts).Error
	if err != nil {
		return nil, err
	}
	letters, err := s.cancelBatchLetters(tx, now, b.ID)
	return model.Tally{{Label: "resets", N: n}, {Label: "accounts", N: accounts}, {Label: "emails", N: letters}}, err
}

func errNoneLive() error {
	return &model.Error{Kind: model.NotFound, Text: "none of these resets is live", Hint: "nothing was changed"}
}

// revokeRows marks the live resets among those selected. was_used is what the
// other application looks at.
func (s *Store) revokeRows(tx *gorm.DB, now time.Time, c *conditions, b model.Batch) (int, error) {
	args := s.stateArgs(now)
	args["revoked"], args["by"], args["reason"], args["new_batch"] = s.stamp(now), b.By, b.Reason, b.ID
	done := tx.Exec(`UPDATE "PasswordReset" AS r SET revoked_date = @revoked, revoked_by = @by, revoke_reason = @reason,
		was_used = 1, batch_id = @new_batch`+c.whereAnd(stateSQL(model.Live)), c.with(args))
	return int(done.RowsAffected), done.Error
}

// revokeWhere words what an order selects, whatever its state. It refuses the
// order that would select everything without saying so. Resets that are named
// cannot be newer than the question, whatever their clock says.
func (s *Store) revokeWhere(o model.RevokeOrder, now time.Time) (*conditions, error) {
	if len(o.IDs) > 0 {
		c := &conditions{args: map[string]any{}}
		ids := make([]string, len(o.IDs))
		for i, id := range o.IDs {
			ids[i] = id.Full()
		}
		text, err := idList(ids)
		if err != nil {
			return nil, err
		}
		// One parameter, however many ids: a statement takes 32,766 at most.
		c.bind("ids", text, "r.id IN (SELECT value FROM json_each(@ids))")
		return c, nil
	}
	if o.Filter.IsAll() && !o.All {
		return nil, &model.Error{Kind: model.Refused, Text: "that would revoke every live reset",
			Hint: "name an account, a network or a time, or say --all", Key: "filter the list first"}
	}
	c, err := s.resetWhere(o.Filter, now)
	if err != nil || o.Asked.IsZero() {
		return c, err
	}
	s.bindLater(c.args, "asked", o.Asked)
	c.add("NOT " + later("r.created_date", "asked"))
	return c, nil
}

// revokeSubject says in words what the order was aimed at.
func (s *Store) revokeSubject(o model.RevokeOrder) string {
	switch {
	case len(o.IDs) == 1:
		return "reset " + model.Mask(o.IDs[0].Full())
	case len(o.IDs) > 1:
		text := fmt.Sprintf("%d resets", len(o.IDs))
		if !o.Filter.IsAll() {
			text += " chosen among the " + filterInWords(o.Filter)
		}
		return text
	case !o.Target.IsZero():
		return targetInWords(o.Target)
	}
	return filterInWords(o.Filter)
}
