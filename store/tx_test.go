package store

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"gorm.io/gorm"
)

// A write holds the lock before its first statement, so that nothing that it reads
// can change under it; and what is told "busy" before its time is tried again,
// with nothing left of the try before.
func TestAWriteHoldsTheLockAndTriesAgain(t *testing.T) {
	ctx := context.Background()
	s := newStore(t)
	other, err := sql.Open("sqlite", "file:"+s.o.Path+"?_pragma=busy_timeout(0)")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tries := 0
	err = s.write(ctx, "test", func(tx *gorm.DB, _ time.Time) error {
		tries++
		_, busy := other.ExecContext(ctx, `CREATE TABLE beside (n)`)
		if busy == nil {
			t.Error("another program wrote in the middle of a write that had not written yet")
		}
		if err := tx.Exec(`CREATE TABLE mine (n)`).Error; err != nil {
			return err
		}
		if tries == 1 {
			return busy
		}
		return nil
	})
	if err != nil || tries != 2 {
		t.Errorf("%d tries, %v", tries, err)
	}
}
