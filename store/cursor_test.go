package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// lister reads one page of some list as ids.
type lister func(model.Paging) (ids []string, prev, next model.Cursor, err error)

// walk reads a whole list, page by page, in one direction.
func walk(t *testing.T, list lister, size int, backwards bool) []string {
	t.Helper()
	var all []string
	p := model.Paging{Limit: size, Last: backwards}
	for range 10_000 {
		ids, prev, next, err := list(p)
		if err != nil {
			t.Fatal(err)
		}
		if len(ids) > size {
			t.Fatalf("a page of %d rows instead of %d", len(ids), size)
		}
		if backwards {
			all, p = append(slices.Clone(ids), all...), model.Paging{Limit: size, Before: prev}
		} else {
			all, p = append(all, ids...), model.Paging{Limit: size, After: next}
		}
		if p.After == "" && p.Before == "" {
			return all
		}
	}
	t.Fatal("the pages do not end")
	return nil
}

// checkPaging holds walks of several page sizes against the list read at once.
func checkPaging(t *testing.T, list lister) []string {
	t.Helper()
	want, prev, next, err := list(model.Paging{Limit: model.MaxLimit})
	if err != nil || prev != "" || next != "" {
		t.Fatal(prev, next, err)
	}
	if unique := slices.Compact(slices.Sorted(slices.Values(want))); len(unique) != len(want) {
		t.Fatal("a row stands twice in the list")
	}
	for _, size := range []int{1, 7, len(want) - 1, len(want), len(want) + 1} {
		if size < 1 {
			continue
		}
		if got := walk(t, list, size, false); !slices.Equal(got, want) {
			t.Errorf("forwards by %d: %d rows differ from the %d", size, len(got), len(want))
		}
		if got := walk(t, list, size, true); !slices.Equal(got, want) {
			t.Errorf("backwards by %d: %d rows differ from the %d", size, len(got), len(want))
		}
	}
	checkTurning(t, list, 5)
	return want
}

// checkTurning goes on and back again: it must come to the same page.
func checkTurning(t *testing.T, list lister, size int) {
	t.Helper()
	first, _, next, err := list(model.Paging{Limit: size})
	if err != nil || next == "" {
		return
	}
	_, prev, _, err := list(model.Paging{Limit: size, After: next})
	if err != nil {
		t.Fatal(err)
	}
	back, none, again, err := list(model.Paging{Limit: size, Before: prev})
	if err != nil || !slices.Equal(back, first) || none != "" || again != next {
		t.Errorf("turned back to %v, was %v (%q %v)", back, first, none, err)
	}
}

