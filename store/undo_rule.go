package store

import (
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// undoRules lifts the rules that the batch set and puts those back in force
// that it replaced or lifted. A rule that another act changed since stays as
// that act left it.
func (s *Store) undoRules(tx *gorm.DB, now time.Time, u *model.Undone) error {
	var set, ended []ruleRow
	err := tx.Raw("SELECT u.* FROM doorman_rule AS u WHERE u.batch_id = ? ORDER BY u.action", u.Batch.ID).Scan(&set).Error
	if err != nil {
		return err
	}
	if err := tx.Raw("SELECT u.* FROM doorman_rule AS u WHERE u.ended_batch = ? ORDER BY u.action", u.Batch.ID).Scan(&ended).Error; err != nil {
		return err
	}
	for i := range set {
		r := set[i].rule()
		noun := ruleNoun(r.Action)
		if !r.Lifted.IsZero() {
			keep(u, noun+" changed since")
			return nil // what came after decides
		}
		if !r.InForce(now) {
			keep(u, noun+" expired since")
		} else {
			restored(u, noun+" lifted")
		}
		if err := tx.Exec("UPDATE doorman_rule SET ended = ? WHERE id = ?", ownStamp(now), set[i].ID).Error; err != nil {
			return err
		}
	}
	for i := range ended {
		if err := restoreRule(tx, now, &ended[i], u); err != nil {
			return err
		}
	}
	return nil
}

// restoreRule puts a rule back in force that the batch ended.
func restoreRule(tx *gorm.DB, now time.Time, row *ruleRow, u *model.Undone) error {
	r := row.rule()
	noun := ruleNoun(r.Action)
	if !r.Expires.IsZero() && !r.Expires.After(u.Batch.At) {
		return nil // it was over before
	}
	if !r.Expires.IsZero() && !r.Expires.After(now) {
		keep(u, noun+" expired since")
		return nil
	}
	var n int
	err := tx.Raw("SELECT count(*) FROM doorman_rule WHERE prefix = ? AND action = ? AND ended IS NULL AND (expires IS NULL OR expires > ?)",
		row.Prefix, row.Action, ownStamp(now)).Scan(&n).Error
	if err != nil {
		return err
	}
	if n > 0 {
		keep(u, noun+" replaced since")
		return nil
	}
	restored(u, noun+" restored")
	// One that ran out by itself would be in the way of the index.
	err = tx.Exec("UPDATE doorman_rule SET ended = expires WHERE prefix = ? AND action = ? AND ended IS NULL", row.Prefix, row.Action).Error
	if err != nil {
		return err
	}
	return tx.Exec("UPDATE doorman_rule SET ended = NULL, ended_batch = NULL WHERE id = ?", row.ID).Error
}

// undoCase gives a cluster the case back that it had before the batch, unless
// the case was changed since.
func (s *Store) undoCase(tx *gorm.DB, now time.Time, u *model.Undone) error {
	var set []caseRow
	if err := tx.Raw("SELECT k.* FROM doorman_case AS k WHERE k.batch_id = ?", u.Batch.ID).Scan(&set).Error; err != nil || len(set) == 0 {
		return err
	}
	if textOrNone(set[0].Ended) != "" {
		keep(u, "case changed since")
		return nil
	}
	restored(u, "cases")
	if err := tx.Exec("UPDATE doorman_case SET ended = ? WHERE id = ?", ownStamp(now), set[0].ID).Error; err != nil {
		return err
	}
	return tx.Exec("UPDATE doorman_case SET ended = NULL, ended_batch = NULL WHERE ended_batch = ?", u.Batch.ID).Error
}

// undoContain takes back everything that one gesture did.
func (s *Store) undoContain(tx *gorm.DB, now time.Time, u *model.Undone) error {
	if err := s.undoRevoke(tx, now, u); err != nil {
		return err
	}
	if err := s.undoRules(tx, now, u); err != nil {
		return err
	}
	return s.undoCase(tx, now, u)
}

func keep(u *model.Undone, why string) { u.Kept = append(u.Kept, model.TallyLine{Label: why, N: 1}) }

func restored(u *model.Undone, what string) {
	u.Restored = append(u.Restored, model.TallyLine{Label: what, N: 1})
}
