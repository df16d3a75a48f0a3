package term

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

func TestShow(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"ascii stays", "Mozilla/5.0 (X11)", "Mozilla/5.0 (X11)"},
		{"escape", "a\x1b]0;title\x07b", "a␛]0;title␇b"},
		{"carriage return", "203.0.113.7\r10.0.0.1", "203.0.113.7␍10.0.0.1"},
		{"delete and NUL", "\x7f\x00", "␡␀"},
		{"C1 control", "a\u009b2J", "a\uFFFD2J"},
		{"invalid UTF-8", "a\xff\xfeb", "a\uFFFD\uFFFDb"},
		{"right-to-left override", "a\u202Etxt.exe", "a◌txt.exe"},
		{"zero width", "pay\u200bpal", "pay◌pal"},
		{"tag characters", "a\U000E0041b", "a◌b"},
		{"grapheme joiner is a mark and invisible", "a\u034fb", "a◌b"},
		{"variation selector", "a\ufe0fb", "a◌b"},
		{"no-break space", "a\u00a0b", "a␣b"},
		{"two marks at most", "e\u0301\u0302\u0303\u0304x", "e\u0301\u0302x"},
		{"a mark needs a base", "\u0301a", "◌\u0301a"},
		{"emails of any script stay", "grüße 日本 ñandú", "grüße 日本 ñandú"},
		{"flags become emails", "🇩🇪", "DE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Show(c.in); got != c.want {
				t.Errorf("Show(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestShowCutsLongText(t *testing.T) {
	for _, in := range []string{strings.Repeat("a", 1<<20), strings.Repeat("ü", 1<<20), strings.Repeat("\x1b", 1<<20)} {
		got := Show(in)
		if len(got) > maxShow+8 || !strings.HasSuffix(got, "…") {
			t.Errorf("%d bytes, ends in %q", len(got), got[len(got)-8:])
		}
	}
}

func TestShowOfASCIIDoesNotAllocate(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Show("Mozilla/5.0 (Windows NT 10.0; Win64; x64)") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzShow(f *testing.F) {
	for _, s := range []string{"", "plain", "\x1b[2J", "\u202e", "e\u0301\u0302\u0303", "\xff", "👩\u200d💻", "\u034f\u0301", strings.Repeat("é", 3000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Show(s)
		if !utf8.ValidString(got) {
			t.Fatalf("%q gives invalid UTF-8 %q", s, got)
		}
		if len(got) > maxShow+8 {
			t.Fatalf("%d bytes", len(got))
		}
		marks := 0
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || !unicode.IsPrint(r) {
				t.Fatalf("%q shows %U", s, r)
			}
			if marks++; !unicode.Is(unicode.M, r) {
				marks = 0
			}
			if marks > maxMarks {
				t.Fatalf("%q stacks marks", s)
			}
		}
		if again := Show(got); again != got {
			t.Fatalf("not stable: %q, then %q", got, again)
		}
		if ansi.Strip(got) != got {
			t.Fatalf("%q holds an escape sequence", got)
		}
	})
}

func TestFit(t *testing.T) {
	for _, c := range []struct {
		in    string
		width int
		want  string
	}{
		{"abc", 5, "abc  "}, {"abcdef", 4, "abc…"}, {"abc", 3, "abc"}, {"abc", 0, ""}, {"日本語", 5, "日本…"}, {"日本語", 4, "日… "},
	} {
		if got := Fit(c.in, c.width); got != c.want {
			t.Errorf("Fit(%q, %d) = %q, want %q", c.in, c.width, got, c.want)
		}
	}
	if got := FitRight("7", 3); got != "  7" {
		t.Errorf("FitRight = %q", got)
	}
}

func FuzzFit(f *testing.F) {
	f.Add("日本語", 3)
	f.Add("e\u0301", 1)
	f.Fuzz(func(t *testing.T, s string, width int) {
		width %= 300
		if got := Width(Fit(Show(s), width)); got != max(width, 0) {
			t.Fatalf("Fit(%q, %d) is %d cells", s, width, got)
		}
	})
}

func BenchmarkShowASCII(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Show("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36")
	}
}