// spread writes resets with ties and gaps in every column that lists sort by.
func spread(t testing.TB, s *Store, n int, accounts []string) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(3, 4))
	some := func(list ...any) any { return list[rnd.IntN(len(list))] }
	inTx(t, s, func(tx *gorm.DB, _ time.Time) error {
		for range n {
			created := s.stamp(noon().Add(-time.Duration(rnd.IntN(n/4)) * time.Minute))
			used := s.stamp(noon().Add(-time.Duration(rnd.IntN(n/8)) * time.Second))
			key := keyOf(fmt.Sprintf("203.0.%d.%d", rnd.IntN(2), rnd.IntN(5)))
			err := tx.Exec(`INSERT INTO "PasswordReset" (id, created_date, used_date, was_used, user_id, requested_ip_key, requested_agent)
				VALUES (?, ?, ?, 0, ?, ?, ?)`, model.NewID(), some(created, created, created, nil), some(used, nil),
				accounts[rnd.IntN(len(accounts))], some(key, key, []byte{}, nil), some("curl/8", "Firefox 100%_")).Error
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func TestResetPages(t *testing.T) {
	t.Parallel()
	for _, scheme := range []model.Scheme{model.SchemeSecret, model.SchemeID} {
		s := newStore(t)
		s.scheme = scheme
		ann, bob := addAccount(t, s, "ann@example.org"), addAccount(t, s, "bob@example.org")
		spread(t, s, 160, []string{ann.ID, bob.ID})
		for _, sort := range []model.ResetSort{model.ByCreated, model.ByUsed, model.ByIP} {
			for _, asc := range []bool{false, true} {
				for name, f := range map[string]model.ResetFilter{
					"all": {}, "account": {AccountID: ann.ID}, "query": {Query: "ANN@"}, "agent": {Agent: "100%_"},
					"network": {IP: prefix(t, "203.0.1.0/24")}, "address": {IP: prefix(t, "203.0.1.3")}, "none": {Agent: "wget"},
				} {
					f.Sort, f.Asc = sort, asc
					t.Run(fmt.Sprintf("%s/%s/%v/%s", scheme, sort, asc, name), func(t *testing.T) {
						checkPaging(t, resetLister(s, f))
						checkResetOrder(t, s, f)
					})
				}
			}
		}
	}
}

func resetLister(s *Store, f model.ResetFilter) lister {
	return func(p model.Paging) ([]string, model.Cursor, model.Cursor, error) {
		f.Paging = p
		page, err := s.ListResets(context.Background(), f)
		ids := []string{}
		for _, r := range page.Items {
			ids = append(ids, r.ID.Full())
		}
		return ids, page.Prev, page.Next, err
	}
}

// checkResetOrder holds a list against what the filter promises.
func checkResetOrder(t *testing.T, s *Store, f model.ResetFilter) {
	t.Helper()
	f.Limit = model.MaxLimit
	page, err := s.ListResets(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.CountResets(context.Background(), f, 0); err != nil || n.N != len(page.Items) {
		t.Errorf("counted %v, listed %d (%v)", n, len(page.Items), err)
	}
	key := func(r model.Reset) time.Time { return r.Created }
	if f.Sort == model.ByUsed {
		key = func(r model.Reset) time.Time { return r.Used }
	}
	if f.Sort == model.ByIP {
		return // walks cover it; the key is no part of the model
	}
	for i := 1; i < len(page.Items); i++ {
		a, b := key(page.Items[i-1]), key(page.Items[i])
		if a.IsZero() && !b.IsZero() {
			t.Fatal("a row without the column stands before one with it")
		}
		if !a.IsZero() && !b.IsZero() && (f.Asc && a.After(b) || !f.Asc && a.Before(b)) {
			t.Fatal("out of order")
		}
	}
}

func TestAccountPages(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	rnd := rand.New(rand.NewPCG(5, 6))
	names := map[string]bool{}
	inTx(t, s, func(tx *gorm.DB, _ time.Time) error {
		for i := range 300 {
			name := strings.Repeat(string("aAbB"[rnd.IntN(4)]), 1+rnd.IntN(6)) + "@example.org"
			if names[name] {
				name = fmt.Sprintf("x%d_%%@Example.org", i)
			}
			names[name] = true
			created := any(s.stamp(noon().Add(-time.Duration(rnd.IntN(50)) * time.Hour)))
			if rnd.IntN(4) == 0 {
				created = nil
			}
			held := any(nil)
			if rnd.IntN(3) == 0 {
				held = s.stamp(noon())
			}
			err := tx.Exec(`INSERT INTO "Account" (id, email, created, email_confirmed, is_super_user, held_date) VALUES (?, ?, ?, 1, 0, ?)`,
				model.NewID(), name, created, held).Error
			if err != nil {
				return err
			}
		}
		return nil
	})
	for _, f := range []model.AccountFilter{
		{}, {Desc: true}, {Sort: model.ByAccountCreated}, {Sort: model.ByAccountCreated, Desc: true}, {Held: true},
		{Query: "AA"}, {Query: "_%@"}, {Query: "%%"}, {Query: "a", Held: true, Sort: model.ByAccountCreated},
	} {
		t.Run(fmt.Sprintf("%+v", f), func(t *testing.T) {
			list := checkPaging(t, func(p model.Paging) ([]string, model.Cursor, model.Cursor, error) {
				f.Paging = p
				page, err := s.ListAccounts(context.Background(), f)
				ids := []string{}
				for _, r := range page.Items {
					ids = append(ids, r.ID)
					if !strings.Contains(strings.ToLower(r.Email), strings.ToLower(f.Query)) || f.Held && !r.IsHeld() {
						t.Errorf("%q does not belong here", r.Email)
					}
				}
				return ids, page.Prev, page.Next, err
			})
			if n, err := s.CountAccounts(context.Background(), f, 10); err != nil || n.N != min(10, len(list)) || n.AtLeast != (len(list) > 10) {
				t.Errorf("counted %v of %d (%v)", n, len(list), err)
			}
		})
	}
}

func TestBatchPages(t *testing.T) {
	s := newStore(t)
	for range 30 {
		exec(t, s, `INSERT INTO doorman_batch (id, verb, operator, at, reason, subject, counts) VALUES (?, 'hold', 'ada', ?, '', '', '[]')`,
			model.NewID(), ownStamp(noon().Add(-time.Duration(rand.IntN(9))*time.Hour)))
	}
	checkPaging(t, func(p model.Paging) ([]string, model.Cursor, model.Cursor, error) {
		page, err := s.ListBatches(context.Background(), model.BatchFilter{Paging: p})
		ids := []string{}
		for _, b := range page.Items {
			ids = append(ids, b.ID)
		}
		return ids, page.Prev, page.Next, err
	})
}

func TestCursorIsRefusedElsewhere(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	spread(t, s, 40, []string{addAccount(t, s, "ann@example.org").ID})
	page, err := s.ListResets(ctx, model.ResetFilter{Paging: model.Paging{Limit: 5}})
	if err != nil || page.Next == "" {
		t.Fatal(err)
	}
	for _, f := range []model.ResetFilter{
		{Asc: true, Paging: model.Paging{After: page.Next}},
		{Sort: model.ByUsed, Paging: model.Paging{After: page.Next}},
		{Paging: model.Paging{Before: page.Next + "x"}},
		{Paging: model.Paging{After: "1bm9uc2Vuc2U"}}, {Paging: model.Paging{After: "\x00'; --"}},
		{Paging: model.Paging{After: page.Next, Before: page.Next}}, {Sort: "email"}, {States: []model.State{"dead"}},
	} {
		if got, err := s.ListResets(ctx, f); !model.IsKind(err, model.Invalid) {
			t.Errorf("%+v: %v %v", f, got, err)
		}
	}
	if _, err := s.ListAccounts(ctx, model.AccountFilter{Paging: model.Paging{After: page.Next}}); !model.IsKind(err, model.Invalid) {
		t.Error(err)
	}
}

// TestCursorHoldsNoCredential: in SchemeID an id opens the door.
func TestCursorHoldsNoCredential(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	s.scheme = model.SchemeID
	spread(t, s, 40, []string{addAccount(t, s, "ann@example.org").ID})
	page, err := s.ListResets(ctx, model.ResetFilter{Paging: model.Paging{Limit: 5}})
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.resetOrder(model.ResetFilter{})
	if err != nil {
		t.Fatal(err)
	}
	at, err := o.parse(page.Next)
	if want := []string{s.stamp(page.Items[4].Created), page.Items[4].ID.Full()[:8]}; err != nil || !reflect.DeepEqual(at.Keys, want) {
		t.Error(at, err)
	}
}

func TestPageSurvivesItsEdge(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	spread(t, s, 40, []string{addAccount(t, s, "ann@example.org").ID})
	whole := walk(t, resetLister(s, model.ResetFilter{}), 100, false)
	page, err := s.ListResets(ctx, model.ResetFilter{Paging: model.Paging{Limit: 5}})
	if err != nil {
		t.Fatal(err)
	}
	exec(t, s, `DELETE FROM "PasswordReset" WHERE id = ?`, whole[4])
	got, _, _, err := resetLister(s, model.ResetFilter{})(model.Paging{Limit: 5, After: page.Next})
	if err != nil || !slices.Equal(got, whole[5:10]) {
		t.Error(got, whole[5:10], err)
	}
}
