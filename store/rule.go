package store

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

type ruleRow struct {
	ID         string  `gorm:"column:id;primaryKey"`
	Prefix     string  `gorm:"column:prefix"`
	Action     string  `gorm:"column:action"`
	Expires    *string `gorm:"column:expires"`
	Reason     string  `gorm:"column:reason"`
	Operator   string  `gorm:"column:operator"`
	Created    string  `gorm:"column:created"`
	BatchID    string  `gorm:"column:batch_id"`
	Ended      *string `gorm:"column:ended"`
	EndedBatch *string `gorm:"column:ended_batch"`
}

func (ruleRow) TableName() string { return "doorman_rule" }

func (r *ruleRow) rule() model.Rule {
	p, _ := netip.ParsePrefix(r.Prefix) // written by this file alone
	return model.Rule{
		Prefix: p, Action: model.RuleAction(r.Action), Expires: ownTimeOrZero(r.Expires), Reason: r.Reason, By: r.Operator,
		Created: ownTime(r.Created), BatchID: r.BatchID, Lifted: ownTimeOrZero(r.Ended),
	}
}

// sqlInForce selects the rules that count at @now.
const sqlInForce = "(u.ended IS NULL AND (u.expires IS NULL OR u.expires > @now))"

// ListRules returns one page of rules, the newest first.
func (s *Store) ListRules(ctx context.Context, f model.RuleFilter) (model.Page[model.Rule], error) {
	c := &conditions{args: map[string]any{}}
	if f.Action != "" {
		c.bind("action", f.Action, "u.action = @action")
	}
	if !f.All {
		c.bind("now", ownStamp(s.now()), sqlInForce)
	}
	o := order{name: "rules", desc: true, parts: []part{{keys: []string{"u.created", "u.id"}}}}
	page, err := readPage(o, f.Paging, func(st stretch) ([]ruleRow, error) {
		q, args := c.query("SELECT u.* FROM doorman_rule AS u", st)
		var rows []ruleRow
		err := named(s.read(ctx), q, args).Scan(&rows).Error
		return rows, err
	}, func(r ruleRow, _ int) []string { return []string{r.Created, r.ID} })
	if err != nil {
		return model.Page[model.Rule]{}, fmt.Errorf("list rules: %w", explain(err))
	}
	return convert(page, (*ruleRow).rule), nil
}

// SetRule puts a block or an exception in force, as a batch. A rule with the
// same network and action is replaced. Of r it takes network, action, expiry
// and reason; without a reason that of the act. Existing resets stay as they
// are, but a blocked address can not redeem them.
func (s *Store) SetRule(ctx context.Context, act model.Act, r model.Rule) (model.Batch, error) {
	var b model.Batch
	err := s.write(ctx, "set rule", func(tx *gorm.DB, now time.Time) error {
		r, err := checkRule(r, now)
		if err != nil {
			return err
		}
		if model.IsWide(r.Prefix) && !r.Wide {
			return wideError(r.Prefix)
		}
		if r.Reason != "" {
			act.Reason = r.Reason
		}
		b = newBatch(now, act, model.VerbBlock, r.Prefix.String())
		if r.Action == model.Allow {
			b.Verb = model.VerbAllow
		}
		b.Counts = model.Tally{{Label: ruleNoun(r.Action) + "s", N: 1}}
		if err := putRule(tx, r, b); err != nil {
			return err
		}
		return s.addBatch(tx, now, act, b)
	})
	if err != nil {
		return model.Batch{}, err
	}
	return b, nil
}

// LiftRule ends the block and the exception of exactly this network, as a batch.
// Where neither is in force it is a model.NotFound.
func (s *Store) LiftRule(ctx context.Context, act model.Act, p netip.Prefix) (model.Batch, error) {
	var b model.Batch
	err := s.write(ctx, "lift rule", func(tx *gorm.DB, now time.Time) error {
		p, err := plainPrefix(p)
		if err != nil {
			return err
		}
		b = newBatch(now, act, model.VerbUnblock, p.String())
		var gone []ruleRow
		err = tx.Raw(`UPDATE doorman_rule AS u SET ended = @now, ended_batch = @batch WHERE u.prefix = @prefix AND `+sqlInForce+` RETURNING *`,
			map[string]any{"now": ownStamp(now), "batch": b.ID, "prefix": p.String()}).Scan(&gone).Error
		if err != nil {
			return err
		}
		if len(gone) == 0 {
			last, err := lastBatch(tx, model.VerbUnblock, p.String())
			if err != nil {
				return err
			}
			return &model.Error{Kind: model.NotFound, Text: "there is no rule for exactly " + p.String() + wasFirst(last.By, last.At, last.Reason),
				Hint: "`doorman blocks` lists them, `doorman check IP` names the one that governs an address",
				Key:  "4 shows the rules, / there tells which one governs an address"}
		}
		for _, r := range gone {
			b.Counts = append(b.Counts, model.TallyLine{Label: ruleNoun(model.RuleAction(r.Action)) + "s", N: 1})
		}
		return s.addBatch(tx, now, act, b)
	})
	if err != nil {
		return model.Batch{}, err
	}
	return b, nil
}

