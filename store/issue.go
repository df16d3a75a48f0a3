package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// Issue writes a new reset for an account and queues its letter. Older live
// resets stay live until the relay has taken the letter, so that a lost letter
// leaves no one without a link. It is refused for a held account and for an
// address that no letter can go to.
func (s *Store) Issue(ctx context.Context, act model.Act, order model.IssueOrder) (model.Issued, error) {
	var out model.Issued
	err := s.write(ctx, "issue reset", func(tx *gorm.DB, now time.Time) error {
		lifetime, err := s.issueLifetime(order)
		if err != nil {
			return err
		}
		if err := s.keyFits(); err != nil {
			return err
		}
		a, err := s.accountByID(tx, order.AccountID)
		if err != nil {
			return err
		}
		if a.IsHeld() {
			return heldError(a)
		}
		if !mailable(a.Email) {
			return &model.Error{Kind: model.Refused, Text: "no email can go to the address on record, " + model.Quote(a.Email),
				Hint: "correct the address in the application first"}
		}
		r := s.newReset(now, a, lifetime)
		r.IssuedBy = model.CleanText(act.Operator, maxName)
		out, err = s.addReset(tx, now, r)
		if err != nil {
			return err
		}
		return s.audit(tx, now, act, model.AuditEntry{
			Verb: model.VerbIssue, Subject: "reset " + model.Mask(r.ID.Full()) + " for account " + a.ID,
			Counts: model.Tally{{Label: "resets", N: 1}, {Label: "emails", N: 1}},
		})
	})
	if err != nil {
		return model.Issued{}, err
	}
	return out, nil
}

// issueLifetime is how long the new reset lives.
func (s *Store) issueLifetime(o model.IssueOrder) (time.Duration, error) {
	if o.Lifetime == 0 {
		return s.lifetime, nil
	}
	return o.Lifetime, model.CheckLifetime(o.Lifetime)
}

// mailable reports whether a letter can go to an address on record.
func mailable(email string) bool {
	clean, err := model.ParseEmail(email)
	return err == nil && clean == email
}

// newReset makes a reset; it is not yet stored.
func (s *Store) newReset(now time.Time, a model.Account, lifetime time.Duration) model.Reset {
	now = now.Truncate(time.Microsecond) // as the file keeps it
	return model.Reset{
		ID: model.NewResetID(model.NewID(), s.scheme), AccountID: a.ID, Email: a.Email,
		Created: now, Expires: now.Add(lifetime), Letter: model.Queued,
	}
}

// addReset stores a new reset with the hash of its secret and queues its letter.
func (s *Store) addReset(tx *gorm.DB, now time.Time, r model.Reset) (model.Issued, error) {
	row := resetRow{
		ID: r.ID.Full(), CreatedDate: s.stampOrNil(r.Created), UserID: textOrNil(r.AccountID), ExpiresDate: s.stampOrNil(r.Expires),
		RequestedIP: textOrNil(r.RequestedIP), RequestedIPKey: keyOf(r.RequestedIP),
		RequestedAgent: textOrNil(r.RequestedAgent), IssuedBy: textOrNil(r.IssuedBy),
		SecretHash: textOrNil(model.NewToken(s.o.Key, r.ID, s.scheme).Hash()),
	}
	if err := tx.Create(&row).Error; err != nil {
		return model.Issued{}, err
	}
	letter, err := s.enqueue(tx, now, model.LetterIssued, r)
	letter.SecretHash = textOrNone(row.SecretHash)
	return model.Issued{Reset: r, Letter: letter}, err
}

// textOrNil is a text for a nullable column: "" as NULL.
func textOrNil(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
