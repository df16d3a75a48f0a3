package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// maxName bounds the operator, role, origin and subject of an audit entry, in
// bytes.
const maxName = 300

// audit adds one entry to the operators' log, in the transaction of the act it
// tells of. Of e it takes verb, subject, batch, counts and denied; all else it
// fills in. An act that the operator's role does not allow ends here: see denied.
func (s *Store) audit(tx *gorm.DB, now time.Time, act model.Act, e model.AuditEntry) error {
	if !e.Denied && !act.Role.May(e.Verb) {
		return deny(act, e)
	}
	var last auditRow
	// Any writer holds the write lock by now, so no other entry can come between.
	err := tx.Raw("SELECT seq, hash FROM doorman_audit ORDER BY seq DESC LIMIT 1").Scan(&last).Error
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	counts, err := tallyText(e.Counts)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	row := auditRow{
		Seq: last.Seq + 1, ID: model.NewID(), At: ownStamp(now),
		Operator: model.CleanText(act.Operator, maxName),
		Role:     model.CleanText(string(act.Role), maxName),
		Origin:   model.CleanText(act.Origin, maxName),
		Verb:     model.CleanText(string(e.Verb), maxName),
		Subject:  model.CleanText(e.Subject, maxName),
		Reason:   model.CleanText(act.Reason, model.MaxReason),
		BatchID:  model.CleanText(e.BatchID, maxName),
		Counts:   counts, Denied: e.Denied, PrevHash: last.Hash,
	}
	row.Hash = hex.EncodeToString(newLink().hash(&row))
	if err := tx.Create(&row).Error; err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	s.heads.wrote()
	return nil
}

// tallyText is how counts are stored: a JSON array, "[]" for none.
func tallyText(t model.Tally) (string, error) {
	if t == nil {
		t = model.Tally{}
	}
	text, err := json.Marshal(t)
	return string(text), err
}

// parseTally reads what tallyText wrote; anything else as no counts.
func parseTally(text string) model.Tally {
	var t model.Tally
	if json.Unmarshal([]byte(text), &t) != nil || len(t) == 0 {
		return nil
	}
	return t
}

// link computes the hashes of the chain. It keeps its buffer, for a check of
// the log computes a million of them.
type link struct{ buf []byte }

func newLink() *link { return &link{} }

// hash returns SHA-256 over the hash before and every field as it is stored,
// each with its length before it: without the lengths, text could be moved from
// one field to the next unseen.
func (l *link) hash(r *auditRow) []byte {
	l.buf = l.buf[:0]
	l.add(r.PrevHash)
	l.buf = binary.BigEndian.AppendUint64(l.buf, uint64(r.Seq))
	for _, field := range []string{
		r.ID, r.At, r.Operator, r.Role, r.Origin, r.Verb, r.Subject, r.Reason, r.BatchID, r.Counts,
	} {
		l.add(field)
	}
	denied := byte(0)
	if r.Denied {
		denied = 1
	}
	l.buf = append(l.buf, denied)
	sum := sha256.Sum256(l.buf)
	return sum[:]
}

func (l *link) add(field string) {
	l.buf = binary.BigEndian.AppendUint64(l.buf, uint64(len(field)))
	l.buf = append(l.buf, field...)
}

// entry turns a row into what the rest of the program sees.
func (r *auditRow) entry() model.AuditEntry {
	return model.AuditEntry{
		Seq: r.Seq, ID: r.ID, At: ownTime(r.At), Operator: r.Operator, Role: model.Role(r.Role), Origin: r.Origin,
		Verb: model.Verb(r.Verb), Subject: r.Subject, Reason: r.Reason, BatchID: r.BatchID,
		Counts: parseTally(r.Counts), Denied: r.Denied, PrevHash: r.PrevHash, Hash: r.Hash,
	}
}

// ownStamp writes a time into the tables that only Doorman reads: always UTC,
// whatever zone the other application uses, so that log, leases and back-off
// keep their order when clocks are put back and when --db-timezone changes.
func ownStamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(stampLayout)
}

// ownTime reads what ownStamp wrote; anything else as the zero time.
func ownTime(text string) time.Time {
	t, err := time.Parse(stampLayout, text)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// ownTimeOrZero is ownTime for a nullable column.
func ownTimeOrZero(text *string) time.Time {
	if text == nil {
		return time.Time{}
	}
	return ownTime(*text)
}
