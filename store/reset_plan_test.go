package store

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

// queryPlan asks the engine how it would run a query.
func queryPlan(t *testing.T, s *Store, query string, args map[string]any) string {
	t.Helper()
	var lines []string
	rows, err := named(s.read(context.Background()), "EXPLAIN QUERY PLAN "+query, args).Rows()
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused sql.NullInt64
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, detail)
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return strings.Join(lines, "\n")
}

// everyClass writes a reset of every class, and of two lengths.
func everyClass(t *testing.T, s *Store) {
	t.Helper()
	for i, set := range []string{"id = id", "used_date = created_date", "revoked_date = created_date", "superseded_by = 'x'", "expires_date = NULL",
		"expires_date = 'never'", "expires_date = datetime(created_date, '+1 day') || '.000000'"} {
		r, _ := issued(t, s, fmt.Sprintf("all%d@example.org", i))
		exec(t, s, `UPDATE "PasswordReset" SET requested_ip_key = x'', `+set+` WHERE id = ?`, r.ID.Full())
	}
}

// TestHotResetLists keeps the lists that operators look at all day on their
// indexes: no scan of the table, no sorting.
func TestHotResetLists(t *testing.T) {
	s := newStore(t)
	everyClass(t, s)
	cases := map[string]struct {
		f    model.ResetFilter
		want string // part of the plan of the first part of the list
		sort bool   // ids of a range of addresses, or the rows of one page, are sorted
	}{
		"newest":              {model.ResetFilter{}, "USING INDEX doorman_reset_created", false},
		"oldest":              {model.ResetFilter{Asc: true}, "USING INDEX doorman_reset_created", false},
		"since":               {model.ResetFilter{Since: noon()}, "doorman_reset_created (created_date>?", false},
		"by account":          {model.ResetFilter{AccountID: "a"}, "doorman_reset_account (user_id=?", false},
		"by address":          {model.ResetFilter{IP: prefix(t, "203.0.113.7")}, "doorman_reset_ip (requested_ip_key=?", false},
		"by network":          {model.ResetFilter{IP: prefix(t, "203.0.113.0/24")}, "doorman_reset_ip (requested_ip_key>? AND requested_ip_key<?", true},
		"wide network":        {model.ResetFilter{IP: prefix(t, "200.0.0.0/6")}, "doorman_reset_ip (requested_ip_key>? AND requested_ip_key<?", true},
		"by batch":            {model.ResetFilter{BatchID: "b"}, "doorman_reset_batch (batch_id=?", false},
		"sort by use":         {model.ResetFilter{Sort: model.ByUsed}, "doorman_reset_used", false},
		"sort by ip":          {model.ResetFilter{Sort: model.ByIP}, "USING INDEX doorman_reset_ip (", false},
		"network, sort by ip": {model.ResetFilter{Sort: model.ByIP, IP: prefix(t, "203.0.113.0/24")}, "USING INDEX doorman_reset_ip (", true},
		"revoked":             {model.ResetFilter{States: []model.State{model.Revoked}}, "doorman_reset_class (<expr>=?", false},
		"superseded":          {model.ResetFilter{States: []model.State{model.Superseded}}, "doorman_reset_class (<expr>=?", false},
		"used":                {model.ResetFilter{States: []model.State{model.Used}}, "doorman_reset_class (<expr>=?", false},
		"live":                {model.ResetFilter{States: []model.State{model.Live}}, "doorman_reset_class (<expr>=? AND created_date>?", true},
		"expired":             {model.ResetFilter{States: []model.State{model.Expired}}, "doorman_reset_class (<expr>=? AND", true},
		"live of account":     {model.ResetFilter{AccountID: "a", States: []model.State{model.Live}}, "doorman_reset_account (user_id=?", true},
	}
	for name, c := range cases {
		o, err := s.resetOrder(c.f)
		if err != nil {
			t.Fatal(err)
		}
		for no, p := range o.parts {
			if no > 0 && c.f.Sort == model.ByIP && c.f.IP.IsValid() {
				continue // rows without an address are in no network
			}
			at := place{Part: no, Keys: make([]string, len(p.keys))}
			for _, st := range []stretch{
				o.stretchOf(no, nil, o.desc, 51), o.stretchOf(no, nil, !o.desc, 51),
				o.stretchOf(no, &at, o.desc, 51), o.stretchOf(no, &at, !o.desc, 51),
			} {
				checkPlan(t, s, name, c.f, st, c.want, c.sort)
			}
		}
	}
}

func checkPlan(t *testing.T, s *Store, name string, f model.ResetFilter, st stretch, want string, sorted bool) {
	t.Helper()
	c, err := s.routeResets(context.Background(), f, noon())
	if err != nil {
		t.Fatal(err)
	}
	if c.sorts {
		st = st.sorted()
	}
	q, args := resetQuery(c, st)
	plan := queryPlan(t, s, q, args)
	if strings.Contains(q, "LIMIT @") || strings.Contains(q, "LIKE @") {
		t.Errorf("%s: is prepared twice: %s", name, q)
	}
	bad := st.part == 0 && !strings.Contains(plan, want) || strings.Contains(plan, "SCAN r\n") || strings.Contains(plan, "SCAN a\n") ||
		!sorted && !c.sorts && len(c.runs) < 2 && strings.Contains(plan, "TEMP B-TREE") ||
		!strings.Contains(plan, "doorman_outbox_reset (reset_id=?") || !strings.Contains(plan, "SEARCH a USING INDEX")
	if bad {
		t.Errorf("%s: part %d, %s:\n%s", name, st.part, st.where(), plan)
	}
}

