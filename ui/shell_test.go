package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"doorman/model"
	"doorman/ui/page"
)

func TestScreen(t *testing.T) {
	for _, size := range [][2]int{{60, 20}, {80, 24}, {120, 40}, {200, 60}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			for name, keys := range map[string]string{"home": "", "help": "?search", "palette": ":hold", "dialog": "i", "search": "/son.1"} {
				t.Run(name, func(t *testing.T) {
					c := newConsole(t, size[0], size[1], func(o *Options) { o.Capture = true }).press(keys)
					fits(t, c.s.View(), size[0], size[1])
					golden.RequireEqual(t, c.s.View())
				})
			}
		})
	}
}

func fits(t *testing.T, view string, w, h int) {
	t.Helper()
	lines := strings.Split(view, "\n")
	if len(lines) != h {
		t.Errorf("%d lines on a screen of %d", len(lines), h)
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n > w {
			t.Errorf("line %d is %d cells wide on a screen of %d: %q", i, n, w, ansi.Strip(l))
		}
	}
}

func TestEverySizeFits(t *testing.T) {
	for w := minWidth; w <= 210; w += 7 {
		for _, h := range []int{minHeight, 24, 33, 60} {
			for _, keys := range []string{"", "?", ":x", "i", "/p", "<enter>"} {
				fits(t, newConsole(t, w, h).press(keys).s.View(), w, h)
			}
		}
	}
}

func TestTooSmall(t *testing.T) {
	newConsole(t, 59, 24).sees("have 59×24").sees("need 60×20").press("q")
	newConsole(t, 40, 10, func(o *Options) { o.Home = "clusters" }).sees("nothing to judge").sees("have 40×10")
	c := newConsole(t, 80, 19).sees("have 80×19")
	c.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	c.sees("person.00")
}

func TestTypingAheadActsOnTheRightRecord(t *testing.T) {
	newConsole(t, 80, 24).press("/son.17<enter>iy").acts("issue 12")
	c := newConsole(t, 80, 24)
	c.hold = true
	c.press("/son.17<enter>iy").acts("")
	c.release().acts("issue 12")
}

func TestWhatWasTypedAheadOfAFailureIsDropped(t *testing.T) {
	c := newConsole(t, 80, 24)
	c.hold = true
	c.press("/son.17<enter>iy")
	c.store.trouble = &model.Error{Kind: model.Unavailable, Text: "the disk is gone"}
	c.release().acts("").sees("the disk is gone").misses("Issue a reset")
}

// What needs a row waits for the first rows of a page; what needs none does not.
func TestTypedAheadOfTheFirstRows(t *testing.T) {
	ahead := func(keys string) *console {
		c := newConsole(t, 80, 24, func(o *Options) { o.Home = "resets" })
		c.hold = true
		return c.press(keys)
	}
	ahead("2j<enter>").sees("Accounts ─").release().sees("Accounts > person.01")
	ahead("2<enter>3").sees("Accounts ─").release().sees("Resets ─")
	ahead("23").sees("Resets ─").release().sees("Resets ─")
	ahead("2<enter><esc>").release().sees("> person.00").misses("Accounts >")

	c := ahead("2<enter>")
	c.store.trouble = &model.Error{Kind: model.Unavailable, Text: "the disk is gone"}
	c.release().sees("the disk is gone").misses("Accounts >")
}

func TestClumpedKeysArePlayedOneByOne(t *testing.T) {
	newConsole(t, 80, 24).press("jjj").sees("> person.03@example.org")
}

// Over a slow line escape and the next key come in one read, which looks like alt
// and the key.
func TestEscAndAKeyInOneReadAreTwo(t *testing.T) {
	alt := func(k tea.KeyMsg) tea.KeyMsg { k.Alt = true; return k }
	c := newConsole(t, 100, 30)
	c.press("2f state:held<enter>").sees("/state:held")
	c.send(alt(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{'3'}}))
	c.sees("Resets").press("[").sees("Accounts").misses("/state:held")
	c.press("/person").sees("/person")
	c.send(alt(tea.KeyMsg{Type: tea.KeyEsc}))
	c.misses("/person")
}

func TestPastesAreNotKeys(t *testing.T) {
	c := newConsole(t, 80, 24)
	c.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("iy"), Paste: true})
	c.acts("").misses("Issue")
	c.press("/")
	c.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("person.2"), Paste: true})
	c.sees("/person.2").sees("person.29")
}

