package store

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// TestListsFromATime: a list from a time on is the rest of the list, and the page
// before it is there.
func TestListsFromATime(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	a := addAccount(t, s, "ann@example.org")
	rnd := rand.New(rand.NewPCG(21, 1))
	inTx(t, s, func(tx *gorm.DB, _ time.Time) error {
		for range 300 {
			if err := mixedReset(tx, s, rnd, a.ID); err != nil {
				return err
			}
		}
		return nil
	})
	for _, scheme := range []model.Scheme{model.SchemeSecret, model.SchemeID} {
		s.scheme = scheme
		for _, f := range []model.ResetFilter{{}, {Asc: true}, {States: []model.State{model.Used}}, {AccountID: a.ID, Asc: true}, {Agent: "curl"}} {
			all, err := s.ListResets(ctx, model.ResetFilter{States: f.States, AccountID: f.AccountID, Agent: f.Agent, Asc: f.Asc, Paging: model.Paging{Limit: model.MaxLimit}})
			if err != nil {
				t.Fatal(err)
			}
			for range 20 {
				at := all.Items[rnd.IntN(len(all.Items))].Created.Add(time.Duration(rnd.IntN(3)-1) * time.Second)
				i := slices.IndexFunc(all.Items, func(r model.Reset) bool {
					return f.Asc && !r.Created.Before(at) || !f.Asc && !r.Created.After(at)
				})
				if i < 0 {
					continue
				}
				f.Paging = model.Paging{Limit: 7, At: at}
				page, err := s.ListResets(ctx, f)
				if err != nil || len(page.Items) == 0 || page.Items[0].ID != all.Items[i].ID {
					t.Errorf("%+v from %v: %d rows, the first is not the %dth (%v)", f, at, len(page.Items), i, err)
					continue
				}
				f.Paging = model.Paging{Limit: 7, Before: page.Prev}
				before, err := s.ListResets(ctx, f)
				if err != nil || len(before.Items) != min(i, 7) || i > 0 && before.Items[len(before.Items)-1].ID != all.Items[i-1].ID {
					t.Errorf("%+v before %v: %d rows of %d (%v)", f, at, len(before.Items), i, err)
				}
			}
		}
	}
	if _, err := s.ListResets(ctx, model.ResetFilter{Sort: model.ByIP, Paging: model.Paging{At: noon()}}); !model.IsKind(err, model.Invalid) {
		t.Error(err)
	}
}
