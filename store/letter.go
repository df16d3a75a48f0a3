package store

import (
	"time"

	"doorman/model"
)

// letterView is a letter with what is known of its reset.
type letterView struct {
	letterRow
	ExpiresDate *string `gorm:"column:expires_date"`
	CreatedDate *string `gorm:"column:created_date"`
	SecretHash  *string `gorm:"column:secret_hash"`
}

// letter turns a row into what the rest of the program sees.
func (s *Store) letter(v *letterView) model.Letter {
	l := model.Letter{
		ID: v.ID, Kind: model.LetterKind(v.Kind), ResetID: model.NewResetID(v.ResetID, s.scheme), AccountID: v.AccountID,
		To: v.Recipient, State: model.LetterState(v.State), Attempts: v.Attempts, Created: ownTime(v.Created),
		NextTry: ownTime(v.NextTry), SentAt: ownTimeOrZero(v.Sent), MessageID: v.MessageID,
		Reply: textOrNone(v.Reply), LastError: textOrNone(v.LastError), BatchID: textOrNone(v.BatchID),
		SecretHash: textOrNone(v.SecretHash), Expires: s.expiry(v.ExpiresDate, v.CreatedDate),
	}
	return l
}

// expiry is when a reset ends: as its row says, else its creation and the
// lifetime of the database, else the zero time.
func (s *Store) expiry(expires, created *string) time.Time {
	if t := s.time(expires); !t.IsZero() {
		return t
	}
	if t := s.time(created); !t.IsZero() {
		return t.Add(s.lifetime)
	}
	return time.Time{}
}

// textOrNone reads a nullable column.
func textOrNone(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