func TestEscNeverQuits(t *testing.T) {
	c := newConsole(t, 80, 24).press("/son.1<enter><esc><esc><esc><esc>")
	if c.quit {
		t.Error("esc quit")
	}
	if c.press("q"); !c.quit {
		t.Error("q at the top did not quit")
	}
}

func TestHistory(t *testing.T) {
	c := newConsole(t, 80, 24).press("j<enter>").sees("Accounts > person.01@example.org")
	c.press("q").sees("> person.01").misses("Accounts >").press("]").sees("Accounts > person.01").press("[").misses("Accounts >")
	c.press("j<enter>").sees("Accounts > person.02").press("[[[[").misses("Accounts >")
	c.press("]]]]").sees("Accounts > person.02")
	if c.quit {
		t.Error("the history quit")
	}
}

func TestPagesLeftBehindAreClosed(t *testing.T) {
	c := newConsole(t, 80, 24)
	for range 3 * maxPlaces {
		c.press("<enter>q")
	}
	if n := len(c.s.nav.places); n > maxPlaces {
		t.Errorf("%d places", n)
	}
	if n := len(c.s.nav.all()); n > maxPlaces {
		t.Errorf("%d pages are kept", n)
	}
}

func TestUndo(t *testing.T) {
	c := newConsole(t, 80, 24).press("z").sees("there is nothing to undo").press("!y").sees("held person.00").sees("z undoes it")
	c.press("z").acts("hold 01, undo bb").sees("undone: 1 account")
	c.press("z").acts("hold 01, undo bb")
}

func TestAnUndoThatFailsCanBeTriedAgain(t *testing.T) {
	c := newConsole(t, 80, 24).press("!y").sees("z undoes it")
	c.store.locked = true
	c.press("z").sees("keeps the database locked").acts("hold 01")
	c.store.locked = false
	c.press("z").sees("undone: 1 account").acts("hold 01, undo bb")
}

func TestPaletteRuns(t *testing.T) {
	newConsole(t, 80, 24).press(":").sees("Commands").press("hold the<enter>").sees("Hold person.00")
	newConsole(t, 80, 24).press("?").sees("Keys: Accounts").press("search<enter>").sees("/▌")
	newConsole(t, 80, 24).press("<ctrl+p>zzzz").sees("no action or view has that name").press("<enter><esc>")
}

func TestHelpSaysWhyNot(t *testing.T) {
	newConsole(t, 120, 40, func(o *Options) { o.Env.ReadOnly = true }).sees("READ-ONLY").press("?issue").sees("off: opened read-only").press("<enter>").sees("i: opened read-only").acts("")
}

func TestLiveRefresh(t *testing.T) {
	c := newConsole(t, 80, 24)
	c.store.rows = append([]model.AccountRow{{Account: model.Account{ID: strings.Repeat("9", 32), Email: "aaa@example.org"}}}, c.store.rows...)
	c.do(c.s.ticked(time.Now()))
	c.misses("aaa@")
	c.store.changed = true
	c.do(c.s.ticked(time.Now()))
	c.sees("aaa@").sees("> person.00")
}

func TestPause(t *testing.T) {
	c := newConsole(t, 80, 24).press("u").sees("PAUSED")
	c.store.rows, c.store.changed = c.store.rows[:1], true
	c.do(c.s.ticked(time.Now()))
	c.sees("person.05").press("u").misses("PAUSED").misses("person.05")
}

// What is read in the background stands in the header, on every page, until it is
// done.
func TestReadingIsInTheHeader(t *testing.T) {
	c := newConsole(t, 100, 24).misses("READING")
	c.store.reading = &model.ClusterReading{Done: 250, Total: 1000}
	c.do(c.s.ticked(time.Now()))
	c.sees("catching up 25%")
	c.store.reading = &model.ClusterReading{Done: 999, Total: 1000}
	c.do(c.s.ticked(time.Now()))
	c.sees("catching up 99%").press("2").sees("catching up 99%")
	c.store.reading = nil
	c.do(c.s.ticked(time.Now()))
	c.misses("READING")
}

