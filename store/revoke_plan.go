package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// PlanRevoke works out what Revoke would do. Cost: as Revoke, and one pass more
// for each breakdown. A plan that finds nothing live is no error.
func (s *Store) PlanRevoke(ctx context.Context, order model.RevokeOrder) (model.Plan, error) {
	now := s.now().UTC()
	p := model.Plan{Verb: model.VerbRevoke, Asked: order.Asked}
	if p.Asked.IsZero() {
		p.Asked = now
		order.Asked = now
	}
	// One transaction, so that all figures are of the same moment.
	err := s.read(ctx).Transaction(func(tx *gorm.DB) error {
		if len(order.IDs) == 0 && !order.Target.IsZero() {
			return s.planTarget(tx, now, order.Target, &p)
		}
		c, err := s.revokeWhere(order, now)
		if err != nil {
			return err
		}
		if !isOfClusters(order) {
			return s.plan(tx, now, c, &p)
		}
		all, err := s.revokeWhere(order, now)
		if err != nil {
			return err
		}
		return s.planSparing(tx, now, model.Target{}, c, all, &p)
	}, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return model.Plan{}, fmt.Errorf("plan to revoke: %w", explain(err))
	}
	return p, nil
}

func (s *Store) plan(tx *gorm.DB, now time.Time, c *conditions, p *model.Plan) error {
	live := stateSQL(model.Live)
	args := c.with(s.stateArgs(now))
	args["now"], args["kind"] = ownStamp(now), model.LetterIssued
	from, some := ` FROM "PasswordReset" AS r`, c.whereAnd(live)
	var n struct{ Resets, Accounts, Addresses int }
	err := tx.Raw("SELECT count(*) AS resets, count(DISTINCT r.user_id) AS accounts, "+
		"count(DISTINCT nullif(r.requested_ip_key, x'')) AS addresses"+from+some, args).Scan(&n).Error
	if err != nil {
		return err
	}
	p.Resets, p.Accounts, p.Addresses = n.Resets, n.Accounts, n.Addresses
	err = tx.Raw("SELECT count(*) FROM doorman_outbox WHERE kind = @kind AND "+waiting+" AND reset_id IN (SELECT r.id"+from+some+")",
		args).Scan(&p.Letters).Error
	if err != nil {
		return err
	}
	if p.Networks, err = planNetworks(tx, from+some, args); err != nil {
		return err
	}
	if p.Agents, err = planAgents(tx, from+some, args); err != nil {
		return err
	}
	if p.Excluded, err = planExcluded(tx, from+c.whereAnd("NOT "+live), args); err != nil {
		return err
	}
	var rows []resetView
	err = tx.Raw(resetSelect+some+" ORDER BY r.created_date DESC, r.id DESC LIMIT 5", args).Scan(&rows).Error
	for i := range rows {
		p.Sample = append(p.Sample, s.reset(&rows[i]))
	}
	return err
}

// groupRow is one line of a breakdown.
type groupRow struct {
	Key   []byte `gorm:"column:key"`
	Label string `gorm:"column:label"`
	N     int    `gorm:"column:n"`
}

// planNetworks counts by IPv4 /24 and IPv6 /64, which are the first 15 and the
// first 8 bytes of the key.
func planNetworks(tx *gorm.DB, fromWhere string, args map[string]any) (model.Tally, error) {
	var rows []groupRow
	err := tx.Raw(`SELECT CASE WHEN substr(r.requested_ip_key, 1, 12) = x'00000000000000000000FFFF'
			THEN substr(r.requested_ip_key, 1, 15) ELSE substr(r.requested_ip_key, 1, 8) END AS key, count(*) AS n`+
		fromWhere+" AND length(r.requested_ip_key) = 16 GROUP BY 1 ORDER BY n DESC, key LIMIT 5", args).Scan(&rows).Error
	var t model.Tally
	for _, r := range rows {
		var b [16]byte
		copy(b[:], r.Key)
		bits := len(r.Key) * 8
		a := netip.AddrFrom16(b)
		if a.Is4In6() {
			a, bits = a.Unmap(), bits-96
		}
		t = append(t, model.TallyLine{Label: netip.PrefixFrom(a, bits).String(), N: r.N})
	}
	return t, err
}

func planAgents(tx *gorm.DB, fromWhere string, args map[string]any) (model.Tally, error) {
	return tally(tx, `SELECT r.requested_agent AS label, count(*) AS n`+
		fromWhere+" AND r.requested_agent IS NOT NULL GROUP BY 1 ORDER BY n DESC, label LIMIT 5", args)
}

func planExcluded(tx *gorm.DB, fromWhere string, args map[string]any) (model.Tally, error) {
	return tally(tx, "SELECT "+stateCase()+" AS label, count(*) AS n"+fromWhere+" GROUP BY 1 ORDER BY n DESC, label", args)
}

// tally reads rows of label and n.
func tally(tx *gorm.DB, q string, args map[string]any) (model.Tally, error) {
	var rows []groupRow
	err := tx.Raw(q, args).Scan(&rows).Error
	var t model.Tally
	for _, r := range rows {
		t = append(t, model.TallyLine{Label: r.Label, N: r.N})
	}
	return t, err
}

// idList is a list of ids as one parameter.
func idList(ids []string) (string, error) {
	text, err := json.Marshal(ids)
	return string(text), err
}

// filterInWords says what a filter selects, for batches and the log.
func filterInWords(f model.ResetFilter) string {
	var words []string
	add := func(label, value string) {
		if value != "" {
			words = append(words, label+" "+value)
		}
	}
	add("account", f.AccountID)
	add("address with", f.Query)
	if f.IP.IsValid() {
		add("network", f.IP.String())
	}
	add("agent with", f.Agent)
	for _, st := range f.States {
		add("state", string(st))
	}
	if !f.Since.IsZero() {
		add("since", f.Since.UTC().Format(time.RFC3339))
	}
	if !f.Until.IsZero() {
		add("until", f.Until.UTC().Format(time.RFC3339))
	}
	add("batch", f.BatchID)
	add("issued by", f.IssuedBy)
	if f.Of != nil {
		words = append(words, f.Of.Words)
	}
	if len(words) == 0 {
		return "all resets"
	}
	return "resets of " + strings.Join(words, ", ")
}