// TestAStepHasNoLooserBound: a list that is searched row by row is read from place
// to place. Had the engine a time or a network to go by instead, each step would
// walk to the end of that.
func TestAStepHasNoLooserBound(t *testing.T) {
	s := newStore(t)
	everyClass(t, s)
	s.reach.few, s.reach.network = -1, -1
	day := 24 * time.Hour
	for _, f := range []model.ResetFilter{
		{Agent: "x"}, {Agent: "x", Since: noon().Add(-day)}, {Agent: "x", Since: noon().Add(-day), Until: noon().Add(day)},
		{Agent: "x", Sort: model.ByIP}, {Agent: "x", Sort: model.ByIP, IP: prefix(t, "203.0.113.0/24")},
		{States: []model.State{model.Live}, Agent: "x"}, {States: []model.State{model.Live}, Sort: model.ByIP},
	} {
		for _, f.Asc = range []bool{false, true} {
			for _, back := range []bool{false, true} {
				checkStep(t, s, f, back)
			}
		}
	}
}

func checkStep(t *testing.T, s *Store, f model.ResetFilter, back bool) {
	t.Helper()
	o, err := s.resetOrder(f)
	mustDo(t, err)
	c, err := s.routeResets(context.Background(), f, noon())
	mustDo(t, err)
	if onlyLive(f) && f.Sort == "" { // as ListResets does
		c.bind("live_from", s.atLeast(noon().Add(-time.Hour)), "r.created_date >= @live_from")
	}
	desc, keys := o.desc != back, o.parts[0].keys
	row := []string{s.atLeast(noon()), "id"}
	if len(keys) == 3 {
		row = append([]string{"00000000000000000000ffffcb007107"}, row...)
	}
	near, far := ">(", "<("
	if desc {
		near, far = far, near
	}
	names := strings.ReplaceAll("("+strings.Join(keys, ",")+")", "r.", "")
	for _, from := range []*place{nil, {Keys: row}} {
		st := o.stretchOf(0, from, desc, 51)
		st = st.until(edgeOf(keys, row, "end", !desc, true))
		q, args := resetQuery(c, st)
		plan := queryPlan(t, s, q, args)
		if !strings.Contains(plan, names+far) || from != nil && !strings.Contains(plan, names+near) || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%+v, back %v: %s\n%s", f, back, st.where(), plan)
		}
	}
}

// TestEveryResetList draws filters and orders of every kind and wants none to
// scan the table or to sort more than a few rows: neither where few fit nor where
// many do.
func TestEveryResetList(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	accounts := []model.Account{addAccount(t, s, "ann@example.org")}
	rnd := rand.New(rand.NewPCG(13, 1))
	everyClass(t, s)
	for i := range 400 {
		if i == 200 {
			exec(t, s, `UPDATE "PasswordReset" SET requested_ip_key = NULL WHERE rowid = 1`)
		}
		if s.reach = usualReach(); i%2 == 0 {
			s.reach.few, s.reach.network = -1, -1
		}
		f := anyFilter(t, rnd, accounts)
		o, err := s.resetOrder(f)
		if err != nil {
			t.Fatal(err)
		}
		for no, p := range o.parts {
			at := place{Part: no, Keys: make([]string, len(p.keys))}
			checkPlan(t, s, fmt.Sprintf("%+v", f), f, o.stretchOf(no, nil, o.desc, 51), "", false)
			checkPlan(t, s, fmt.Sprintf("%+v", f), f, o.stretchOf(no, &at, !o.desc, 51), "", false)
		}
	}
}

func TestHotAccountLists(t *testing.T) {
	s := newStore(t)
	for name, c := range map[string]struct {
		f    model.AccountFilter
		want string
	}{
		"by address":  {model.AccountFilter{}, "doorman_account_email"},
		"search":      {model.AccountFilter{Query: "ann"}, "doorman_account_email"},
		"by creation": {model.AccountFilter{Sort: model.ByAccountCreated, Desc: true}, "doorman_account_created"},
	} {
		o, err := s.accountOrder(c.f)
		if err != nil {
			t.Fatal(err)
		}
		for no, p := range o.parts {
			at := place{Part: no, Keys: make([]string, len(p.keys))}
			for _, from := range []*place{nil, &at} {
				where, err := s.accountWhere(c.f)
				if err != nil {
					t.Fatal(err)
				}
				q, args := where.query(accountSelect, o.stretchOf(no, from, o.desc, 51))
				plan := queryPlan(t, s, q, args)
				if !strings.Contains(plan, c.want) || strings.Contains(plan, "TEMP B-TREE") || from != nil && !strings.Contains(plan, "SEARCH") {
					t.Errorf("%s: part %d:\n%s", name, no, plan)
				}
			}
		}
	}
}

// TestHotLookups keeps what runs inside every request and redemption on indexes.
func TestHotLookups(t *testing.T) {
	s := newStore(t)
	for want, q := range map[string]string{
		"doorman_reset_long (expires_date>?":        `SELECT 1 FROM "PasswordReset" AS r WHERE ` + sqlLong + " AND r.expires_date >= @x",
		"doorman_account_email (email=?":            accountSelect + " WHERE a.email = @x COLLATE NOCASE",
		"sqlite_autoindex_PasswordReset_1 (id>?":    resetSelect + " WHERE r.id >= @x AND r.id < @x ORDER BY r.id",
		"doorman_reset_account (user_id=? AND crea": `SELECT 1 FROM "PasswordReset" AS r WHERE r.user_id = @x AND r.created_date >= @x AND r.issued_by IS NULL`,
	} {
		if plan := queryPlan(t, s, q, map[string]any{"x": "x"}); !strings.Contains(plan, want) {
			t.Errorf("%s:\n%s", q, plan)
		}
	}
}
