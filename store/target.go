package store

import (
	"encoding/hex"
	"strconv"
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
	c, err := s.targetWhere(t, p.Asked)
	if err != nil {
		return err
	}
	if t.Key == "" {
		return s.plan(tx, now, c, p)
	}
	all, err := s.targetWhere(t, p.Asked)
	if err != nil {
		return err
	}
	return s.planSparing(tx, now, t, c, all, p)
}

// planSparing plans an act on what conditions select without what is spared. all
// are the same conditions again.
func (s *Store) planSparing(tx *gorm.DB, now time.Time, t model.Target, c, all *conditions, p *model.Plan) error {
	spared, err := s.spared(tx, now, t, c)
	if err != nil {
		return err
	}
	c.add("NOT " + spared)
	if err := s.plan(tx, now, c, p); err != nil {
		return err
	}
	all.args["excepted"] = c.args["excepted"]
	left, err := tally(tx, "SELECT "+whySpared+` AS label, count(*) AS n FROM "PasswordReset" AS r`+all.whereAnd(stateSQL(model.Live), spared)+
		" GROUP BY 1 ORDER BY n DESC, label", all.with(s.stateArgs(now)))
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
	any, err := s.anyOf(t, c, "")
	if err != nil {
		return nil, err
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

// anyOf words what a target names: its source, its ids. The names of arguments
// end in no.
func (s *Store) anyOf(t model.Target, c *conditions, no string) ([]string, error) {
	var any []string
	source := s.sourceWhere(t, c, no)
	if source != "" {
		any = append(any, source)
	}
	if len(t.IDs) == 0 || source != "" && !t.Prefix.IsValid() {
		return any, nil
	}
	ids := make([]string, len(t.IDs))
	for i, id := range t.IDs {
		ids[i] = id.Full()
	}
	// One parameter, however many ids: a statement takes 32,766 at most.
	list, err := idList(ids)
	c.args["ids"+no] = list
	return append(any, "r.id IN (SELECT value FROM json_each(@ids"+no+"))"), err
}

// tightened writes a filter by one cluster as the network and the times that it is
// aimed at, which indexes know.
func tightened(f model.ResetFilter) model.ResetFilter {
	if f.Of == nil || f.Of.Not || len(f.Of.Targets) != 1 || len(f.Of.Targets[0].IDs) > 0 {
		return f
	}
	t := f.Of.Targets[0]
	if t.Since.After(f.Since) {
		f.Since = t.Since
	}
	if !t.Until.IsZero() && (f.Until.IsZero() || t.Until.Before(f.Until)) {
		f.Until = t.Until
	}
	if t.Prefix.IsValid() && !f.IP.IsValid() {
		f.IP, f.Of = t.Prefix, nil
	}
	return f
}

// ofWhere words a filter by clusters over rows of resets, as r.
func (s *Store) ofWhere(of *model.Of, c *conditions) (string, error) {
	var all []string
	for i, t := range of.Targets {
		any, err := s.anyOf(t, c, "_"+strconv.Itoa(i))
		if err != nil {
			return "", err
		}
		all = append(all, any...)
	}
	cond := "0"
	if len(all) > 0 {
		cond = "(" + strings.Join(all, " OR ") + ")"
	}
	if of.Not {
		return "coalesce(NOT " + cond + ", 1)", nil
	}
	return cond, nil
}

// sourceWhere words what comes from the source that a target names, "" for none.
func (s *Store) sourceWhere(t model.Target, c *conditions, no string) string {
	var all []string
	switch {
	case t.Prefix.IsValid():
		c.args["ip_lo"+no], c.args["ip_hi"+no] = keyRange(t.Prefix)
		all = append(all, "r.requested_ip_key BETWEEN @ip_lo"+no+" AND @ip_hi"+no)
	case t.AccountID != "":
		c.args["account"+no] = t.AccountID
		all = append(all, "r.user_id = @account"+no)
	case t.Agent != "" && len(t.IDs) == 0:
		c.args["agent"+no] = t.Agent
		all = append(all, "r.requested_agent = @agent"+no)
	default:
		return ""
	}
	if !t.Since.IsZero() {
		c.args["from"+no] = s.atLeast(t.Since)
		all = append(all, "r.created_date >= @from"+no)
	}
	if !t.Until.IsZero() {
		c.args["to"+no] = s.atLeast(t.Until)
		all = append(all, "r.created_date < @to"+no)
	}
	if no != "" { // of a filter: what operators issue belongs to no cluster
		all = append(all, "r.issued_by IS NULL")
	}
	return strings.Join(all, " AND ")
}
