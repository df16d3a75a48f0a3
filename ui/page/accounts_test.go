package page

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/term"
)

func TestAccounts(t *testing.T) {
	atSizes(t, func(t *testing.T, w, h int) {
		home := Open{View: "accounts"}
		t.Run("list", func(t *testing.T) { drive(t, sample(), home, w, h).golden() })
		t.Run("search", func(t *testing.T) { drive(t, sample(), home, w, h).press("/").write("grace.0").golden() })
		t.Run("marks", func(t *testing.T) { drive(t, sample(), home, w, h).press(" ", " ", "j", " ").golden() })
		t.Run("issue", func(t *testing.T) {
			drive(t, sample(), home, w, h).press("/").write("hedy").press("enter", "i").golden()
		})
		t.Run("hold", func(t *testing.T) { drive(t, sample(), home, w, h).press("!").golden() })
		t.Run("empty", func(t *testing.T) { drive(t, &memory{}, home, w, h).golden() })
		t.Run("no match", func(t *testing.T) {
			drive(t, sample(), home, w, h).press("/").write("zzz").press("enter").golden()
		})
		t.Run("error", func(t *testing.T) { drive(t, &memory{broken: gone()}, home, w, h).golden() })
	})
}

func gone() error {
	return &model.Error{Kind: model.Unavailable, Text: "the database file is locked by another program", Hint: "wait for it to finish"}
}

func TestFindAndIssueTakesFourKeysAndTheFragment(t *testing.T) {
	d := drive(t, sample(), Open{View: "accounts"}, 80, 20)
	d.press("/").write("grace.011").press("enter", "i", "y").acts("issue grace.011@example.org")
}

func TestSearchTakesAnyPartInAnyCase(t *testing.T) {
	d := drive(t, sample(), Open{View: "accounts"}, 80, 20)
	d.press("/").write("DY.00").sees("hedy.009@example.org").misses("ada.000").press("enter").sees("1 of 1")
	d.press("esc").sees("all accounts").sees("ada.000")
}

func TestEscTakesBackFilterThenMarks(t *testing.T) {
	d := drive(t, sample(), Open{View: "accounts"}, 80, 20)
	d.press(" ").press("/").write("grace").press("enter").sees("1 marked").misses("ada.000")
	d.press("esc").sees("1 marked").sees("ada.000")
	d.press("esc").misses("marked")
	if _, more := d.page.(Unwinder).Unwind(); more {
		t.Error("there is nothing left to take back")
	}
}

func TestHoldAndRelease(t *testing.T) {
	d := drive(t, sample(), Open{View: "accounts"}, 80, 20)
	id := d.store.accounts[0].ID
	d.press("!").sees("Hold ada.000@example.org").press("r").write("flood").press("enter", "y").acts("hold " + id).sees("■ held")
	if got := d.store.batches[0].Reason; got != "flood" {
		t.Errorf("reason %q", got)
	}
	if d.saved[0].Batch == "" {
		t.Error("a hold can be undone, and the shell does not know how")
	}
	d.press("!").sees("Release ada.000").press("y").acts("hold "+id, "release "+id).misses("■ held")
}

func TestAHeldAccountIsNotIssued(t *testing.T) {
	d := drive(t, sample(), Open{View: "accounts"}, 80, 20)
	d.press("o").sees("/state:held").press("i").acts()
	if len(d.toasts) != 1 || !strings.Contains(d.toasts[0].Text, "is held") {
		t.Errorf("%+v", d.toasts)
	}
}

func TestEnterAloneNeverChangesAnything(t *testing.T) {
	d := drive(t, sample(), Open{View: "accounts"}, 80, 20)
	d.press("!", "enter").acts()
	d.press("i", "enter").acts()
}

func TestAboveTwentyTheNumberIsTyped(t *testing.T) {
	m := sample()
	m.accounts[4].Held = time.Time{}
	d := drive(t, m, Open{View: "accounts"}, 80, 20)
	d.press("/").write("a").press("enter", "A")
	n := d.page.(*accounts).Marks()
	if n <= model.TypedCountAbove {
		t.Fatalf("only %d accounts are marked", n)
	}
	d.press("/", "esc", "ctrl+\\", "g", "A", "i").sees("type 121 to confirm").press("y").acts()
	d.press("1", "2", "enter").acts().press("1", "2", "1")
	d.sees("121▌").press("esc").acts()
}

