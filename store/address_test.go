package store

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// oddAddress makes an address of few letters, so that parts repeat, with what
// might be taken for syntax.
func oddAddress(rnd *rand.Rand, domain string) string {
	signs := []string{"a", "b", "A", "B", "ab", "%", "_", `\`, `"`, "'", "*", "é", "É", "ß", "日", "🙂", "-", ".", " ", "\xff", "x\x00y"}
	text := ""
	for range 2 + rnd.IntN(7) {
		text += signs[rnd.IntN(len(signs))]
	}
	return text + "@" + domain
}

// plainSearch is what a search has to find.
func plainSearch(t *testing.T, db *gorm.DB, f model.AccountFilter) []string {
	t.Helper()
	q, dir := "SELECT a.id FROM \"Account\" AS a WHERE a.email LIKE ? ESCAPE '\\'", ""
	if f.Held {
		q += " AND a.held_date IS NOT NULL"
	}
	if f.Desc {
		dir = " DESC"
	}
	order := "a.email COLLATE NOCASE" + dir + ", a.id" + dir
	if f.Sort == model.ByAccountCreated {
		order = "a.created IS NULL, a.created" + dir + ", a.id" + dir
	}
	ids := []string{}
	if err := db.Raw(q+" ORDER BY "+order, containing(f.Query)).Scan(&ids).Error; err != nil {
		t.Fatal(err)
	}
	return ids
}

func accountLister(s *Store, f model.AccountFilter) lister {
	return func(p model.Paging) ([]string, model.Cursor, model.Cursor, error) {
		f.Paging = p
		page, err := s.ListAccounts(context.Background(), f)
		ids := []string{}
		for _, r := range page.Items {
			ids = append(ids, r.ID)
		}
		return ids, page.Prev, page.Next, err
	}
}

func checkSearch(t *testing.T, s *Store, rnd *rand.Rand, parts []string) {
	t.Helper()
	f := model.AccountFilter{Query: parts[rnd.IntN(len(parts))], Held: rnd.IntN(4) == 0, Desc: rnd.IntN(2) == 0}
	if rnd.IntN(4) == 0 {
		f.Sort = model.ByAccountCreated
	}
	want := plainSearch(t, s.read(context.Background()), f)
	for _, back := range []bool{false, true} {
		if got := walk(t, accountLister(s, f), 5+rnd.IntN(60), back); !slices.Equal(got, want) {
			t.Errorf("%q %+v, backwards %v: %d found, want %d", f.Query, f, back, len(got), len(want))
		}
	}
	if n, err := s.CountAccounts(context.Background(), f, 0); err != nil || n.N != len(want) {
		t.Errorf("%+v: counted %v, want %d (%v)", f, n, len(want), err)
	}
}

// partsOf returns parts of some addresses, whole and in another case.
func partsOf(rnd *rand.Rand, emails []string) []string {
	parts := []string{"@still", "STILL.EXAMPLE", "zzz", `"a"`, "a%b", "a_b", `\`, "ab*", "a OR b", "日", "éa", "ÉA", "x\x00y", "\xffab"}
	for range 40 {
		runes := []rune(emails[rnd.IntN(len(emails))])
		from := rnd.IntN(len(runes) - 1)
		parts = append(parts, string(runes[from:min(len(runes), from+1+rnd.IntN(6))]))
	}
	return parts
}

// TestSearchIsThePlainSearch holds what the index finds against the plain
// search, while another program changes, replaces and removes accounts and the
// index follows.
func TestSearchIsThePlainSearch(t *testing.T) {
	t.Parallel()
	s, ctx := newStore(t), context.Background()
	rnd := rand.New(rand.NewPCG(7, 8))
	app := foreignDB(t, s.o.Path)
	var emails []string
	for round := range 6 {
		for range 60 {
			emails = append(emails, oddAddress(rnd, "still.example"))
			changeAccounts(t, app, rnd, emails)
		}
		switch round % 3 {
		case 1:
			if _, err := s.numberMore(ctx); err != nil {
				t.Fatal(err)
			}
		case 2:
			exec(t, s, "DELETE FROM doorman_setting WHERE key = 'search'") // as while it is first made
		}
		for range 8 {
			checkSearch(t, s, rnd, partsOf(rnd, emails))
		}
		for more := true; more; {
			var err error
			if more, err = s.numberMore(ctx); err != nil {
				t.Fatal(err)
			}
		}
		checkNumbers(t, s)
	}
	if ok, err := s.searchable(s.read(ctx)); !ok || err != nil {
		t.Error("the index is not in use", err)
	}
}

// changeAccounts does what another program may do to accounts.
func changeAccounts(t *testing.T, app *sql.DB, rnd *rand.Rand, emails []string) {
	t.Helper()
	email, id := emails[len(emails)-1], fmt.Sprintf("%032x", rnd.IntN(400))
	var err error
	switch rnd.IntN(8) {
	case 0:
		_, err = app.Exec(`DELETE FROM "Account" WHERE id = ?`, id)
	case 1, 2:
		_, err = app.Exec(`UPDATE OR IGNORE "Account" SET email = ? WHERE id = ?`, email, id)
	case 3:
		_, err = app.Exec(`UPDATE "Account" SET held_date = CASE WHEN held_date IS NULL THEN '2026-11-23' END WHERE id = ?`, id)
	default:
		_, err = app.Exec(`INSERT OR REPLACE INTO "Account" (id, email, created, email_confirmed, is_super_user) VALUES (?, ?, ?, 1, 0)`,
			id, email, [...]any{"2026-11-23 10:00:00.000000", "2026-11-22 10:00:00.000000", nil}[rnd.IntN(3)])
	}
	if err != nil {
		t.Fatal(err)
	}
}

// checkNumbers wants the numbers in the order of the list, and the index whole.
func checkNumbers(t *testing.T, s *Store) {
	t.Helper()
	if n := number(t, s, `SELECT count(*) FROM (SELECT d.no > lag(d.no) OVER (ORDER BY a.email COLLATE NOCASE, a.id) AS up
		FROM "Account" AS a JOIN doorman_address AS d ON d.id = a.id) WHERE NOT up`); n != 0 {
		t.Errorf("%d numbers are out of order", n)
	}
	if n := number(t, s, `SELECT count(*) FROM "Account" AS a WHERE NOT EXISTS (SELECT 1 FROM doorman_address AS d WHERE d.id = a.id AND d.email = a.email)`); n != 0 {
		t.Errorf("%d accounts have no number", n)
	}
	exec(t, s, "INSERT INTO doorman_address_part (doorman_address_part, rank) VALUES ('integrity-check', 1)")
}

// TestNumbersMakeRoom puts account after account into the same gap.
func TestNumbersMakeRoom(t *testing.T) {
	t.Parallel()
	s, ctx := newStore(t), context.Background()
	for round := range 6 {
		exec(t, s, `WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < 400)
			INSERT INTO "Account" (id, email, email_confirmed, is_super_user) SELECT printf('%032x', @round * 1000 + i),
				CASE @round % 2 WHEN 0 THEN printf('m%06d@example.org', @round * 1000 + i) ELSE printf('m%06d@example.org', 900000 - @round * 1000 - i) END, 1, 0 FROM c`,
			sql.Named("round", round))
		for more := true; more; {
			var err error
			if more, err = s.numberMore(ctx); err != nil {
				t.Fatal(err)
			}
		}
		checkNumbers(t, s)
	}
}

// TestSearchBesideWriters searches what stays while others come and go.
func TestSearchBesideWriters(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	rnd := rand.New(rand.NewPCG(9, 10))
	for i := range 300 {
		exec(t, s, `INSERT OR IGNORE INTO "Account" (id, email, email_confirmed, is_super_user) VALUES (?, ?, 1, 0)`,
			fmt.Sprintf("still%d", i), strings.ReplaceAll(oddAddress(rnd, "still.example"), "\x00", ""))
	}
	stop, all := make(chan struct{}), sync.WaitGroup{}
	defer all.Wait()
	defer close(stop)
	all.Go(func() {
		app, rnd := foreignDB(t, s.o.Path), rand.New(rand.NewPCG(1, 1))
		_, _ = app.Exec("PRAGMA busy_timeout = 120000")
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
				if t.Failed() {
					return
				}
				changeAccounts(t, app, rnd, []string{fmt.Sprintf("%d%s", n, oddAddress(rnd, "busy.example"))})
				if n%7 == 0 {
					_, _ = s.numberMore(ctx)
				}
			}
		}
	})
	for range 25 {
		f := model.AccountFilter{Query: []string{"@still", "still.example", "a@still", "b@STILL", "ab@still"}[rnd.IntN(5)], Desc: rnd.IntN(2) == 0}
		want := plainSearch(t, s.read(ctx), f)
		if got := walk(t, accountLister(s, f), 20+rnd.IntN(60), rnd.IntN(2) == 0); !slices.Equal(got, want) {
			t.Errorf("%+v: %d found, want %d", f, len(got), len(want))
		}
	}
}

// TestNumberingLeavesOnePiece: a search looks into every piece of the index.
func TestNumberingLeavesOnePiece(t *testing.T) {
	s := newStore(t)
	exec(t, s, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO "Account" (id, email, email_confirmed, is_super_user)
		SELECT printf('%032x', i), 'person' || (i * 7919 % 5000) || '@example.org', 1, 0 FROM n`)
	inTx(t, s, func(tx *gorm.DB, _ time.Time) error { return forgetNumbers(tx) })
	for more, n := true, 0; more; n++ {
		var err error
		if more, err = s.numberMore(t.Context()); err != nil || n > 1000 {
			t.Fatal(n, err)
		}
	}
	if n := number(t, s, "SELECT count(DISTINCT segid) FROM doorman_address_part_idx"); n != 1 {
		t.Error(n, "pieces")
	}
	exec(t, s, "INSERT INTO doorman_address_part (doorman_address_part, rank) VALUES ('integrity-check', 1)")
	page, err := s.ListAccounts(t.Context(), model.AccountFilter{Query: "person77"})
	if err != nil || len(page.Items) != 11 {
		t.Error(len(page.Items), err)
	}
}
