package store

import (
	"strings"
	"testing"

	"doorman/model"
)

// TestRolesAreKept tries what a viewer and a responder may not do: nothing of
// it remains but the line that says so.
func TestRolesAreKept(t *testing.T) {
	s := newStore(t)
	r, _ := issued(t, s, "ann@example.org")
	viewer := model.Act{Operator: "vic", Role: model.Viewer}
	responder := model.Act{Operator: "rea", Role: model.Responder}
	tries := map[string]func() error{
		"issue": func() error {
			_, err := s.Issue(t.Context(), viewer, model.IssueOrder{AccountID: r.AccountID})
			return err
		},
		"revoke": func() error {
			_, err := s.Revoke(t.Context(), viewer, model.RevokeOrder{IDs: []model.ResetID{r.ID}})
			return err
		},
		"hold": func() error {
			_, err := s.Hold(t.Context(), viewer, r.AccountID)
			return err
		},
		"setting": func() error { return s.SetSetting(t.Context(), responder, "detect.line", "9") },
		"import": func() error {
			_, err := s.ImportAccounts(t.Context(), responder, accountsOf(model.AccountInput{Email: "new@example.org"}), model.ImportOptions{})
			return err
		},
	}
	before := auditVerbs(t, s)
	for verb, try := range tries {
		err := try()
		if !model.IsKind(err, model.Refused) || !strings.Contains(err.Error(), verb) {
			t.Errorf("%s: %v, want a refusal", verb, err)
		}
	}
	for _, verb := range auditVerbs(t, s)[len(before):] {
		name, denied := strings.CutSuffix(verb, " denied")
		if !denied || tries[name] == nil {
			t.Errorf("the log says %q", verb)
		}
		delete(tries, name)
	}
	if len(tries) > 0 {
		t.Errorf("%d refusals are not in the log", len(tries))
	}
	if now, err := s.FindReset(t.Context(), r.ID.Full()); err != nil || now.State(s.now()) != model.Live {
		t.Errorf("the reset is %v, %v", now.State(s.now()), err)
	}
	if a, err := s.FindAccount(t.Context(), r.AccountID); err != nil || a.IsHeld() || a.Resets != 1 {
		t.Errorf("the account is %+v, %v", a, err)
	}
	if _, err := s.FindAccount(t.Context(), "new@example.org"); !model.IsKind(err, model.NotFound) {
		t.Errorf("an account was imported: %v", err)
	}
	if _, err := s.Revoke(t.Context(), responder, model.RevokeOrder{IDs: []model.ResetID{r.ID}}); err != nil {
		t.Errorf("a responder may revoke: %v", err)
	}
	if _, err := s.VerifyAudit(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// TestViewersChangeNoSchema: a viewer who opens another application's database
// for work is told so, and its schema stays as it was.
func TestViewersChangeNoSchema(t *testing.T) {
	path := courseFile(t)
	schema := "SELECT name, sql FROM sqlite_master ORDER BY name"
	before := ask(t, path, schema)
	_, err := Open(t.Context(), Options{Path: path, Act: model.Act{Operator: "vic", Role: model.Viewer}})
	if !model.IsKind(err, model.Refused) || !strings.Contains(err.Error(), `"vic" is a viewer`) {
		t.Errorf("%v, want a refusal", err)
	}
	if after := ask(t, path, schema); after != before {
		t.Errorf("the schema became %s", after)
	}
}

// auditVerbs returns verb and whether it was denied, oldest first.
func auditVerbs(t *testing.T, s *Store) []string {
	t.Helper()
	p, err := s.ListAudit(t.Context(), model.AuditFilter{Paging: model.Paging{Limit: 1000}})
	if err != nil {
		t.Fatal(err)
	}
	var verbs []string
	for i := len(p.Items) - 1; i >= 0; i-- {
		v := string(p.Items[i].Verb)
		if p.Items[i].Denied {
			v += " denied"
		}
		verbs = append(verbs, v)
	}
	return verbs
}
