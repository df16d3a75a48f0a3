package store

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// keeper keeps heads as somebody else's machine does.
type keeper struct {
	mu    sync.Mutex
	heads []string
	err   error
}

func (k *keeper) keep(_ context.Context, head string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.err == nil {
		k.heads = append(k.heads, head)
	}
	return k.err
}

func (k *keeper) seqs() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []string
	for _, h := range k.heads {
		out = append(out, strings.Split(h, "\n")[1])
	}
	return strings.Join(out, " ")
}

// keptStore hands its heads to a keeper.
func keptStore(t *testing.T, every int) (*Store, *keeper) {
	t.Helper()
	k := &keeper{}
	s, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "a.db"), Create: true, Key: testKey(), Now: noon, Heads: k.keep, HeadEvery: every})
	mustDo(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s, k
}

// oneEntry is one act.
func oneEntry(t *testing.T, s *Store) {
	t.Helper()
	mustDo(t, s.write(t.Context(), "test", func(tx *gorm.DB, now time.Time) error {
		return s.audit(tx, now, operator(), model.AuditEntry{Verb: model.VerbHold})
	}))
	s.heads.jobs.Wait()
}

func TestHeadsAreKeptOnTheWayAndAtTheEnd(t *testing.T) {
	s, k := keptStore(t, 3)
	for range 7 {
		oneEntry(t, s)
	}
	if got := k.seqs(); got != "3 6" {
		t.Errorf("heads of entries %s, want 3 6", got)
	}
	if err := s.VerifyHead(t.Context(), k.heads[0]); err != nil {
		t.Error(err)
	}
	mustDo(t, s.Close())
	if got := k.seqs(); got != "3 6 7" {
		t.Errorf("at the end: heads of entries %s, want 3 6 7", got)
	}
}

// TestRefusedActsReachTheKeeper: an act that is refused is an entry like others.
func TestRefusedActsReachTheKeeper(t *testing.T) {
	s, k := keptStore(t, 1)
	viewer := model.Act{Operator: "vic", Role: model.Viewer}
	if err := s.SetSetting(t.Context(), viewer, "detect.line", "9"); !model.IsKind(err, model.Refused) {
		t.Fatal(err)
	}
	mustDo(t, s.Close())
	if got := k.seqs(); got != "1" {
		t.Errorf("heads of entries %q", got)
	}
}

// TestAHeadThatCannotBeKeptIsTold: what was done stays done.
func TestAHeadThatCannotBeKeptIsTold(t *testing.T) {
	s, k := keptStore(t, 0)
	oneEntry(t, s)
	k.err = errors.New("no route to the auditor")
	if err := s.Close(); !model.IsKind(err, model.Unavailable) || !strings.Contains(err.Error(), "it was done, but") {
		t.Error(err)
	}
	quiet, k := keptStore(t, 1)
	k.err = errors.New("never asked")
	if err := quiet.Close(); err != nil {
		t.Error("nothing was done:", err)
	}
}

func TestHoldsHead(t *testing.T) {
	s := logOf(t, 5)
	head, err := s.AuditHead(t.Context())
	mustDo(t, err)
	logEntries(t, s, 3)
	mustDo(t, s.HoldsHead(t.Context(), head))
	tamper(t, s, "DELETE FROM doorman_audit WHERE seq > 4")
	if err := s.HoldsHead(t.Context(), head); !model.IsKind(err, model.Conflict) || !strings.Contains(err.Error(), "ends with entry 4") {
		t.Error(err)
	}
	logEntries(t, s, 3)
	if err := s.HoldsHead(t.Context(), head); !model.IsKind(err, model.Conflict) || !strings.Contains(err.Error(), "rewritten") {
		t.Error(err)
	}
	exec(t, s, "DELETE FROM doorman_audit")
	if err := s.HoldsHead(t.Context(), head); !model.IsKind(err, model.Conflict) || !strings.Contains(err.Error(), "ends with entry 0") {
		t.Error(err)
	}
}
