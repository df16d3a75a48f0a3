package store

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

// outboxOf makes a letter in each of the states, a minute apart, and returns
// their ids from the oldest on.
func outboxOf(t *testing.T, s *Store, c *clock, states ...model.LetterState) []string {
	t.Helper()
	var ids []string
	for i, st := range states {
		_, l := outboxLetter(t, s, strconv.Itoa(i)+"@example.org")
		exec(t, s, "UPDATE doorman_outbox SET state = ?, attempts = 3, last_error = '550 \x1b[2J' WHERE id = ?", st, l.ID)
		ids = append(ids, l.ID)
		c.forward(time.Minute)
	}
	return ids
}

func lettersOf(t *testing.T, s *Store, f model.LetterFilter) (ids []string, page model.Page[model.Letter]) {
	t.Helper()
	page, err := s.ListLetters(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range page.Items {
		ids = append(ids, l.ID)
	}
	return ids, page
}

func TestListLetters(t *testing.T) {
	s, c := newClockedStore(t)
	ids := outboxOf(t, s, c, model.Queued, model.Sent, model.Failed, model.Sent, model.Undeliverable)
	newest := slices.Clone(ids)
	slices.Reverse(newest)

	all, page := lettersOf(t, s, model.LetterFilter{})
	if !slices.Equal(all, newest) {
		t.Fatal(all)
	}
	if l := page.Items[4]; l.To != "0@example.org" || l.SecretHash == "" || !l.Expires.Equal(noon().Add(time.Hour)) || l.Attempts != 3 {
		t.Fatalf("%+v", l)
	}
	first, page := lettersOf(t, s, model.LetterFilter{Paging: model.Paging{Limit: 2}})
	second, page := lettersOf(t, s, model.LetterFilter{Paging: model.Paging{Limit: 2, After: page.Next}})
	back, _ := lettersOf(t, s, model.LetterFilter{Paging: model.Paging{Limit: 2, Before: page.Prev}})
	if !slices.Equal(first, newest[:2]) || !slices.Equal(second, newest[2:4]) || !slices.Equal(back, first) {
		t.Fatal(first, second, back)
	}
	if last, _ := lettersOf(t, s, model.LetterFilter{Paging: model.Paging{Limit: 2, Last: true}}); !slices.Equal(last, newest[3:]) {
		t.Fatal(last)
	}
	cases := []struct {
		name string
		f    model.LetterFilter
		want []string
	}{
		{"one state", model.LetterFilter{States: []model.LetterState{model.Sent}}, []string{ids[3], ids[1]}},
		{"two states", model.LetterFilter{States: []model.LetterState{model.Undeliverable, model.Failed}}, []string{ids[4], ids[2]}},
		{"part of the address", model.LetterFilter{Query: "2@EX"}, []string{ids[2]}},
		{"a sign of LIKE", model.LetterFilter{Query: "%"}, nil},
		{"reset", model.LetterFilter{ResetID: page.Items[0].ResetID.Full()}, []string{page.Items[0].ID}},
	}
	for _, tc := range cases {
		if got, _ := lettersOf(t, s, tc.f); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
	if _, err := s.ListLetters(t.Context(), model.LetterFilter{States: []model.LetterState{"lost"}}); !model.IsKind(err, model.Invalid) {
		t.Error(err)
	}
}

func TestFindAndCountLetters(t *testing.T) {
	s, c := newClockedStore(t)
	ids := outboxOf(t, s, c, model.Queued, model.Sent, model.Sent)
	for _, ref := range []string{ids[1], ids[1][:12], ids[1][:8] + "…"} {
		if l, err := s.FindLetter(t.Context(), ref); err != nil || l.ID != ids[1] {
			t.Errorf("%s: %v %v", ref, l.ID, err)
		}
	}
	for _, ref := range []string{"", "ab", "nothing-like-it"} {
		if _, err := s.FindLetter(t.Context(), ref); !model.IsKind(err, model.NotFound) {
			t.Errorf("%q: %v", ref, err)
		}
	}
	counts, err := s.CountLetters(t.Context())
	if err != nil || len(counts) != 2 || counts[model.Queued] != 1 || counts[model.Sent] != 2 {
		t.Fatal(counts, err)
	}
}

func TestRetryLetters(t *testing.T) {
	s, c := newClockedStore(t)
	ids := outboxOf(t, s, c, model.Failed, model.Undeliverable, model.Undeliverable, model.Sent, model.Cancelled, model.Queued, model.Queued)
	exec(t, s, "UPDATE doorman_outbox SET next_try = ? WHERE id = ?", ownStamp(c.in(48*time.Hour)), ids[5]) // the clock was ahead
	exec(t, s, `UPDATE "PasswordReset" SET revoked_date = ?, was_used = 1 WHERE id = (SELECT reset_id FROM doorman_outbox WHERE id = ?)`,
		s.stamp(s.now()), ids[2])
	n, err := s.RetryLetters(t.Context(), operator(), append(ids, ids[0]))
	if err != nil || n != 3 {
		t.Fatal(n, err)
	}
	for i, want := range []string{"queued", "queued", "undeliverable", "sent", "cancelled", "queued", "queued"} {
		if got, _ := letterState(t, s, ids[i]); got != want {
			t.Errorf("email %d: %s", i, got)
		}
	}
	got := claim(t, s, "one", 10)
	if len(got) != 4 || got[0].Attempts != 0 {
		t.Fatalf("%+v", got)
	}
	page, err := s.ListAudit(t.Context(), model.AuditFilter{Verb: string(model.VerbRetry)})
	if err != nil || len(page.Items) != 1 {
		t.Fatal(page, err)
	}
	e := page.Items[0]
	if e.Subject != "3 emails" || e.Counts.Of("emails") != 3 || e.Counts.Of("queued") != 1 || e.Counts.Of("the reset is revoked") != 1 || e.Counts.Of("sent") != 1 || e.Operator != "ada" {
		t.Fatalf("%+v", e)
	}
}

func TestCancelLetters(t *testing.T) {
	s, c := newClockedStore(t)
	ids := outboxOf(t, s, c, model.Queued, model.Failed, model.Sent)
	_, taken := outboxLetter(t, s, "taken@example.org")
	exec(t, s, "UPDATE doorman_outbox SET state = 'sending', next_try = ? WHERE id = ?", ownStamp(c.in(time.Minute)), taken.ID)
	n, err := s.CancelLetters(t.Context(), operator(), append(ids, taken.ID))
	if err != nil || n != 2 {
		t.Fatal(n, err)
	}
	for i, want := range []string{"cancelled", "cancelled", "sent"} {
		if got, _ := letterState(t, s, ids[i]); got != want {
			t.Errorf("email %d: %s", i, got)
		}
	}
	if got, _ := letterState(t, s, taken.ID); got != "sending" {
		t.Error(got)
	}
	c.forward(time.Hour)
	if n, err := s.CancelLetters(t.Context(), operator(), []string{taken.ID}); err != nil || n != 1 {
		t.Error("an email whose courier is gone:", n, err)
	}
}

func TestActsOnLettersThatRefuseLeaveNothing(t *testing.T) {
	s, c := newClockedStore(t)
	ids := outboxOf(t, s, c, model.Sent)
	unchanged(t, s, func() {
		if _, err := s.RetryLetters(t.Context(), operator(), ids); !model.IsKind(err, model.Conflict) {
			t.Error(err)
		}
		if _, err := s.CancelLetters(t.Context(), operator(), ids); !model.IsKind(err, model.Conflict) {
			t.Error(err)
		}
		for _, none := range [][]string{nil, {"", "no such id"}} {
			if _, err := s.CancelLetters(t.Context(), operator(), none); !model.IsKind(err, model.NotFound) {
				t.Error(err)
			}
		}
	})
}

// TestLetterQueriesUseTheirIndexes keeps the outbox from slowing down as it
// grows.
func TestLetterQueriesUseTheirIndexes(t *testing.T) {
	s := newStore(t)
	now := ownStamp(noon())
	cases := map[string]struct {
		query string
		args  map[string]any
	}{
		"due":   {"SELECT id FROM doorman_outbox WHERE " + due + " ORDER BY next_try, id LIMIT 5", map[string]any{"now": now}},
		"list":  {letterSelect + " ORDER BY o.created DESC, o.id DESC LIMIT @n", map[string]any{"n": 5}},
		"state": {letterSelect + " WHERE o.state = @state ORDER BY o.created DESC, o.id DESC LIMIT 5", map[string]any{"state": "sent"}},
		"reset": {letterSelect + " WHERE o.reset_id = @reset ORDER BY o.created DESC, o.id DESC LIMIT 5", map[string]any{"reset": "x"}},
		"audit": {"SELECT l.* FROM doorman_audit AS l WHERE l.seq < @n ORDER BY l.seq DESC LIMIT 5", map[string]any{"n": 3}},
	}
	for name, tc := range cases {
		var plan []struct{ Detail string }
		if err := s.read(t.Context()).Raw("EXPLAIN QUERY PLAN "+tc.query, tc.args).Scan(&plan).Error; err != nil {
			t.Fatal(name, err)
		}
		for _, step := range plan {
			if bad := planFault(step.Detail); bad != "" {
				t.Errorf("%s: %s in %q", name, bad, step.Detail)
			}
		}
	}
}

// planFault finds what no hot query does.
func planFault(step string) string {
	switch {
	case strings.Contains(step, "TEMP B-TREE"):
		return "a sort"
	case strings.HasPrefix(step, "SCAN ") && !strings.Contains(step, "USING INDEX"):
		return "a scan"
	}
	return ""
}

// TestTallyIsTheCount changes letters in every way there is, and brings a file of
// before up to date.
func TestTallyIsTheCount(t *testing.T) {
	s, c := newClockedStore(t)
	count := func(when string) {
		t.Helper()
		want := map[model.LetterState]int{}
		var rows []struct {
			State model.LetterState
			N     int
		}
		if err := s.read(t.Context()).Raw("SELECT state, count(*) AS n FROM doorman_outbox GROUP BY state").Scan(&rows).Error; err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			want[r.State] = r.N
		}
		if got, err := s.CountLetters(t.Context()); err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v (%v)", when, got, want, err)
		}
	}
	count("empty")
	states := model.LetterStates()
	ids := outboxOf(t, s, c, append(states, states...)...)
	count("inserted")
	rnd := rand.New(rand.NewPCG(7, 1))
	for range 40 {
		exec(t, s, "UPDATE doorman_outbox SET state = ? WHERE id >= ?", states[rnd.IntN(len(states))], ids[rnd.IntN(len(ids))])
		exec(t, s, "DELETE FROM doorman_outbox WHERE rowid = (SELECT min(rowid) FROM doorman_outbox) AND ?", rnd.IntN(4) == 0)
		count("changed")
	}
	path := s.o.Path
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	foreign(t, path, "DROP TRIGGER doorman_outbox_tally_insert", "DROP TRIGGER doorman_outbox_tally_update", "DROP TRIGGER doorman_outbox_tally_delete",
		"DROP TABLE doorman_outbox_tally", "ALTER TABLE doorman_case DROP COLUMN state_by", "ALTER TABLE doorman_case DROP COLUMN state_at", "DELETE FROM doorman_migration WHERE version >= 7")
	look := openAs(t, Options{Path: path, ReadOnly: true})
	s = look
	count("looked at as it was")
	s = openAs(t, Options{Path: path, Key: testKey(), Act: operator()})
	count("migrated")
}
