package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// accountSelect reads accounts; the password hash is never read.
const accountSelect = `SELECT a.id, a.email, CAST(a.created AS TEXT) AS created, a.email_confirmed, a.is_super_user,
		CAST(a.held_date AS TEXT) AS held_date, a.held_by FROM "Account" AS a`

func (s *Store) account(r *accountRow) model.Account {
	return model.Account{
		ID: r.ID, Email: r.Email, Created: s.time(r.Created), EmailConfirmed: r.EmailConfirmed, SuperUser: r.IsSuperUser,
		Held: s.happened(r.HeldDate), HeldBy: textOrNone(r.HeldBy),
	}
}

// accountWhere words a filter; its order and paging aside. Case is folded for
// ASCII letters only, as the database does.
func (s *Store) accountWhere(f model.AccountFilter) (*conditions, error) {
	c := &conditions{from: ` FROM "Account" AS a`, args: map[string]any{}}
	if f.Query != "" {
		c.seek("query", containing(f.Query), `a.email LIKE +@query ESCAPE '\'`)
	}
	if f.Held {
		c.rest = append(c.rest, "a.held_date IS NOT NULL")
	}
	if f.Of == nil {
		return c, nil
	}
	of := *f.Of
	of.Not = false
	cond, err := s.ofWhere(&of, c)
	not := map[bool]string{true: "NOT "}[f.Of.Not]
	c.rest = append(c.rest, "a.id "+not+`IN (SELECT r.user_id FROM "PasswordReset" AS r WHERE r.user_id IS NOT NULL AND `+cond+")")
	return c, err
}

func (s *Store) accountOrder(f model.AccountFilter) (order, error) {
	o := order{name: "accounts/" + string(f.Sort), desc: f.Desc}
	switch f.Sort {
	case "", model.ByEmail:
		o.name = "accounts/" + string(model.ByEmail)
		o.parts = []part{{keys: []string{"a.email COLLATE NOCASE", "a.id"}}}
	case model.ByAccountCreated:
		o.at, o.when = s.timed(f.Desc), s.time
		o.parts = []part{
			{where: "a.created IS NOT NULL", keys: []string{"a.created", "a.id"}},
			{where: "a.created IS NULL", keys: []string{"a.id"}},
		}
	default:
		return o, &model.Error{Kind: model.Invalid, Field: "sort", Text: "there is no order " + model.Quote(string(f.Sort)),
			Hint: "use email or created"}
	}
	return o, nil
}

func accountKeys(p part, r *accountRow) []string {
	switch {
	case len(p.keys) == 1:
		return []string{r.ID}
	case p.keys[0] == "a.created":
		return []string{textOrNone(r.Created), r.ID}
	}
	return []string{r.Email, r.ID}
}

// ListAccounts returns one page of accounts with figures about their resets:
// two queries a page.
func (s *Store) ListAccounts(ctx context.Context, f model.AccountFilter) (model.Page[model.AccountRow], error) {
	var none model.Page[model.AccountRow]
	o, err := s.accountOrder(f)
	if err != nil {
		return none, fmt.Errorf("list accounts: %w", err)
	}
	if f.Query != "" {
		if err := s.searched(ctx, "search "+f.Query); err != nil {
			return none, fmt.Errorf("list accounts: %w", err)
		}
	}
	rows, err := s.pageOfAccounts(ctx, o, f)
	if err != nil {
		return none, fmt.Errorf("list accounts: %w", explain(err))
	}
	page := convert(rows, func(r *accountRow) model.AccountRow { return model.AccountRow{Account: s.account(r)} })
	if err := s.addFigures(ctx, page.Items); err != nil {
		return none, fmt.Errorf("list accounts: %w", explain(err))
	}
	return page, nil
}

// pageOfAccounts reads one page in the way that suits the filter.
func (s *Store) pageOfAccounts(ctx context.Context, o order, f model.AccountFilter) (model.Page[accountRow], error) {
	var none model.Page[accountRow]
	keys := func(r accountRow, no int) []string { return accountKeys(o.parts[no], &r) }
	indexed := false
	var err error
	if f.Query != "" {
		if indexed, err = s.indexed(s.read(ctx), f.Query); err != nil {
			return none, err
		}
	}
	if indexed && f.Sort != model.ByAccountCreated {
		return readShort(o, f.Paging, func(st stretch, desc bool) ([]accountRow, []string, error) {
			return s.searchAccounts(ctx, f, st, desc)
		}, keys)
	}
	c, err := s.fewAccounts(ctx, f, indexed)
	if err != nil {
		return none, err
	}
	return readShort(o, f.Paging, func(st stretch, desc bool) ([]accountRow, []string, error) {
		if c.sorts {
			st = st.sorted()
		}
		return along(s.read(ctx), s.reach, c, o.parts[st.part].keys, st, desc, func(st stretch) ([]accountRow, error) {
			q, args := c.query(accountSelect, st)
			var rows []accountRow
			err := named(s.read(ctx), q, args).Scan(&rows).Error
			return rows, err
		})
	}, keys)
}

