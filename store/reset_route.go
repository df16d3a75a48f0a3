package store

import (
	"context"
	"database/sql/driver"
	"maps"
	"slices"
	"strconv"
	"time"

	"doorman/model"
)

// Which way a list of resets is read. Where an index gives the rows that the
// filter selects in the order that is requested, along that index. Else, where
// some index knows that few rows can fit, those are read and sorted. Else along
// the index of the order, row by row, and the page may be short.

// term is one condition of a filter on resets.
type term struct {
	cond   string // in a form that an index serves
	plain  string // in a form that no index serves
	sorted model.ResetSort
	few    int // up to how many rows are sorted rather than looked for; 0: never
}

func indexTerm(cond string, sorted model.ResetSort, few int) term {
	return term{cond, plus(cond), sorted, few}
}

// accountsMost is how many accounts a part of an address may find for their
// resets to be counted.
const accountsMost = 500

// resetTerms words the conditions of a filter that indexes know, most selective
// first, and adds their arguments. Times and states are not among them.
func (s *Store) resetTerms(ctx context.Context, f model.ResetFilter, c *conditions) ([]term, error) {
	var list []term
	if f.AccountID != "" {
		c.args["account"] = f.AccountID
		list = append(list, indexTerm("r.user_id = @account", model.ByCreated, s.reach.few))
	}
	if f.BatchID != "" {
		c.args["batch"] = f.BatchID
		list = append(list, indexTerm("r.batch_id = @batch", model.ByCreated, s.reach.few))
	}
	if f.IP.IsValid() {
		c.args["ip_lo"], c.args["ip_hi"] = keyRange(f.IP)
		if f.IP.IsSingleIP() {
			list = append(list, indexTerm("r.requested_ip_key = @ip_lo", model.ByCreated, s.reach.network))
		} else {
			list = append(list, indexTerm("r.requested_ip_key BETWEEN @ip_lo AND @ip_hi", model.ByIP, s.reach.network))
		}
	}
	if f.Query != "" {
		c.args["query"] = containing(f.Query)
		t := term{plain: `EXISTS (SELECT 1 FROM "Account" AS q WHERE q.id = r.user_id AND q.email LIKE +@query ESCAPE '\')`}
		indexed, err := s.indexed(s.read(ctx), f.Query)
		if err != nil {
			return nil, err
		}
		c.args["part"] = partMatch(partOf(f.Query))
		if indexed {
			// To count the resets of many accounts takes longer than to walk.
			q := "SELECT 1 FROM doorman_address_part WHERE doorman_address_part MATCH @part"
			if indexed, err = s.few(ctx, c, q, accountsMost); err != nil {
				return nil, err
			}
		}
		if indexed {
			t.few = s.reach.few
			if f.Sort == "" || f.Sort == model.ByCreated {
				t.few = s.reach.network // the index of accounts holds all that sorting takes
			}
			t.cond = `r.user_id IN (SELECT q.id FROM "Account" AS q WHERE q.email LIKE +@query ESCAPE '\' AND q.id IN (
				SELECT d.id FROM doorman_address AS d WHERE d.no IN (SELECT rowid FROM doorman_address_part WHERE doorman_address_part MATCH @part)
				UNION SELECT t.id FROM doorman_address_stale AS t))`
		}
		list = append(list, t)
	}
	return list, nil
}

// routeResets chooses the way and words its conditions.
func (s *Store) routeResets(ctx context.Context, f model.ResetFilter, now time.Time) (*conditions, error) {
	c := &conditions{from: ` FROM "PasswordReset" AS r`, args: map[string]any{}}
	terms, err := s.resetTerms(ctx, f, c)
	if err != nil {
		return nil, err
	}
	states := &conditions{args: map[string]any{}}
	if err := s.stateWhere(states, f.States, now); err != nil {
		return nil, err
	}
	maps.Copy(c.args, states.args)
	sort := f.Sort
	if sort == "" {
		sort = model.ByCreated
	}
	looked, err := s.lookedFor(f, c) // whatever the way
	if err != nil {
		return nil, err
	}
	times := s.timeTerms(f, c)
	if sort == model.ByCreated {
		c.list = times
	} else {
		looked = append(looked, plusAll(times)...)
	}
	switch {
	case len(states.list) > 0 && len(terms) == 0 && len(looked) == 0 && sort == model.ByCreated:
		runs, ok, err := s.runsOf(ctx, f.States, now)
		if err != nil {
			return nil, err
		}
		if ok {
			c.merge(runs)
			return c, nil
		}
	case len(states.list) == 0 && len(looked) == 0 && len(terms) == 1 && terms[0].sorted == sort:
		c.add(terms[0].cond)
		return c, nil
	}
	if len(terms) == 1 && f.IP.IsValid() && len(states.list) == 0 && len(looked) == 0 && sort == model.ByCreated {
		runs, err := s.runsOfAddresses(ctx, c)
		if err != nil || len(runs) > 0 {
			c.merge(runs)
			return c, err
		}
	}
	looked = append(looked, states.list...)
	return c, s.routeFew(ctx, f, c, terms, looked, sort, now)
}

