package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"

	"doorman/model"
)

// verifyEvery is how often a check of the log tells how far it is, in entries.
const verifyEvery = 10000

// VerifyAudit walks through the whole log and returns its last entry, the zero
// entry when there is none. The error, a model.Conflict, names the first entry
// that was changed, removed, put in or moved. Removed entries at the end leave
// no trace in the log itself: VerifyHead finds them. Progress may be nil.
func (s *Store) VerifyAudit(ctx context.Context, progress func(done int64)) (model.AuditEntry, error) {
	last, err := s.walkAudit(ctx, func(r *auditRow) {
		if progress != nil && r.Seq%verifyEvery == 0 {
			progress(r.Seq)
		}
	})
	if err != nil {
		return model.AuditEntry{}, fmt.Errorf("verify audit: %w", explain(err))
	}
	if progress != nil {
		progress(last.Seq)
	}
	if last.Seq == 0 {
		return model.AuditEntry{}, nil
	}
	return last.entry(), nil
}

// walkAudit checks the chain from its beginning, calls visit for every good
// entry and returns the last. One query reads all, so that it sees one moment
// of the log; database/sql reads it, for GORM takes five times as long a row.
func (s *Store) walkAudit(ctx context.Context, visit func(*auditRow)) (auditRow, error) {
	var last auditRow
	rows, err := s.read(ctx).Raw(`SELECT seq, id, at, operator, role, origin, verb, subject, reason, batch_id, counts,
		denied, prev_hash, hash FROM doorman_audit ORDER BY seq`).Rows()
	if err != nil {
		return last, err
	}
	defer rows.Close()
	l := newLink()
	for rows.Next() {
		var r auditRow
		err := rows.Scan(&r.Seq, &r.ID, &r.At, &r.Operator, &r.Role, &r.Origin, &r.Verb, &r.Subject, &r.Reason, &r.BatchID,
			&r.Counts, &r.Denied, &r.PrevHash, &r.Hash)
		if err != nil {
			return last, broken(last.Seq+1, "cannot be read")
		}
		if err := l.check(&last, &r); err != nil {
			return last, err
		}
		visit(&r)
		last = r
	}
	return last, rows.Err()
}

// check tells whether r follows upon last.
func (l *link) check(last, r *auditRow) error {
	switch {
	case r.Seq != last.Seq+1:
		return broken(last.Seq+1, "is missing")
	case r.PrevHash != last.Hash:
		return broken(r.Seq, "does not follow on the one before it")
	case r.Hash != hex.EncodeToString(l.hash(r)):
		return broken(r.Seq, "was changed")
	}
	return nil
}

func broken(seq int64, what string) error {
	return &model.Error{Kind: model.Conflict, Text: "audit entry " + strconv.FormatInt(seq, 10) + " " + what,
		Hint: "the log was tampered with or damaged; compare it with a backup and with signed heads kept elsewhere"}
}
