package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// seenSetting is written by every request, whatever becomes of it: a commit is
// what a request costs, and its time must not tell whether an account exists.
const seenSetting = "requests.seen"

// Request answers an application that passes on a person's wish for a reset.
// The answer, and the work, is the same whether the address is known, unknown,
// malformed, held, blocked or throttled: nil. An error only ever tells of the database
// or of a missing link key. No audit entry is written: the log is of operators,
// and the reset itself is the record of the request.
func (s *Store) Request(ctx context.Context, _ model.Act, o model.RequestOrder) error {
	return s.write(ctx, "request reset", func(tx *gorm.DB, now time.Time) error {
		if err := s.keyFits(); err != nil {
			return err
		}
		ip, agent := addressText(o.IP), model.CleanText(o.Agent, model.MaxAgent)
		a, known, err := s.requester(tx, o.Email)
		if err != nil {
			return err
		}
		free, err := s.withinThrottle(tx, now, a.ID, ip)
		if err != nil {
			return err
		}
		shut, err := blocked(tx, now, ip)
		if err != nil {
			return err
		}
		r := s.newReset(now, a, s.lifetime)
		r.RequestedIP, r.RequestedAgent = ip, agent
		if err := s.tryReset(tx, now, r, known && free && !shut && !a.IsHeld()); err != nil {
			return err
		}
		return putSetting(tx, seenSetting, ownStamp(now))
	})
}

// tryReset stores a reset, and undoes it at once where it may not be: the
// work of a request, and so its time, is the same.
func (s *Store) tryReset(tx *gorm.DB, now time.Time, r model.Reset, keep bool) error {
	if err := tx.SavePoint("request").Error; err != nil {
		return err
	}
	if _, err := s.addReset(tx, now, r); err != nil {
		return err
	}
	if keep {
		return tx.Exec("RELEASE SAVEPOINT request").Error
	}
	return tx.RollbackTo("request").Error
}

// requester finds the account that an address as typed belongs to. An account
// that is written just so goes before one that differs in case; two that differ
// in case are no one's.
func (s *Store) requester(tx *gorm.DB, typed string) (model.Account, bool, error) {
	email, bad := model.ParseEmail(typed)
	if bad != nil {
		email = model.CleanText(typed, maxQuery)
	}
	var rows []accountRow
	err := tx.Raw(accountSelect+" WHERE a.email = @email COLLATE NOCASE ORDER BY a.email <> @email, a.id LIMIT 2",
		map[string]any{"email": email}).Scan(&rows).Error
	if err != nil || bad != nil || len(rows) == 0 {
		return model.Account{}, false, err
	}
	if len(rows) == 2 && rows[0].Email != email {
		return model.Account{}, false, nil
	}
	a := s.account(&rows[0])
	return a, mailable(a.Email), nil
}

// withinThrottle reports whether account and source may ask once more. Resets
// that operators issued do not count. Both are always counted.
func (s *Store) withinThrottle(tx *gorm.DB, now time.Time, accountID, ip string) (bool, error) {
	th := s.o.Throttle
	lo, hi := sourceRange(ip)
	args := map[string]any{
		"account": accountID, "lo": lo, "hi": hi, "from": s.atLeast(now.Add(-th.Window)),
		"most_account": max(th.PerAccount, 0), "most_source": max(th.PerSource, 0),
	}
	var n struct{ Account, Source int }
	err := tx.Raw(`SELECT
		(SELECT count(*) FROM (SELECT 1 FROM "PasswordReset" AS r WHERE r.user_id = @account
			AND r.created_date >= @from AND r.issued_by IS NULL LIMIT @most_account)) AS account,
		(SELECT count(*) FROM (SELECT 1 FROM "PasswordReset" AS r WHERE r.requested_ip_key BETWEEN @lo AND @hi
			AND r.created_date >= @from AND r.issued_by IS NULL LIMIT @most_source)) AS source`, args).Scan(&n).Error
	full := th.PerAccount > 0 && n.Account >= th.PerAccount || th.PerSource > 0 && n.Source >= th.PerSource
	return !full, err
}
