package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

type caseRow struct {
	ID          string  `gorm:"column:id;primaryKey"`
	Cluster     string  `gorm:"column:cluster"`
	State       string  `gorm:"column:state"`
	Note        string  `gorm:"column:note"`
	Subject     string  `gorm:"column:subject"`
	Operator    string  `gorm:"column:operator"`
	StateBy     string  `gorm:"column:state_by"`
	StateAt     string  `gorm:"column:state_at"`
	At          string  `gorm:"column:at"`
	Opened      string  `gorm:"column:opened"`
	ContainedBy string  `gorm:"column:contained_by"`
	BatchID     string  `gorm:"column:batch_id"`
	Ended       *string `gorm:"column:ended"`
	EndedBatch  *string `gorm:"column:ended_batch"`
}

func (caseRow) TableName() string { return "doorman_case" }

func (r *caseRow) made() model.Case {
	return model.Case{
		Key: r.Cluster, State: model.CaseState(r.State), Note: r.Note, By: r.Operator, At: ownTime(r.At), Opened: ownTime(r.Opened),
		Batch: r.ContainedBy, Subject: r.Subject, StateBy: r.StateBy, StateAt: ownTime(r.StateAt),
	}
}

// ListCases returns one page of cases, the last changed first; a page of some
// states may be short.
func (s *Store) ListCases(ctx context.Context, f model.CaseFilter) (model.Page[model.Case], error) {
	c := &conditions{from: " FROM doorman_case AS k", args: map[string]any{}}
	c.add("k.ended IS NULL")
	if len(f.States) > 0 {
		c.seek("states", f.States, "k.state IN @states")
	}
	o := order{name: "cases", desc: true, parts: []part{{keys: []string{"k.at", "k.id"}}}}
	page, err := readShort(o, f.Paging, func(st stretch, desc bool) ([]caseRow, []string, error) {
		return along(s.read(ctx), s.reach, c, o.parts[0].keys, st, desc, func(st stretch) ([]caseRow, error) {
			q, args := c.query("SELECT k.* FROM doorman_case AS k", st)
			var rows []caseRow
			err := named(s.read(ctx), q, args).Scan(&rows).Error
			return rows, err
		})
	}, func(r caseRow, _ int) []string { return []string{r.At, r.ID} })
	if err != nil {
		return model.Page[model.Case]{}, fmt.Errorf("list cases: %w", explain(err))
	}
	return convert(page, (*caseRow).made), nil
}

// FindCase returns the case of a cluster; a model.NotFound when it has none.
func (s *Store) FindCase(ctx context.Context, key string) (model.Case, error) {
	row, ok, err := caseOf(s.read(ctx), key)
	if err != nil {
		return model.Case{}, fmt.Errorf("find case: %w", explain(err))
	}
	if !ok {
		return model.Case{}, &model.Error{Kind: model.NotFound, Text: "there is no case of " + model.Quote(model.CleanText(key, maxName))}
	}
	return row.made(), nil
}

// SetCase sets the verdict on a cluster, as a batch, and opens its case where there
// is none. An empty state keeps the one that it has, and who set it; an empty note
// or subject keeps what was there. Who acknowledges what another has acknowledged
// takes it over. What changes nothing is a model.Conflict.
func (s *Store) SetCase(ctx context.Context, act model.Act, key string, state model.CaseState, note, subject string) (model.Batch, error) {
	var b model.Batch
	err := s.write(ctx, "change case", func(tx *gorm.DB, now time.Time) error {
		if state != "" && !slices.Contains(model.CaseStates(), state) {
			_, err := model.ParseCaseState(string(state))
			return err
		}
		what := key + ": " + string(state)
		if state == "" {
			what = key + ": note"
		}
		b = newBatch(now, act, model.VerbCase, what)
		b.Counts = model.Tally{{Label: "cases", N: 1}}
		if b.Reason == "" {
			b.Reason = model.CleanText(note, model.MaxReason)
		}
		changed, err := putCase(tx, model.Case{Key: key, State: state, Note: note, Subject: subject}, b)
		if err != nil {
			return err
		}
		if !changed {
			return unchangedCase(tx, key)
		}
		act.Reason = b.Reason
		return s.addBatch(tx, now, act, b)
	})
	if err != nil {
		return model.Batch{}, err
	}
	return b, nil
}

// unchangedCase is the error of an act that would leave a case as it is: it says
// who was first.
func unchangedCase(tx *gorm.DB, key string) error {
	was, _, err := caseOf(tx, key)
	if err != nil {
		return err
	}
	return &model.Error{Kind: model.Conflict, Text: "the case is already " + was.State + wasFirst(was.Operator, ownTime(was.At), was.Note),
		Hint: "there is nothing left to do"}
}

// putCase writes a case in place of the one that the cluster has.
func putCase(tx *gorm.DB, c model.Case, b model.Batch) (changed bool, err error) {
	if c.Key == "" || c.Key != model.CleanText(c.Key, maxName) {
		return false, &model.Error{Kind: model.Invalid, Field: "key", Text: "is not the key of a cluster", Hint: "`doorman clusters` prints them", Key: "1 shows the clusters"}
	}
	row := caseRow{
		ID: model.NewID(), Cluster: c.Key, State: string(c.State), Note: model.CleanText(c.Note, model.MaxReason),
		Subject: model.CleanText(c.Subject, maxName), Operator: b.By, At: ownStamp(b.At), Opened: ownStamp(b.At), StateBy: b.By, StateAt: ownStamp(b.At),
		ContainedBy: c.Batch, BatchID: b.ID,
	}
	was, ok, err := caseOf(tx, c.Key)
	if err != nil {
		return false, err
	}
	if !ok {
		row.State = cmp.Or(row.State, string(model.CaseNew))
		return true, tx.Create(&row).Error
	}
	if !row.follow(was) {
		return false, nil
	}
	err = tx.Exec("UPDATE doorman_case SET ended = ?, ended_batch = ? WHERE id = ?", row.At, b.ID, was.ID).Error
	if err != nil {
		return false, err
	}
	return true, tx.Create(&row).Error
}

// follow fills in what a change leaves as it was, and reports whether anything
// changes. A closed case that comes back begins again.
func (r *caseRow) follow(was caseRow) (changed bool) {
	takenOver := r.State == string(model.CaseAcknowledged) && was.StateBy != r.StateBy
	r.State = cmp.Or(r.State, was.State)
	if r.State == was.State && !takenOver {
		r.StateBy, r.StateAt = was.StateBy, was.StateAt
	}
	changed = r.State != was.State || takenOver || r.ContainedBy != "" || r.Note != "" && r.Note != was.Note || r.Subject != "" && r.Subject != was.Subject
	r.Note, r.Subject = cmp.Or(r.Note, was.Note), cmp.Or(r.Subject, was.Subject)
	if was.State != string(model.CaseClosed) {
		r.Opened = was.Opened
		r.ContainedBy = cmp.Or(r.ContainedBy, was.ContainedBy)
	}
	return changed
}

func caseOf(db *gorm.DB, key string) (caseRow, bool, error) {
	var rows []caseRow
	err := db.Raw("SELECT k.* FROM doorman_case AS k WHERE k.cluster = ? AND k.ended IS NULL", key).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return caseRow{}, false, err
	}
	return rows[0], true, nil
}
