package store

import (
	"context"
	"strconv"
	"time"

	"gorm.io/gorm"
)

// The index of the parts of addresses: doorman_address numbers every address in
// the order of the list, doorman_address_part finds the numbers by any three
// characters in a row. Triggers note in doorman_address_stale what has changed
// since; stale accounts are looked at one by one until they are numbered again.

const (
	settingSearch = "search" // "ready" once every account was numbered

	addressGap   = 1024  // between two numbers at first: room for new accounts
	addressBatch = 500   // stale accounts that one transaction numbers
	addressChunk = 2000  // accounts that one transaction numbers at first
	staleMax     = 2000  // more than that are too many to look at one by one
	staleBulk    = 20000 // and more than that to number one by one
)

// searchable reports whether every account is numbered, but for those that are
// stale, and those not too many.
func (s *Store) searchable(db *gorm.DB) (bool, error) {
	if s.schema < searchStep {
		return false, nil
	}
	ready, stale, err := addressState(db, staleMax)
	return ready && stale <= staleMax, err
}

// addressState tells whether every account was numbered once, and how many are
// stale, counted up to one more than most.
func addressState(db *gorm.DB, most int) (ready bool, stale int, err error) {
	var v struct {
		Ready bool
		Stale int
	}
	err = db.Raw(`SELECT EXISTS (SELECT 1 FROM doorman_setting WHERE key = ? AND value = 'ready') AS ready,
		(SELECT count(*) FROM (SELECT 1 FROM doorman_address_stale`+limitTo(most+1)+`)) AS stale`, settingSearch).Scan(&v).Error
	return v.Ready, v.Stale, err
}

