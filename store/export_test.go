package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

func TestExportPagesThroughEverything(t *testing.T) {
	s := newStore(t)
	const accounts, resets = 300, 2*exportPage + 37
	if _, err := s.ImportAccounts(t.Context(), operator(), people(accounts), model.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ImportResets(t.Context(), operator(), traffic(resets, accounts), model.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	// A paging that the caller left in the filter must not cut the export.
	f := model.ResetFilter{Asc: true, Paging: model.Paging{Limit: 3, Last: true}}
	var before time.Time
	err := s.ExportResets(t.Context(), f, func(r model.Reset) error {
		if r.Created.Before(before) {
			t.Error("out of order")
		}
		before, seen[r.ID.Full()] = r.Created, true
		return nil
	})
	if err != nil || len(seen) != resets {
		t.Fatal(len(seen), err)
	}
	n, sum := 0, 0
	err = s.ExportAccounts(t.Context(), model.AccountFilter{}, func(a model.AccountRow) error {
		n, sum = n+1, sum+a.Resets
		return nil
	})
	if err != nil || n != accounts || sum != resets {
		t.Fatal(n, sum, err)
	}
}

func TestExportEndsWithItsReader(t *testing.T) {
	s := newStore(t)
	importAccounts(t, s, model.AccountInput{Email: "a@example.org"}, model.AccountInput{Email: "b@example.org"})
	full := errors.New("disk full")
	n := 0
	err := s.ExportAccounts(t.Context(), model.AccountFilter{}, func(model.AccountRow) error { n++; return full })
	if !errors.Is(err, full) || n != 1 {
		t.Fatal(n, err)
	}
}

// TestWhatIsExportedImportsAgain moves accounts and resets to another database.
func TestWhatIsExportedImportsAgain(t *testing.T) {
	from, to := newStore(t), newStore(t)
	if _, err := from.ImportAccounts(t.Context(), operator(), people(20), model.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := from.ImportResets(t.Context(), operator(), traffic(200, 20), model.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	importResets(t, from, model.ResetInput{Created: noon(), AccountID: accountID(3), IP: "192.0.2.1", UsedIP: "192.0.2.2", Revoked: noon()})
	move(t, from, to)
	if a, b := everything(t, from), everything(t, to); a != b || !strings.Contains(a, "person7@example.org") {
		t.Fatalf("%d bytes became %d", len(a), len(b))
	}
}

func move(t *testing.T, from, to *Store) {
	t.Helper()
	var accounts []model.AccountInput
	err := from.ExportAccounts(t.Context(), model.AccountFilter{}, func(a model.AccountRow) error {
		accounts = append(accounts, model.AccountInput{ID: a.ID, Email: a.Email, Created: a.Created, EmailConfirmed: a.EmailConfirmed})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	importAccounts(t, to, accounts...)
	var resets []model.ResetInput
	err = from.ExportResets(t.Context(), model.ResetFilter{}, func(r model.Reset) error {
		resets = append(resets, model.ResetInput{ID: r.ID.String(), Created: r.Created, AccountID: r.AccountID, Email: r.Email, IP: r.RequestedIP,
			Agent: r.RequestedAgent, Used: r.Used, UsedIP: r.UsedIP, Revoked: r.Revoked, Expires: r.Expires})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	importResets(t, to, resets...)
}

// everything writes down all accounts and resets.
func everything(t *testing.T, s *Store) string {
	t.Helper()
	var b strings.Builder
	put := func(v any) error { _, err := fmt.Fprintf(&b, "%+v\n", v); return err }
	if err := s.ExportAccounts(t.Context(), model.AccountFilter{}, func(a model.AccountRow) error { return put(a) }); err != nil {
		t.Fatal(err)
	}
	if err := s.ExportResets(t.Context(), model.ResetFilter{}, func(r model.Reset) error { return put(r) }); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestExportMasksIDsThatAreCredentials(t *testing.T) {
	s := newStore(t)
	s.scheme = model.SchemeID
	importResets(t, s, model.ResetInput{ID: idA, Created: noon(), Email: "a@example.org"})
	if out := everything(t, s); strings.Contains(out, idA[9:]) || !strings.Contains(out, idA[:8]+"…") {
		t.Fatal(out)
	}
}

func TestExportIsLogged(t *testing.T) {
	s := newStore(t)
	if err := s.LogExport(t.Context(), operator(), "resets of 203.0.113.0/24", 17); err != nil {
		t.Fatal(err)
	}
	page, err := s.ListAudit(t.Context(), model.AuditFilter{Verb: string(model.VerbExport)})
	if err != nil || len(page.Items) != 1 || page.Items[0].Counts.Of("records") != 17 || page.Items[0].Subject != "resets of 203.0.113.0/24" {
		t.Fatalf("%+v %v", page.Items, err)
	}
}
