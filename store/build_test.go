package store

import (
	"path/filepath"
	"testing"

	"doorman/model"
	bulk "doorman/model/traffic"
)

// A database that was built in one go is like one that was imported: sound, with
// the same schema and the same rows.
func TestBuildIsLikeImport(t *testing.T) {
	t.Parallel()
	b := bulk.NewBulk(bulk.Options{Seed: 2, Accounts: 700, Resets: 5000, End: noon()})
	o := Options{Path: filepath.Join(t.TempDir(), "built.db"), Key: testKey(), Now: noon}
	if err := Build(t.Context(), o, b.Accounts(), b.Resets(), nil); err != nil {
		t.Fatal(err)
	}
	if err := Build(t.Context(), o, b.Accounts(), b.Resets(), nil); !model.IsKind(err, model.Conflict) {
		t.Fatalf("built over a database: %v", err)
	}
	built, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = built.Close() })
	checks, err := built.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		if !c.OK {
			t.Errorf("%s: %s", c.Name, c.Text)
		}
	}
	imported := newStore(t)
	if _, err := imported.ImportAccounts(t.Context(), operator(), b.Accounts(), model.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := imported.ImportResets(t.Context(), operator(), b.Resets(), model.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		`SELECT json_array(no, id, email) FROM doorman_address ORDER BY no`,
		`SELECT name || coalesce(sql, '') FROM sqlite_master ORDER BY name`,
		`SELECT json_array(id, email, created, email_confirmed, is_super_user, typeof(created), typeof(email_confirmed)) FROM "Account" ORDER BY id`,
		`SELECT json_array(id, created_date, used_date, was_used, typeof(was_used), used_ip_address, user_id, expires_date, requested_ip,
			hex(requested_ip_key), requested_agent, revoked_date) FROM "PasswordReset" ORDER BY id`,
	} {
		var x, y []string
		if err := built.r.Raw(q).Scan(&x).Error; err != nil {
			t.Fatal(err)
		}
		if err := imported.r.Raw(q).Scan(&y).Error; err != nil {
			t.Fatal(err)
		}
		if len(x) != len(y) || len(x) == 0 {
			t.Fatalf("%d and %d rows: %s", len(x), len(y), q)
		}
		for i := range x {
			if x[i] != y[i] {
				t.Fatalf("%s\n%s", x[i], y[i])
			}
		}
	}
}
