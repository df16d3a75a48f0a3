package page

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"doorman/model"
)

func TestLinksAreCheckedBeforeAnythingIsOpened(t *testing.T) {
	for _, c := range []struct {
		link Link
		want string
	}{
		{Link{}, ""},
		{Link{View: "resets", Filter: "state:live ip:203.0.113.0/24 agent:curl since:24h", Select: "1a2b3c4d"}, ""},
		{Link{View: "cluster", Select: "203.0.113.0/24"}, ""},
		{Link{View: "audit", Select: "17"}, ""},
		{Link{Filter: "state:live"}, "view: is missing"},
		{Link{View: "../../etc"}, `view: there is no view "../../etc" to open`},
		{Link{View: "whatif"}, `view: there is no view "whatif" to open`},
		{Link{View: "resets", Filter: "state:fresh"}, `state: there is no state "fresh"`},
		{Link{View: "resets", Filter: "ada\x1b]0;owned\a"}, "filter: is longer than 1000 bytes or no text"},
		{Link{View: "resets", Filter: strings.Repeat("a", 2000)}, "filter: is longer than 1000 bytes or no text"},
		{Link{View: "batches", Filter: "ada"}, "filter: the view batches has no filter"},
		{Link{View: "account"}, "select: is missing: the view account is about one record"},
		{Link{View: "account", Select: "\x1b[2J"}, "select: is longer than 500 bytes or no text"},
		{Link{View: "account", Select: "\xff"}, "select: is longer than 500 bytes or no text"},
		{Link{View: "account", Select: strings.Repeat("a", 501)}, "select: is longer than 500 bytes or no text"},
	} {
		err := c.link.Check(testNow)
		var e *model.Error
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%+v: %v", c.link, err)
		case c.want != "" && (!errors.As(err, &e) || e.Error() != c.want || e.Hint == ""):
			t.Errorf("%+v: %v, want %s and a hint", c.link, err, c.want)
		}
	}
}

// What Y copies from a place leads to the same place.
func TestLinksLeadBack(t *testing.T) {
	for _, view := range []string{"resets", "accounts", "outbox", "audit", "clusters", "blocks", "cases", "batches"} {
		t.Run(view, func(t *testing.T) {
			m := busy()
			d := drive(t, m, Open{View: view}, 120, 36).press("j", "j")
			l := d.page.(Linker).Link()
			if err := l.Check(testNow); err != nil {
				t.Fatalf("%+v: %v", l, err)
			}
			if opens := l.Opens(); len(opens) != 1 || opens[0].View != view {
				t.Fatalf("%+v", opens)
			}
			again := drive(t, m, l.Opens()[0], 120, 36)
			if got := again.page.(Linker).Link(); got != l || len(again.toasts) > 0 {
				t.Errorf("%+v leads to %+v, %v", l, got, again.toasts)
			}
		})
	}
}

func TestALinkFindsARowFarDown(t *testing.T) {
	m := &memory{}
	for i := range 700 {
		id := fmt.Sprintf("%032x", 0xabcd0000+i)
		m.accounts = append(m.accounts, model.Account{ID: id, Email: fmt.Sprintf("p%03d@example.org", i), EmailConfirmed: true})
	}
	d := drive(t, m, Open{View: "accounts", Select: m.accounts[650].ID}, 80, 20).sees("> p650@example.org").sees("651 of 700")
	d.press("k").sees("> p649").sees("650 of 700").press("g").sees("> p000").sees("1 of 700").press("G").sees("700 of 700")
	d = drive(t, m, Open{View: "accounts", Line: "p6", Select: m.accounts[3].ID}, 80, 20)
	if len(d.opened) != 1 || d.opened[0].View != "account" || d.opened[0].Ref != m.accounts[3].ID || len(d.toasts) != 1 {
		t.Errorf("opened %+v, said %+v", d.opened, d.toasts)
	}
	drive(t, m, Open{View: "accounts", Line: "p6", Select: m.accounts[610].ID}, 80, 20).sees("/p6").sees("> p610").press("esc").misses("/p6")
}

// Where ids are credentials a link holds no more of one than a screen does.
func TestLinksHoldNoCredential(t *testing.T) {
	m := sample()
	for i, r := range m.resets {
		m.resets[i].ID = model.NewResetID(r.ID.Full(), model.SchemeID)
	}
	d := drive(t, m, Open{View: "resets"}, 120, 30).press("j")
	row, _ := d.page.(*resets).Current()
	l := d.page.(Linker).Link()
	if strings.Contains(d.env.LinkCommand(l), row.ID.Full()) || len(l.Select) != 8 {
		t.Errorf("%+v", l)
	}
	again := drive(t, m, l.Opens()[0], 120, 30)
	if got, _ := again.page.(*resets).Current(); got.ID != row.ID {
		t.Errorf("leads to %v", got.ID)
	}
}

func TestLinkCommandsSurviveTheShell(t *testing.T) {
	e := &Env{Program: "doorman --db '/srv/it'\\''s.db'"}
	got := e.LinkCommand(Link{View: "resets", Filter: `agent:"it's; rm -rf"`, Select: "-x"})
	if want := `doorman --db '/srv/it'\''s.db' --view resets --filter 'agent:"it'\''s; rm -rf"' --select='-x'`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// The window of the clusters goes with the link, and leads back to it.
func TestLinksKeepTheWindow(t *testing.T) {
	m := attacked()
	d := drive(t, m, Open{View: "clusters"}, 120, 40).press("t")
	l := d.page.(Linker).Link()
	if l.Window != "7d" || l.Check(testNow) != nil || !strings.Contains(d.env.LinkCommand(l), " --window 7d") {
		t.Errorf("%+v", l)
	}
	if got := drive(t, m, l.Opens()[0], 120, 40).page.(*clusters).inWords(); got != "7 d" {
		t.Errorf("leads to the last %s", got)
	}
	for _, bad := range []Link{{View: "clusters", Window: "3d"}, {View: "resets", Window: "7d"}, {Window: "7d"}} {
		if bad.Check(testNow) == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}
