package store

import (
	"context"
	"maps"
	"net/netip"
	"path/filepath"
	"slices"
	"testing"

	"doorman/model"
)

// lookingStore logs what is looked up.
func lookingStore(t *testing.T) (*Store, *clock) {
	t.Helper()
	c := newClock()
	act := operator()
	act.Role = model.Viewer
	path := filepath.Join(t.TempDir(), "a.db")
	openAs(t, Options{Path: path, Create: true, Key: testKey(), Now: c.now})
	return openAs(t, Options{Path: path, Key: testKey(), Now: c.now, Act: act, Lookups: true}), c
}

// lookupsIn returns what the log says was looked up, oldest first.
func lookupsIn(t *testing.T, s *Store) []string {
	t.Helper()
	var out []string
	err := s.r.Raw("SELECT subject FROM doorman_audit WHERE verb = 'lookup' AND operator = 'ada' AND denied = 0 ORDER BY seq").Scan(&out).Error
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestLookupsAreLogged(t *testing.T) {
	s, c := lookingStore(t)
	a := addAccount(t, s, "ann@example.org")
	ip := netip.MustParseAddr("203.0.113.7")
	look := func() {
		_, err := s.FindAccount(t.Context(), "ann@example.org")
		mustDo(t, err)
		_, err = s.ListResets(t.Context(), model.ResetFilter{AccountID: a.ID})
		mustDo(t, err)
		_, err = s.ListResets(t.Context(), model.ResetFilter{IP: prefix(t, "203.0.113.0/24")})
		mustDo(t, err)
		_, _, err = s.CheckIP(t.Context(), ip)
		mustDo(t, err)
		_, err = s.ListResets(t.Context(), model.ResetFilter{})
		mustDo(t, err)
		_, err = s.ListAccounts(t.Context(), model.AccountFilter{})
		mustDo(t, err)
	}
	want := []string{"account " + a.ID, "network 203.0.113.0/24", "address 203.0.113.7"}
	look()
	look() // as a list does that follows changes
	if got := lookupsIn(t, s); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	c.forward(lookupPause)
	look()
	if got := lookupsIn(t, s); len(got) != 2*len(want) {
		t.Errorf("an hour later: %q", got)
	}
	if _, err := s.VerifyAudit(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// TestAccountEmails: those of exactly these ids; each is looked at.
func TestAccountEmails(t *testing.T) {
	s, _ := lookingStore(t)
	a, b := addAccount(t, s, "ann@example.org"), addAccount(t, s, "bob@example.org")
	addAccount(t, s, "eve@example.org")
	got, err := s.AccountEmails(t.Context(), []string{a.ID, b.ID, b.ID[:8], "eve@example.org", ""})
	mustDo(t, err)
	if want := map[string]string{a.ID: a.Email, b.ID: b.Email}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	noted := lookupsIn(t, s)
	slices.Sort(noted)
	want := []string{"account " + a.ID, "account " + b.ID}
	if slices.Sort(want); !slices.Equal(noted, want) {
		t.Errorf("noted %q, want %q", noted, want)
	}
	if got, err = s.AccountEmails(t.Context(), nil); err != nil || len(got) > 0 {
		t.Errorf("of nobody: %v %v", got, err)
	}
}

// TestTypedSearchIsLoggedOnce: of what is typed letter by letter only the whole
// is noted, at the next lookup or at the end at the latest.
func TestTypedSearchIsLoggedOnce(t *testing.T) {
	s, _ := lookingStore(t)
	search := func(q string) {
		_, err := s.ListAccounts(t.Context(), model.AccountFilter{Query: q})
		mustDo(t, err)
	}
	for _, q := range []string{"s", "sm", "smit", "smith", "smi", "sm"} {
		search(q)
	}
	search("jones")
	if got, want := lookupsIn(t, s), []string{"search smith"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	mustDo(t, s.lookups.close())
	if got, want := lookupsIn(t, s), []string{"search smith", "search jones"}; !slices.Equal(got, want) {
		t.Errorf("at the end: %q, want %q", got, want)
	}
}

// TestNothingIsShownThatCannotBeLogged: where the entry cannot be written, the
// lookup fails.
func TestNothingIsShownThatCannotBeLogged(t *testing.T) {
	s, _ := lookingStore(t)
	addAccount(t, s, "ann@example.org")
	exec(t, s, "CREATE TRIGGER full BEFORE INSERT ON doorman_audit BEGIN SELECT RAISE(ABORT, 'no'); END")
	if row, err := s.FindAccount(context.Background(), "ann@example.org"); err == nil || row.ID != "" {
		t.Errorf("%+v, %v", row, err)
	}
	exec(t, s, "DROP TRIGGER full")
	if _, err := s.FindAccount(context.Background(), "ann@example.org"); err != nil {
		t.Error(err)
	}
	if got := lookupsIn(t, s); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

func TestLookupsAreOffUnlessAskedFor(t *testing.T) {
	s := newStore(t)
	addAccount(t, s, "ann@example.org")
	before := number(t, s, "SELECT count(*) FROM doorman_audit")
	_, err := s.FindAccount(t.Context(), "ann@example.org")
	mustDo(t, err)
	if n := number(t, s, "SELECT count(*) FROM doorman_audit"); n != before {
		t.Errorf("%d entries after %d", n, before)
	}
}

func mustDo(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