func TestCursorStaysOnItsRecord(t *testing.T) {
	d := drive(t, sample(), Open{View: "accounts"}, 80, 20)
	d.press("j", "j", "j").press(" ")
	before, _ := d.page.(*accounts).Current()
	d.store.accounts = append(d.store.accounts, model.Account{ID: "new", Email: "aa@example.org", Created: testNow()})
	d.do(d.page.Update(Changed{}))
	if after, _ := d.page.(*accounts).Current(); after.ID != before.ID {
		t.Errorf("the cursor went from %s to %s", before.Email, after.Email)
	}
	d.sees("aa@example.org")
}

func TestTheWholeListCanBeWalked(t *testing.T) {
	d := drive(t, sample(), Open{View: "accounts"}, 80, 12)
	seen := map[string]bool{}
	for range d.store.accounts {
		a, _ := d.page.(*accounts).Current()
		seen[a.ID] = true
		d.press("j")
	}
	if len(seen) != len(d.store.accounts) {
		t.Errorf("saw %d of %d", len(seen), len(d.store.accounts))
	}
	d.press("G").sees("121 of 121").press("g").sees("1 of 121")
	for range d.store.accounts {
		d.press("ctrl+d")
	}
	d.sees("121 of 121")
}

func TestSortingTurnsRound(t *testing.T) {
	d := drive(t, sample(), Open{View: "accounts"}, 80, 20)
	d.press("O").sees("address ↓").sees("radia").press("shift+right", "O")
	if n := len(d.toasts); n != 1 || !strings.Contains(d.toasts[0].Text, "gives no order") {
		t.Errorf("%+v", d.toasts)
	}
	d.press("shift+right", "shift+right", "shift+right", "shift+right", "O").sees("created ↑").press("O").sees("created ↓").sees("> ada.000")
}

func TestALateAnswerIsDropped(t *testing.T) {
	m := sample()
	e := testEnv(m)
	p := newAccounts(e, Open{}).(*accounts)
	p.SetSize(80, 20)
	late := Load(&p.rows, func(ctx context.Context) (int, error) { return 1, ctx.Err() }, func(int, error) tea.Cmd { t.Error("a late answer was painted"); return nil })
	p.reload()
	if cmd := late().(Answer).Deliver(); cmd != nil {
		t.Error("a late answer goes on")
	}
}

func TestSlowReadsAreMentionedOnlyWhenSlow(t *testing.T) {
	m := sample()
	e := testEnv(m)
	now := testNow()
	e.Now = func() time.Time { return now }
	p := newAccounts(e, Open{}).(*accounts)
	p.SetSize(80, 20)
	p.Init()
	if strings.Contains(p.View(), "loading") {
		t.Error("the first frame flickers")
	}
	now = now.Add(200 * time.Millisecond)
	if !strings.Contains(p.View(), "loading") {
		t.Error("a slow read is not mentioned")
	}
}

func TestCommandsSurviveTheShell(t *testing.T) {
	for word, want := range map[string]string{"ada@example.org": "ada@example.org", "o'hara; rm": `'o'\''hara; rm'`, "-x": "'-x'", "": "''", "$(id)": "'$(id)'"} {
		if got := term.ShellQuote(word); got != want {
			t.Errorf("%q: %s", word, got)
		}
	}
	d := drive(t, sample(), Open{View: "accounts"}, 80, 20).press("/").write("grace").press("enter")
	if got := d.page.(Commander).Command(); got != "doorman accounts -- grace" {
		t.Error(got)
	}
}

func TestAGestureThatFailsHalfwaySaysHowFarItCame(t *testing.T) {
	m := sample()
	d := drive(t, m, Open{View: "accounts"}, 80, 20).press(" ", " ")
	second := d.page.(*accounts).Marked()[1]
	m.accounts = slices.DeleteFunc(m.accounts, func(a model.Account) bool { return a.ID == second.ID })
	d.press("!", "y")
	s := d.saved[0]
	if s.Err == nil || s.Text != "held 1 of 2" || s.Batch == "" {
		t.Errorf("%+v", s)
	}
	if n := d.page.(*accounts).Marks(); n != 0 {
		t.Errorf("%d marks are left", n)
	}
}
