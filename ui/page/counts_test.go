package page

import (
	"context"
	"net/netip"
	"strconv"
	"testing"

	"doorman/model"
)

func TestCounts(t *testing.T) {
	atSizes(t, func(t *testing.T, w, h int) {
		t.Run("agents", func(t *testing.T) { countsOf(t, attacked(), Open{View: "resets"}, w, h).turnTo("agent").golden() })
		t.Run("states", func(t *testing.T) { countsOf(t, attacked(), Open{View: "resets"}, w, h).turnTo("state").golden() })
	})
}

// countsOf opens a list and then the counts of its values.
func countsOf(t *testing.T, m *memory, o Open, w, h int) *driver {
	t.Helper()
	from := drive(t, m, o, w, h).press("#")
	if len(from.opened) != 1 || from.opened[0].View != "counts" {
		t.Fatalf("# opened %v", from.opened)
	}
	return driveEnv(t, from.env, m, from.opened[0], w, h)
}

// turnTo presses tab until a column is counted.
func (d *driver) turnTo(column string) *driver {
	d.t.Helper()
	for range 20 {
		if d.page.Title() == "by "+column {
			return d
		}
		d.press("tab")
	}
	d.t.Fatalf("no column %s", column)
	return d
}

// A value leads back to the list, filtered by it.
func TestAValueFilters(t *testing.T) {
	m := attacked()
	list := drive(t, m, Open{View: "resets"}, 120, 36)
	list.press("#")
	d := driveEnv(t, list.env, m, list.opened[0], 120, 36).turnTo("state").press("j")
	if row, _ := d.page.(*counts).Current(); row.name != "live" {
		t.Fatalf("second comes %v", row)
	}
	d.press("enter")
	if got := list.page.(*resets).bar.text; got != "state:live" {
		t.Errorf("the filter is %q", got)
	}
	d.turnTo("age").press("enter")
	if len(d.toasts) != 1 {
		t.Errorf("an age can be filtered by: %v", d.toasts)
	}
}

// However long the list, so many rows are counted, and the rest is owned up to.
func TestCountsEnd(t *testing.T) {
	reads := 0
	c := census{titles: []string{"n"}, read: func(after model.Cursor) func(context.Context) (func() [][]string, model.Cursor, error) {
		return func(context.Context) (func() [][]string, model.Cursor, error) {
			reads++
			return func() [][]string {
				rows := make([][]string, censusChunk)
				for i := range rows {
					rows[i] = []string{strconv.Itoa(i % 7)}
				}
				return rows
			}, "more", nil
		}
	}}
	drive(t, sample(), Open{View: "counts", Filter: c}, 120, 36).sees("7 values of n in the first 10,000 rows").sees("there are more")
	if reads != censusMost/censusChunk {
		t.Errorf("%d reads", reads)
	}
}

// What a value hides is seen as elsewhere.
func TestCountsReveal(t *testing.T) {
	d := countsOf(t, attacked(), Open{View: "resets"}, 120, 36).turnTo("agent").press("j")
	if got := d.page.(Revealer).Revealed(); len(got) != 1 || got[0].Value != "python-requests/2.31\x1b[31m" {
		t.Errorf("%q", got)
	}
}

// What is counted first has values that repeat: the state, not the age.
func TestCountsBeginWithAUsefulColumn(t *testing.T) {
	d := drive(t, attacked(), Open{View: "resets"}, 120, 40).press("#")
	if c := d.opened[0].Filter.(census); c.titles[c.at] != "state" {
		t.Errorf("begins with %s", c.titles[c.at])
	}
}

// The map of a network labels its rows by where the addresses differ.
func TestMapLabels(t *testing.T) {
	for _, c := range []struct {
		network string
		cell    int
		want    string
	}{{"203.0.113.0/24", 64, ".64"}, {"203.0.0.0/16", 128, ".128.0"}, {"203.0.113.16/28", 4, ".20"}, {"203.0.112.0/22", 0, ".112.0"}, {"2001:db8:7::/56", 16, ":7:10::"}} {
		g, ok := gridOf(netip.MustParsePrefix(c.network))
		if got := g.label(c.cell, 10); !ok || got != c.want {
			t.Errorf("%s: %s, want %s", c.network, got, c.want)
		}
	}
}
