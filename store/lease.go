package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// The migration lock is a row, so that it also holds on a database server. It
// keeps two consoles from doing the same work twice; that they do not spoil it
// is for the check of version and owner inside every step.
const (
	schemaLease = "schema"
	schemaHold  = 10 * time.Second // renewed at the end of every step
	schemaPause = 50 * time.Millisecond
)

var errLeaseLost = errors.New("another program took over the migration")

// lockSchema waits for the migration lock and returns the name under which it
// is held, or "" when done says that there is nothing left to do.
func (s *Store) lockSchema(ctx context.Context, done func() (bool, error)) (string, error) {
	begin, err := migrations.ReadFile(migrationDir + "/0000_begin.sql")
	if err != nil {
		return "", err
	}
	owner := model.NewID()
	var holder string
	var seen time.Time
	for {
		if ok, err := done(); ok || err != nil {
			return "", err
		}
		// The holder may have died, and the clocks of two machines may differ: a
		// lease that does not move for its whole length is no one's.
		steal := !seen.IsZero() && time.Since(seen) > schemaHold
		mine, now, err := s.takeSchema(ctx, owner, string(begin), steal)
		if err != nil {
			return "", err
		}
		if mine { // the holder before may have ended after the last look
			ok, err := done()
			if ok || err != nil {
				s.freeSchema(owner)
				owner = ""
			}
			return owner, err
		}
		if now != holder {
			holder, seen = now, time.Now()
		}
		pause(ctx, schemaPause)
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
	}
}

// takeSchema tries once, and tells who holds the lock otherwise.
func (s *Store) takeSchema(ctx context.Context, owner, begin string, steal bool) (mine bool, holder string, err error) {
	err = s.w.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if err := tx.Exec(begin).Error; err != nil {
			return err
		}
		now := s.now()
		res := tx.Exec(`INSERT INTO doorman_lease (name, owner, until) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
			WHERE doorman_lease.until < ? OR ?`,
			schemaLease, owner, ownStamp(now.Add(schemaHold)), ownStamp(now), steal)
		mine = res.RowsAffected == 1
		return res.Error
	})
	if err != nil && !isBusy(err) || mine {
		return mine, "", err
	}
	// Busy: a step of another program's migration, if its lease is there to see.
	var row struct{ Owner, Until string }
	look := s.w.WithContext(ctx).Raw("SELECT owner, until FROM doorman_lease WHERE name = ?", schemaLease).Scan(&row)
	if err != nil && (look.Error != nil || row.Owner == "") {
		return false, "", err
	}
	return false, row.Owner + row.Until, nil
}

// keepSchema renews the lock inside a step, and fails the step when it was lost.
func (s *Store) keepSchema(tx *gorm.DB, owner string) error {
	res := tx.Exec("UPDATE doorman_lease SET until = ? WHERE name = ? AND owner = ?",
		ownStamp(s.now().Add(schemaHold)), schemaLease, owner)
	if res.Error == nil && res.RowsAffected == 0 {
		return errLeaseLost
	}
	return res.Error
}

// freeSchema gives the lock back. Failing to is no harm: it runs out.
func (s *Store) freeSchema(owner string) {
	s.w.Exec("DELETE FROM doorman_lease WHERE name = ? AND owner = ?", schemaLease, owner)
}
