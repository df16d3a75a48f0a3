package store

import (
	"context"
	"embed"
	"fmt"

	"gorm.io/gorm"
)

//go:embed migrations
var migrations embed.FS

// migrate brings the schema up to date, one transaction a step.
func (s *Store) migrate(ctx context.Context) error {
	for _, name := range []string{"0001_course.sql", "0002_doorman.sql"} {
		text, err := migrations.ReadFile("migrations/sqlite/" + name)
		if err != nil {
			return err
		}
		var n int64
		s.w.Raw("SELECT count(*) FROM sqlite_master WHERE name = 'doorman_audit'").Scan(&n)
		if n > 0 {
			return nil
		}
		err = s.w.WithContext(ctx).Transaction(func(tx *gorm.DB) error { return tx.Exec(string(text)).Error })
		if err != nil {
			return fmt.Errorf("migrate %s: %w", name, explain(err))
		}
	}
	return nil
}
