package store

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

func TestAdopt(t *testing.T) {
	path := courseFile(t)
	before := dump(t, path)
	old := ask(t, path, `SELECT * FROM "PasswordReset" ORDER BY id`)
	act := model.Act{Operator: "olga", Role: model.Admin}
	s := openAs(t, Options{Path: path, Key: testKey(), Act: act})
	info, err := s.Info(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if !info.Adopted || info.Scheme != model.SchemeID || info.Lifetime != 24*time.Hour || info.Journal != "delete" || info.Schema != info.WantSchema ||
		info.Zone != "UTC" || info.Accounts.N != 2 || info.Resets.N != 4 || !info.KeyMatches {
		t.Errorf("%+v", info)
	}
	if dump(t, path) != before {
		t.Error("tables of the application were touched")
	}
	if got := ask(t, path, `SELECT id, created_date, used_date, was_used, used_ip_address, user_id FROM "PasswordReset" ORDER BY id`); got != old {
		t.Errorf("rows changed:\n%s\nwere\n%s", got, old)
	}
	if got := ask(t, path, `SELECT verb, operator, seq FROM doorman_audit`); got != "adopt|olga|1" {
		t.Error(got)
	}
	want := "a|203.0.113.7|00000000000000000000FFFFCB007107\nb||\nc|2001:db8::5|20010DB8000000000000000000000005\nd|unknown|"
	if got := ask(t, path, `SELECT substr(id, 1, 1), requested_ip, hex(requested_ip_key) FROM "PasswordReset" ORDER BY id`); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if n := ask(t, path, `SELECT count(*) FROM "PasswordReset" WHERE requested_ip_key IS NULL`); n != "0" {
		t.Error(n, "rows are incomplete")
	}
}

func TestAdoptBacksUpFirst(t *testing.T) {
	path := courseFile(t)
	before := dump(t, path)
	s := openAs(t, Options{Path: path})
	info, err := s.Info(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if info.Backup != path+".before-doorman-20261123-120000" {
		t.Fatal(info.Backup)
	}
	if fi, err := os.Stat(info.Backup); err != nil || fi.Mode().Perm() != 0o600 {
		t.Fatal(fi, err)
	}
	if got := ask(t, info.Backup, `SELECT name FROM sqlite_master WHERE name LIKE '%doorman%'`); got != "" {
		t.Error("the backup holds Doorman's own:", got)
	}
	if dump(t, info.Backup) != before {
		t.Error("the backup differs")
	}
	if got := ask(t, info.Backup, `SELECT count(*) FROM "PasswordReset"`); got != "4" {
		t.Error(got)
	}
	_ = s.Close()
	// The second opening has nothing to do.
	again := openAs(t, Options{Path: path})
	if info, err := again.Info(context.Background()); err != nil || info.Backup != "" || !info.Adopted {
		t.Error(info, err)
	}
	if list, _ := filepath.Glob(path + ".*"); len(list) != 1 {
		t.Error(list)
	}
}

// The course's code overwrites the request's address when the link is used.
func TestBothAddressesRemain(t *testing.T) {
	path := courseFile(t)
	s := openAs(t, Options{Path: path})
	app := foreignDB(t, path)
	for _, q := range []string{
		`UPDATE "PasswordReset" SET was_used = 1, used_date = '2026-11-23 11:59:00.000000', used_ip_address = '192.0.2.1' WHERE id LIKE 'a%'`,
		`INSERT INTO "PasswordReset" (id, created_date, used_date, was_used, used_ip_address, user_id) VALUES ('e0000000000000000000000000000000', '2026-11-23 11:58:00.000000', NULL, 0, '203.0.113.99', '` + courseBob + `')`,
		`UPDATE "PasswordReset" SET was_used = 1, used_date = '2026-11-23 11:59:00.000000', used_ip_address = '192.0.2.2' WHERE id LIKE 'e%'`,
	} {
		if _, err := app.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if changed, err := s.Poll(context.Background()); err != nil || !changed {
		t.Fatal(changed, err)
	}
	want := "203.0.113.7|192.0.2.1|00000000000000000000FFFFCB007107\n203.0.113.99|192.0.2.2|00000000000000000000FFFFCB007163"
	if got := ask(t, path, `SELECT requested_ip, used_ip_address, hex(requested_ip_key) FROM "PasswordReset" WHERE substr(id, 1, 1) IN ('a', 'e') ORDER BY id`); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if changed, err := s.Poll(context.Background()); err != nil || changed {
		t.Error("the completion was told twice:", changed, err)
	}
}

func TestZoneIsRemembered(t *testing.T) {
	path := courseFile(t)
	la, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	s := openAs(t, Options{Path: path, Zone: la})
	text := "2017-01-05 07:25:02.575503"
	if got := s.time(&text); !got.Equal(time.Date(2017, 1, 5, 15, 25, 2, 575503000, time.UTC)) {
		t.Error(got)
	}
	_ = s.Close()
	s = openAs(t, Options{Path: path})
	if info, err := s.Info(context.Background()); err != nil || info.Zone != "America/Los_Angeles" {
		t.Error(info.Zone, err)
	}
	_ = s.Close()
	_, err = Open(context.Background(), Options{Path: path, Zone: time.UTC})
	if !model.IsKind(err, model.Refused) || !strings.Contains(err.Error(), "America/Los_Angeles") {
		t.Error(err)
	}
}

func TestRefusesWhatIsNotOurs(t *testing.T) {
	for _, c := range []struct{ name, schema, want string }{
		{"something else", `CREATE TABLE note (id INTEGER PRIMARY KEY)`, "something else"},
		{"one table of two", `CREATE TABLE "Account" (id, email, password_hash, created, email_confirmed, is_super_user)`, "something else"},
		{"a view", `CREATE TABLE "Account" (id, email, password_hash, created, email_confirmed, is_super_user);
			CREATE VIEW "PasswordReset" AS SELECT 1 AS id`, "something else"},
		{"columns", `CREATE TABLE Account (id, email, created, email_confirmed, is_super_user);
			CREATE TABLE PasswordReset (id, created_date, used_date, was_used, user_id)`, "Account.password_hash, PasswordReset.used_ip_address"},
		{"copied in part", courseSchema + `ALTER TABLE "PasswordReset" ADD COLUMN expires_date TEXT`, "but not its tables"},
		{"nothing", `PRAGMA user_version = 7`, "has no tables"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "other.db")
			foreign(t, path, c.schema)
			before := traceDir(t, path)
			_, err := Open(context.Background(), Options{Path: path, Create: c.name != "nothing", Now: noon})
			var e *model.Error
			if err == nil || !strings.Contains(err.Error(), c.want) || !asError(err, &e) || e.Hint == "" {
				t.Errorf("%v %+v", err, e)
			}
			if traceDir(t, path) != before {
				t.Error("the file or its directory changed")
			}
		})
	}
}

func TestRefusesNewerSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "doorman.db")
	s := openAs(t, Options{Path: path, Create: true})
	_ = s.Close()
	foreign(t, path, `INSERT INTO doorman_migration VALUES (99, '0099_future', '2030-01-01 00:00:00.000000', 'doorman v9')`, `PRAGMA journal_mode=DELETE`)
	before := traceDir(t, path)
	for _, look := range []bool{false, true} {
		if _, err := Open(context.Background(), Options{Path: path, ReadOnly: look}); !model.IsKind(err, model.Refused) || !strings.Contains(err.Error(), "newer Doorman") {
			t.Error(err)
		}
	}
	if traceDir(t, path) != before {
		t.Error("the file or its directory changed")
	}
}
