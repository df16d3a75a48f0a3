package term

import (
	"strings"
	"testing"
)

func TestReveal(t *testing.T) {
	for in, want := range map[string]string{
		"Mozilla/5.0":              "Mozilla/5.0",
		"a\x1b]0;x\a":              "a‹U+001B escape›]0;x‹U+0007 bell›",
		"p\u0430ypal":              "pа‹U+0430›ypal",
		"\u202etxt.exe":            "‹U+202E right-to-left override›txt.exe",
		"e\u0301":                  "e‹U+0301 combining mark›",
		"\xff\u009b":               "‹FF›‹U+009B control sequence introducer›",
		"a\U000E0041":              "a‹U+E0041 tag›",
		"ü日":                       "ü‹U+00FC›日‹U+65E5›",
		"👩\u200d💻":                 "👩‹U+1F469›‹U+200D zero width joiner›💻‹U+1F4BB›",
		strings.Repeat("x", 10000): strings.Repeat("x", 2048) + "… and 7952 bytes more",
	} {
		if got := Reveal(in); got != want {
			t.Errorf("Reveal(%q) = %q, want %q", in, got, want)
		}
		if Hides(in) == (Reveal(in) == in) && len(in) < maxReveal {
			t.Errorf("Hides(%q) is %v", in, Hides(in))
		}
	}
}

func FuzzReveal(f *testing.F) {
	for _, s := range []string{"", "plain", "\x1b[2J", "\u202e", "\xff", "👩\u200d💻", "e\u0301", "\u1160\u2800"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Reveal(s)
		if len(got) < maxShow {
			if again := Show(got); again != got {
				t.Fatalf("%q is revealed as %q, which is not safe: %q", s, got, again)
			}
		}
		if len(s) < maxReveal && Width(got) < len([]rune(s)) {
			t.Fatalf("%q hides in %q", s, got)
		}
	})
}
