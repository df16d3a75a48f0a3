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
	setCase(t, s, "192.0.2.0/24", model.CaseNew, "looking")
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
	want := model.Case{Key: "192.0.2.0/24", State: model.CaseClosed, Note: "looking", By: "ada", At: c.now(), Opened: noon(), StateBy: "ada", StateAt: c.now(), Subject: "network 192.0.2.0/24"}
	if page.Items[0] != want {
		t.Errorf("%+v, want %+v", page.Items[0], want)
	}
	if page, err = s.ListCases(ctx, model.CaseFilter{States: []model.CaseState{model.CaseNew, model.CaseFalse}}); err != nil ||
		len(page.Items) != 1 || page.Items[0].Key != "203.0.113.0/24" {
		t.Error(page, err)
	}
	if u, err := s.Undo(ctx, operator(), b.ID); err != nil || u.Restored.String() != "1 case" || caseIs(t, s, "192.0.2.0/24") != "new: looking" {
		t.Error(u, err, caseIs(t, s, "192.0.2.0/24"))
	}
	first := setCase(t, s, "198.51.100.0/24", model.CaseNew, "")
	setCase(t, s, "198.51.100.0/24", model.CaseFalse, "a test machine")
	if u, err := s.Undo(ctx, operator(), first.ID); err != nil || u.Kept.String() != "1 case changed since" || caseIs(t, s, "198.51.100.0/24") != "false_positive: a test machine" {
		t.Error(u, err)
	}
}

// Acknowledging is not resolving: a case keeps its owner and since when through
// notes, another operator takes it over, and it can be released.
func TestAcknowledgedCasesHaveAnOwner(t *testing.T) {
	s, c := newClockedStore(t)
	ctx, key := context.Background(), "192.0.2.0/24"
	act := func(who string, state model.CaseState, note string) {
		t.Helper()
		a := operator()
		a.Operator = who
		if _, err := s.SetCase(ctx, a, key, state, note, "network "+key); err != nil {
			t.Fatal(err)
		}
		c.forward(time.Minute)
	}
	is := func(state model.CaseState, by string, at time.Time) {
		t.Helper()
		if got, err := s.FindCase(ctx, key); err != nil || got.State != state || got.StateBy != by || !got.StateAt.Equal(at) {
			t.Errorf("%+v, %v; want %s by %s at %s", got, err, state, by, at)
		}
	}
	act("grace", "", "seen on the graph")
	is(model.CaseNew, "grace", noon())
	act("grace", model.CaseAcknowledged, "")
	is(model.CaseAcknowledged, "grace", noon().Add(time.Minute))
	act("ada", "", "wrote to the provider")
	is(model.CaseAcknowledged, "grace", noon().Add(time.Minute))
	act("ada", model.CaseAcknowledged, "")
	is(model.CaseAcknowledged, "ada", noon().Add(3*time.Minute))
	if _, err := s.SetCase(ctx, operator(), key, model.CaseAcknowledged, "", ""); !model.IsKind(err, model.Conflict) {
		t.Errorf("acknowledged twice: %v", err)
	}
	act("ada", model.CaseNew, "")
	is(model.CaseNew, "ada", noon().Add(4*time.Minute))
}

// TestContainKeepsTheCase: containing goes on with the case there is, and its
// undo gives that back.
func TestContainKeepsTheCase(t *testing.T) {
	s, _, _ := attacked(t)
	setCase(t, s, "203.0.113.0/24", model.CaseNew, "strange")
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
	setCase(t, s, "192.0.2.0/24", model.CaseNew, "looking")
	for name, tc := range map[string]struct {
		key, state string
		kind       model.Kind
	}{
		"state": {"192.0.2.0/24", "perhaps", model.Invalid}, "key": {"", "new", model.Invalid},
		"long": {strings.Repeat("k", 400), "new", model.Invalid}, "same": {"192.0.2.0/24", "new", model.Conflict},
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
