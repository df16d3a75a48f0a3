package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// plainResets is what a list of resets has to be: the filter as one condition,
// the order as one sort.
func plainResets(t *testing.T, s *Store, f model.ResetFilter) []string {
	t.Helper()
	c, err := s.resetWhere(f, s.now().UTC())
	if err != nil {
		t.Fatal(err)
	}
	dir := " DESC"
	if f.Asc {
		dir = ""
	}
	order := "r.created_date IS NULL, r.created_date" + dir + ", r.id" + dir
	switch f.Sort {
	case model.ByUsed:
		order = "r.used_date IS NULL, r.used_date" + dir + ", r.used_date IS NULL AND r.created_date IS NULL, CASE WHEN r.used_date IS NULL THEN r.created_date END" +
			dir + ", r.id" + dir
	case model.ByIP:
		order = "CASE WHEN r.created_date IS NULL THEN 3 WHEN r.requested_ip_key IS NULL THEN 2 WHEN r.requested_ip_key = x'' THEN 1 ELSE 0 END, " +
			"CASE WHEN r.created_date IS NOT NULL THEN r.requested_ip_key END" + dir + ", r.created_date" + dir + ", r.id" + dir
	case model.ByCreated:
	}
	ids := []string{}
	q := `SELECT r.id FROM "PasswordReset" AS r` + c.whereAnd() + " ORDER BY " + order + " LIMIT @all"
	if err := s.read(context.Background()).Raw(q, c.with(map[string]any{"all": -1})).Scan(&ids).Error; err != nil {
		t.Fatal(err)
	}
	return ids
}

