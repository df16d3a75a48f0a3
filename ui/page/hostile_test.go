package page

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"doorman/model"
	"doorman/ui/part"
	"doorman/ui/term"
)

// poisons are texts that break careless screens; 31337 marks every sequence.
func poisons() []string {
	return []string{
		"\x1b]0;31337\a", "\x1b]8;;http://31337\x1b\\x\x1b]8;;\x1b\\", "\x1b]52;c;MzEzMzc=\a", "\x1b[31337mred\x1b[2J\x1b[1;1H", "\x1bP31337\x1b\\",
		"\u009b31337m\u009d0;31337\u009c", "a\x00b\rc\bd\x7fe\vf\fg\nh\ti", "\u202e31337\u2066\u200f", "z\u200be\u200cr\u200do\ufeff\u2060",
		"\U000E0001\U000E0041\U000E007F", "Z" + strings.Repeat("\u0301\u0489\u034f", 200), "👩\u200d👩\u200d👧\u200d👦👍🏽🇩🇪☝\ufe0f", strings.Repeat("日", 1400),
		strings.Repeat("W", 4096), "\xff\xfe\xc0\x80\xed\xa0\x80", "\u1100\u1161\u11a8\u3164\u2800", "\u0645\u0631\u062d\u0628\u0627", "=cmd|' /C calc'!A0", "'; DROP TABLE x; --",
	}
}

// poison gives every text that comes from outside a hostile one, in turn.
func poison(v reflect.Value, n *int) {
	outside := map[string]bool{"Email": true, "HeldBy": true, "RevokedBy": true, "RevokeReason": true, "RequestedIP": true, "RequestedAgent": true,
		"UsedIP": true, "UsedAgent": true, "IssuedBy": true, "To": true, "MessageID": true, "Reply": true, "LastError": true, "Reason": true, "By": true,
		"Subject": true, "Operator": true, "Role": true, "Origin": true, "Verb": true, "Note": true, "UndoneBy": true, "Agent": true, "Why": true, "Against": true, "Label": true}
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i), n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Field(i)
			switch {
			case !f.CanSet():
			case f.Kind() == reflect.String && outside[v.Type().Field(i).Name]:
				all := poisons()
				f.SetString(all[*n%len(all)] + " " + all[(*n+7)%len(all)])
				*n++
			case f.Kind() == reflect.Slice, f.Kind() == reflect.Struct:
				poison(f, n)
			}
		}
	}
}

// hostile is a store in which nothing is what it seems.
func hostile() *memory {
	m := attacked()
	b := busy()
	m.batches, m.audit, m.letters = b.batches, b.audit, postbag().letters
	m.batch(model.Act{Operator: "ada"}, model.VerbRevoke, "3 resets", model.Tally{{Label: "resets", N: 3}})
	n := 0
	for _, list := range []any{m.accounts, m.resets, m.letters, m.batches, m.audit, m.clusters, m.rules, m.cases} {
		poison(reflect.ValueOf(list), &n)
	}
	m.warnings = poisons()
	return m
}

var inks = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// isClean fails the test when a line holds anything but inks of our own and text
// that the boundary has seen, or is too wide.
func isClean(t *testing.T, where, line string, w int) {
	t.Helper()
	for _, ink := range inks.FindAllString(line, -1) {
		if strings.Contains(ink, "31337") {
			t.Errorf("%s: an ink from outside: %q", where, line)
		}
	}
	if text := inks.ReplaceAllString(line, ""); term.Show(text) != text {
		t.Errorf("%s: text that the boundary has not seen: %q", where, text)
	}
	if got := ansi.StringWidth(line); got > w {
		t.Errorf("%s: %d cells wide: %q", where, got, ansi.Strip(line))
	}
}

