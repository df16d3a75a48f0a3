package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// exportPage is how many rows an export reads at once.
const exportPage = 2000

// ExportAccounts calls fn for every account that the filter selects, in its
// order; its paging is ignored. It reads page by page and holds no transaction:
// what comes or goes while it runs may or may not be in it, and everything else
// is in it once. An error of fn ends it. Reading leaves no entry in the log;
// LogExport writes one.
func (s *Store) ExportAccounts(ctx context.Context, f model.AccountFilter, fn func(model.AccountRow) error) error {
	return exportAll("export accounts", func(p model.Paging) (model.Page[model.AccountRow], error) {
		f.Paging = p
		return s.ListAccounts(ctx, f)
	}, fn)
}

// ExportResets is ExportAccounts for resets. Where ids are credentials, each
// masks itself.
func (s *Store) ExportResets(ctx context.Context, f model.ResetFilter, fn func(model.Reset) error) error {
	return exportAll("export resets", func(p model.Paging) (model.Page[model.Reset], error) {
		f.Paging = p
		return s.ListResets(ctx, f)
	}, fn)
}

func exportAll[T any](op string, list func(model.Paging) (model.Page[T], error), fn func(T) error) error {
	p := model.Paging{Limit: exportPage}
	for {
		page, err := list(p)
		if err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
		for _, item := range page.Items {
			if err := fn(item); err != nil {
				return fmt.Errorf("%s: %w", op, err)
			}
		}
		if page.Next == "" {
			return nil
		}
		p.After = page.Next
	}
}

// LogExport notes in the log that records left the database: what was exported,
// in words, and how many. It stands apart from the export because a database
// that is open for looking only can be exported as well.
func (s *Store) LogExport(ctx context.Context, act model.Act, what string, n int) error {
	return s.write(ctx, "log export", func(tx *gorm.DB, now time.Time) error {
		return s.audit(tx, now, act, model.AuditEntry{Verb: model.VerbExport, Subject: what, Counts: model.Tally{{Label: "records", N: n}}})
	})
}
