package page

import (
	"slices"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

// marked lists the addresses of the marked accounts.
func marked(d *driver) []string {
	var out []string
	for _, a := range d.page.(*accounts).Marked() {
		out = append(out, a.Email)
	}
	slices.Sort(out)
	return out
}

// below lists the addresses of n accounts in the order of the list, from the i-th
// on.
func below(m *memory, i, n int) []string {
	var all []string
	for _, a := range m.selectAccounts(model.AccountFilter{}) {
		all = append(all, a.Email)
	}
	return all[i : i+n]
}

func TestRangeOfMarks(t *testing.T) {
	m := sample()
	d := drive(t, m, Open{View: "accounts"}, 80, 20).press("j", "j", " ", "j", "j", "ctrl+@").sees("* 4 marked")
	if got := marked(d); !slices.Equal(got, below(m, 2, 4)) {
		t.Errorf("marked %q", got)
	}
	// Upwards, too, and a second range begins at the row that was marked last.
	d.press("g", "ctrl+@").sees("* 6 marked")
	for range 9 {
		d.press("j")
	}
	d.press(" ", "k", "k", "k", "ctrl+@").sees("* 9 marked")
	if got := marked(d); !slices.Equal(got, append(below(m, 0, 6), below(m, 7, 3)...)) {
		t.Errorf("marked %q", got)
	}
	// Without a mark it is this row.
	d.press("ctrl+\\").misses("marked").press("g", "ctrl+@").sees("* 1 marked")
}

// A range reaches over what was fetched since; one whose begin is far behind says
// that it marks less.
func TestRangeOfMarksOverPages(t *testing.T) {
	m := sample()
	d := drive(t, m, Open{View: "accounts"}, 80, 20).press(" ")
	for range 40 {
		d.press("j")
	}
	d.press("ctrl+@")
	if got := marked(d); !slices.Equal(got, below(m, 0, 42)) || len(d.toasts) != 0 {
		t.Errorf("marked %d, %v", len(got), d.toasts)
	}
	d.press("ctrl+\\", "g", " ", "G", "ctrl+@")
	if got := marked(d); !slices.Equal(got, append(below(m, 0, 1), below(m, 120, 1)...)) || len(d.toasts) != 1 || !strings.Contains(d.toasts[0].Text, "too far away") {
		t.Errorf("marked %q, %v", got, d.toasts)
	}
}

// Marks stay on their records while other pages are fetched, the list is filtered
// or sorted anew and read again, and an act is for all of them.
func TestMarksSurvivePagingAndFilters(t *testing.T) {
	m := sample()
	d := drive(t, m, Open{View: "accounts"}, 80, 20).press(" ", "G", " ", "g").sees("* 2 marked").sees(">*ada.000").sees("1 of 121")
	d.press("/").write("hedy.0").press("enter").sees("* 2 marked").press("A")
	n := d.page.(*accounts).Len()
	if got := d.page.(*accounts).Marks(); got != n+2 {
		t.Errorf("%d marked, want %d and 2", got, n)
	}
	d.press("esc").sees("1 of 121").press("O")
	d.do(d.page.Update(Changed{}))
	want := append(below(m, 0, 1), below(m, 120, 1)...)
	for _, a := range m.selectAccounts(model.AccountFilter{Query: "hedy.0"}) {
		want = append(want, a.Email)
	}
	slices.Sort(want)
	if got := marked(d); !slices.Equal(got, want) {
		t.Errorf("marked %q, want %q", got, want)
	}
	d.press("!").sees("Hold 12 accounts").press("y")
	if len(m.acts) != len(want) || d.page.(*accounts).Marks() != 0 {
		t.Errorf("%d acts, %d marks are left", len(m.acts), d.page.(*accounts).Marks())
	}
}

func TestGoingToATime(t *testing.T) {
	for text, want := range map[string]time.Duration{"24h": 24 * time.Hour, "2026-11-22": 27*time.Hour + 4*time.Minute + 5*time.Second, "2026-11-22T03:04:05Z": 24 * time.Hour, "1s": time.Second} {
		d := drive(t, sample(), Open{View: "resets"}, 120, 20).press("@").sees("go to").write(text).press("enter").misses("go to")
		p := d.page.(*resets)
		row, _ := p.Current()
		if row.Created.After(testNow().Add(-want)) {
			t.Errorf("%s leads to %s", text, row.Created)
		}
		d.press("k") // what is newer stands above, right there
		if above, _ := p.Current(); !above.Created.After(testNow().Add(-want)) || !above.Created.After(row.Created) {
			t.Errorf("%s: above stands %s", text, above.Created)
		}
	}
}

// Filter and marks stay; all leads to the start; past the end is the end; what is
// no time is said; another order has no times to go to.
func TestGoingToATimeKeepsTheRest(t *testing.T) {
	d := drive(t, sample(), Open{View: "resets"}, 120, 20).press(" ", "f").write("-state:used").press("enter", "@").write("36h").press("enter").sees("/-state:used").sees("* 1 marked")
	row, _ := d.page.(*resets).Current()
	if at := testNow().Add(-36 * time.Hour); row.Created.After(at) || row.State(testNow()) == model.Used {
		t.Errorf("on %+v", row)
	}
	d.press("@").write("all").press("enter").sees("1 of 35").press("@").write("400d").press("enter").sees("35 of 35").press("g").sees("1 of 35")
	d.press("@").write("soon").press("enter").sees("go to soon").sees("24h, 7d").press("esc").misses("go to")
	d.press("shift+right", "shift+right", "shift+right", "O", "@")
	if n := len(d.toasts); n != 1 || d.toasts[0].Text != "the list is not in the order of time" {
		t.Errorf("%v", d.toasts)
	}
	out := drive(t, sample(), Open{View: "outbox"}, 120, 20).press("@").write("3h").press("enter")
	if l, _ := out.page.(*outbox).Current(); l.Created.After(testNow().Add(-3 * time.Hour)) {
		t.Errorf("the outbox leads to %s", l.Created)
	}
}
