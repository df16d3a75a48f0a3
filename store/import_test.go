package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

// records yields what a file would hold, numbering the lines from 2 as after
// the head of a CSV file.
func accountsOf(list ...model.AccountInput) iter.Seq2[model.AccountInput, error] {
	return func(yield func(model.AccountInput, error) bool) {
		for i, in := range list {
			in.Line = i + 2
			if !yield(in, nil) {
				return
			}
		}
	}
}

func resetsOf(list ...model.ResetInput) iter.Seq2[model.ResetInput, error] {
	return func(yield func(model.ResetInput, error) bool) {
		for i, in := range list {
			in.Line = i + 2
			if !yield(in, nil) {
				return
			}
		}
	}
}

// traffic yields n resets of so many accounts, three minutes apart at random,
// as a service's log would.
func traffic(n, accounts int) iter.Seq2[model.ResetInput, error] {
	return func(yield func(model.ResetInput, error) bool) {
		rnd := rand.New(rand.NewPCG(1, 2))
		at := noon().AddDate(0, -3, 0)
		agent := "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
		for i := range n {
			at = at.Add(time.Duration(rnd.IntN(20)) * time.Millisecond)
			in := model.ResetInput{
				Line: i + 1, ID: hexID(rnd), Created: at, AccountID: accountID(rnd.IntN(accounts)), Agent: agent,
				IP: fmt.Sprintf("203.%d.%d.%d", rnd.IntN(64), rnd.IntN(256), rnd.IntN(256)), Expires: at.Add(time.Hour),
			}
			if i%3 == 0 {
				in.Used, in.UsedIP = at.Add(time.Minute), in.IP
			}
			if !yield(in, nil) {
				return
			}
		}
	}
}

func hexID(rnd *rand.Rand) string { return fmt.Sprintf("%016x%016x", rnd.Uint64(), rnd.Uint64()) }

// accountID is the id of the nth of the people.
func accountID(n int) string { return fmt.Sprintf("%032x", uint64(n)*0x9e3779b97f4a7c15) }

func people(n int) iter.Seq2[model.AccountInput, error] {
	return func(yield func(model.AccountInput, error) bool) {
		for i := range n {
			in := model.AccountInput{Line: i + 1, ID: accountID(i), Email: fmt.Sprintf("person%d@example.org", i), Created: noon(), EmailConfirmed: true}
			if !yield(in, nil) {
				return
			}
		}
	}
}

