package page

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	"doorman/model"
)

func TestResets(t *testing.T) {
	atSizes(t, func(t *testing.T, w, h int) {
		open := Open{View: "resets"}
		t.Run("list", func(t *testing.T) { drive(t, sample(), open, w, h).golden() })
		t.Run("search", func(t *testing.T) { drive(t, sample(), open, w, h).press("/").write("grace.0").golden() })
		t.Run("filter", func(t *testing.T) {
			drive(t, sample(), open, w, h).press("f").write("state:live,used ip:203.0.113.0/24").press("enter").golden()
		})
		t.Run("bad filter", func(t *testing.T) {
			drive(t, sample(), open, w, h).press("f").write("state:fresh").golden()
		})
		t.Run("marks", func(t *testing.T) { drive(t, sample(), open, w, h).press(" ", " ", "j", " ").golden() })
		t.Run("plan", func(t *testing.T) { drive(t, sample(), open, w, h).press("A", "x").golden() })
		t.Run("typed count", func(t *testing.T) { drive(t, flood(), open, w, h).press("A", "x").golden() })
		t.Run("empty", func(t *testing.T) { drive(t, &memory{}, open, w, h).golden() })
		t.Run("no match", func(t *testing.T) { drive(t, sample(), open, w, h).press("/").write("zzz").press("enter").golden() })
		t.Run("error", func(t *testing.T) {
			drive(t, &memory{broken: &model.Error{Kind: model.Unavailable, Text: "the disk is gone", Hint: "mount it again"}}, open, w, h).golden()
		})
	})
}

// flood is a store with thirty live resets from one network.
func flood() *memory {
	m := sample()
	for i := range 30 {
		r := sampleReset(m.accounts[i%10], 8)
		r.ID = model.NewResetID(strings.Repeat("f", 30)+string(rune('a'+i/26))+string(rune('a'+i%26)), model.SchemeSecret)
		r.Created, r.Expires = testNow(), testNow().Add(model.DefaultLifetime)
		r.RequestedIP, r.RequestedAgent = "198.51.100.7", "python-requests/2.31"
		m.resets = append(m.resets, r)
	}
	return m
}

func TestMarkThreeRevokeAndUndo(t *testing.T) {
	m := flood()
	d := drive(t, m, Open{View: "resets"}, 80, 20)
	d.press("f").write("state:live ip:198.51.100.0/24").press("enter").sees("1 of 30")
	d.press(" ", " ", " ").sees("* 3 marked").press("x").sees("3 live resets of").press("y")
	d.acts("revoke 3 resets").sees("1 of 27")
	batch := d.saved[0].Batch
	if batch == "" || d.saved[0].Err != nil {
		t.Fatalf("nothing to undo: %+v", d.saved)
	}
	d = drive(t, m, Open{View: "batch", Ref: batch}, 80, 20).sees("3 resets").press("z").sees("3 resets").press("y")
	d.acts("revoke 3 resets", "undo revoke")
}

func TestManyNeedTheirNumberTyped(t *testing.T) {
	d := drive(t, flood(), Open{View: "resets"}, 80, 20)
	d.press("f").write("ip:198.51.100.7").press("enter", "X", "y")
	d.acts().write("29").press("enter").acts().write("30").press("enter").acts("revoke 30 resets")
}

func TestRevokeAllNeedsAFilter(t *testing.T) {
	d := drive(t, flood(), Open{View: "resets"}, 80, 20).press("X")
	if d.ask != nil || len(d.toasts) != 1 || !strings.Contains(d.toasts[0].Text, "filter first") {
		t.Fatalf("asked %v, said %v", d.ask, d.toasts)
	}
}

func TestRevokeAllFindsTheAccountOfTheFilter(t *testing.T) {
	d := drive(t, flood(), Open{View: "resets"}, 80, 20)
	d.press("f").write("account:grace.001@example.org state:live since:1s").press("enter", "X").sees("3 live resets of 1 account").press("y")
	d.acts("revoke 3 resets")
}

func TestFilterThatCannotBeReadIsNotApplied(t *testing.T) {
	d := drive(t, sample(), Open{View: "resets"}, 80, 20)
	d.press("f").write("state:fresh").press("enter").sees(`there is no state "fresh"`).sees("1 of 40")
	d.press("esc").misses("fresh").sees("all resets").sees("1 of 40")
}

