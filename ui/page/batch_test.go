package page

import (
	"context"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

// busy is a store with a log: a revoked flood, a hold, letters tried again, and
// an act that was refused.
func busy() *memory {
	m := flood()
	m.now = testNow
	ctx, act := context.Background(), model.Act{Operator: "grace", Role: model.Responder, Reason: "flood from \x1b[31mone\x1b[0m network"}
	var ids []model.ResetID
	for _, r := range m.resets[40:] {
		ids = append(ids, r.ID)
	}
	_, _ = m.Revoke(ctx, act, model.RevokeOrder{IDs: ids})
	_, _ = m.Hold(ctx, act, m.accounts[2].ID)
	at := testNow()
	for i := range 40 {
		m.audit = append(m.audit, model.AuditEntry{Seq: int64(len(m.audit) + 1), At: at, Operator: "ada", Role: model.Responder, Origin: "host.example.org tty1",
			Verb: model.VerbIssue, Subject: m.accounts[i].ID, About: m.accounts[i].Email, Hash: strings.Repeat("5e", 32), PrevHash: strings.Repeat("4d", 32)})
	}
	m.audit[5].Denied, m.audit[5].Reason = true, "a viewer may only look"
	for i := range m.audit {
		m.audit[i].At = at.Add(-time.Duration(len(m.audit)-i) * 7 * time.Minute)
	}
	m.resets[40].Used, m.resets[40].UsedIP = at, "192.0.2.1"
	m.resets[41].Expires = at.Add(-time.Second)
	m.acts = nil
	return m
}

func TestBatch(t *testing.T) {
	atSizes(t, func(t *testing.T, w, h int) {
		m := busy()
		revoke, hold := Open{View: "batch", Ref: m.batches[0].ID}, Open{View: "batch", Ref: m.batches[1].ID}
		t.Run("revoke", func(t *testing.T) { drive(t, busy(), revoke, w, h).golden() })
		t.Run("undo", func(t *testing.T) { drive(t, busy(), revoke, w, h).press("z").golden() })
		t.Run("undone", func(t *testing.T) { drive(t, busy(), revoke, w, h).press("z", "y").golden() })
		t.Run("hold", func(t *testing.T) { drive(t, busy(), hold, w, h).golden() })
		t.Run("gone", func(t *testing.T) { drive(t, &memory{}, revoke, w, h).golden() })
	})
}

func TestBatches(t *testing.T) {
	atSizes(t, func(t *testing.T, w, h int) {
		t.Run("list", func(t *testing.T) { drive(t, busy(), Open{View: "batches"}, w, h).golden() })
		t.Run("empty", func(t *testing.T) { drive(t, &memory{}, Open{View: "batches"}, w, h).golden() })
	})
}

func TestUndoSaysWhatComesBack(t *testing.T) {
	m := busy()
	d := drive(t, m, Open{View: "batch", Ref: m.batches[0].ID}, 100, 30).press("z")
	d.sees("28 resets can be live again").sees("unchanged: 1 used since, 1 expired since").press("y")
	d.acts("undo revoke").sees("undone by ada")
	d.press("z")
	if d.ask != nil || d.toasts[len(d.toasts)-1].Text != "it was undone by ada" {
		t.Errorf("asked again: %v, said %v", d.ask, d.toasts)
	}
}

func TestBatchLeadsOn(t *testing.T) {
	m := busy()
	d := drive(t, m, Open{View: "batches"}, 80, 20).press("enter")
	if o := d.opened[0]; o.View != "batch" || o.Ref != m.batches[1].ID {
		t.Errorf("enter opened %v", o)
	}
	d = drive(t, m, d.opened[0], 80, 20).press("w", "t")
	if o := d.opened[0]; o.View != "account" || o.Ref != m.accounts[2].ID {
		t.Errorf("w opened %v", o)
	}
	if f := d.opened[1].Filter.(model.AuditFilter); f.BatchID != m.batches[1].ID {
		t.Errorf("t filters by %v", f)
	}
	drive(t, m, Open{View: "batch", Ref: m.batches[0].ID}, 80, 20).press("f")
}

func TestUndoingAContainmentSaysWhatBecomesOfTheBlock(t *testing.T) {
	m := attacked()
	drive(t, m, Open{View: "cluster", Ref: "198.51.100.0/24"}, 120, 40).press("c", "y")
	drive(t, m, Open{View: "batch", Ref: m.batches[0].ID}, 120, 40).press("z").sees("the block is lifted").sees("12 resets can be live again").press("y").
		acts("contain 198.51.100.0/24", "undo contain")
	if r, _ := m.ListRules(t.Context(), model.RuleFilter{}); len(r.Items) != 2 {
		t.Errorf("%d rules", len(r.Items))
	}
	drive(t, m, Open{View: "blocks"}, 120, 36).press("x", "y")
	drive(t, m, Open{View: "batch", Ref: m.batches[1].ID}, 120, 40).sees("It changed rules, no reset.").press("z").sees("the rules are in force again")
}
