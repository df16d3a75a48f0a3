package store

import (
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// wasFirst says who did something before, when, and why: for the operator who
// comes second. Nothing where no one is known to have.
func wasFirst(by string, at time.Time, reason string) string {
	if by == "" || at.IsZero() {
		return ""
	}
	s := ": " + model.Quote(by) + " did it at " + at.UTC().Format(time.DateTime) + " UTC"
	if reason != "" {
		s += ", " + model.Quote(reason)
	}
	return s
}

// lastBatch finds the newest act of one kind on one subject.
func lastBatch(tx *gorm.DB, verb model.Verb, subject string) (model.Batch, error) {
	var rows []batchRow
	err := tx.Raw("SELECT b.* FROM doorman_batch AS b WHERE b.verb = ? AND b.subject = ? ORDER BY b.at DESC, b.id LIMIT 1", string(verb), subject).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return model.Batch{}, err
	}
	return rows[0].batch(), nil
}

// noneLive says that nothing is left to revoke, and of a reset that was named what
// became of it and by whom.
func (s *Store) noneLive(tx *gorm.DB, now time.Time, ids []model.ResetID) error {
	if len(ids) == 0 {
		return errNoneLive()
	}
	var rows []resetView
	if err := tx.Raw(resetSelect+" WHERE r.id = ?", ids[0].Full()).Scan(&rows).Error; err != nil || len(rows) == 0 {
		return errNoneLive()
	}
	r := s.reset(&rows[0])
	text := "none of these resets is live"
	if len(ids) == 1 {
		text = "the reset is " + string(r.State(now)) + " already"
	}
	switch r.State(now) {
	case model.Revoked:
		text += wasFirst(r.RevokedBy, r.Revoked, r.RevokeReason)
	case model.Used:
		if !r.Used.IsZero() {
			text += ", since " + r.Used.UTC().Format(time.DateTime) + " UTC"
		}
	}
	return &model.Error{Kind: model.NotFound, Text: text, Hint: "nothing was changed"}
}
