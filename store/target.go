package store

import (
	"encoding/hex"
	"strings"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// endTarget revokes what is live of a target and writes into the batch what it
// came to. It returns what was requested after the question and is live still.
func (s *Store) endTarget(tx *gorm.DB, now time.Time, t model.Target, asked time.Time, b *model.Batch) (newer model.Tally, err error) {
	c, err := s.hitWhere(tx, now, t, asked)
	if err != nil {
		return nil, err
	}
	if b.Counts, err = s.endResets(tx, now, c, *b); err != nil || asked.IsZero() {
		return nil, err
	}
	if c, err = s.hitWhere(tx, now, t, time.Time{}); err != nil {
		return nil, err
	}
	n := 0
	err = tx.Raw(`SELECT count(*) FROM "PasswordReset" AS r`+c.whereAnd(stateSQL(model.Live)), c.with(s.stateArgs(now))).Scan(&n).Error
	if n == 0 {
		return nil, err
	}
	return model.Tally{{Label: model.RequestedMeanwhile, N: n}}, err
}

// hitWhere words which resets an act on a target touches, whatever their state:
// those of targetWhere without what is spared.
func (s *Store) hitWhere(tx *gorm.DB, now time.Time, t model.Target, asked time.Time) (*conditions, error) {
	c, err := s.targetWhere(t, asked)
	if err != nil || t.Key == "" {
		return c, err
	}
	spared, err := s.spared(tx, now, t, c)
	if err == nil {
		c.add("NOT " + spared)
	}
	return c, err
}

// planTarget fills a plan with what an act on a target would do, and with what it
// leaves out.
func (s *Store) planTarget(tx *gorm.DB, now time.Time, t model.Target, p *model.Plan) error {
	c, err := s.hitWhere(tx, now, t, p.Asked)
	if err != nil {
		return err
	}
	if err := s.plan(tx, now, c, p); err != nil || t.Key == "" {
		return err
	}
	if c, err = s.targetWhere(t, p.Asked); err != nil {
		return err
	}
	spared, err := s.spared(tx, now, t, c)
	if err != nil {
		return err
	}
	left, err := tally(tx, "SELECT "+whySpared+` AS label, count(*) AS n FROM "PasswordReset" AS r`+c.whereAnd(stateSQL(model.Live), spared)+
		" GROUP BY 1 ORDER BY n DESC, label", c.with(s.stateArgs(now)))
	p.Excluded = append(left, p.Excluded...)
	return err
}

// aroundKey finds the exceptions around the address of a request. Each is a text:
// 32 hex digits of its first address, of its last, and the network.
const aroundKey = "json_each(@excepted) AS x WHERE hex(r.requested_ip_key) BETWEEN substr(x.value, 1, 32) AND substr(x.value, 33, 32)"

// whySpared names the narrowest exception, of which the first address is highest.
const whySpared = "coalesce('live in the exception ' || (SELECT substr(x.value, 65) FROM " + aroundKey +
	" ORDER BY substr(x.value, 1, 32) DESC, substr(x.value, 33, 32) LIMIT 1), 'live and issued by operators')"

// spared words what an act on a cluster leaves alone: what operators issued, and
// what an exception covers. An exception of a network wider than the target's does
// not count: the target is named more narrowly.
func (s *Store) spared(tx *gorm.DB, now time.Time, t model.Target, c *conditions) (string, error) {
	var rows []ruleRow
	err := tx.Raw("SELECT u.* FROM doorman_rule AS u WHERE u.action = @action AND "+sqlInForce,
		map[string]any{"action": model.Allow, "now": ownStamp(now)}).Scan(&rows).Error
	if err != nil {
		return "", err
	}
	list := []string{}
	for i := range rows {
		p := rows[i].rule().Prefix
		if t.Prefix.IsValid() && (p.Bits() < t.Prefix.Bits() || !t.Prefix.Overlaps(p)) {
			continue
		}
		lo, hi := keyRange(p)
		list = append(list, strings.ToUpper(hex.EncodeToString(lo)+hex.EncodeToString(hi))+p.String())
	}
	text, err := idList(list)
	c.args["excepted"] = text
	return "(r.issued_by IS NOT NULL OR EXISTS (SELECT 1 FROM " + aroundKey + "))", err
}

// targetWhere words what a target means, whatever its state: the resets requested
// from its network and those that it names; else those of its account, else
// those that it names, else those of its agent.
func (s *Store) targetWhere(t model.Target, asked time.Time) (*conditions, error) {
	if t.IsZero() {
		return nil, &model.Error{Kind: model.Invalid, Text: "there is nothing to contain", Hint: "name a network, an account or a cluster"}
	}
	c := &conditions{args: map[string]any{}}
	var any []string
	source := s.sourceWhere(t, c)
	if source != "" {
		any = append(any, source)
	}
	if len(t.IDs) > 0 && (source == "" || t.Prefix.IsValid()) {
		ids := make([]string, len(t.IDs))
		for i, id := range t.IDs {
			ids[i] = id.Full()
		}
		// One parameter, however many ids: a statement takes 32,766 at most.
		list, err := idList(ids)
		if err != nil {
			return nil, err
		}
		c.args["ids"] = list
		any = append(any, "r.id IN (SELECT value FROM json_each(@ids))")
	}
	if len(any) == 1 {
		c.add(any[0])
	} else {
		c.add("(" + strings.Join(any, " OR ") + ")")
	}
	if !asked.IsZero() {
		s.bindLater(c.args, "asked", asked)
		c.add("NOT " + later("r.created_date", "asked"))
	}
	return c, nil
}

// sourceWhere words what comes from the source that a target names, "" for none.
func (s *Store) sourceWhere(t model.Target, c *conditions) string {
	var all []string
	switch {
	case t.Prefix.IsValid():
		c.args["ip_lo"], c.args["ip_hi"] = keyRange(t.Prefix)
		all = append(all, "r.requested_ip_key BETWEEN @ip_lo AND @ip_hi")
	case t.AccountID != "":
		c.args["account"] = t.AccountID
		all = append(all, "r.user_id = @account")
	case t.Agent != "" && len(t.IDs) == 0:
		c.args["agent"] = t.Agent
		all = append(all, "r.requested_agent = @agent")
	default:
		return ""
	}
	if !t.Since.IsZero() {
		c.args["from"] = s.atLeast(t.Since)
		all = append(all, "r.created_date >= @from")
	}
	if !t.Until.IsZero() {
		c.args["to"] = s.atLeast(t.Until)
		all = append(all, "r.created_date < @to")
	}
	return strings.Join(all, " AND ")
}
