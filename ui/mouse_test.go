package ui

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// click presses the left button on the first cell of a text on the screen.
func (c *console) click(text string) *console {
	c.t.Helper()
	for y, l := range strings.Split(c.screen(), "\n") {
		if before, _, ok := strings.Cut(l, text); ok {
			c.send(tea.MouseMsg{X: len([]rune(before)), Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
			return c
		}
	}
	c.t.Fatalf("there is no %q to click on:\n%s", text, c.screen())
	return c
}

func (c *console) wheel(b tea.MouseButton) *console {
	c.send(tea.MouseMsg{Button: b, Action: tea.MouseActionPress})
	return c
}

func TestMouse(t *testing.T) {
	c := newConsole(t, 120, 40)
	c.click("person.07@").sees("> person.07@")
	c.wheel(tea.MouseButtonWheelDown).sees("> person.10@").wheel(tea.MouseButtonWheelUp).sees("> person.07@")
	c.click("created").sees("created ↑").click("created").sees("created ↓").click("address").sees("address ↑")
	c.click("state").sees("address ↑") // cannot be sorted by
	c.press("?").wheel(tea.MouseButtonWheelDown)
	if c.s.picker.cur != 3 {
		t.Errorf("the wheel moved the help to line %d", c.s.picker.cur)
	}
	c.press("<esc>")
	c.press("i").wheel(tea.MouseButtonWheelDown).click("issue and mail it").acts("").press("<esc>")
}

// What stands around a page can be clicked, too.
func TestClicksOnHeaderPathAndFooter(t *testing.T) {
	c := newConsole(t, 120, 40)
	c.click("? help").sees("Keys: Accounts").press("<esc>")
	c.click("undeliverable").sees("Outbox ─").press("2")
	c.press("<enter>").sees("Accounts > person.00@example.org").click("Accounts").misses(" > ").sees("all accounts")
	c.click("i issue").sees("to       person.00@").press("<esc>").acts("")
	c.click("doorman").sees("Clusters ─")
}

func TestDoubleClickOpens(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 4, 5, 0, time.UTC)
	c := newConsole(t, 120, 40, func(o *Options) { o.Env.Now = func() time.Time { return now } })
	c.click("person.07@")
	now = now.Add(time.Second)
	c.click("person.07@").sees("all accounts") // too late for a double click
	c.click("person.05@").sees("all accounts") // another row
	c.click("person.05@").sees("Accounts > person.05@example.org")
}

// A chooser takes the mouse from the page below it.
func TestMouseStaysAboveTheChooser(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 4, 5, 0, time.UTC)
	c := newConsole(t, 120, 40, func(o *Options) { o.Env.Now = func() time.Time { return now } })
	c.press("C").click("person.01@").click("person.01@").wheel(tea.MouseButtonWheelDown)
	if n := len(c.s.nav.path()); n != 1 || c.s.choose == nil {
		t.Errorf("%d pages, chooser %v:\n%s", n, c.s.choose, c.screen())
	}
	c.press("<esc>").sees("> person.00@")
}

// A console that was stopped has the mouse again afterwards.
func TestMouseAfterAStop(t *testing.T) {
	c := newConsole(t, 120, 40)
	if _, cmd := c.s.Update(tea.ResumeMsg{}); cmd != nil {
		t.Error("the mouse was taken that nobody requested")
	}
	c.press("M")
	if _, cmd := c.s.Update(tea.ResumeMsg{}); cmd == nil || cmd() != tea.EnableMouseCellMotion() {
		t.Error("the mouse is gone")
	}
}
