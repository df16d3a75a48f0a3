package page

import (
	"strings"
	"testing"

	"doorman/model"
)

func TestAudit(t *testing.T) {
	atSizes(t, func(t *testing.T, w, h int) {
		open := Open{View: "audit"}
		t.Run("list", func(t *testing.T) { drive(t, busy(), open, w, h).golden() })
		t.Run("filter", func(t *testing.T) {
			drive(t, busy(), open, w, h).press("f").write("verb:revoke by:grace").press("enter").golden()
		})
		t.Run("bad filter", func(t *testing.T) { drive(t, busy(), open, w, h).press("f").write("since:soon").golden() })
		t.Run("verified", func(t *testing.T) { drive(t, busy(), open, w, h).press("v").golden() })
		t.Run("empty", func(t *testing.T) { drive(t, &memory{}, open, w, h).golden() })
	})
}

func TestEntry(t *testing.T) {
	atSizes(t, func(t *testing.T, w, h int) {
		d := drive(t, busy(), Open{View: "audit"}, w, h).press("t")
		t.Run("entry", func(t *testing.T) { drive(t, busy(), d.opened[0], w, h).golden() })
		t.Run("none", func(t *testing.T) { drive(t, busy(), Open{View: "entry"}, w, h).golden() })
	})
}

func TestABrokenLogIsToldPlainly(t *testing.T) {
	m := busy()
	d := drive(t, m, Open{View: "audit"}, 100, 30)
	m.broken = &model.Error{Kind: model.Conflict, Text: "line 17 was changed after it was written", Hint: "compare with the heads you keep elsewhere"}
	d.press("v").sees("✗ line 17 was changed").sees("compare with the heads")
	m.broken = nil
	d.press("v").sees("✓ the log is whole: 42 lines")
}

func TestAuditLeadsToBatchOrLine(t *testing.T) {
	m := busy()
	d := drive(t, m, Open{View: "audit"}, 100, 50).press("enter", "G", "enter", "B")
	if o := d.opened[0]; o.View != "entry" || o.Filter.(model.AuditEntry).Seq != 42 {
		t.Errorf("enter on a single act opened %v", o)
	}
	if o := d.opened[1]; o.View != "batch" || o.Ref != m.batches[0].ID {
		t.Errorf("enter on a bulk act opened %v", o)
	}
	if o := d.opened[2]; o.View != "batches" {
		t.Errorf("B opened %v", o)
	}
}

func TestVerbsCycle(t *testing.T) {
	d := drive(t, busy(), Open{View: "audit"}, 100, 30).press("s").sees("verb:issue").press("s").sees("verb:revoke").sees("1 of 1")
	if s := d.page.View(); strings.Contains(s, "\x1b[31mone") {
		t.Error("a reason reached the screen as it came")
	}
}