func TestTroubleWithTheStore(t *testing.T) {
	c := newConsole(t, 80, 24)
	c.store.trouble = &model.Error{Kind: model.Unavailable, Text: "the file was deleted", Hint: "restore it"}
	c.do(c.s.ticked(time.Now()))
	c.sees("NO STORE").sees("the file was deleted — restore it").sees("person.00")
	c.store.trouble = nil
	c.do(c.s.ticked(time.Now()))
	c.misses("NO STORE")
}

func TestWhatWasDoneBeforeAFailureCanBeUndone(t *testing.T) {
	c := newConsole(t, 120, 40)
	c.send(page.Saved{Text: "held 1 of 2", Batch: strings.Repeat("c", 32), Err: &model.Error{Kind: model.NotFound, Text: "the account is gone"}})
	c.sees("held 1 of 2, then: the account is gone").press("z").acts("undo cc")
}

func TestUnexpectedErrorsAreNotShown(t *testing.T) {
	c := newConsole(t, 80, 24)
	c.send(page.Saved{Err: errors.New("sql: SELECT * FROM secrets")})
	c.misses("SELECT").sees("something went wrong")
}

func TestQuittingWaitsForWrites(t *testing.T) {
	c := newConsole(t, 80, 24)
	c.hold = true
	c.press("!y")
	c.hold = false
	c.press("q").sees("finishing 1 write")
	if c.quit {
		t.Fatal("quit while a write was under way")
	}
	c.release().acts("hold 01")
	c.do(c.s.ticked(time.Now()))
	if !c.quit {
		t.Error("the write is done and the console still there")
	}
}

func TestQuittingDoesNotWaitForEver(t *testing.T) {
	c := newConsole(t, 80, 24)
	c.hold = true
	c.press("!y")
	c.hold = false
	c.press("q")
	c.do(c.s.ticked(time.Now().Add(patience + time.Second)))
	if !c.quit {
		t.Error("still waiting")
	}
}

func TestNoKeyMeansTwoThings(t *testing.T) {
	c := newConsole(t, 80, 24)
	for _, path := range []string{"", "<enter>"} {
		c.press(path)
		seen := map[string]string{}
		for _, a := range c.s.actions() {
			if a.Help == "" || a.Run == nil {
				t.Errorf("%q lacks a help or what it does", a.Keys)
			}
			for _, k := range a.Keys {
				if other, taken := seen[k]; taken {
					t.Errorf("%q means both %q and %q", k, other, a.Help)
				}
				seen[k] = a.Help
			}
		}
	}
}

// A page may answer z itself; the other keys mean the same everywhere.
func TestPagesLeaveTheShellItsKeys(t *testing.T) {
	c := newConsole(t, 80, 24)
	for _, v := range page.Views() {
		for _, a := range v.Make(c.s.env, page.Open{View: v.Name}).Actions() {
			for _, own := range c.s.own() {
				for _, k := range own.Keys {
					if k != "z" && slices.Contains(a.Keys, k) {
						t.Errorf("%s uses %q for %q; everywhere else it is %q", v.Name, k, a.Help, own.Help)
					}
				}
			}
		}
	}
}

func TestCopyAsCommand(t *testing.T) {
	copied := ""
	c := newConsole(t, 80, 24, func(o *Options) {
		o.Env.Copy = func(text string) tea.Cmd { copied = text; return nil }
	})
	if c.press("<enter>L"); copied != "doorman account 00000000000000000000000000000001" {
		t.Errorf("copied %q", copied)
	}
}

func TestWindowTitleIsSafe(t *testing.T) {
	c := newConsole(t, 80, 24)
	c.store.rows[0].Email = "a\x1b]52;c;eA==\x07b@example.org"
	c.press("<ctrl+r><enter>")
	if title := c.s.windowTitle(); strings.ContainsAny(title, "\x1b\x07") {
		t.Errorf("%q", title)
	}
}

func BenchmarkFrame(b *testing.B) {
	c := newConsole(&testing.T{}, 200, 60)
	b.ReportAllocs()
	for b.Loop() {
		_ = c.s.View()
	}
}

// What was said about a key goes with the next key; the result of an act stays.
func TestARefusalGoesWithTheNextKey(t *testing.T) {
	c := newConsole(t, 80, 24).press("z").sees("there is nothing to undo").press("j").misses("there is nothing to undo")
	c.press("!y").sees("held person.01").press("j").sees("held person.01")
}
