package store

import (
	"strings"
	"testing"
	"time"

	"doorman/model"
)

// TestTheSecondIsToldWhatTheFirstDid: of two operators at one record the second
// learns who was first, when and why, and changes nothing.
func TestTheSecondIsToldWhatTheFirstDid(t *testing.T) {
	s, c := newClockedStore(t)
	r, _ := issued(t, s, "ann@example.org")
	bob := model.Act{Operator: "bob", Role: model.Responder, Reason: "ticket 7"}
	eve := model.Act{Operator: "eve", Role: model.Responder}
	net := prefix(t, "192.0.2.0/24")
	acts := map[string]func(a model.Act) error{
		"revoke": func(a model.Act) error {
			_, err := s.Revoke(t.Context(), a, model.RevokeOrder{IDs: []model.ResetID{r.ID}})
			return err
		},
		"hold":    func(a model.Act) error { _, err := s.Hold(t.Context(), a, r.AccountID); return err },
		"release": func(a model.Act) error { _, err := s.Release(t.Context(), a, r.AccountID); return err },
		"case": func(a model.Act) error {
			_, err := s.SetCase(t.Context(), a, "192.0.2.0/24", model.CaseClosed, "", "")
			return err
		},
		"unblock": func(a model.Act) error { _, err := s.LiftRule(t.Context(), a, net); return err },
	}
	_, err := s.SetRule(t.Context(), bob, model.Rule{Prefix: net, Action: model.Block, Expires: c.in(time.Hour)})
	mustDo(t, err)
	for _, name := range []string{"revoke", "hold", "release", "case", "unblock"} {
		at := c.now().Format(time.DateTime)
		if err := acts[name](bob); err != nil {
			t.Fatal(name, err)
		}
		before := rows(t, s)
		c.forward(time.Minute)
		err := acts[name](eve)
		if err == nil || !strings.Contains(err.Error(), `"bob" did it at `+at+" UTC") {
			t.Errorf("%s: %v, want who and when (%s)", name, err, at)
		}
		if name != "hold" && name != "case" && !strings.Contains(err.Error(), `"ticket 7"`) {
			t.Errorf("%s: %v does not say why", name, err)
		}
		if after := rows(t, s); !sameRows(before, after) {
			t.Errorf("%s: something was changed: %v after %v", name, after, before)
		}
	}
	b, err := s.ListBatches(t.Context(), model.BatchFilter{})
	mustDo(t, err)
	_, err = s.Undo(t.Context(), bob, b.Items[0].ID)
	mustDo(t, err)
	if _, err := s.Undo(t.Context(), eve, b.Items[0].ID); err == nil || !strings.Contains(err.Error(), `undone by "bob" at `) {
		t.Errorf("undo: %v", err)
	}
}
