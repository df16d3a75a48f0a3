package page

import (
	"testing"

	"doorman/model"
)

func TestCases(t *testing.T) {
	o := Open{View: "cases"}
	atSizes(t, func(t *testing.T, w, h int) {
		t.Run("list", func(t *testing.T) { drive(t, attacked(), o, w, h).golden() })
		t.Run("contained", func(t *testing.T) { drive(t, attacked(), o, w, h).press("s", "s", "s").golden() })
		t.Run("note", func(t *testing.T) { drive(t, attacked(), o, w, h).press("n").golden() })
		t.Run("empty", func(t *testing.T) { drive(t, &memory{}, o, w, h).golden() })
	})
}

func TestCasesLeadToTheirClusters(t *testing.T) {
	m := attacked()
	d := drive(t, m, Open{View: "cases"}, 120, 36).press("j", "enter")
	if o := d.opened[0]; o.View != "cluster" || o.Ref != "192.0.2.0/24" || o.Filter.(model.Case).By != "ada" {
		t.Errorf("%+v", o)
	}
	d.press("d", "y").acts("case 192.0.2.0/24 closed").press("s").sees("No case matches.").press("esc").sees("✓ closed")
}