func importAccounts(t testing.TB, s *Store, list ...model.AccountInput) model.ImportReport {
	t.Helper()
	r, err := s.ImportAccounts(context.Background(), operator(), accountsOf(list...), model.ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func importResets(t testing.TB, s *Store, list ...model.ResetInput) model.ImportReport {
	t.Helper()
	r, err := s.ImportResets(context.Background(), operator(), resetsOf(list...), model.ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// unchanged runs fn and checks that it left no row and no entry in the log.
func unchanged(t *testing.T, s *Store, fn func()) {
	t.Helper()
	tables := []string{`"Account"`, `"PasswordReset"`, "doorman_audit", "doorman_outbox", "doorman_batch", "sqlite_master"}
	count := func() (n []int) {
		for _, table := range tables {
			n = append(n, number(t, s, "SELECT count(*) FROM "+table))
		}
		return n
	}
	before := count()
	fn()
	if after := count(); !slices.Equal(before, after) {
		t.Errorf("rows of %v: before %v, after %v", tables, before, after)
	}
}

const idA, idB = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"

func TestImportAccounts(t *testing.T) {
	s := newStore(t)
	r := importAccounts(t, s,
		model.AccountInput{ID: strings.ToUpper(idA), Email: " a@example.org ", Created: noon(), EmailConfirmed: true},
		model.AccountInput{Email: "b@example.org"},
		model.AccountInput{ID: idA, Email: "other@example.org"}, // the same id again
		model.AccountInput{Email: "b@example.org"},              // the same address again
	)
	if r != (model.ImportReport{Read: 4, Added: 2, Present: 2}) {
		t.Fatalf("%+v", r)
	}
	var row accountRow
	s.read(t.Context()).Raw(`SELECT id, email, CAST(created AS TEXT) AS created, email_confirmed FROM "Account" WHERE id = ?`, idA).Scan(&row)
	if row.Email != "a@example.org" || textOrNone(row.Created) != "2026-11-23 12:00:00.000000" || !row.EmailConfirmed {
		t.Fatalf("%+v", row)
	}
	if n := number(t, s, `SELECT count(*) FROM "Account" WHERE email = 'b@example.org' AND length(id) = 32 AND created IS NULL`); n != 1 {
		t.Fatal(n)
	}
	if again := importAccounts(t, s, model.AccountInput{ID: idA, Email: "a@example.org"}, model.AccountInput{Email: "b@example.org"}); again.Present != 2 || again.Added != 0 {
		t.Fatalf("%+v", again)
	}
	if got := text(t, s, "SELECT counts FROM doorman_audit WHERE verb = 'import' ORDER BY seq LIMIT 1"); !strings.Contains(got, `{"label":"added","n":2}`) {
		t.Fatal(got)
	}
}

func TestImportResets(t *testing.T) {
	s := newStore(t)
	importAccounts(t, s, model.AccountInput{ID: idA, Email: "a@example.org"})
	used := noon().Add(-time.Hour)
	list := []model.ResetInput{
		{ID: idB, Created: noon().Add(-2 * time.Hour), AccountID: idA, IP: "::ffff:198.51.100.7", Agent: "curl\x00/8", Used: used, UsedIP: "2001:db8::1"},
		{Created: noon(), Email: "A@Example.org", IP: "2001:db8::7"},
		{Created: noon(), Email: "new@example.org", Revoked: noon()},
		{Created: noon(), AccountID: "f00d", Email: "third@example.org", Expires: noon().Add(time.Minute)},
	}
	r := importResets(t, s, list...)
	if r != (model.ImportReport{Read: 4, Added: 4, Accounts: 2}) {
		t.Fatalf("%+v", r)
	}
	var row resetRow
	s.read(t.Context()).Raw(`SELECT id, CAST(created_date AS TEXT) AS created_date, CAST(used_date AS TEXT) AS used_date, was_used,
		used_ip_address, user_id, expires_date, requested_ip, requested_ip_key, requested_agent FROM "PasswordReset" WHERE id = ?`, idB).Scan(&row)
	if textOrNone(row.UsedDate) != s.stamp(used) || !row.WasUsed || textOrNone(row.UsedIP) != "2001:db8::1" || textOrNone(row.UserID) != idA ||
		textOrNone(row.ExpiresDate) != s.stamp(used) || textOrNone(row.RequestedAgent) != "curl/8" {
		t.Fatalf("%+v", row)
	}
	if got := fmt.Sprintf("%x", row.RequestedIPKey); got != "00000000000000000000ffffc6336407" {
		t.Fatal(got)
	}
	if n := number(t, s, `SELECT count(*) FROM "PasswordReset" WHERE user_id = ?`, idA); n != 2 {
		t.Error("an address in another case made another account:", n)
	}
	if n := number(t, s, `SELECT count(*) FROM "PasswordReset" WHERE revoked_date IS NOT NULL AND was_used AND used_date IS NULL`); n != 1 {
		t.Error(n)
	}
	if n := number(t, s, `SELECT count(*) FROM "PasswordReset" WHERE secret_hash IS NOT NULL OR requested_ip_key IS NULL`); n != 0 {
		t.Error(n)
	}
	if got := text(t, s, `SELECT email FROM "Account" WHERE id = 'f00d'`); got != "third@example.org" {
		t.Error(got)
	}
	if again := importResets(t, s, list[0]); again.Present != 1 || again.Added != 0 {
		t.Fatalf("%+v", again)
	}
}

// badResets are records that no import takes, with the field at fault.
func badResets() map[string]model.ResetInput {
	return map[string]model.ResetInput{
		"id":      {ID: "0123abcd…", Created: noon(), AccountID: idA},
		"account": {Created: noon(), AccountID: idB},
		"email":   {Created: noon(), Email: "Ann <ann@example.org>"},
		"created": {AccountID: idA},
		"ip":      {Created: noon(), AccountID: idA, IP: "10.0.0.0/8"},
		"used_ip": {Created: noon(), AccountID: idA, UsedIP: "10.0.0.1"},
		"expires": {Created: noon(), AccountID: idA, Expires: noon().Add(-time.Second)},
	}
}

func TestImportRefusesABadRecordAndAllOthers(t *testing.T) {
	for field, bad := range badResets() {
		t.Run(field, func(t *testing.T) {
			s := newStore(t)
			importAccounts(t, s, model.AccountInput{ID: idA, Email: "a@example.org"})
			good := model.ResetInput{Created: noon(), Email: "new@example.org"}
			unchanged(t, s, func() {
				report, err := s.ImportResets(t.Context(), operator(), resetsOf(good, bad, good), model.ImportOptions{})
				var e *model.Error
				if !errors.As(err, &e) || e.Field != field || !strings.HasSuffix(e.Text, "(line 3)") || report != (model.ImportReport{}) {
					t.Fatalf("%+v %v", report, err)
				}
			})
		})
	}
}

func TestImportRefusesAnAddressOfAnotherAccount(t *testing.T) {
	s := newStore(t)
	importAccounts(t, s, model.AccountInput{ID: idA, Email: "a@example.org"})
	unchanged(t, s, func() {
		_, err := s.ImportAccounts(t.Context(), operator(), accountsOf(model.AccountInput{ID: idB, Email: "a@example.org"}), model.ImportOptions{})
		if err == nil || !strings.Contains(err.Error(), "email: ") || !strings.Contains(err.Error(), "(line 2)") {
			t.Fatal(err)
		}
	})
	unchanged(t, s, func() {
		_, err := s.ImportResets(t.Context(), operator(), resetsOf(model.ResetInput{AccountID: idB, Email: "a@example.org", Created: noon()}), model.ImportOptions{})
		if !model.IsKind(err, model.Invalid) {
			t.Fatal(err)
		}
	})
}

// TestImportNamesTheFirstBadLine has an unknown account, which only the
// database can tell, before an error that the record shows by itself.
func TestImportNamesTheFirstBadLine(t *testing.T) {
	s := newStore(t)
	_, err := s.ImportResets(t.Context(), operator(), resetsOf(
		model.ResetInput{Created: noon(), AccountID: idB}, model.ResetInput{Created: noon(), Email: "?"}), model.ImportOptions{})
	if err == nil || !strings.Contains(err.Error(), "(line 2)") {
		t.Fatal(err)
	}
}

func TestImportSetsBadRecordsAside(t *testing.T) {
	s := newStore(t)
	importAccounts(t, s, model.AccountInput{ID: idA, Email: "a@example.org"})
	list := []model.ResetInput{{Created: noon(), AccountID: idA}}
	for _, field := range []string{"id", "account", "email", "created"} {
		list = append(list, badResets()[field])
	}
	list = append(list, model.ResetInput{Created: noon(), Email: "new@example.org"})
	var lines []int
	r, err := s.ImportResets(t.Context(), operator(), resetsOf(list...), model.ImportOptions{
		SkipBad: func(line int, reason error) error {
			lines = append(lines, line)
			return nil
		},
	})
	if err != nil || r != (model.ImportReport{Read: 6, Added: 2, Accounts: 1, Skipped: 4}) || !slices.Equal(lines, []int{3, 4, 5, 6}) {
		t.Fatalf("%+v %v %v", r, err, lines)
	}
}

func TestImportPassesOnABrokenSource(t *testing.T) {
	s := newStore(t)
	broken := &model.Error{Kind: model.Unavailable, Text: "the disk does not answer"}
	unchanged(t, s, func() {
		_, err := s.ImportAccounts(t.Context(), operator(), func(yield func(model.AccountInput, error) bool) {
			if yield(model.AccountInput{Email: "a@example.org"}, nil) {
				yield(model.AccountInput{}, broken)
			}
		}, model.ImportOptions{SkipBad: func(int, error) error { return nil }})
		if !model.IsKind(err, model.Unavailable) {
			t.Fatal(err)
		}
	})
}

func TestImportDryRunReportsTheSame(t *testing.T) {
	s := newStore(t)
	list := []model.ResetInput{{ID: idA, Created: noon(), Email: "a@example.org"}, {ID: idA, Created: noon(), Email: "a@example.org"}}
	var dry model.ImportReport
	unchanged(t, s, func() {
		var err error
		dry, err = s.ImportResets(t.Context(), operator(), resetsOf(list...), model.ImportOptions{DryRun: true})
		if err != nil {
			t.Fatal(err)
		}
	})
	if r := importResets(t, s, list...); r != dry || r != (model.ImportReport{Read: 2, Added: 1, Present: 1, Accounts: 1}) {
		t.Fatalf("%+v %+v", r, dry)
	}
}

func TestImportStopsWithItsContext(t *testing.T) {
	s := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	unchanged(t, s, func() {
		_, err := s.ImportAccounts(ctx, operator(), func(yield func(model.AccountInput, error) bool) {
			for i, err := range people(100_000) {
				if i.Line == 2*importChunk {
					cancel()
				}
				if !yield(i, err) {
					return
				}
			}
		}, model.ImportOptions{})
		if err == nil {
			t.Fatal("finished")
		}
	})
}

// TestImportOfManyKeepsTheIndexes runs over several chunks, so that indexes are
// taken off and put back.
func TestImportOfManyKeepsTheIndexes(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	schema := func() string {
		return text(t, s, "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_master ORDER BY name)")
	}
	before := schema()
	var told []int
	o := model.ImportOptions{Progress: func(n int) { told = append(told, n) }}
	if _, err := s.ImportAccounts(t.Context(), operator(), people(12_345), o); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(told, []int{importChunk, 12_345}) {
		t.Fatal(told)
	}
	n := importChunk + 5_000
	r, err := s.ImportResets(t.Context(), operator(), traffic(n, 12_345), model.ImportOptions{})
	if err != nil || r != (model.ImportReport{Read: n, Added: n}) {
		t.Fatalf("%+v %v", r, err)
	}
	if after := schema(); after != before {
		t.Errorf("the schema changed:\n%s\n%s", before, after)
	}
	if got := text(t, s, "PRAGMA integrity_check"); got != "ok" {
		t.Error(got)
	}
	if got := text(t, s, "PRAGMA foreign_key_check"); got != "" {
		t.Error(got)
	}
	again, err := s.ImportResets(t.Context(), operator(), traffic(n, 12_345), model.ImportOptions{})
	if err != nil || again != (model.ImportReport{Read: n, Present: n}) {
		t.Fatalf("%+v %v", again, err)
	}
}

// TestImportWritesTheZoneOfTheFile imports into a database whose application
// writes local time.
func TestImportWritesTheZoneOfTheFile(t *testing.T) {
	s := newStore(t)
	s.zone = time.FixedZone("", 2*60*60)
	importResets(t, s, model.ResetInput{ID: idA, Created: noon(), Email: "a@example.org"})
	if got := text(t, s, `SELECT CAST(created_date AS TEXT) || ' ' || expires_date FROM "PasswordReset"`); got != "2026-11-23 14:00:00.000000 2026-11-23 15:00:00.000000" {
		t.Fatal(got)
	}
	r, err := s.FindReset(t.Context(), idA)
	if err != nil || !r.Created.Equal(noon()) || r.State(noon()) != model.Live {
		t.Fatalf("%+v %v", r, err)
	}
}

// TestImportedResetsHaveNoSecret documents that a link cannot come from a file.
func TestImportedResetsHaveNoSecret(t *testing.T) {
	s := newStore(t)
	importResets(t, s, model.ResetInput{ID: idA, Created: noon(), Email: "a@example.org"})
	for _, link := range []string{idA, model.NewToken(testKey(), model.NewResetID(idA, s.scheme), s.scheme).Reveal()} {
		token, err := model.ParseToken(link)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Redeem(t.Context(), operator(), model.RedeemOrder{Token: token, IP: "192.0.2.1"}); err == nil {
			t.Fatal("redeemed")
		}
	}
	if n := number(t, s, `SELECT count(*) FROM "PasswordReset" WHERE used_date IS NULL`); n != 1 {
		t.Fatal(n)
	}
}
