package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// senderLease names the row of doorman_lease that the one sender among several
// consoles holds.
const senderLease = "sender"

// TakeSender makes the owner the only sender until the lease ends, or renews
// that, and reports whether it worked. False means that another owner's lease
// is still running.
func (s *Store) TakeSender(ctx context.Context, owner string, lease time.Duration) (bool, error) {
	taken := false
	if busy, err := s.anotherSends(ctx, owner); busy || err != nil {
		return false, err
	}
	err := s.write(ctx, "take sender", func(tx *gorm.DB, now time.Time) error {
		res := tx.Exec(`INSERT INTO doorman_lease (name, owner, until) VALUES (@name, @owner, @until)
			ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
			WHERE doorman_lease.owner = excluded.owner OR doorman_lease.until <= @now`,
			map[string]any{"name": senderLease, "owner": owner, "until": ownStamp(now.Add(lease)), "now": ownStamp(now)})
		taken = res.RowsAffected == 1
		return res.Error
	})
	return taken && err == nil, err
}

// anotherSends looks before the write lock is taken: consoles that stand by ask
// all the time.
func (s *Store) anotherSends(ctx context.Context, owner string) (bool, error) {
	if s.w == nil {
		return false, nil
	}
	var n int
	err := s.read(ctx).Raw("SELECT count(*) FROM doorman_lease WHERE name = ? AND owner <> ? AND until > ?",
		senderLease, owner, ownStamp(s.now())).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("take sender: %w", explain(err))
	}
	return n > 0, nil
}

// DropSender gives the lease back, so that another console sends at once. It
// does nothing when the owner does not hold it.
func (s *Store) DropSender(ctx context.Context, owner string) error {
	return s.write(ctx, "drop sender", func(tx *gorm.DB, _ time.Time) error {
		return tx.Exec("DELETE FROM doorman_lease WHERE name = ? AND owner = ?", senderLease, owner).Error
	})
}