// fewAccounts words a filter for a list that is walked along; where the filter
// selects few accounts, and an index knows which, for one that is sorted.
func (s *Store) fewAccounts(ctx context.Context, f model.AccountFilter, indexed bool) (*conditions, error) {
	c, err := s.accountWhere(f)
	if err != nil {
		return nil, err
	}
	var q, cond string
	switch {
	case f.Of != nil && !f.Of.Not && !indexed:
		of, err := s.ofWhere(f.Of, c)
		if err != nil {
			return nil, err
		}
		q = `SELECT 1 FROM "PasswordReset" AS r WHERE ` + of
		cond = "1"
	case indexed:
		c.args["part"] = partMatch(partOf(f.Query))
		q = "SELECT 1 FROM doorman_address_part WHERE doorman_address_part MATCH @part"
		cond = `a.id IN (SELECT d.id FROM doorman_address AS d WHERE d.no IN (SELECT rowid FROM doorman_address_part WHERE doorman_address_part MATCH @part)
			UNION SELECT t.id FROM doorman_address_stale AS t)`
	case f.Held && f.Query == "":
		q = `SELECT 1 FROM "Account" AS a WHERE a.held_date IS NOT NULL`
		cond = "a.held_date IS NOT NULL"
	default:
		return c, nil
	}
	few, err := s.few(ctx, c, q, s.reach.few)
	if err != nil || !few {
		return c, err
	}
	c.list, c.rest, c.sorts = append(c.rest, cond), nil, true
	return c, nil
}

// sorted keeps the engine from walking along the index of an order.
func (st stretch) sorted() stretch {
	column := strings.NewReplacer("a.email COLLATE", "+a.email COLLATE", "a.created", "+a.created", "r.created_date", "+r.created_date",
		"r.used_date", "+r.used_date", "r.requested_ip_key", "+r.requested_ip_key")
	st.orderBy, st.base, st.edge, st.end = column.Replace(st.orderBy), plus(st.base), plus(st.edge), plus(st.end)
	return st
}

// plus keeps indexes away from a condition. A sign before the column alone would
// also change how it compares.
func plus(cond string) string {
	if cond == "" {
		return ""
	}
	return "+(" + cond + ")"
}

// CountAccounts counts what the filter selects, up to the cap; a cap of 0 or
// less counts all.
func (s *Store) CountAccounts(ctx context.Context, f model.AccountFilter, cap int) (model.Count, error) {
	indexed := false
	c, err := s.accountWhere(f)
	if err == nil && f.Query != "" {
		indexed, err = s.indexed(s.read(ctx), f.Query)
	}
	if err != nil {
		return model.Count{}, fmt.Errorf("count accounts: %w", explain(err))
	}
	if indexed {
		c.bind("part", partMatch(partOf(f.Query)), `a.id IN (SELECT d.id FROM doorman_address_part AS h JOIN doorman_address AS d ON d.no = h.rowid
			WHERE doorman_address_part MATCH @part UNION ALL SELECT t.id FROM doorman_address_stale AS t)`)
	}
	n, err := s.count(ctx, c, cap)
	if err != nil {
		return n, fmt.Errorf("count accounts: %w", err)
	}
	return n, nil
}

// figureMost is how far the resets of one account are counted for a list.
const figureMost = 10_000

