package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// logSQL notes every statement that a store's writer runs from now on, without
// its values, and how many rows a write touched.
func logSQL(t *testing.T, s *Store) *[]string {
	t.Helper()
	var lines []string
	note := func(db *gorm.DB) {
		sql, n := db.Statement.SQL.String(), db.RowsAffected
		if strings.HasPrefix(sql, "SELECT") {
			n = 0
		}
		sql = strings.Replace(sql, "ROLLBACK TO SAVEPOINT", "RELEASE SAVEPOINT", 1) // one ends the savepoint as the other
		lines = append(lines, fmt.Sprintf("%s · %d rows", sql, n))
	}
	on := s.w.Callback()
	if err := errors.Join(on.Create().After("*").Register("log", note), on.Query().After("*").Register("log", note),
		on.Raw().After("*").Register("log", note), on.Row().After("*").Register("log", note),
		on.Update().After("*").Register("log", note), on.Delete().After("*").Register("log", note)); err != nil {
		t.Fatal(err)
	}
	return &lines
}

// workOf passes on one request and returns the statements that were run and the
// rows that the engine changed on the way, also those that were taken back.
func workOf(t *testing.T, s *Store, log *[]string, email, ip string) (statements []string, changes int) {
	t.Helper()
	changed := func() int {
		var n int
		if err := s.w.Raw("SELECT total_changes()").Scan(&n).Error; err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := changed()
	*log = nil
	if err := s.Request(t.Context(), model.Act{}, model.RequestOrder{Email: email, IP: ip, Agent: "Firefox"}); err != nil {
		t.Fatalf("%s: %v", email, err)
	}
	statements = *log
	return statements, changed() - before
}

// TestRequestDoesTheSameWork: whatever the address is and wherever the request
// comes from, the same statements run and the same rows are written; the answer
// is nil each time. So neither the answer nor its time tells who has an account.
func TestRequestDoesTheSameWork(t *testing.T) {
	s := newStore(t)
	s.o.Throttle = model.Throttle{PerAccount: 2, PerSource: 50, Window: time.Hour}
	for _, name := range []string{"ann", "bob", "tired", "old", "crowd"} {
		addAccount(t, s, name+"@example.org")
	}
	addAccount(t, s, "Two@example.org")
	addAccount(t, s, "two@Example.org")
	held := addAccount(t, s, "held@example.org")
	if _, err := s.Hold(t.Context(), operator(), held.ID); err != nil {
		t.Fatal(err)
	}
	block := model.Rule{Prefix: prefix(t, "198.51.100.0/24"), Action: model.Block, Expires: noon().Add(time.Hour)}
	if _, err := s.SetRule(t.Context(), operator(), block); err != nil {
		t.Fatal(err)
	}
	log := logSQL(t, s)
	for range 3 {
		workOf(t, s, log, "tired@example.org", "203.0.113.1")
	}
	for i := range 60 {
		workOf(t, s, log, "nobody@example.org", "203.0.113.99")
		workOf(t, s, log, fmt.Sprintf("crowd%d@example.org", i), "203.0.113.99")
	}
	want, rows := workOf(t, s, log, "ann@example.org", "203.0.113.2")
	if len(want) < 6 || rows < 3 {
		t.Fatalf("a request runs %d statements and writes %d rows:\n%s", len(want), rows, strings.Join(want, "\n"))
	}
	for name, c := range map[string][2]string{
		"known": {"bob@example.org", "203.0.113.3"}, "in another case": {"BOB@example.org", "203.0.113.3"},
		"unknown": {"nobody@example.org", "203.0.113.3"}, "held": {"held@example.org", "203.0.113.3"},
		"blocked": {"old@example.org", "198.51.100.7"}, "unknown and blocked": {"nobody@example.org", "198.51.100.7"},
		"account throttled": {"tired@example.org", "203.0.113.3"}, "source throttled": {"old@example.org", "203.0.113.99"},
		"ambiguous": {"TWO@example.org", "203.0.113.3"}, "malformed": {"<@>", "203.0.113.3"}, "empty": {"", ""},
		"no address": {"old@example.org", "not an address"}, "hostile": {"a\x00\x1b]0;x\a\xff@example.org", "\x1b[2J"},
		"endless": {strings.Repeat("a", 100_000), strings.Repeat("1", 100_000)},
	} {
		got, n := workOf(t, s, log, c[0], c[1])
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: other statements:\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if n != rows {
			t.Errorf("%s: %d rows written, want %d", name, n, rows)
		}
	}
}
