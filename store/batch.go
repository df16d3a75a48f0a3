package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

func (r *batchRow) batch() model.Batch {
	return model.Batch{
		ID: r.ID, Verb: model.Verb(r.Verb), By: r.Operator, At: ownTime(r.At), Reason: r.Reason, Subject: r.Subject,
		Counts: parseTally(r.Counts), UndoneAt: ownTimeOrZero(r.UndoneAt), UndoneBy: textOrNone(r.UndoneBy),
	}
}

// newBatch begins a batch; it is not yet stored.
func newBatch(now time.Time, act model.Act, verb model.Verb, subject string) model.Batch {
	return model.Batch{
		ID: model.NewID(), Verb: verb, By: model.CleanText(act.Operator, maxName), At: now.Truncate(time.Microsecond),
		Reason: model.CleanText(act.Reason, model.MaxReason), Subject: model.CleanText(subject, maxName),
	}
}

// addBatch stores a batch and its audit entry.
func (s *Store) addBatch(tx *gorm.DB, now time.Time, act model.Act, b model.Batch) error {
	counts, err := tallyText(b.Counts)
	if err != nil {
		return err
	}
	row := batchRow{
		ID: b.ID, Verb: string(b.Verb), Operator: b.By, At: ownStamp(b.At), Reason: b.Reason, Subject: b.Subject, Counts: counts,
	}
	if err := tx.Create(&row).Error; err != nil {
		return err
	}
	return s.audit(tx, now, act, model.AuditEntry{Verb: b.Verb, Subject: b.Subject, BatchID: b.ID, Counts: b.Counts})
}

// ListBatches returns one page of batches, newest first.
func (s *Store) ListBatches(ctx context.Context, f model.BatchFilter) (model.Page[model.Batch], error) {
	c := &conditions{args: map[string]any{}}
	if !f.Since.IsZero() {
		c.bind("from", ownStamp(f.Since), "b.at >= @from")
	}
	o := order{name: "batches", desc: true, at: ownPlace, when: ownTimeOrZero, parts: []part{{keys: []string{"b.at", "b.id"}}}}
	rows, err := readPage(o, f.Paging, func(st stretch) ([]batchRow, error) {
		q, args := c.query("SELECT b.* FROM doorman_batch AS b", st)
		var rows []batchRow
		err := named(s.read(ctx), q, args).Scan(&rows).Error
		return rows, err
	}, func(r batchRow, _ int) []string { return []string{r.At, r.ID} })
	if err != nil {
		return model.Page[model.Batch]{}, fmt.Errorf("list batches: %w", explain(err))
	}
	out := convert(rows, (*batchRow).batch)
	subjects := make([]string, len(out.Items))
	for i, b := range out.Items {
		subjects[i] = b.Subject
	}
	if subjects, err = nameAccounts(s.read(ctx), subjects); err != nil {
		return model.Page[model.Batch]{}, fmt.Errorf("list batches: %w", explain(err))
	}
	for i := range out.Items {
		out.Items[i].About = subjects[i]
	}
	return out, nil
}

// FindBatch returns the batch with the id, or with the only id that begins so.
func (s *Store) FindBatch(ctx context.Context, ref string) (model.Batch, error) {
	row, err := findBatch(s.read(ctx), ref)
	if err != nil {
		return model.Batch{}, fmt.Errorf("find batch: %w", explain(err))
	}
	b := row.batch()
	names, err := nameAccounts(s.read(ctx), []string{b.Subject})
	if err != nil {
		return model.Batch{}, fmt.Errorf("find batch: %w", explain(err))
	}
	b.About = names[0]
	return b, nil
}

func findBatch(db *gorm.DB, ref string) (batchRow, error) {
	raw := model.CleanText(strings.TrimSpace(ref), maxRef)
	for _, q := range refQueries(raw, "b.id") {
		var rows []batchRow
		if err := db.Raw("SELECT b.* FROM doorman_batch AS b WHERE "+q.where+" ORDER BY b.id LIMIT 4", q.args).Scan(&rows).Error; err != nil {
			return batchRow{}, err
		}
		if len(rows) == 1 {
			return rows[0], nil
		}
		if len(rows) > 1 {
			var list []string
			for _, r := range rows {
				list = append(list, r.ID)
			}
			return batchRow{}, ambiguous("batches", raw, list)
		}
	}
	return batchRow{}, notFound("batch", raw)
}
