package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// honestReach is how far back uses by honest people are counted.
const honestReach = 30 * 24 * time.Hour

// PlanContain works out what Contain would do and what speaks against it. Cost:
// as PlanRevoke, and a pass over the uses of 30 days.
func (s *Store) PlanContain(ctx context.Context, o model.ContainOrder) (model.ContainPlan, error) {
	now := s.now().UTC()
	if o.Asked.IsZero() {
		o.Asked = now
	}
	p := model.ContainPlan{Plan: model.Plan{Verb: model.VerbContain, Asked: o.Asked}}
	err := s.read(ctx).Transaction(func(tx *gorm.DB) error {
		_, err := s.containRule(tx, now, &o)
		if err != nil && !model.IsKind(err, model.Refused) {
			return err
		}
		if err != nil { // shown, not returned: the rest of the plan tells how to narrow it
			p.Refused = err.Error()
			o.Target.Prefix = o.Target.Prefix.Masked()
		}
		if p.Block = o.Target.Prefix; p.Block.IsValid() && p.Refused == "" {
			if p.Standing, err = s.standingBlock(tx, now, p.Block); err != nil {
				return err
			}
			p.Lasting(now, o.For)
		}
		if err := s.planTarget(tx, now, o.Target, &p.Plan); err != nil {
			return err
		}
		return s.warn(tx, now, &p, model.Block)
	}, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return model.ContainPlan{}, fmt.Errorf("plan to contain: %w", explain(err))
	}
	return p, nil
}

// standingBlock is the block of exactly this network that is in force, or the zero
// rule.
func (s *Store) standingBlock(tx *gorm.DB, now time.Time, p netip.Prefix) (model.Rule, error) {
	var rows []ruleRow
	err := tx.Raw("SELECT u.* FROM doorman_rule AS u WHERE u.prefix = @prefix AND u.action = @action AND "+sqlInForce,
		map[string]any{"prefix": p.String(), "action": model.Block, "now": ownStamp(now)}).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return model.Rule{}, err
	}
	return rows[0].rule(), nil
}

// PlanBlock works out what a rule would come to. Of the plan's figures those
// about resets tell what is live from there; a rule leaves it as it is.
func (s *Store) PlanBlock(ctx context.Context, r model.Rule) (model.ContainPlan, error) {
	now := s.now().UTC()
	p := model.ContainPlan{Plan: model.Plan{Verb: model.VerbBlock, Asked: now}, Until: r.Expires}
	if r.Action == model.Allow {
		p.Verb = model.VerbAllow
	}
	r, err := checkRule(r, now)
	if err != nil && !model.IsKind(err, model.Refused) {
		return model.ContainPlan{}, fmt.Errorf("plan a rule: %w", err)
	}
	if err != nil {
		p.Refused = err.Error()
	}
	p.Block = r.Prefix
	err = s.read(ctx).Transaction(func(tx *gorm.DB) error {
		t := model.Target{Prefix: r.Prefix}
		if r.Action == model.Block { // what an exception covers is not hit
			t.Key = r.Prefix.String()
		}
		if err := s.planTarget(tx, now, t, &p.Plan); err != nil {
			return err
		}
		return s.warn(tx, now, &p, r.Action)
	}, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return model.ContainPlan{}, fmt.Errorf("plan a rule: %w", explain(err))
	}
	return p, nil
}

// honest counts the accounts that used a reset from the network lately.
func (s *Store) honest(tx *gorm.DB, now time.Time, p *model.ContainPlan) error {
	lo, hi := keyRange(p.Block)
	// The plus keeps the engine from going through all accounts instead of the
	// uses of a month; the look for a part of the text spares most of them the
	// reading as an address.
	return tx.Raw(`SELECT count(DISTINCT +r.user_id) FROM "PasswordReset" AS r
		WHERE r.used_date >= @from AND (instr(r.used_ip_address, @part) OR instr(r.used_ip_address, ':'))
			AND `+keyFunction+`(r.used_ip_address) BETWEEN @lo AND @hi`,
		map[string]any{"from": s.atLeast(now.Add(-honestReach)), "lo": lo, "hi": hi, "part": textPart(p.Block)}).Scan(&p.Honest).Error
}

// textPart is what the text of every IPv4 address of a network holds: its whole
// bytes. IPv6 is written in too many ways to have one but the colon.
func textPart(p netip.Prefix) string {
	if !p.Addr().Is4() {
		return ":"
	}
	part := ""
	for _, b := range p.Addr().AsSlice()[:min(p.Bits()/8, 3)] {
		part += strconv.Itoa(int(b)) + "."
	}
	return part
}
