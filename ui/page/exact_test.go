package page

import (
	"testing"

	"github.com/charmbracelet/x/ansi"

	"doorman/ui/part"
	"doorman/ui/term"
)

// hostileAgent hides a title, a direction and a letter of another script.
const hostileAgent = "Moz\u0456lla/5.0 \x1b]0;owned\a \u202exe.tpyrc \xff"

func TestExact(t *testing.T) {
	open := Open{View: "exact", Filter: []part.Field{{Name: "requested from", Value: "203.0.113.7"}, {Name: "agent", Value: hostileAgent}, {Name: "reason"}}}
	atSizes(t, func(t *testing.T, w, h int) {
		t.Run("hostile", func(t *testing.T) { drive(t, busy(), open, w, h).golden() })
		t.Run("nothing", func(t *testing.T) { drive(t, busy(), Open{View: "exact"}, w, h).golden() })
	})
	d := drive(t, busy(), open, 80, 20)
	for _, want := range []string{"‹U+0456›", "‹U+001B escape›]0;owned‹U+0007 bell›", "‹U+202E right-to-left", "‹FF›"} {
		d.sees(want)
	}
}

// TestEveryPageReveals: whatever a page shows of a record, V shows exactly.
func TestEveryPageReveals(t *testing.T) {
	m := hostile()
	for _, o := range hostileOpens(m) {
		d := drive(t, m, o, 200, 40)
		r, ok := d.page.(Revealer)
		if !ok || len(r.Revealed()) == 0 {
			if o.View != "exact" && o.View != "counts" && o.View != "entry" && o.Ref+o.View != "cluster" && o.View != "whatif" && o.Filter == nil {
				t.Errorf("%s %s reveals nothing:\n%s", o.View, o.Ref, ansi.Strip(d.screen()))
			}
			continue
		}
		hidden := 0
		for _, f := range r.Revealed() {
			if f.Value != term.Show(f.Value) {
				hidden++
			}
		}
		if hidden == 0 && o.View != "cluster" && o.View != "clusters" {
			t.Errorf("%s %s: nothing of what is hidden is revealed: %q", o.View, o.Ref, r.Revealed())
		}
	}
}