// addressesMost is how many addresses of a network are merged.
const addressesMost = 24

// runsOfAddresses returns a run for each address of a network that resets came
// from; none when they are many or no one knows them.
func (s *Store) runsOfAddresses(ctx context.Context, c *conditions) ([]run, error) {
	if s.shadowed() {
		return nil, nil
	}
	q := `WITH RECURSIVE k(a) AS (SELECT min(requested_ip_key) FROM "PasswordReset" WHERE requested_ip_key BETWEEN @ip_lo AND @ip_hi
		UNION ALL SELECT (SELECT min(requested_ip_key) FROM "PasswordReset" WHERE requested_ip_key > k.a AND requested_ip_key <= @ip_hi)
			FROM k WHERE k.a IS NOT NULL` + limitTo(addressesMost+1) + `) SELECT a FROM k WHERE a IS NOT NULL`
	var runs []run
	err := s.raw(ctx, q, namedArgs(c.args), func(row []driver.Value) error {
		name := "ip_" + strconv.Itoa(len(runs))
		runs = append(runs, run{where: []string{"r.requested_ip_key = @" + name}, args: map[string]any{name: row[0]}})
		return nil
	})
	if len(runs) > addressesMost {
		return nil, err
	}
	return runs, err
}

// merge makes a list the merger of runs.
func (c *conditions) merge(runs []run) {
	c.runs = runs
	for _, r := range runs {
		maps.Copy(c.args, r.args)
	}
}

// timeTerms words the bounds in time.
func (s *Store) timeTerms(f model.ResetFilter, c *conditions) []string {
	var list []string
	if !f.Since.IsZero() {
		c.args["from"] = s.atLeast(f.Since)
		list = append(list, "r.created_date >= @from")
	}
	if !f.Until.IsZero() {
		c.args["until"] = s.atLeast(f.Until)
		list = append(list, "r.created_date < @until")
	}
	return list
}

// routeFew looks for a condition that few rows fulfil; else the list is read
// along an index.
func (s *Store) routeFew(ctx context.Context, f model.ResetFilter, c *conditions, terms []term, looked []string, sort model.ResetSort, now time.Time) error {
	others := func(but int) []string {
		all := slices.Clone(looked)
		for i, t := range terms {
			if i != but {
				all = append(all, t.plain)
			}
		}
		return all
	}
	for i, t := range terms {
		if t.few == 0 {
			continue
		}
		few, err := s.few(ctx, c, "SELECT 1"+c.from+" WHERE "+t.cond, t.few)
		if err != nil {
			return err
		}
		if few {
			c.list, c.sorts = slices.Concat([]string{t.cond}, plusAll(c.list), others(i)), true
			return nil
		}
	}
	if onlyLive(f) {
		if done, err := s.routeLive(ctx, f, c, others(-1), now); done || err != nil {
			return err
		}
	}
	for i, t := range terms {
		if t.sorted == sort {
			c.add(t.cond)
			c.rest = others(i)
			return nil
		}
	}
	c.rest = others(-1)
	return nil
}

// routeLive sorts the live resets when they are few.
func (s *Store) routeLive(ctx context.Context, f model.ResetFilter, c *conditions, others []string, now time.Time) (bool, error) {
	runs, ok, err := s.runsOf(ctx, f.States, now)
	if err != nil || !ok {
		return false, err
	}
	c.merge(runs)
	q := c.runQuery(stretch{orderBy: "r.created_date, r.id", limit: s.reach.few + 1})
	c.runs = nil
	few, err := s.few(ctx, c, q, s.reach.few)
	if err != nil || !few {
		return false, err
	}
	c.list, c.sorts = slices.Concat([]string{"r.id IN (" + q + ")"}, plusAll(c.list), others), true
	return true, nil
}

// few reports whether a query has no more than so many rows.
func (s *Store) few(ctx context.Context, c *conditions, query string, most int) (bool, error) {
	var n int
	err := named(s.read(ctx), "SELECT count(*) FROM (SELECT 1 FROM ("+query+")"+limitTo(most+1)+")", c.args).Scan(&n).Error
	return n <= most, err
}

// plusAll is plus for each of a list.
func plusAll(conds []string) []string {
	list := slices.Clone(conds)
	for i := range list {
		list[i] = plus(list[i])
	}
	return list
}