// mixedReset writes a reset of an ordinary kind: times in our form, lengths that
// many share, every state.
func mixedReset(tx *gorm.DB, s *Store, rnd *rand.Rand, account string) error {
	created := noon().Add(-time.Duration(rnd.IntN(60*60*60)) * time.Second)
	lengths := []time.Duration{time.Hour, time.Hour, time.Hour, 24 * time.Hour, 15 * time.Minute, 90 * time.Second}
	at := func(t time.Time, share int) any {
		if rnd.IntN(share) > 0 {
			return nil
		}
		return s.stamp(t)
	}
	key := any(keyOf(fmt.Sprintf("203.%d.%d.%d", rnd.IntN(2), rnd.IntN(3), rnd.IntN(4))))
	if n := rnd.IntN(20); n == 0 {
		key = nil
	} else if n == 1 {
		key = []byte{}
	}
	var superseded any
	if rnd.IntN(7) == 0 {
		superseded = model.NewID()
	}
	var batch any
	if rnd.IntN(9) == 0 {
		batch = "batch"
	}
	expires := any(s.stamp(created.Add(lengths[rnd.IntN(len(lengths))])))
	if rnd.IntN(5) == 0 {
		expires = nil
	}
	used := at(created.Add(time.Minute), 3)
	var by any
	if rnd.IntN(11) == 0 {
		by = "ada"
	}
	return tx.Exec(`INSERT INTO "PasswordReset" (id, created_date, used_date, was_used, user_id, expires_date, revoked_date, superseded_by,
		requested_ip_key, requested_agent, batch_id, issued_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, model.NewID(), s.stamp(created), used, used != nil,
		account, expires, at(created.Add(time.Second), 6), superseded, key, []string{"curl/8", "Firefox", "Safari"}[rnd.IntN(3)], batch, by).Error
}

// anyFilter draws a filter, its order with it.
func anyFilter(t *testing.T, rnd *rand.Rand, accounts []model.Account) model.ResetFilter {
	t.Helper()
	f := model.ResetFilter{Sort: []model.ResetSort{model.ByCreated, model.ByUsed, model.ByIP}[rnd.IntN(3)], Asc: rnd.IntN(2) == 0}
	some := func() bool { return rnd.IntN(4) == 0 }
	if some() {
		f.AccountID = accounts[rnd.IntN(len(accounts))].ID
	}
	if some() {
		f.Query = []string{"ann", "bob@", "example", "e", "ORG", "nobody", "%"}[rnd.IntN(7)]
	}
	if some() {
		f.IP = netip.MustParsePrefix([]string{"203.0.1.3/32", "203.0.1.0/24", "203.0.0.0/16", "200.0.0.0/6", "2001:db8::/32"}[rnd.IntN(5)])
	}
	if some() {
		f.Agent = []string{"CURL", "fox", "wget"}[rnd.IntN(3)]
	}
	if some() {
		f.BatchID = "batch"
	}
	if some() {
		f.IssuedBy = []string{"ada", "nobody"}[rnd.IntN(2)]
	}
	for rnd.IntN(2) == 0 {
		f.States = append(f.States, model.States()[rnd.IntN(len(model.States()))])
	}
	if some() {
		f.Since = noon().Add(-time.Duration(rnd.IntN(60)) * time.Hour)
	}
	if some() {
		f.Until = noon().Add(-time.Duration(rnd.IntN(3)) * time.Hour)
	}
	return f
}

// TestResetListsArePlain holds pages of lists, read either way, against the plain
// query, for filters and orders of every kind, however little one page may
// look at.
func TestResetListsArePlain(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, zone := range []*time.Location{time.UTC, berlin} {
		for _, far := range []reach{usualReach(), {first: 7, most: 40, few: 25, network: 40}} {
			s := newStore(t)
			s.zone, s.reach = zone, far
			accounts := []model.Account{addAccount(t, s, "ann@example.org"), addAccount(t, s, "bob@example.org"), addAccount(t, s, "carl@other.net")}
			rnd := rand.New(rand.NewPCG(11, uint64(far.first)))
			inTx(t, s, func(tx *gorm.DB, _ time.Time) error {
				for i := range 700 {
					a := accounts[rnd.IntN(len(accounts))].ID
					err := mixedReset(tx, s, rnd, a)
					if i%7 == 0 && err == nil {
						err = oddRow(tx, rnd, zone, a)
					}
					if err != nil {
						return err
					}
				}
				return nil
			})
			for range 60 {
				f := anyFilter(t, rnd, accounts)
				want := plainResets(t, s, f)
				for _, back := range []bool{false, true} {
					size := 20 + rnd.IntN(200)
					if got := walk(t, resetLister(s, f), size, back); !slices.Equal(got, want) {
						t.Errorf("%+v, %d a page, backwards %v: %d listed, want %d%s", f, size, back, len(got), len(want), firstOff(t, s, got, want))
					}
				}
				if n, err := s.CountResets(context.Background(), f, 0); err != nil || n.N != len(want) {
					t.Errorf("%+v: counted %v, want %d (%v)", f, n, len(want), err)
				}
			}
		}
	}
}

// firstOff tells where two lists part.
func firstOff(t *testing.T, s *Store, got, want []string) string {
	t.Helper()
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			return fmt.Sprintf("; row %d is not %s", i, text(t, s, `SELECT json_array(typeof(created_date), created_date, used_date, hex(requested_ip_key), id)
				FROM "PasswordReset" WHERE id = ?`, want[i]))
		}
	}
	return "; more at the end"
}

// TestResetListsBesideWriters lists what is settled while others write.
func TestResetListsBesideWriters(t *testing.T) {
	s := newStore(t)
	s.reach = reach{first: 7, most: 60, few: 25, network: 40}
	still, busy := addAccount(t, s, "ann@example.org"), addAccount(t, s, "bob@other.net")
	rnd := rand.New(rand.NewPCG(12, 1))
	inTx(t, s, func(tx *gorm.DB, _ time.Time) error {
		for range 400 {
			if err := mixedReset(tx, s, rnd, still.ID); err != nil {
				return err
			}
		}
		return nil
	})
	stop, all := make(chan struct{}), sync.WaitGroup{}
	defer all.Wait()
	defer close(stop)
	all.Go(func() {
		rnd := rand.New(rand.NewPCG(1, 1))
		for {
			select {
			case <-stop:
				return
			default:
			}
			err := s.write(context.Background(), "test", func(tx *gorm.DB, _ time.Time) error {
				for range 5 {
					if err := mixedReset(tx, s, rnd, busy.ID); err != nil {
						return err
					}
				}
				return tx.Exec(`DELETE FROM "PasswordReset" WHERE user_id = ? AND id < ?`, busy.ID, hexID(rnd)[:2]).Error
			})
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 40 {
		f := anyFilter(t, rnd, []model.Account{still})
		if f.AccountID == "" {
			f.Query = "ann@"
		}
		want := plainResets(t, s, f)
		if got := walk(t, resetLister(s, f), 20+rnd.IntN(60), rnd.IntN(2) == 0); !slices.Equal(got, want) {
			t.Errorf("%+v: %d listed, want %d", f, len(got), len(want))
		}
	}
}
