package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// anyAudit draws a filter on the log, and the same as a condition in plain words.
func anyAudit(rnd *rand.Rand) (f model.AuditFilter, plain string) {
	var conds []string
	some := func() bool { return rnd.IntN(3) == 0 }
	if some() {
		f.Operator = []string{"ada", "olga", "nobody"}[rnd.IntN(3)]
		conds = append(conds, "operator = '"+f.Operator+"'")
	}
	if some() {
		f.Verb = []string{"hold", "revoke", "undo"}[rnd.IntN(3)]
		conds = append(conds, "verb = '"+f.Verb+"'")
	}
	if some() {
		f.BatchID = "batch"
		conds = append(conds, "batch_id = 'batch'")
	}
	if some() {
		f.Query = []string{"7", "ADA", "%"}[rnd.IntN(3)]
		conds = append(conds, fmt.Sprintf("(instr(lower(subject), lower('%[1]s')) OR instr(lower(reason), lower('%[1]s')) OR instr(lower(operator), lower('%[1]s')))", f.Query))
	}
	if some() {
		f.Since = noon().Add(time.Duration(rnd.IntN(300)) * time.Second)
		conds = append(conds, "at >= '"+ownStamp(f.Since)+"'")
	}
	if some() {
		f.Until = noon().Add(time.Duration(rnd.IntN(300)) * time.Second)
		conds = append(conds, "at < '"+ownStamp(f.Until)+"'")
	}
	return f, strings.Join(append(conds, "1"), " AND ")
}

// TestAuditListsArePlain holds pages of the log, read either way with little to
// look at for each, against the plain query. The clock is set back once.
func TestAuditListsArePlain(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	s.reach = reach{first: 7, most: 40, few: 25, network: 40}
	rnd := rand.New(rand.NewPCG(5, 1))
	inTx(t, s, func(tx *gorm.DB, _ time.Time) error {
		for i := range 300 {
			act := model.Act{Operator: []string{"ada", "olga"}[rnd.IntN(2)], Role: model.Admin, Reason: fmt.Sprint("case ", rnd.IntN(30))}
			e := model.AuditEntry{Verb: []model.Verb{model.VerbHold, model.VerbRevoke, model.VerbUndo}[rnd.IntN(3)], Subject: fmt.Sprint(rnd.IntN(1000))}
			if rnd.IntN(4) == 0 {
				e.BatchID = "batch"
			}
			at := noon().Add(time.Duration(i%200) * time.Second)
			if err := s.audit(tx, at, act, e); err != nil {
				return err
			}
		}
		return nil
	})
	for range 80 {
		f, plain := anyAudit(rnd)
		want := []string{}
		if err := s.read(t.Context()).Raw("SELECT id FROM doorman_audit WHERE " + plain + " ORDER BY seq DESC").Scan(&want).Error; err != nil {
			t.Fatal(err)
		}
		list := func(p model.Paging) ([]string, model.Cursor, model.Cursor, error) {
			f.Paging = p
			page, err := s.ListAudit(context.Background(), f)
			ids := []string{}
			for _, e := range page.Items {
				ids = append(ids, e.ID)
			}
			return ids, page.Prev, page.Next, err
		}
		for _, back := range []bool{false, true} {
			if got := walk(t, list, 1+rnd.IntN(60), back); !slices.Equal(got, want) {
				t.Errorf("%+v, backwards %v: %d listed, want %d", f, back, len(got), len(want))
			}
		}
	}
}

// TestCasesOfAStateArePlain does the same for cases.
func TestCasesOfAStateArePlain(t *testing.T) {
	s := newStore(t)
	s.reach = reach{first: 5, most: 20, few: 5, network: 5}
	states := model.CaseStates()
	for i := range 90 {
		s.now = func() time.Time { return noon().Add(time.Duration(i/3) * time.Second) }
		if _, err := s.SetCase(t.Context(), operator(), fmt.Sprintf("10.0.%d.0/24", i), states[i%len(states)], "", ""); err != nil {
			t.Fatal(err)
		}
	}
	for _, st := range states {
		var want []string
		if err := s.read(t.Context()).Raw("SELECT cluster FROM doorman_case WHERE ended IS NULL AND state = ? ORDER BY at DESC, id DESC", st).Scan(&want).Error; err != nil {
			t.Fatal(err)
		}
		list := func(p model.Paging) ([]string, model.Cursor, model.Cursor, error) {
			page, err := s.ListCases(context.Background(), model.CaseFilter{States: []model.CaseState{st}, Paging: p})
			keys := []string{}
			for _, c := range page.Items {
				keys = append(keys, c.Key)
			}
			return keys, page.Prev, page.Next, err
		}
		for _, back := range []bool{false, true} {
			if got := walk(t, list, 4, back); !slices.Equal(got, want) || len(want) == 0 {
				t.Errorf("%s, backwards %v: %d listed, want %d", st, back, len(got), len(want))
			}
		}
	}
}
