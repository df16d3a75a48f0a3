// Package term is the boundary to the terminal: it makes text from outside safe
// to show, joins and cleans what the keyboard sends, brackets frames, copies to
// the clipboard and puts the terminal back after a crash.
package term

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxShow bounds the length of shown text in bytes; more is cut and ends in "…".
	maxShow = 4096
	// maxMarks is how many combining marks one base character may carry.
	maxMarks = 2

	signHidden = '◌' // stands for an invisible or direction-changing character
	signSpace  = '␣' // stands for a space that is not the plain one
)

// Show makes text from outside safe for one line of a screen or a plain table:
// what would move the cursor, change the direction or hide becomes a visible
// sign, and what terminals draw in different widths becomes something that all of
// them draw alike, so that nothing is lost to the eye and Width holds in any
// terminal. Invalid UTF-8 becomes U+FFFD, and the result is at most about 4 kB.
// Plain ASCII is returned as it is, without allocating. Show(Show(s)) is Show(s).
func Show(s string) string {
	if len(s) <= maxShow && isPlain(s) {
		return s
	}
	var w showWriter
	w.out.Grow(min(len(s), maxShow) + 16)
	for len(s) > 0 && !w.full {
		r, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		for next, size := utf8.DecodeRuneInString(s); ; next, size = utf8.DecodeRuneInString(s) {
			whole, ok := compose(r, next)
			if !ok {
				break
			}
			r, s = whole, s[size:]
		}
		first, second, ok := plainForm(r)
		if !ok {
			first = r
		}
		w.put(first, s == "")
		if second != 0 {
			w.put(second, s == "")
		}
	}
	return w.out.String()
}

// showWriter collects what Show returns.
type showWriter struct {
	out    strings.Builder
	base   bool // there is a character that a mark can stand on
	marks  int  // on it
	virama bool // one of them would join it with the next letter
	full   bool
}

// put adds a character; last tells that none follows.
func (w *showWriter) put(r rune, last bool) {
	switch {
	case w.full:
	case w.out.Len() > maxShow && (!last || r != '…'):
		w.out.WriteRune('…')
		w.full = true
	case unicode.Is(unicode.M, r) && !isHidden(r):
		w.putMark(r)
	case w.virama && unicode.Is(unicode.L, r):
		w.virama = false
		w.put(signHidden, false)
		w.put(r, last)
	default:
		w.base, w.marks, w.virama = true, 0, false
		w.out.WriteRune(visible(r))
	}
}

func (w *showWriter) putMark(r rune) {
	if w.marks++; w.marks > maxMarks {
		return
	}
	if !w.base {
		w.out.WriteRune(signHidden)
		w.base = true
	}
	w.virama = w.virama || isVirama(r)
	w.out.WriteRune(r)
}

// ShowLines is Show for text of several lines, such as a letter: it splits at
// line ends (LF, CRLF) and widens tabs before showing each line.
func ShowLines(s string) []string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, l := range lines {
		lines[i] = Show(strings.ReplaceAll(l, "\t", "    "))
	}
	return lines
}

// isPlain reports whether s is printable ASCII throughout.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// visible returns the rune that stands for r on the screen.
func visible(r rune) rune {
	switch {
	case r < 0x20:
		return 0x2400 + r
	case r < 0x7f:
		return r
	case r == 0x7f:
		return 0x2421
	case r < 0xa0, r == utf8.RuneError:
		return utf8.RuneError
	case r >= 0x1f1e6 && r <= 0x1f1ff:
		return 'A' + r - 0x1f1e6 // terminals disagree on the width of flags
	case isHidden(r), !unicode.IsGraphic(r):
		return signHidden
	case unicode.Is(unicode.Zs, r):
		return signSpace
	}
	if first, _, ok := plainForm(r); ok {
		return first
	}
	return r
}

// isHidden reports whether r is drawn as nothing, or joins with its neighbours
// in a way that terminals disagree about: Unicode's Default_Ignorable_Code_Point,
// format characters, conjoining Hangul, emoji modifiers and the blank Braille
// cell.
func isHidden(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r),
		unicode.Is(unicode.Variation_Selector, r):
		return true
	case r == 0x1160, r >= 0x1176 && r <= 0x11ff, r >= 0xd7b0 && r <= 0xd7ff:
		return true
	case r >= 0x1f3fb && r <= 0x1f3ff:
		return true
	}
	return r == 0x2800 || r == 0x034f
}
