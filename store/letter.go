package store

import (
	"time"

	"doorman/model"
)

// letterSelect reads letters with what is known of reset and account. Its casts
// keep the driver from parsing times, as in resetSelect.
const letterSelect = `SELECT o.*, r.id AS found_reset, r.expires_date, r.secret_hash, r.revoked_date, r.superseded_by,
		coalesce(r.was_used, 0) AS was_used, CAST(r.created_date AS TEXT) AS reset_created,
		CAST(r.used_date AS TEXT) AS used_date, a.email AS email, a.held_date AS held_date
	FROM doorman_outbox o
	LEFT JOIN "PasswordReset" r ON r.id = o.reset_id
	LEFT JOIN "Account" a ON a.id = o.account_id`

// letterView is a row of letterSelect.
type letterView struct {
	Row          letterRow `gorm:"embedded"`
	FoundReset   *string   `gorm:"column:found_reset"`
	ExpiresDate  *string   `gorm:"column:expires_date"`
	ResetCreated *string   `gorm:"column:reset_created"`
	SecretHash   *string   `gorm:"column:secret_hash"`
	UsedDate     *string   `gorm:"column:used_date"`
	WasUsed      bool      `gorm:"column:was_used"`
	RevokedDate  *string   `gorm:"column:revoked_date"`
	SupersededBy *string   `gorm:"column:superseded_by"`
	Email        *string   `gorm:"column:email"`
	HeldDate     *string   `gorm:"column:held_date"`
}

// reset is the part of the reset's row that is known.
func (v *letterView) reset() *resetRow {
	return &resetRow{
		CreatedDate: v.ResetCreated, UsedDate: v.UsedDate, WasUsed: v.WasUsed, ExpiresDate: v.ExpiresDate,
		RevokedDate: v.RevokedDate, SupersededBy: v.SupersededBy,
	}
}

// letter turns a row into what the rest of the program sees.
func (s *Store) letter(v *letterView) model.Letter {
	o := &v.Row
	return model.Letter{
		ID: o.ID, Kind: model.LetterKind(o.Kind), ResetID: model.NewResetID(o.ResetID, s.scheme), AccountID: o.AccountID,
		To: o.Recipient, State: model.LetterState(o.State), Attempts: o.Attempts, Created: ownTime(o.Created),
		NextTry: ownTime(o.NextTry), SentAt: ownTimeOrZero(o.Sent), MessageID: o.MessageID,
		Reply: textOrNone(o.Reply), LastError: textOrNone(o.LastError), BatchID: textOrNone(o.BatchID),
		SecretHash: textOrNone(v.SecretHash), Expires: s.expiry(v.reset()),
	}
}

// verdict says what becomes of a due letter that must not go out, and why; ""
// when it may. A letter that was not sent in time is dead, for someone should
// look at it; one that has lost its sense is cancelled.
func (s *Store) verdict(v *letterView, now time.Time) (model.LetterState, string) {
	switch {
	case v.Email == nil:
		return model.Cancelled, "the account is gone"
	case *v.Email != v.Row.Recipient:
		return model.Cancelled, "the account has another address now"
	case v.Row.Kind != string(model.LetterIssued):
		return "", ""
	case v.FoundReset == nil:
		return model.Cancelled, "the reset is gone"
	case textOrNone(v.HeldDate) != "":
		return model.Cancelled, "the account is held"
	}
	switch state := s.reset(&resetView{Row: *v.reset()}).State(now); state {
	case model.Live:
		return "", ""
	case model.Expired:
		return model.Undeliverable, "the reset expired before the email could go out"
	default:
		return model.Cancelled, "the reset is " + string(state)
	}
}

// textOrNone reads a nullable column.
func textOrNone(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