func TestStatesCycleAndKeepTheRestOfTheFilter(t *testing.T) {
	d := drive(t, sample(), Open{View: "resets"}, 80, 20)
	d.press("/").write("grace").press("enter", "s").sees("state:live grace")
	d.press("s").sees("state:used grace").press("s", "s", "s").sees("state:expired grace").press("s").sees("/grace")
	d.press("esc").sees("all resets")
}

func TestPivots(t *testing.T) {
	m := sample()
	d := drive(t, m, Open{View: "resets"}, 120, 30)
	d.press("e", "E", "w", "enter")
	want := []any{netip.MustParsePrefix("203.0.113.7/32"), netip.MustParsePrefix("203.0.113.0/24")}
	for i, w := range want {
		if f := d.opened[i].Filter.(model.ResetFilter); f.IP != w {
			t.Errorf("pivot %d leads to %v, want %v", i, f.IP, w)
		}
	}
	if o := d.opened[2]; o.View != "account" || o.Ref != m.accounts[0].ID {
		t.Errorf("w opened %v", o)
	}
	if o := d.opened[3]; o.View != "reset" || o.Ref != m.resets[0].ID.Full() {
		t.Errorf("enter opened %v", o)
	}
	d = drive(t, m, d.opened[0], 120, 30).sees("ip:203.0.113.7").sees("1 of 1")
	if got := d.page.Title(); got != "Resets ip:203.0.113.7" {
		t.Errorf("the page is called %q", got)
	}
}

// On a page that a pivot opened esc takes back what was filtered since, and then
// leads back: it never widens the list to everything.
func TestEscKeepsWhatAPivotAskedFor(t *testing.T) {
	m := sample()
	d := drive(t, m, Open{View: "resets", Filter: model.ResetFilter{IP: netip.MustParsePrefix("203.0.113.0/24")}}, 120, 30).sees("1 of 30")
	d.press("s").sees("state:live").press("esc").misses("state:live").sees("1 of 30")
	d.press("/").write("ada").sees("1 of 3").press("esc").sees("1 of 30")
	if _, done := d.page.(Unwinder).Unwind(); done {
		t.Error("esc does not lead back")
	}
}

func TestIssueForTheAccountOfTheRow(t *testing.T) {
	drive(t, sample(), Open{View: "resets"}, 80, 24).press("i").sees("Issue a reset").press("y").acts("issue ada.000@example.org")
}

func TestNothingIsIssuedForAHeldAccount(t *testing.T) {
	d := drive(t, sample(), Open{View: "resets"}, 80, 24).press("/").write("donald").press("enter", "i")
	if d.ask != nil || len(d.toasts) != 1 {
		t.Fatalf("asked %v, said %v", d.ask, d.toasts)
	}
	d.acts()
}

func TestRefreshKeepsCursorAndMarks(t *testing.T) {
	m := sample()
	d := drive(t, m, Open{View: "resets"}, 80, 24).press("j", " ", "j")
	before, _ := d.page.(*resets).Current()
	m.resets = append(m.resets, model.Reset{ID: model.NewResetID(strings.Repeat("e", 32), model.SchemeSecret), Created: testNow(), Email: "new@example.org"})
	d.do(d.page.Update(Changed{}))
	if after, _ := d.page.(*resets).Current(); after.ID != before.ID {
		t.Errorf("the cursor went from %v to %v", before.ID, after.ID)
	}
	d.sees("* 1 marked").sees("new@example.org")
}

// Changes that come faster than a slow count is done do not start it over.
func TestAChangeDoesNotStartASlowCountOver(t *testing.T) {
	m := sample()
	e := testEnv(m)
	p := newResets(e, Open{View: "resets"}).(*resets)
	begun, inner := 0, p.count
	p.count = func() func(context.Context) (model.Count, error) { begun++; return inner() }
	p.SetSize(80, 20)
	d := &driver{t: t, page: p, env: e, store: m}
	count := p.recount()
	d.do(p.Update(Changed{}))
	if begun != 1 {
		t.Errorf("%d counts were begun while the first went on", begun)
	}
	d.do(count)
	d.do(p.Update(Changed{}))
	if begun != 2 {
		t.Errorf("%d counts were begun in all, want 2", begun)
	}
}