// hostileOpens are all views on a hostile store, with what leads to them.
func hostileOpens(m *memory) []Open {
	var out []Open
	for _, v := range Views() {
		out = append(out, sampleOpen(m, v.Name))
	}
	for _, c := range m.clusters {
		out = append(out, Open{View: "cluster", Ref: c.Key}, Open{View: "whatif", Ref: c.Key})
	}
	for _, r := range m.resets[:12] {
		out = append(out, Open{View: "reset", Ref: r.ID.Full()})
	}
	for _, l := range m.letters {
		out = append(out, Open{View: "email", Ref: l.ID})
	}
	for _, e := range m.audit[:min(len(m.audit), 12)] {
		out = append(out, Open{View: "entry", Filter: e})
	}
	var fields []part.Field
	for _, p := range poisons() {
		fields = append(fields, part.Field{Name: p, Value: p})
	}
	return append(out, Open{View: "exact", Filter: fields}, Open{View: "accounts", Filter: model.AccountFilter{Query: poisons()[0]}},
		Open{View: "resets", Filter: model.ResetFilter{Agent: poisons()[3]}}, Open{View: "audit", Filter: model.AuditFilter{Operator: poisons()[7]}})
}

// Every view of a hostile store, at every width that matters, holds nothing that
// a terminal would act on, and no line is wider than the screen.
func TestHostileTextStaysText(t *testing.T) {
	m := hostile()
	for i, o := range hostileOpens(m) {
		d := drive(t, m, o, 120, 30)
		for w := 60; w <= 200; w++ {
			if i >= len(Views()) && w%13 != 0 && w%20 > 1 { // one record after the other: where layouts change, and some between
				continue
			}
			d.w = w
			d.page.SetSize(w, 30)
			where := o.View + " " + o.Ref
			lines := strings.Split(d.screen(), "\n")
			if len(lines) > 30 {
				t.Errorf("%s at %d: %d lines", where, w, len(lines))
			}
			for _, l := range lines {
				isClean(t, where, l, w)
			}
			if t.Failed() {
				return
			}
		}
	}
}

// The rows of a list end in the same column, whatever stands in them.
func TestHostileRowsAlign(t *testing.T) {
	m := hostile()
	for _, v := range []string{"accounts", "resets", "outbox", "audit", "cases", "batches", "blocks"} {
		d := drive(t, m, Open{View: v}, 120, 30)
		for w := 60; w <= 200; w += 3 {
			d.page.SetSize(w, 30)
			widths := map[int]int{}
			for _, l := range strings.Split(d.page.View(), "\n") {
				if text := ansi.Strip(l); strings.HasPrefix(text, "  ") && strings.TrimSpace(text) != "" {
					widths[ansi.StringWidth(l)]++
				}
			}
			if len(widths) > 1 {
				t.Fatalf("%s at %d: rows of %v cells:\n%s", v, w, widths, ansi.Strip(d.page.View()))
			}
		}
	}
}

// The dialogs of every act on hostile records, and what is copied: the true value.
func TestHostileDialogs(t *testing.T) {
	for _, c := range []struct{ view, keys string }{
		{"accounts", "i"}, {"accounts", "!"}, {"resets", "x"}, {"resets", "X"}, {"clusters", "c"}, {"clusters", "a"}, {"clusters", "n"}, {"clusters", "b"},
		{"outbox", "r"}, {"outbox", "x"}, {"blocks", "x"}, {"cases", "a"}, {"cases", "n"},
	} {
		m := hostile()
		for _, w := range []int{60, 80, 120, 200} {
			d := drive(t, m, Open{View: c.view}, w, 30)
			for range 3 {
				if d.ask == nil {
					d.press(c.keys)
				}
				for _, l := range strings.Split(d.screen(), "\n") {
					isClean(t, c.view+" "+c.keys, l, w)
				}
				if d.ask != nil {
					d.press("esc")
				}
				if ty, ok := d.page.(Typist); ok && ty.Typing() {
					d.press("esc")
				}
				d.press("j")
			}
		}
	}
}

// What is copied is the true value: it goes to the clipboard, encoded, and is no
// use otherwise.
func TestCopyIsExact(t *testing.T) {
	m := hostile()
	var got string
	e := testEnv(m)
	e.Copy = noting(&got)
	driveEnv(t, e, m, Open{View: "accounts"}, 80, 20).press("y")
	want := m.selectAccounts(model.AccountFilter{Sort: model.ByEmail})[0].Email
	if got != want || !strings.Contains(got, "31337") && term.Show(got) == got {
		t.Errorf("copied %q, want %q", got, want)
	}
}