// addFigures fills in the figures of a page.
func (s *Store) addFigures(ctx context.Context, rows []model.AccountRow) error {
	if len(rows) == 0 {
		return nil
	}
	now := s.now().UTC()
	recent, since, err := s.mayLive(ctx, now)
	if err != nil {
		return err
	}
	args := s.stateArgs(now)
	args["live_from"] = since
	ids, of := make([]string, len(rows)), make(map[string]*model.AccountRow, len(rows))
	for i := range rows {
		name := "id" + strconv.Itoa(i)
		ids[i], args[name], of[rows[i].ID] = "(@"+name+")", rows[i].ID, &rows[i]
	}
	most := limitTo(figureMost)
	// Each figure is bounded: an account under attack may have any number.
	q := "WITH v(id) AS (VALUES " + strings.Join(ids, ", ") + `) SELECT v.id,
		(SELECT count(*) FROM (SELECT 1 FROM "PasswordReset" AS r WHERE r.user_id = v.id` + most + `)),
		(SELECT count(*) FROM (SELECT 1 FROM "PasswordReset" AS r WHERE r.user_id = v.id AND ` + recent + " AND " + stateSQL(model.Live) + most + `)),
		(SELECT CAST(r.created_date AS TEXT) FROM "PasswordReset" AS r WHERE r.user_id = v.id ORDER BY r.created_date DESC LIMIT 1) FROM v`
	return s.raw(ctx, q, namedArgs(args), func(row []driver.Value) error {
		a, n, newest := of[textOf(row[0])], [2]int{}, textOf(row[3])
		for i := range n {
			many, _ := row[1+i].(int64)
			n[i] = int(many)
		}
		a.Resets, a.Live, a.LastReset = n[0], n[1], s.time(&newest)
		return nil
	})
}

// mayLive words what a live reset's creation fulfils, in a form that an index
// serves where it can.
func (s *Store) mayLive(ctx context.Context, now time.Time) (cond, since string, err error) {
	if since, err = s.liveSince(s.read(ctx), now); err != nil || since == "" {
		return "1", "", err
	}
	undated := false
	err = s.raw(ctx, `SELECT EXISTS (SELECT 1 FROM "PasswordReset" WHERE created_date IS NULL)`, nil, func(row []driver.Value) error {
		undated = trueOf(row[0])
		return nil
	})
	if cond = "r.created_date >= @live_from"; undated {
		cond = "(" + cond + " OR r.created_date IS NULL)"
	}
	return cond, since, err
}

// FindAccount returns the account with the id, or the only one whose id begins
// so, or the one with the address: written alike, else in any case.
func (s *Store) FindAccount(ctx context.Context, ref string) (model.AccountRow, error) {
	row, err := s.findAccount(s.read(ctx), ref)
	if err == nil {
		list := []model.AccountRow{{Account: s.account(&row)}}
		if err = s.addFigures(ctx, list); err == nil {
			err = s.lookedUp(ctx, "account "+row.ID)
		}
		if err == nil {
			return list[0], nil
		}
	}
	return model.AccountRow{}, fmt.Errorf("find account: %w", explain(err))
}

func (s *Store) findAccount(db *gorm.DB, ref string) (accountRow, error) {
	raw := model.CleanText(strings.TrimSpace(ref), maxRef)
	queries := []refQuery{{"a.email = @email COLLATE NOCASE", map[string]any{"email": raw}}}
	if !strings.Contains(raw, "@") {
		queries = append(refQueries(raw, "a.id"), queries...)
	}
	for _, q := range queries {
		var rows []accountRow
		if err := db.Raw(accountSelect+" WHERE "+q.where+" ORDER BY a.id LIMIT 4", q.args).Scan(&rows).Error; err != nil {
			return accountRow{}, err
		}
		if len(rows) == 1 {
			return rows[0], nil
		}
		var list []string
		for _, r := range rows {
			if r.ID == raw || r.Email == raw {
				return r, nil
			}
			list = append(list, model.Quote(r.Email))
		}
		if len(rows) > 1 {
			return accountRow{}, ambiguous("accounts", raw, list)
		}
	}
	return accountRow{}, &model.Error{Kind: model.NotFound, Text: "there is no account " + model.Quote(shortRef(raw)),
		Hint: "give an id, at least 4 characters of it, or the whole address; `doorman accounts PART` searches",
		Key:  "2 shows the accounts, / searches them"}
}

// accountByID reads one account inside a use case.
func (s *Store) accountByID(tx *gorm.DB, id string) (model.Account, error) {
	var rows []accountRow
	if err := tx.Raw(accountSelect+" WHERE a.id = ?", id).Scan(&rows).Error; err != nil {
		return model.Account{}, err
	}
	if len(rows) == 0 {
		return model.Account{}, &model.Error{Kind: model.NotFound, Text: "there is no account " + model.Quote(shortRef(id)),
			Hint: "`doorman accounts PART` searches", Key: "2 shows the accounts, / searches them"}
	}
	return s.account(&rows[0]), nil
}

// heldError says that an account is held, by whom and since when.
func heldError(a model.Account) error {
	return &model.Error{Kind: model.Refused, Text: fmt.Sprintf("the account is held since %s by %s",
		a.Held.UTC().Format(time.DateTime), model.Quote(a.HeldBy)), Hint: "release it first"}
}
