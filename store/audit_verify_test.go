package store

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"gorm.io/gorm"

	"doorman/model"
)

// tamper changes the log as somebody does who has the file.
func tamper(t *testing.T, s *Store, statements ...string) {
	t.Helper()
	statements = append([]string{"DROP TRIGGER doorman_audit_keep_rows", "DROP TRIGGER doorman_audit_keep_text"}, statements...)
	for _, q := range statements {
		exec(t, s, q)
	}
}

// rewrite makes the chain good again from its first entry on, as somebody does
// who knows how it is made.
func rewrite(t *testing.T, s *Store) {
	t.Helper()
	inTx(t, s, func(tx *gorm.DB, _ time.Time) error {
		var rows []auditRow
		if err := tx.Order("seq").Find(&rows).Error; err != nil {
			return err
		}
		prev := ""
		for _, r := range rows {
			r.PrevHash = prev
			prev = chainHash(&r)
			if err := tx.Exec("UPDATE doorman_audit SET prev_hash = ?, hash = ? WHERE seq = ?", r.PrevHash, prev, r.Seq).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// logOf opens a store whose log holds exactly n entries.
func logOf(t testing.TB, n int) *Store {
	t.Helper()
	s := newStore(t)
	logEntries(t, s, n-number(t, s, "SELECT count(*) FROM doorman_audit"))
	return s
}

func TestVerifyAudit(t *testing.T) {
	s := logOf(t, 8)
	var told []int64
	last, err := s.VerifyAudit(t.Context(), func(n int64) { told = append(told, n) })
	if err != nil || last.Seq != 8 || last.Operator != "ada" || last.Counts.Of("resets") != 3 || !last.At.Equal(noon()) || len(told) != 1 {
		t.Fatalf("%+v %v %v", last, err, told)
	}
}

func TestVerifyAuditFindsTampering(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		do   []string
		want string
	}{
		{"edited", []string{"UPDATE doorman_audit SET operator = 'eve' WHERE seq = 5"}, "entry 5 was changed"},
		{"denied flipped", []string{"UPDATE doorman_audit SET denied = 1 WHERE seq = 4"}, "entry 4 was changed"},
		{"text moved between fields", []string{"UPDATE doorman_audit SET subject = subject || substr(reason, 1, 1), reason = substr(reason, 2) WHERE seq = 5"}, "entry 5 was changed"},
		{"edited with its hash", []string{"UPDATE doorman_audit SET hash = replace(hash, substr(hash, 1, 4), '0000') WHERE seq = 5"}, "entry 5 was changed"},
		{"removed", []string{"DELETE FROM doorman_audit WHERE seq = 3"}, "entry 3 is missing"},
		{"removed first", []string{"DELETE FROM doorman_audit WHERE seq = 1"}, "entry 1 is missing"},
		{"removed and closed up", []string{"DELETE FROM doorman_audit WHERE seq = 3", "UPDATE doorman_audit SET seq = seq - 1 WHERE seq > 3"}, "entry 3 does not follow"},
		{"put in", []string{"UPDATE doorman_audit SET seq = -seq WHERE seq > 4", "UPDATE doorman_audit SET seq = 1 - seq WHERE seq < 0",
			"INSERT INTO doorman_audit SELECT 5, 'x', at, 'eve', role, origin, verb, subject, reason, batch_id, counts, denied, prev_hash, hash FROM doorman_audit WHERE seq = 4"},
			"entry 5 does not follow"},
		{"reordered", []string{"UPDATE doorman_audit SET seq = -1 WHERE seq = 4", "UPDATE doorman_audit SET seq = 4 WHERE seq = 5", "UPDATE doorman_audit SET seq = 5 WHERE seq = -1"}, "entry 4 does not follow"},
		{"type changed", []string{"UPDATE doorman_audit SET denied = 'no' WHERE seq = 6"}, "entry 6 cannot be read"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := logOf(t, 8)
			tamper(t, s, c.do...)
			_, err := s.VerifyAudit(t.Context(), nil)
			if !model.IsKind(err, model.Conflict) || !strings.Contains(err.Error(), c.want) {
				t.Fatal(err)
			}
		})
	}
}

func TestHeadFindsWhatTheChainCannot(t *testing.T) {
	cases := []struct {
		name string
		do   func(t *testing.T, s *Store)
		want string
	}{
		{"cut tail", func(t *testing.T, s *Store) { tamper(t, s, "DELETE FROM doorman_audit WHERE seq > 6") },
			"the log ends with entry 6 and the head names entry 8"},
		{"emptied", func(t *testing.T, s *Store) { tamper(t, s, "DELETE FROM doorman_audit") }, "the log ends with entry 0"},
		{"rewritten", func(t *testing.T, s *Store) {
			tamper(t, s, "UPDATE doorman_audit SET operator = 'eve' WHERE seq = 5")
			rewrite(t, s)
		}, "the log was rewritten"},
		{"cut and grown again", func(t *testing.T, s *Store) {
			tamper(t, s, "DELETE FROM doorman_audit WHERE seq > 6")
			logEntries(t, s, 5)
		}, "the log was rewritten"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := logOf(t, 8)
			head, err := s.AuditHead(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			c.do(t, s)
			if _, err := s.VerifyAudit(t.Context(), nil); err != nil {
				t.Fatal("the chain alone shows it:", err)
			}
			if err := s.VerifyHead(t.Context(), head); !model.IsKind(err, model.Conflict) || !strings.Contains(err.Error(), c.want) {
				t.Fatal(err)
			}
		})
	}
}

func TestHeadHoldsWhileTheLogGrows(t *testing.T) {
	s := logOf(t, 3)
	head, err := s.AuditHead(t.Context())
	if err != nil || !strings.HasPrefix(head, "doorman audit log\n3\n") {
		t.Fatal(head, err)
	}
	logEntries(t, s, 4)
	if err := s.VerifyHead(t.Context(), head); err != nil {
		t.Fatal(err)
	}
	if err := s.VerifyHead(t.Context(), "\r\n"+strings.ReplaceAll(head, "\n", "\r\n")); err != nil {
		t.Error("as a mail or a Windows editor leaves it:", err)
	}
	tamper(t, s, "UPDATE doorman_audit SET operator = 'eve' WHERE seq = 2")
	if err := s.VerifyHead(t.Context(), head); !model.IsKind(err, model.Conflict) {
		t.Error("a broken chain passed:", err)
	}
}

// TestHeadIsCheckedWithoutTheKey opens a head as whoever keeps it does.
func TestHeadIsCheckedWithoutTheKey(t *testing.T) {
	s := logOf(t, 3)
	head, err := s.AuditHead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	public, err := s.AuditVerifier()
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open([]byte(head), note.VerifierList(v))
	if err != nil || n.Text != "doorman audit log\n3\n"+text(t, s, "SELECT hash FROM doorman_audit WHERE seq = 3")+"\n" {
		t.Fatal(n, err)
	}
}

func TestHeadsThatAreNotOurs(t *testing.T) {
	s := logOf(t, 3)
	head, err := s.AuditHead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "other.db"), Create: true,
		Key: model.Key(strings.Repeat("x", model.KeySize)), Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	logEntries(t, other, 1)
	foreign, err := other.AuditHead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty": "", "no note": "hello", "another key": foreign, "changed": strings.Replace(head, "\n3\n", "\n2\n", 1),
	} {
		if err := s.VerifyHead(t.Context(), text); !model.IsKind(err, model.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHeadNeedsTheKey(t *testing.T) {
	s, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "a.db"), Create: true, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := s.AuditHead(t.Context()); !model.IsKind(err, model.Unavailable) {
		t.Error(err)
	}
	if _, err := s.AuditVerifier(); !model.IsKind(err, model.Unavailable) {
		t.Error(err)
	}
}

func TestListAudit(t *testing.T) {
	s, c := newClockedStore(t)
	begin := c.now()
	for i := range 12 {
		act, e := operator(), model.AuditEntry{Verb: model.VerbRevoke, Subject: "subject " + strconv.Itoa(i), BatchID: "b" + strconv.Itoa(i)}
		if i%4 == 0 {
			act.Operator, e.Verb = "eve", model.VerbHold
		}
		inTx(t, s, func(tx *gorm.DB, now time.Time) error { return s.audit(tx, now, act, e) })
		c.forward(time.Minute)
	}
	cases := []struct {
		name string
		f    model.AuditFilter
		want int
	}{
		{"operator", model.AuditFilter{Operator: "eve"}, 3},
		{"verb", model.AuditFilter{Verb: "revoke"}, 9},
		{"batch", model.AuditFilter{BatchID: "b7"}, 1},
		{"query", model.AuditFilter{Query: "SUBJECT 1"}, 3},
		{"since", model.AuditFilter{Since: begin.Add(10 * time.Minute)}, 2},
		{"until", model.AuditFilter{Operator: "eve", Until: begin.Add(4 * time.Minute)}, 1},
	}
	for _, tc := range cases {
		page, err := s.ListAudit(t.Context(), tc.f)
		if err != nil || len(page.Items) != tc.want {
			t.Errorf("%s: %d %v", tc.name, len(page.Items), err)
		}
	}
	var seen []int64
	p := model.Paging{Limit: 5}
	for {
		page, err := s.ListAudit(t.Context(), model.AuditFilter{Since: begin, Paging: p})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Items {
			seen = append(seen, e.Seq)
		}
		if page.Next == "" {
			break
		}
		p.After = page.Next
	}
	for i, seq := range seen {
		if seq != seen[0]-int64(i) {
			t.Fatal("gaps or disorder:", seen)
		}
	}
	if len(seen) < 12 {
		t.Fatal(seen)
	}
}

// BenchmarkVerifyAudit checks a log of a million entries.
func BenchmarkVerifyAudit(b *testing.B) {
	const entries = 1_000_000
	s := newStore(b)
	exec(b, s, "PRAGMA cache_size = -100000")
	inTx(b, s, func(tx *gorm.DB, now time.Time) error {
		rows, err := newInserter(tx, "doorman_audit", "seq", "id", "at", "operator", "role", "origin", "verb", "subject", "reason",
			"batch_id", "counts", "denied", "prev_hash", "hash")
		if err != nil {
			return err
		}
		var r auditRow
		if err := tx.Raw("SELECT seq, hash FROM doorman_audit ORDER BY seq DESC LIMIT 1").Scan(&r).Error; err != nil {
			return err
		}
		for range entries {
			r = auditRow{Seq: r.Seq + 1, ID: model.NewID(), At: ownStamp(now), Operator: "ada", Role: "admin", Origin: "host tty1",
				Verb: "revoke", Subject: "3 resets", Reason: "ticket 7", BatchID: model.NewID(), Counts: `[{"label":"resets","n":3}]`, PrevHash: r.Hash}
			r.Hash = chainHash(&r)
			err := rows.add(r.Seq, r.ID, r.At, r.Operator, r.Role, r.Origin, r.Verb, r.Subject, r.Reason, r.BatchID, r.Counts, r.Denied, r.PrevHash, r.Hash)
			if err != nil {
				return err
			}
		}
		_, err = rows.done()
		return err
	})
	for b.Loop() {
		if last, err := s.VerifyAudit(b.Context(), nil); err != nil || last.Seq < entries {
			b.Fatal(last.Seq, err)
		}
	}
	b.ReportMetric(float64(entries)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}
