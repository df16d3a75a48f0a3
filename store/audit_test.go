package store

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// logEntries writes n entries into the log.
func logEntries(t testing.TB, s *Store, n int) {
	t.Helper()
	inTx(t, s, func(tx *gorm.DB, now time.Time) error {
		for range n {
			e := model.AuditEntry{Verb: model.VerbRevoke, Subject: "3 resets", Counts: model.Tally{{Label: "resets", N: 3}}}
			if err := s.audit(tx, now, operator(), e); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestAuditChains(t *testing.T) {
	s := newStore(t)
	first := number(t, s, "SELECT count(*) FROM doorman_audit")
	logEntries(t, s, 3)
	n := number(t, s, `SELECT count(*) FROM doorman_audit a JOIN doorman_audit b ON b.seq = a.seq + 1 AND b.prev_hash = a.hash
		WHERE length(a.hash) = 64 AND a.seq >= ?`, first)
	if want := min(first, 1) + 2; n != want {
		t.Fatal(n, want)
	}
}

func TestAuditCleansWhatComesFromOutside(t *testing.T) {
	s := newStore(t)
	act := operator()
	act.Reason = "a\x00b\xff" + strings.Repeat("x", 2000)
	inTx(t, s, func(tx *gorm.DB, now time.Time) error {
		return s.audit(tx, now, act, model.AuditEntry{Verb: model.VerbHold})
	})
	got := text(t, s, "SELECT reason FROM doorman_audit ORDER BY seq DESC LIMIT 1")
	if !strings.HasPrefix(got, "ab\uFFFDxx") || len(got) != model.MaxReason {
		t.Fatal(len(got), got[:8])
	}
}

func TestAuditGoesWithItsTransaction(t *testing.T) {
	s := newStore(t)
	before := number(t, s, "SELECT count(*) FROM doorman_audit")
	refused := errors.New("refused")
	err := s.write(t.Context(), "test", func(tx *gorm.DB, now time.Time) error {
		if err := s.audit(tx, now, operator(), model.AuditEntry{Verb: model.VerbHold}); err != nil {
			return err
		}
		return refused
	})
	if !errors.Is(err, refused) {
		t.Fatal(err)
	}
	if after := number(t, s, "SELECT count(*) FROM doorman_audit"); after != before {
		t.Fatal(after, before)
	}
}

// chainHash is the hash of an entry as its column holds it.
func chainHash(r *auditRow) string { return hex.EncodeToString(newLink().hash(r)) }

// TestTheLogIsAppendOnly: an accident with a shell or another program does not
// change the log. Against intent there are the chain and the heads.
func TestTheLogIsAppendOnly(t *testing.T) {
	s := logOf(t, 3)
	for _, q := range []string{"DELETE FROM doorman_audit", "DELETE FROM doorman_audit WHERE seq = 3", "UPDATE doorman_audit SET operator = 'eve'",
		"UPDATE doorman_audit SET hash = '' WHERE seq = 1"} {
		if err := s.w.Exec(q).Error; err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", q, err)
		}
	}
	if n := number(t, s, "SELECT count(*) FROM doorman_audit WHERE operator = 'ada'"); n != 3 {
		t.Errorf("%d entries are left", n)
	}
}
