package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// Contain ends what a cluster has live, blocks its network and marks its case
// as contained, as one batch. A block of the same network that lasts longer
// stays. It is a model.NotFound when nothing is live and nothing can be
// blocked, and model.Refused for a network that is too wide.
func (s *Store) Contain(ctx context.Context, act model.Act, o model.ContainOrder) (model.Batch, error) {
	var b model.Batch
	err := s.write(ctx, "contain", func(tx *gorm.DB, now time.Time) error {
		rule, err := s.containRule(tx, now, &o)
		if err != nil {
			return err
		}
		if rule.Prefix.IsValid() && model.IsWide(rule.Prefix) && !o.Wide {
			return wideError(rule.Prefix)
		}
		b = newBatch(now, act, model.VerbContain, targetInWords(o.Target))
		newer, err := s.endTarget(tx, now, o.Target, o.Asked, &b)
		if err != nil {
			return err
		}
		if b.Counts.Of("resets") == 0 && !o.Target.Prefix.IsValid() {
			return errNoneLive()
		}
		if rule.Prefix.IsValid() {
			if err := putRule(tx, rule, b); err != nil {
				return err
			}
			b.Counts = append(b.Counts, model.TallyLine{Label: "blocks", N: 1})
		}
		if o.Target.Key != "" {
			done := model.Case{Key: o.Target.Key, State: model.CaseContained, Note: b.Reason, Subject: b.Subject, Batch: b.ID}
			if _, err := putCase(tx, done, b); err != nil {
				return err
			}
			b.Counts = append(b.Counts, model.TallyLine{Label: "cases", N: 1})
		}
		b.Counts = append(b.Counts, newer...)
		return s.addBatch(tx, now, act, b)
	})
	if err != nil {
		return model.Batch{}, err
	}
	return b, nil
}

// containRule is the block that containing would set; the zero rule when the
// target names no network or one is blocked for longer. It tidies the network.
func (s *Store) containRule(tx *gorm.DB, now time.Time, o *model.ContainOrder) (model.Rule, error) {
	t := &o.Target
	if !t.Prefix.IsValid() {
		return model.Rule{}, nil
	}
	if o.For < 0 {
		return model.Rule{}, &model.Error{Kind: model.Invalid, Field: "for", Text: "is negative"}
	}
	r := model.Rule{Prefix: t.Prefix, Action: model.Block}
	switch o.For {
	case model.Forever:
	case 0:
		r.Expires = now.Add(model.DefaultBlock)
	default:
		r.Expires = now.Add(o.For)
	}
	r.Expires = r.Expires.Truncate(time.Microsecond)
	r, err := checkRule(r, now)
	if err != nil {
		return model.Rule{}, err
	}
	t.Prefix = r.Prefix
	var longer int
	err = tx.Raw("SELECT count(*) FROM doorman_rule AS u WHERE u.prefix = @prefix AND u.action = @action AND u.ended IS NULL "+
		"AND (u.expires IS NULL OR @until <> '' AND u.expires >= @until)",
		map[string]any{"prefix": r.Prefix.String(), "action": model.Block, "until": ownStamp(r.Expires)}).Scan(&longer).Error
	if err != nil || longer > 0 {
		return model.Rule{}, err
	}
	return r, nil
}

// targetInWords says what a target is, for batches, cases and the log. The ids
// may be credentials: their number has to do.
func targetInWords(t model.Target) string {
	switch {
	case t.Prefix.IsValid():
		return "network " + t.Prefix.String()
	case t.AccountID != "":
		return "account " + t.AccountID
	case t.Agent != "":
		return "agent " + t.Agent
	}
	return (model.Tally{{Label: "resets", N: len(t.IDs)}}).String()
}
