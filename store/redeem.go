package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// errDeadLink is the one answer to every link that does not work: unknown,
// expired, revoked, used, of a held account, from a blocked address, or with a
// wrong secret. More would tell a stranger what the database holds.
func errDeadLink() error {
	return &model.Error{Kind: model.Refused, Text: "this link is no longer valid", Hint: "request a new one"}
}

// Redeem uses up a reset and returns whose password may now be set. It is one
// conditional update, so of all who try exactly one gets the account, and none
// after a revocation. An email that is queued with it tells the owner. No
// audit entry is written: the log is of operators, and the reset keeps when,
// where and by what agent it was used.
func (s *Store) Redeem(ctx context.Context, _ model.Act, o model.RedeemOrder) (string, error) {
	account := ""
	err := s.write(ctx, "redeem reset", func(tx *gorm.DB, now time.Time) error {
		var rows []resetView
		if err := tx.Raw(resetSelect+" WHERE r.id = ?", o.Token.ID()).Scan(&rows).Error; err != nil {
			return err
		}
		if len(rows) == 0 {
			rows = []resetView{{}} // so that the work is the same
		}
		ip := addressText(o.IP)
		shut, err := blocked(tx, now, ip)
		if err != nil {
			return err
		}
		r, hash := s.reset(&rows[0]), textOrNone(rows[0].Row.SecretHash)
		if !o.Token.Matches(hash, s.scheme) || shut || r.State(now) != model.Live || r.AccountID == "" {
			return errDeadLink()
		}
		args := s.stateArgs(now)
		args["id"], args["hash"], args["used"] = r.ID.Full(), hash, s.stamp(now)
		args["ip"] = textOrNil(ip)
		args["agent"] = textOrNil(model.CleanText(o.Agent, model.MaxAgent))
		done := tx.Exec(`UPDATE "PasswordReset" AS r SET used_date = @used, was_used = 1, used_ip_address = @ip, used_agent = @agent
			WHERE r.id = @id AND coalesce(r.secret_hash, '') = @hash AND `+stateSQL(model.Live)+`
				AND EXISTS (SELECT 1 FROM "Account" AS a WHERE a.id = r.user_id AND a.held_date IS NULL)`, args)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected != 1 {
			return errDeadLink()
		}
		account = r.AccountID
		if !mailable(r.Email) {
			return nil
		}
		_, err = s.enqueue(tx, now, model.LetterCompleted, r)
		return err
	})
	if err != nil {
		return "", err
	}
	return account, nil
}
