package page

import (
	"strings"
	"sync"
	"testing"
)

// kept keeps habits for the next console of a test.
type kept struct {
	mu sync.Mutex
	h  Habits
}

// Change implements Keeper.
func (k *kept) Change(f func(*Habits)) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	f(&k.h)
	return nil
}

// next opens a view in a console that remembers what k keeps.
func (k *kept) next(t *testing.T, view string, w, h int) *driver {
	t.Helper()
	m := sample()
	e := testEnv(m)
	e.Habits, e.Keep = k.h, k
	return driveEnv(t, e, m, Open{View: view}, w, h)
}

func TestSavedFiltersAreTabs(t *testing.T) {
	k := &kept{}
	d := k.next(t, "resets", 100, 20).press("S").misses("save as")
	d.press("f").write("state:live").press("enter", "S").sees("save as").write("open doors").press("enter")
	d.sees("all  [open doors]").press("esc").misses("/state:live").sees("[all]  open doors").press("tab").sees("/state:live")
	d.press("f").write("agent:x").press("enter").sees("[open doors*]")

	d = k.next(t, "resets", 100, 20).sees("[all]  open doors").press("tab").sees("/state:live").sees("1 of 3")
	d.press("R").press("ctrl+u").write("live").press("enter").sees("[live]").press("tab").sees("[all]").press("shift+tab").sees("/state:live")
	k.next(t, "accounts", 100, 20).misses("[all]")

	d = k.next(t, "resets", 100, 20).press("tab", "D").misses("[live]").sees("/state:live")
	k.next(t, "resets", 100, 20).misses("[all]")
	if len(k.h.Filters) != 0 {
		t.Errorf("%+v", k.h)
	}
	if got := d.toasts[len(d.toasts)-1].Text; !strings.Contains(got, "forgot the filter live") {
		t.Errorf("said %q", got)
	}
}

func TestNamesOfFilters(t *testing.T) {
	k := &kept{}
	d := k.next(t, "resets", 100, 20).press("s", "S").press("enter").sees("needs a name").write(strings.Repeat("x", 25)).press("enter").sees("too long")
	d.press("esc").misses("save as")
	for _, name := range []string{"a", "b"} {
		d.press("S").press("ctrl+u").write(name).press("enter")
	}
	d.press("R").press("ctrl+u").write("a").press("enter").sees("there is one of that name").press("esc")
	if len(k.h.Filters) != 2 {
		t.Errorf("%+v", k.h.Filters)
	}
}

func TestColumnsAndOrderStay(t *testing.T) {
	k := &kept{}
	d := k.next(t, "accounts", 80, 20).press("shift+right")
	for range 4 {
		d.press("shift+right")
	}
	d.press("O").sees("created ↑").press("O").sees("created ↓")
	k.next(t, "accounts", 80, 20).sees("created ↓").sees("> ada.000")

	e := d.env
	var c *Choose
	d.page.(*accounts).choose()
	for _, m := range e.Sent() {
		if m, ok := m.(Choose); ok {
			c = &m
		}
	}
	play := func(keys ...string) {
		for _, key := range keys {
			if v := c.Chooser.Key(key); v > 0 {
				d.do(c.Changed(v))
			}
		}
	}
	play("down", "down", "down", "down", "down", "down", " ") // held by comes, though there is little room
	d.sees("held by")
	play("K", "K", "K", "K", "K", "down", " ") // it stands before state, which goes
	d.misses("state")
	again := k.next(t, "accounts", 80, 20).misses("state").sees("held by")
	if s := again.screen(); strings.Index(s, "held by") > strings.Index(s, "resets") {
		t.Error("the order of the columns is forgotten")
	}
	play("r")
	k.next(t, "accounts", 80, 20).sees("state").misses("held by")
}

// A file that somebody wrote by hand cannot hide every column or name an order
// that there is not.
func TestStrangeHabits(t *testing.T) {
	k := &kept{}
	m := sample()
	var all []string
	for _, c := range accountColumns(testEnv(m)) {
		all = append(all, c.Title)
	}
	k.h.list("accounts", func(l *ListHabits) {
		l.Columns.Hide, l.Columns.Order, l.Sort = all, []string{"nothing", "id", "id"}, "colour"
	})
	k.h.Filters = []SavedFilter{{"accounts", "old", "colour:red"}}
	d := k.next(t, "accounts", 80, 20).sees("id").sees("old").press("tab").sees("1 of 121")
	if _, sent := d.page.(*accounts).Current(); !sent {
		t.Error("no row is selected")
	}
}

func TestTheCellThatIsCopied(t *testing.T) {
	m := sample()
	var got string
	e := testEnv(m)
	e.Copy = noting(&got)
	d := driveEnv(t, e, m, Open{View: "resets"}, 120, 20).press("y")
	if got != m.resets[0].ID.String() {
		t.Errorf("copied %q", got)
	}
	d.press("shift+right").sees("[state]").press("y")
	if got != "live" {
		t.Errorf("copied %q", got)
	}
	d.press("shift+left", "y")
	if got != "2026-11-23T03:04:05Z" {
		t.Errorf("copied %q", got)
	}
}
