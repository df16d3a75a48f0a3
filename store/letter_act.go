package store

import (
	"context"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// RetryLetters queues failed and undeliverable emails again, and those that wait for a
// time to come, for now and with their attempts forgotten, and returns how many. A
// letter that must not go out any more is left unchanged; the audit entry counts
// those by reason. When nothing can be queued it is a model.Conflict that tells
// why, and a model.NotFound when there are no such letters.
func (s *Store) RetryLetters(ctx context.Context, act model.Act, ids []string) (int, error) {
	return s.actOnLetters(ctx, act, ids, letterAct{
		verb: model.VerbRetry, op: "retry emails", text: "can be sent again",
		set: `state = 'queued', attempts = 0, next_try = @now`,
		refuse: func(v *letterView, now time.Time) string {
			ahead := v.Row.State == string(model.Queued) && v.Row.NextTry > ownStamp(now)
			if v.Row.State != string(model.Failed) && v.Row.State != string(model.Undeliverable) && !ahead {
				return v.Row.State
			}
			_, why := s.verdict(v, now)
			return why
		},
	})
}

// CancelLetters cancels letters that wait to be sent or sent again, and returns
// how many. A letter in a courier's hands is left alone: no one knows any more
// whether it went out. Errors are those of RetryLetters.
func (s *Store) CancelLetters(ctx context.Context, act model.Act, ids []string) (int, error) {
	return s.actOnLetters(ctx, act, ids, letterAct{
		verb: model.VerbCancel, op: "cancel emails", text: "can be cancelled",
		set: `state = 'cancelled', last_error = 'cancelled by an operator', lease_owner = NULL, lease_until = NULL`,
		refuse: func(v *letterView, now time.Time) string {
			switch model.LetterState(v.Row.State) {
			case model.Queued, model.Failed:
				return ""
			case model.Sending:
				if v.Row.NextTry <= ownStamp(now) {
					return "" // its courier is gone
				}
			}
			return v.Row.State
		},
	})
}

// letterAct is what an operator does to letters.
type letterAct struct {
	verb   model.Verb
	op     string
	text   string                                          // "can be …"
	set    string                                          // columns, with @now
	refuse func(v *letterView, now time.Time) (why string) // "" when it may be done to the letter
}

func (s *Store) actOnLetters(ctx context.Context, act model.Act, ids []string, a letterAct) (int, error) {
	n := 0
	err := s.write(ctx, a.op, func(tx *gorm.DB, now time.Time) error {
		good, kept, err := s.sortLetters(tx, now, ids, a)
		if err != nil {
			return err
		}
		if len(good) == 0 {
			return nothingDone(a, kept)
		}
		n = len(good)
		for some := range slices.Chunk(good, idsAtOnce) {
			err := tx.Exec("UPDATE doorman_outbox SET "+a.set+" WHERE id IN @ids",
				map[string]any{"ids": some, "now": ownStamp(now)}).Error
			if err != nil {
				return err
			}
		}
		subject := "email " + good[0]
		if n > 1 {
			subject = strconv.Itoa(n) + " emails"
		}
		counts := append(model.Tally{{Label: "emails", N: n}}, kept...)
		return s.audit(tx, now, act, model.AuditEntry{Verb: a.verb, Subject: subject, Counts: counts})
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// sortLetters tells the letters that may be changed from those that stay, which
// it counts by reason.
func (s *Store) sortLetters(tx *gorm.DB, now time.Time, ids []string, a letterAct) (good []string, kept model.Tally, err error) {
	keep := func(why string) {
		for i := range kept {
			if kept[i].Label == why {
				kept[i].N++
				return
			}
		}
		kept = append(kept, model.TallyLine{Label: why, N: 1})
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	for some := range slices.Chunk(ids, idsAtOnce) {
		var rows []letterView
		if err := tx.Raw(letterSelect+" WHERE o.id IN ? ORDER BY o.id", some).Scan(&rows).Error; err != nil {
			return nil, nil, err
		}
		for i := range rows {
			if why := a.refuse(&rows[i], now); why != "" {
				keep(why)
				continue
			}
			good = append(good, rows[i].Row.ID)
		}
	}
	return good, kept, nil
}

// nothingDone says why an act changes no letter.
func nothingDone(a letterAct, kept model.Tally) error {
	if len(kept) == 0 {
		return &model.Error{Kind: model.NotFound, Text: "there is no such email", Hint: "`doorman outbox` lists them", Key: "5 shows all emails"}
	}
	return &model.Error{Kind: model.Conflict, Text: "no email " + a.text + ": " + kept.String()}
}
