package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// forms are the ways in which programs write a moment, besides our own.
func forms(t time.Time, zone *time.Location) []any {
	local := t.In(zone)
	return []any{
		local.Format(stampLayout),
		local.Format("2006-01-02 15:04:05"),
		local.Format("2006-01-02 15:04:05.000000000"),
		local.Format("2006-01-02T15:04:05"),
		local.Format("2006-01-02T15:04:05.000"),
		local.Format("2006-01-02 15:04"),
		local.Format(time.DateOnly),
		t.UTC().Format(time.RFC3339),
		t.In(time.FixedZone("", 5*3600+1800)).Format(time.RFC3339),
		t.In(time.FixedZone("", -8*3600)).Format("2006-01-02 15:04:05Z07:00"),
		local.Format("02.01.2006 15:04"),
		"soon", "", 1763899200, nil, nil, nil,
	}
}

// oddRow writes a reset with random columns in random forms.
func oddRow(tx *gorm.DB, rnd *rand.Rand, zone *time.Location, account string) error {
	moment := func() any {
		spans := []time.Duration{0, time.Second, time.Minute, time.Hour, 25 * time.Hour, 3 * time.Hour}
		t := noon().Add(-time.Hour).Add(spans[rnd.IntN(len(spans))] * time.Duration(rnd.IntN(3)-1))
		list := forms(t, zone)
		return list[rnd.IntN(len(list))]
	}
	seldom := func() any {
		if rnd.IntN(5) > 0 {
			return nil
		}
		return moment()
	}
	var flag, superseded any
	if n := rnd.IntN(5); n < 4 {
		flag = n / 3
	}
	if rnd.IntN(6) == 0 {
		superseded = model.NewID()
	}
	return tx.Exec(`INSERT INTO "PasswordReset" (id, created_date, used_date, was_used, user_id, expires_date, revoked_date, superseded_by,
		requested_ip_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, x'')`,
		model.NewID(), moment(), seldom(), flag, account, moment(), seldom(), superseded).Error
}

// TestStatesAgree holds the SQL conditions against model.Reset.State.
func TestStatesAgree(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, zone := range []*time.Location{time.UTC, berlin} {
		t.Run(zone.String(), func(t *testing.T) {
			s, ctx := newStore(t), context.Background()
			s.zone = zone
			a := addAccount(t, s, "ann@example.org")
			rnd := rand.New(rand.NewPCG(1, 2))
			inTx(t, s, func(tx *gorm.DB, _ time.Time) error {
				for range 4000 {
					if err := oddRow(tx, rnd, zone, a.ID); err != nil {
						return err
					}
				}
				return nil
			})
			all, err := s.ListResets(ctx, model.ResetFilter{Paging: model.Paging{Limit: model.MaxLimit}})
			if err != nil || len(all.Items) != 4000 {
				t.Fatal(len(all.Items), err)
			}
			want := map[string]model.State{}
			count := map[model.State]int{}
			for _, r := range all.Items {
				want[r.ID.Full()] = r.State(noon())
				count[r.State(noon())]++
			}
			for _, st := range model.States() {
				checkState(t, s, st, want, count[st])
			}
			checkFigures(t, s, a.ID, count)
			checkLiveSince(t, s)
		})
	}
}

func checkState(t *testing.T, s *Store, st model.State, want map[string]model.State, n int) {
	t.Helper()
	f := model.ResetFilter{States: []model.State{st}, Paging: model.Paging{Limit: model.MaxLimit}}
	got, err := s.ListResets(context.Background(), f)
	if err != nil || len(got.Items) != n || n == 0 {
		t.Errorf("%s: %d listed, want %d (%v)", st, len(got.Items), n, err)
	}
	for _, r := range got.Items {
		if want[r.ID.Full()] != st {
			t.Errorf("listed as %s, is %s: %+v", st, want[r.ID.Full()], r)
		}
	}
	if c, err := s.CountResets(context.Background(), f, 0); err != nil || c.N != n || c.AtLeast {
		t.Errorf("%s: counted %v, want %d (%v)", st, c, n, err)
	}
}

// checkLiveSince takes out the odd rows that keep lists of live resets from
// starting late, and compares once more.
func checkLiveSince(t *testing.T, s *Store) {
	t.Helper()
	exec(t, s, `DELETE FROM "PasswordReset" AS r WHERE `+sqlLong)
	if since, err := s.liveSince(s.read(context.Background()), noon()); since != "2026-11-21" && since != "2026-11-22" || err != nil {
		t.Errorf("live since %q (%v)", since, err)
	}
	all, err := s.ListResets(context.Background(), model.ResetFilter{Paging: model.Paging{Limit: model.MaxLimit}})
	if err != nil {
		t.Fatal(err)
	}
	live, want := 0, map[string]model.State{}
	for _, r := range all.Items {
		if want[r.ID.Full()] = r.State(noon()); r.State(noon()) == model.Live {
			live++
		}
	}
	checkState(t, s, model.Live, want, live)
}

// checkFigures holds an account's figures and a plan against the true counts.
func checkFigures(t *testing.T, s *Store, accountID string, count map[model.State]int) {
	t.Helper()
	row, err := s.FindAccount(context.Background(), accountID)
	if err != nil || row.Live != count[model.Live] || row.Resets != 4000 {
		t.Errorf("%+v, want %v (%v)", row, count, err)
	}
	plan, err := s.PlanRevoke(context.Background(), model.RevokeOrder{
		Filter: model.ResetFilter{AccountID: accountID}, Asked: noon().AddDate(1, 0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if plan.Resets != count[model.Live] {
		t.Errorf("the plan has %d live, want %d", plan.Resets, count[model.Live])
	}
	for _, st := range model.States() {
		if n := plan.Excluded.Of(string(st)); st != model.Live && n != count[st] {
			t.Errorf("%d %s excluded, want %d", n, st, count[st])
		}
	}
}

func TestTimeBoundsHoldForEveryForm(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	for i, form := range []string{"2026-11-23 00:00:00.000000", "2026-11-23 00:00:00", "2026-11-23 00:00", "2026-11-23"} {
		exec(t, s, `INSERT INTO "PasswordReset" (id, created_date) VALUES (?, ?)`, fmt.Sprintf("%032d", i), form)
	}
	day := noon().Truncate(24 * time.Hour)
	for _, c := range []struct {
		f    model.ResetFilter
		want int
	}{
		{model.ResetFilter{Since: day}, 4}, {model.ResetFilter{Since: day.Add(time.Microsecond)}, 0},
		{model.ResetFilter{Until: day}, 0}, {model.ResetFilter{Until: day.Add(time.Microsecond)}, 4},
	} {
		if n, err := s.CountResets(ctx, c.f, 0); err != nil || n.N != c.want {
			t.Errorf("since %v until %v: %v, want %d (%v)", c.f.Since, c.f.Until, n, c.want, err)
		}
	}
}