// numberAll numbers the accounts that a database had before, a chunk at a time,
// so that other programs get their turn; a crash loses one chunk. keep runs at
// the end of every transaction.
func (s *Store) numberAll(ctx context.Context, keep func(tx *gorm.DB) error) error {
	for done, n := false, 0; !done; n += addressChunk {
		if n > 0 && n%(10*addressChunk) == 0 {
			s.tell("indexing addresses: " + strconv.Itoa(n) + " so far")
		}
		err := s.inTurn(ctx, func(tx *gorm.DB) error {
			var err error
			if done, err = numberSome(tx); err != nil {
				return err
			}
			return keep(tx)
		})
		if err != nil {
			return err
		}
	}
	for pages := -mergePages; pages != 0; {
		err := s.inTurn(ctx, func(tx *gorm.DB) error {
			var err error
			if pages, err = mergeParts(tx, pages); err != nil {
				return err
			}
			return keep(tx)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// mergePages is how much of the index one transaction merges.
const mergePages = 1000

// mergeParts makes a few large pieces of the index out of the many that numbering
// in chunks leaves, for a search looks into each: by so many pages, negative at
// first. It returns what to request next, 0 when there is no more to merge
// (sqlite.org/fts5.html#the_merge_command).
func mergeParts(tx *gorm.DB, pages int) (next int, err error) {
	var before, after int
	if err := tx.Raw("SELECT total_changes()").Scan(&before).Error; err != nil {
		return 0, err
	}
	if err := tx.Exec("INSERT INTO doorman_address_part (doorman_address_part, rank) VALUES ('merge', ?)", pages).Error; err != nil {
		return 0, err
	}
	if err := tx.Raw("SELECT total_changes()").Scan(&after).Error; err != nil || after-before < 2 {
		return 0, err
	}
	return mergePages, nil
}

// numberSome numbers the next accounts in the order of the list and reports
// whether none is left.
func numberSome(tx *gorm.DB) (done bool, err error) {
	var last []struct {
		No    int64
		Email string
	}
	if err := tx.Raw("SELECT no, email FROM doorman_address ORDER BY no DESC LIMIT 1").Scan(&last).Error; err != nil {
		return false, err
	}
	args := map[string]any{"no": int64(0), "gap": addressGap, "n": addressChunk}
	from := ""
	if len(last) > 0 {
		args["no"], args["email"] = last[0].No, last[0].Email
		from = "a.email COLLATE NOCASE >= @email AND "
	}
	// Those that were numbered before and stand behind this place now are stale.
	res := tx.Exec(`INSERT INTO doorman_address (no, id, email)
		SELECT @no + @gap * row_number() OVER (ORDER BY email COLLATE NOCASE, id), id, email FROM (SELECT a.id, a.email FROM "Account" AS a
			WHERE `+from+`a.id IS NOT NULL AND a.email IS NOT NULL AND NOT EXISTS (SELECT 1 FROM doorman_address AS d WHERE d.id = a.id)
			ORDER BY a.email COLLATE NOCASE, a.id LIMIT @n)`, args)
	if res.Error != nil {
		return false, res.Error
	}
	err = tx.Exec("INSERT INTO doorman_address_part (rowid, email) SELECT no, email FROM doorman_address WHERE no > @no", args).Error
	if err != nil || res.RowsAffected == addressChunk {
		return false, err
	}
	return true, putSetting(tx, settingSearch, "ready")
}

// renumberAll numbers all accounts again in one transaction: after an import this
// costs a fraction of what numbering one by one does.
func renumberAll(tx *gorm.DB) error {
	if err := forgetNumbers(tx); err != nil {
		return err
	}
	err := tx.Exec(`INSERT INTO doorman_address (no, id, email) SELECT ? * row_number() OVER (ORDER BY email COLLATE NOCASE, id), id, email
		FROM "Account" WHERE id IS NOT NULL AND email IS NOT NULL`, addressGap).Error
	if err != nil {
		return err
	}
	for _, do := range []string{"rebuild", "optimize"} {
		if err := tx.Exec("INSERT INTO doorman_address_part (doorman_address_part) VALUES (?)", do).Error; err != nil {
			return err
		}
	}
	return putSetting(tx, settingSearch, "ready")
}

// forgetNumbers empties the index.
func forgetNumbers(tx *gorm.DB) error {
	for _, q := range []string{
		"DELETE FROM doorman_setting WHERE key = '" + settingSearch + "'",
		"DELETE FROM doorman_address",
		"DELETE FROM doorman_address_stale",
		"INSERT INTO doorman_address_part (doorman_address_part) VALUES ('delete-all')",
	} {
		if err := tx.Exec(q).Error; err != nil {
			return err
		}
	}
	return nil
}

// numberMore does a part of what is left to number, and reports whether more is.
func (s *Store) numberMore(ctx context.Context) (more bool, err error) {
	// The look keeps the common case, nothing to do, from taking the write lock.
	ready, stale, err := addressState(s.read(ctx), 0)
	if err != nil || ready && stale == 0 && s.merging == 0 {
		return false, explain(err)
	}
	err = s.write(ctx, "number accounts", func(tx *gorm.DB, _ time.Time) error {
		ready, stale, err := addressState(tx, staleBulk)
		switch {
		case err != nil:
			return err
		case !ready:
			done, err := numberSome(tx)
			if more = true; done {
				s.merging = -mergePages
			}
			return err
		case stale == 0:
			s.merging, err = mergeParts(tx, s.merging)
			more = s.merging != 0
			return err
		case stale > staleBulk:
			more = true
			return forgetNumbers(tx)
		}
		n, err := numberStale(tx)
		more = n == addressBatch || s.merging != 0
		return err
	})
	return more, err
}

func numberStale(tx *gorm.DB) (int, error) {
	var ids []string
	if err := tx.Raw("SELECT id FROM doorman_address_stale LIMIT ?", addressBatch).Scan(&ids).Error; err != nil || len(ids) == 0 {
		return 0, err
	}
	args := map[string]any{"ids": ids}
	for _, q := range []string{
		`INSERT INTO doorman_address_part (doorman_address_part, rowid, email) SELECT 'delete', no, email FROM doorman_address WHERE id IN @ids`,
		"DELETE FROM doorman_address WHERE id IN @ids",
		"DELETE FROM doorman_address_stale WHERE id IN @ids",
	} {
		if err := tx.Exec(q, args).Error; err != nil {
			return 0, err
		}
	}
	var list []addressRow
	err := tx.Raw(`SELECT a.id, a.email FROM "Account" AS a WHERE a.id IN @ids AND a.email IS NOT NULL ORDER BY a.email COLLATE NOCASE, a.id`, args).Scan(&list).Error
	if err != nil {
		return 0, err
	}
	return len(ids), numberThese(tx, list)
}
