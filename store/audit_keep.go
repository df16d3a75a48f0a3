package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"doorman/model"
)

// keepLimit is how long anyone who keeps a head may take over it.
const keepLimit = time.Minute

// heads hands signed heads to anyone who keeps them. The zero value is ready.
type heads struct {
	written atomic.Int64 // entries written since the last head; some may have been undone

	open atomic.Bool // the store is open: heads can be made

	mu   sync.Mutex // held while a head is on its way: one at a time
	seq  int64      // of the last head that was kept
	err  error      // why the last one was not
	jobs sync.WaitGroup
}

// wrote counts an entry.
func (h *heads) wrote() { h.written.Add(1) }

// due hands out a head when enough entries have been written since the last; the
// act that wrote the last of them does not wait for it.
func (h *heads) due(s *Store) {
	n := h.written.Load()
	if s.o.Heads == nil || !h.open.Load() || s.o.HeadEvery <= 0 || n < int64(s.o.HeadEvery) || !h.written.CompareAndSwap(n, 0) {
		return
	}
	h.jobs.Go(func() {
		defer caught(new(error)) // keep has written it down
		h.keep(s)
	})
}

// keep signs the newest entry and hands it over.
func (h *heads) keep(s *Store) {
	h.mu.Lock()
	defer h.mu.Unlock()
	defer caught(&h.err)
	ctx, cancel := context.WithTimeout(context.Background(), keepLimit)
	defer cancel()
	var last auditRow
	h.err = s.r.WithContext(ctx).Raw("SELECT seq, hash FROM doorman_audit ORDER BY seq DESC LIMIT 1").Scan(&last).Error
	if h.err != nil || last.Seq == h.seq {
		return
	}
	head, err := s.signHead(last.Seq, last.Hash)
	if err == nil {
		err = s.o.Heads(ctx, head)
	}
	if h.err = err; err == nil {
		h.seq = last.Seq
	}
}

// close hands out the last head. What was done is done: the error tells that the
// head of it is not where it should be.
func (h *heads) close(s *Store) error {
	h.jobs.Wait()
	if s.o.Heads == nil || !h.open.Swap(false) {
		return nil
	}
	if h.written.Swap(0) > 0 || h.err != nil {
		h.keep(s)
	}
	if h.err == nil {
		return nil
	}
	why, hint := h.err.Error(), "`doorman audit head` prints it; see audit.head_file and audit.head_run in the configuration"
	var said *model.Error
	if errors.As(h.err, &said) {
		why = said.Error()
		if said.Hint != "" {
			hint = said.Hint
		}
	}
	return &model.Error{Kind: model.Unavailable, Text: "it was done, but the signed head of the log could not be kept: " + why, Hint: hint, Err: h.err}
}

// HoldsHead checks a signed head against the one entry that it names: the log
// still has it, with the same hash. It costs the same however long the log is;
// VerifyHead checks everything before it, too.
func (s *Store) HoldsHead(ctx context.Context, signed string) error {
	seq, hash, err := s.openHead(signed)
	if err != nil {
		return fmt.Errorf("check head: %w", err)
	}
	var rows []auditRow
	err = s.read(ctx).Raw("SELECT seq, hash FROM doorman_audit WHERE seq = (SELECT min(?, max(seq)) FROM doorman_audit)", seq).Scan(&rows).Error
	switch {
	case err != nil:
		return fmt.Errorf("check head: %w", explain(err))
	case len(rows) == 0:
		return headFault(0, seq, "", hash)
	}
	return headFault(rows[0].Seq, seq, rows[0].Hash, hash)
}

// headFault compares what a head says with what the log holds: the last entry at
// or before the one that is named.
func headFault(last, seq int64, found, hash string) error {
	switch {
	case last < seq:
		return &model.Error{Kind: model.Conflict,
			Text: fmt.Sprintf("the log ends with entry %d and the head names entry %d: its end was cut off", last, seq),
			Hint: "an older copy of the database, or a shortened log"}
	case found != hash:
		return &model.Error{Kind: model.Conflict, Text: fmt.Sprintf("entry %d is not the one that was signed: the log was rewritten", seq),
			Hint: "another database, or a rewritten log"}
	}
	return nil
}
