package store

import (
	"strings"
	"testing"

	"doorman/model"
)

// TestTheLogNamesAccounts: what an act was aimed at is told by the address of the
// account, while the line that the hash covers keeps its id.
func TestTheLogNamesAccounts(t *testing.T) {
	s := newStore(t)
	list := fillLive(t, s, 10)
	id, email := list[0].AccountID, list[0].Email
	if email == "" {
		a, err := s.FindAccount(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		email = a.Email
	}
	if _, err := s.Issue(t.Context(), operator(), model.IssueOrder{AccountID: id}); err != nil {
		t.Fatal(err)
	}
	b, err := s.Revoke(t.Context(), operator(), model.RevokeOrder{Filter: model.ResetFilter{AccountID: id, Agent: "curl"}, IDs: []model.ResetID{list[1].ID, list[2].ID}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Hold(t.Context(), operator(), id); err != nil {
		t.Fatal(err)
	}
	page, err := s.ListAudit(t.Context(), model.AuditFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for verb, want := range map[model.Verb]string{
		model.VerbHold: email, model.VerbRevoke: "2 resets chosen among the resets of account " + email + ", agent with curl", model.VerbIssue: "account " + email,
	} {
		found := false
		for _, a := range page.Items {
			if a.Verb == verb {
				found = strings.HasSuffix(a.About, want) && !strings.Contains(a.About, id) && strings.Contains(a.Subject, id)
				if !found {
					t.Errorf("%s: about %q, subject %q, want %q", verb, a.About, a.Subject, want)
				}
			}
		}
		if !found {
			t.Errorf("no line of %s", verb)
		}
	}
	if got, err := s.FindBatch(t.Context(), b.ID); err != nil || !strings.Contains(got.About, email) {
		t.Errorf("%+v %v", got, err)
	}
	batches, err := s.ListBatches(t.Context(), model.BatchFilter{})
	if err != nil || len(batches.Items) != 2 || batches.Items[0].About != email && batches.Items[1].About != email {
		t.Errorf("%+v %v", batches.Items, err)
	}
	if _, err := s.VerifyAudit(t.Context(), func(int64) {}); err != nil {
		t.Error(err)
	}
}
