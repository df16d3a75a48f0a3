package part

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestCancelHasTheFocus(t *testing.T) {
	d := NewDialog(testTheme(), "Revoke", "revoke 3 resets")
	if v := d.Key("enter"); v != Refused {
		t.Errorf("enter alone: %v", v)
	}
	if v := d.Key("y"); v != Accepted {
		t.Errorf("y: %v", v)
	}
	d.Key("tab")
	if v := d.Key("enter"); v != Accepted {
		t.Errorf("tab, enter: %v", v)
	}
}

func TestTheNumberIsTyped(t *testing.T) {
	d := NewDialog(testTheme(), "Revoke", "revoke 42 resets")
	d.Count = 42
	for _, k := range []string{"y", "4", "3"} {
		if v := d.Key(k); v != Undecided {
			t.Errorf("%s: %v", k, v)
		}
	}
	if v := d.Key("enter"); v != Undecided {
		t.Errorf("the wrong number: %v", v)
	}
	for _, k := range []string{"4", "1", "backspace", "2"} {
		d.Key(k)
	}
	if v := d.Key("enter"); v != Accepted {
		t.Errorf("the right number: %v", v)
	}
}

func TestAWrongNumberIsNamed(t *testing.T) {
	d := NewDialog(testTheme(), "Revoke", "revoke 42 resets")
	d.Count = 42
	for _, k := range []string{"4", "3", "enter"} {
		d.Key(k)
	}
	if v := ansi.Strip(d.View(80, 20)); !strings.Contains(v, "43 is not the number: nothing was done") {
		t.Errorf("the wrong number is not named:\n%s", v)
	}
	d.Key("4")
	if v := ansi.Strip(d.View(80, 20)); strings.Contains(v, "43") || !strings.Contains(v, "type 42 to confirm: 4▌") {
		t.Errorf("the wrong number stays:\n%s", v)
	}
}

// Left of Cancel is nothing: the key must not wrap round onto the other side.
func TestTheFocusStopsAtTheEnds(t *testing.T) {
	for _, keys := range [][]string{{"h"}, {"left"}, {"l", "h", "h"}, {"right", "left", "left"}} {
		d := NewDialog(testTheme(), "Revoke", "revoke 3 resets")
		for _, k := range keys {
			d.Key(k)
		}
		if v := d.Key("enter"); v != Refused {
			t.Errorf("%v and enter: %v", keys, v)
		}
	}
	d := NewDialog(testTheme(), "Revoke", "revoke 3 resets")
	for _, k := range []string{"l", "l"} {
		d.Key(k)
	}
	if v := d.Key("enter"); v != Accepted {
		t.Errorf("l, l and enter: %v", v)
	}
}

func TestLinesAreBrokenAtBlanksOnly(t *testing.T) {
	const long = "averyveryverylongnamethatisaddressedhere"
	for line, want := range map[string][]string{
		"short": {"short"},
		"  account   jean-baptiste.de-la-salle@example.org": {"  account", "jean-baptiste.de-la-salle@example.org"},
		"of " + long + long: {"of", long, long},
	} {
		if got := Wrap(line, 40); !slices.Equal(got, want) {
			t.Errorf("%q became %q, want %q", line, got, want)
		}
	}
}

func TestNothingIsAcceptedWhileWaiting(t *testing.T) {
	d := NewDialog(testTheme(), "Revoke", "revoke")
	d.Wait = "counting…"
	d.Key("tab")
	for _, k := range []string{"y", "Y"} {
		if v := d.Key(k); v != Undecided {
			t.Errorf("%s: %v", k, v)
		}
	}
	if v := d.Key("enter"); v != Refused {
		t.Errorf("enter: %v", v)
	}
}

func TestReasons(t *testing.T) {
	d := NewDialog(testTheme(), "Revoke", "revoke")
	d.AskReason()
	for _, k := range strings.Split("r|f|l|ü|backspace|o|o|d|y| |n|enter", "|") {
		if v := d.Key(k); v != Undecided {
			t.Fatalf("%s: %v", k, v)
		}
	}
	if d.Why() != "floody n" {
		t.Errorf("reason %q", d.Why())
	}
	if v := d.Key("y"); v != Accepted {
		t.Errorf("y afterwards: %v", v)
	}
}

func TestDialogsFitAndScroll(t *testing.T) {
	body := []string{}
	for range 100 {
		body = append(body, "a line\x1b[31m that is rather long and has to be cut somewhere, because no dialog is wider than the screen it is drawn on")
	}
	body = append(body, "the last line")
	for _, size := range [][2]int{{60, 16}, {80, 20}, {200, 56}} {
		d := NewDialog(testTheme(), strings.Repeat("a long title ", 20), "do it", body...)
		d.View(size[0], size[1])
		d.Key("down")
		for range 120 {
			d.Key("pgdown")
		}
		v := d.View(size[0], size[1])
		lines := strings.Split(v, "\n")
		if len(lines) > size[1] {
			t.Errorf("%v: %d lines", size, len(lines))
		}
		for _, l := range lines {
			if w := ansi.StringWidth(l); w > size[0] || w != ansi.StringWidth(lines[0]) {
				t.Errorf("%v: %d cells, the frame %d: %q", size, w, ansi.StringWidth(lines[0]), ansi.Strip(l))
			}
		}
		if !strings.Contains(v, "the last line") {
			t.Errorf("%v: the end cannot be reached", size)
		}
	}
}

func TestOverlayDropsHalvesOfWideRunes(t *testing.T) {
	back := strings.TrimSuffix(strings.Repeat(strings.Repeat("日本", 5)+"\n", 3), "\n")
	for w := 1; w < 20; w++ {
		got := Overlay(back, strings.Repeat("x", w), 20)
		for _, l := range strings.Split(got, "\n") {
			if ansi.StringWidth(l) != 20 {
				t.Errorf("box of %d: a line of %d cells: %q", w, ansi.StringWidth(l), l)
			}
		}
	}
}

func FuzzOverlay(f *testing.F) {
	f.Add("日本語", "xx", uint8(3))
	f.Fuzz(func(t *testing.T, back, box string, width uint8) {
		w := int(width)%100 + 1
		got := Overlay(strings.TrimSpace(back), box, w)
		if strings.Count(got, "\n") != strings.Count(strings.TrimSpace(back), "\n") {
			t.Fatal("lines were added")
		}
	})
}

func TestSparkline(t *testing.T) {
	if got := Sparkline([]int{0, 1, 4, 8}); got != "▁▂▅█" {
		t.Errorf("%q", got)
	}
	if got := Sparkline([]int{0, 0}); got != "▁▁" {
		t.Errorf("%q", got)
	}
}
