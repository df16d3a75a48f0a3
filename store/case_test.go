package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

func setCase(t testing.TB, s *Store, key string, state model.CaseState, note string) model.Batch {
	t.Helper()
	b, err := s.SetCase(context.Background(), operator(), key, state, note, "network "+key)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCases(t *testing.T) {
	s, c := newClockedStore(t)
	ctx := context.Background()
	setCase(t, s, "192.0.2.0/24", model.CaseOpen, "looking")
	c.forward(time.Minute)
	setCase(t, s, "203.0.113.0/24", model.CaseFalse, "our office")
	c.forward(time.Minute)
	b := setCase(t, s, "192.0.2.0/24", model.CaseClosed, "")
	if b.Subject != "192.0.2.0/24: closed" || b.Counts.String() != "1 case" || !b.CanUndo() {
		t.Errorf("%+v", b)
	}
	page, err := s.ListCases(ctx, model.CaseFilter{})
	if err != nil || len(page.Items) != 2 {
		t.Fatal(page, err)
	}
	want := model.Case{Key: "192.0.2.0/24", State: model.CaseClosed, Note: "looking", By: "ada", At: c.now(), Opened: noon(), Subject: "network 192.0.2.0/24"}
	if page.Items[0] != want {
		t.Errorf("%+v, want %+v", page.Items[0], want)
	}
	if page, err = s.ListCases(ctx, model.CaseFilter{States: []model.CaseState{model.CaseOpen, model.CaseFalse}}); err != nil ||
		len(page.Items) != 1 || page.Items[0].Key != "203.0.113.0/24" {
		t.Error(page, err)
	}
	if u, err := s.Undo(ctx, operator(), b.ID); err != nil || u.Restored.String() != "1 case" || caseIs(t, s, "192.0.2.0/24") != "open: looking" {
		t.Error(u, err, caseIs(t, s, "192.0.2.0/24"))
	}
	first := setCase(t, s, "198.51.100.0/24", model.CaseOpen, "")
	setCase(t, s, "198.51.100.0/24", model.CaseFalse, "a test machine")
	if u, err := s.Undo(ctx, operator(), first.ID); err != nil || u.Kept.String() != "1 case changed since" || caseIs(t, s, "198.51.100.0/24") != "false positive: a test machine" {
		t.Error(u, err)
	}
}

// TestContainKeepsTheCase: containing goes on with the case there is, and its
// undo gives that back.
func TestContainKeepsTheCase(t *testing.T) {
	s, _, _ := attacked(t)
	setCase(t, s, "203.0.113.0/24", model.CaseOpen, "strange")
	b := contain(t, s, model.ContainOrder{Target: target(t, "203.0.113.0/24")})
	got, err := s.FindCase(context.Background(), "203.0.113.0/24")
	if err != nil || got.State != model.CaseContained || got.Batch != b.ID {
		t.Errorf("%+v %v", got, err)
	}
	setCase(t, s, "203.0.113.0/24", model.CaseContained, "told the provider")
	if got, err = s.FindCase(context.Background(), "203.0.113.0/24"); err != nil || got.Batch != b.ID {
		t.Errorf("%+v %v", got, err)
	}
	if u, err := s.Undo(context.Background(), operator(), b.ID); err != nil || u.Kept.String() != "1 case changed since" {
		t.Error(u, err)
	}
}

func TestRefusedCasesLeaveNothing(t *testing.T) {
	s, ctx := newStore(t), context.Background()
	setCase(t, s, "192.0.2.0/24", model.CaseOpen, "looking")
	for name, tc := range map[string]struct {
		key, state string
		kind       model.Kind
	}{
		"state": {"192.0.2.0/24", "perhaps", model.Invalid}, "key": {"", "open", model.Invalid},
		"long": {strings.Repeat("k", 400), "open", model.Invalid}, "same": {"192.0.2.0/24", "open", model.Conflict},
	} {
		before := rows(t, s)
		if _, err := s.SetCase(ctx, operator(), tc.key, model.CaseState(tc.state), "", ""); !model.IsKind(err, tc.kind) {
			t.Error(name, err)
		}
		if after := rows(t, s); !sameRows(before, after) {
			t.Error(name, before, after)
		}
	}
}
