package term

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxReveal bounds how much of a text is revealed, in bytes.
const maxReveal = 2048

// Reveal writes text from outside so that nothing in it can hide: plain ASCII as
// it is, every other character followed or replaced by its number, as in
// "ü‹U+00FC›" and "‹U+202E right-to-left override›", and bytes that are no UTF-8
// as "‹FF›". What it returns is safe to show.
func Reveal(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		if i >= maxReveal {
			b.WriteString("… and " + strconv.Itoa(len(s)-i) + " bytes more")
			break
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, "‹%02X›", s[i])
		case r >= 0x20 && r < 0x7f:
			b.WriteRune(r)
		case !unicode.Is(unicode.M, r) && visible(r) == r:
			fmt.Fprintf(&b, "%c‹%U›", r, r)
		default:
			fmt.Fprintf(&b, "‹%s›", strings.TrimSuffix(fmt.Sprintf("%U %s", r, signName(r)), " "))
		}
		i += size
	}
	return b.String()
}

// Hides reports whether text from outside holds anything that Show replaces or
// that is not plain ASCII, so that a look at the revealed form is worth it.
func Hides(s string) bool { return !isPlain(s) }

// signName names the characters that are most often misused; "" for others.
func signName(r rune) string {
	switch r {
	case 0x00:
		return "NUL"
	case 0x07:
		return "bell"
	case 0x08:
		return "backspace"
	case '\t':
		return "tab"
	case '\n':
		return "line feed"
	case '\r':
		return "carriage return"
	case 0x1b:
		return "escape"
	case 0x7f:
		return "delete"
	case 0x9b:
		return "control sequence introducer"
	case 0x9d:
		return "operating system command"
	case 0xa0:
		return "no-break space"
	case 0x200b:
		return "zero width space"
	case 0x200c:
		return "zero width non-joiner"
	case 0x200d:
		return "zero width joiner"
	case 0x200e, 0x200f, 0x061c:
		return "direction mark"
	case 0x202a, 0x202b, 0x202c, 0x202d, 0x2066, 0x2067, 0x2068, 0x2069:
		return "direction change"
	case 0x202e:
		return "right-to-left override"
	case 0xfeff:
		return "byte order mark"
	}
	switch {
	case unicode.Is(unicode.M, r):
		return "combining mark"
	case r >= 0xe0000 && r <= 0xe007f:
		return "tag"
	}
	return ""
}