// CheckIP returns the rule that governs an address now, and false when none does.
func (s *Store) CheckIP(ctx context.Context, a netip.Addr) (model.Rule, bool, error) {
	if err := s.lookedUp(ctx, "address "+a.Unmap().String()); err != nil {
		return model.Rule{}, false, fmt.Errorf("check address: %w", err)
	}
	r, ok, err := governing(s.read(ctx), s.now().UTC(), a)
	if err != nil {
		return r, false, fmt.Errorf("check address: %w", explain(err))
	}
	return r, ok, nil
}

// governing finds the rule for an address by probing the index for each network
// that could hold it: however many rules there are, and always what this
// transaction sees.
func governing(db *gorm.DB, now time.Time, a netip.Addr) (model.Rule, bool, error) {
	a = a.Unmap().WithZone("")
	if !a.IsValid() {
		return model.Rule{}, false, nil
	}
	least := model.WidestBits6
	if a.Is4() {
		least = model.WidestBits4
	}
	var around []string
	for bits := least; bits <= a.BitLen(); bits++ {
		around = append(around, netip.PrefixFrom(a, bits).Masked().String())
	}
	list, err := idList(around)
	if err != nil {
		return model.Rule{}, false, err
	}
	var rows []ruleRow
	err = db.Raw(`SELECT u.* FROM doorman_rule AS u WHERE u.prefix IN (SELECT value FROM json_each(@around)) AND `+sqlInForce,
		map[string]any{"around": list, "now": ownStamp(now)}).Scan(&rows).Error
	rules := make([]model.Rule, len(rows))
	for i := range rows {
		rules[i] = rows[i].rule()
	}
	r, ok := model.Decide(rules, a, now)
	return r, ok, err
}

// blocked reports whether an address, as an application passed it on, may
// neither request resets nor redeem them. Text without a readable address is
// governed by no rule.
func blocked(tx *gorm.DB, now time.Time, ip string) (bool, error) {
	a, ok := parseAddress(ip)
	if !ok {
		a = netip.IPv4Unspecified() // so that the work is the same
	}
	r, found, err := governing(tx, now, a)
	return ok && found && r.Action == model.Block, err
}

// putRule writes a rule in place of one with the same network and action.
func putRule(tx *gorm.DB, r model.Rule, b model.Batch) error {
	row := ruleRow{
		ID: model.NewID(), Prefix: r.Prefix.String(), Action: string(r.Action), Expires: textOrNil(ownStamp(r.Expires)),
		Reason: b.Reason, Operator: b.By, Created: ownStamp(b.At), BatchID: b.ID,
	}
	err := tx.Exec("UPDATE doorman_rule SET ended = ?, ended_batch = ? WHERE prefix = ? AND action = ? AND ended IS NULL",
		row.Created, b.ID, row.Prefix, row.Action).Error
	if err != nil {
		return err
	}
	return tx.Create(&row).Error
}

// checkRule refuses what no rule can be and returns the others in plain form.
func checkRule(r model.Rule, now time.Time) (model.Rule, error) {
	var err error
	if r.Prefix, err = plainPrefix(r.Prefix); err != nil {
		return r, err
	}
	if r.Action != model.Block && r.Action != model.Allow {
		return r, &model.Error{Kind: model.Invalid, Field: "action", Text: model.Quote(string(r.Action)) + " is not an action", Hint: "use block or allow"}
	}
	if !r.Expires.IsZero() && !now.Before(r.Expires) {
		return r, &model.Error{Kind: model.Invalid, Field: "expires", Text: "is in the past"}
	}
	if model.IsTooWide(r.Prefix) {
		return r, &model.Error{Kind: model.Refused, Text: tooWide(r.Prefix), Hint: "name the networks that the traffic comes from"}
	}
	return r, nil
}

// plainPrefix is a network as rules name it: masked, IPv4 never mapped.
func plainPrefix(p netip.Prefix) (netip.Prefix, error) {
	if !p.IsValid() {
		return p, &model.Error{Kind: model.Invalid, Field: "ip", Text: "is not a network", Hint: "write it as 203.0.113.0/24 or 2001:db8::/48"}
	}
	return model.ParsePrefix(p.String())
}

func tooWide(p netip.Prefix) string {
	return p.String() + " is too wide: no rule is made for more than a /8, or a /16 of IPv6"
}

func wideError(p netip.Prefix) error {
	return &model.Error{Kind: model.Refused, Text: p.String() + " is wider than a /16, or a /32 of IPv6: whole providers live there",
		Hint: "add --wide to block it all the same", Key: "confirm both questions to block it all the same"}
}

func ruleNoun(a model.RuleAction) string {
	if a == model.Allow {
		return "exception"
	}
	return "block"
}
