package term

import (
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// scriptTexts calls f with texts that hold every character of Unicode: alone,
// behind letters, digits, ideographs and symbols, between letters of its own block,
// and in the order of the block.
func scriptTexts(f func(text string)) {
	var own []rune // the latest letters of the block
	for r := rune(0xa0); r <= unicode.MaxRune; r++ {
		if r&0x7f == 0 && r < 0x3400 {
			own = own[:0]
		}
		if !unicode.IsGraphic(r) && !unicode.Is(unicode.Cf, r) {
			continue
		}
		c := string(r)
		text := c + "a" + c + "1" + c + "漢" + c + "☝" + c + c + "ก" + c + "क" + c + "क가" + c + "é" + c
		for _, l := range own {
			text += c + string(l) + c + string(l)
		}
		f(text)
		f(string([]rune{r, r + 1, r + 2, r + 3, r + 1, r}))
		if unicode.Is(unicode.Lo, r) {
			if own = append(own, r); len(own) > 3 {
				own = own[1:]
			}
		}
	}
}

// byCharacter is the width that a terminal draws which knows no clusters: the sum
// over the characters, marks having none.
func byCharacter(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.In(r, unicode.Mn, unicode.Me) {
			n += ansi.StringWidth(string(r))
		}
	}
	return n
}

// Terminals that join characters to clusters and terminals that do not give the
// same width to whatever Show writes.
func TestShownTextHasOneWidth(t *testing.T) {
	bad := 0
	scriptTexts(func(text string) {
		shown := Show(text)
		if Width(shown) == byCharacter(shown) {
			return
		}
		if bad++; bad <= 20 {
			t.Errorf("%+q is shown as %q: %d cells by clusters, %d by characters", text, shown, Width(shown), byCharacter(shown))
		}
	})
	if bad > 20 {
		t.Errorf("and %d more", bad-20)
	}
}

func TestShowOfWordsWithoutACertainWidth(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"Thai", "น้ำใจ", "น้ําใจ"},
		{"Lao", "ນ້ຳ", "ນ້ໍາ"},
		{"Devanagari", "हिन्दी", "हइन्◌दई"},
		{"Tamil", "தமிழ்நாடு", "தமஇழ்நஆடஉ"},
		{"Malayalam", "കാ", "കആ"},
		{"Myanmar", "စာ", "စအ"},
		{"Khmer", "កា", "កអ"},
		{"Sinhala", "කා", "කආ"},
		{"half-width Japanese", "ｶﾞﾊﾟ", "ｶ゛ﾊ゜"},
		{"a vowel sign without an email", "ा", "आ"},
		{"Hangul in parts", "\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"},
		{"a syllable and its end", "가\u11a8", "각"},
		{"parts alone", "\u1100\u1100\u1161\u1161\u11a8", "ㄱ가ㅏ◌"},
		{"old Hangul", "\u1113\ua960\u1176\ud7b0", "◌◌◌◌"},
		{"characters of Unicode 15", "\u0cf3\U00011b00\U0001fae8\U00031350", "◌◌◌◌"},
		{"a hexagram", "䷀", "◌"},
		{"an email that joins the next", "\u0d4eക", "◌ക"},
		{"marks before Thai am", "ก\u0e49\u0e49ำ", "ก\u0e49\u0e49า"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Show(c.in)
			if got != c.want || Show(got) != got {
				t.Errorf("Show(%q) = %q, want %q", c.in, got, c.want)
			}
			for _, r := range c.in { // nothing of it is lost
				if reveal := Reveal(c.in); !strings.Contains(reveal, "‹U+") || unicode.Is(unicode.Mc, r) && strings.ContainsRune(reveal, r) {
					t.Errorf("revealed as %q", reveal)
				}
			}
		})
	}
}

func FuzzShownWidth(f *testing.F) {
	for _, s := range []string{"हिन्दी", "น้ำ", "தமிழ்", "\u1112\u1161\u11ab", "\u0d4eക", "👩\u200d💻", "1\ufe0f\u20e3", "क\u094d\u0301ष", "｡ﾞ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		shown := Show(s)
		if Width(shown) != byCharacter(shown) {
			t.Fatalf("%+q is shown as %q: %d cells by clusters, %d by characters", s, shown, Width(shown), byCharacter(shown))
		}
	})
}
