package term

import (
	"strings"
	"unicode"
)

// Terminals agree on the width of most characters, but not of all: some join a
// spacing vowel sign with its letter, others give it a cell of its own; newer tables
// count some symbols as two cells, older ones as one. A row with one of those is
// drawn past its edge in one terminal or the other, so Show writes something else.

// plainForm returns what Show writes for r where its width is not certain: one or two
// characters that a reader of the script understands, else the sign for hidden ones.
// ok is false for a character that may stay.
func plainForm(r rune) (first, second rune, ok bool) {
	switch {
	case r < 0x903:
		return 0, 0, false
	case r == 0xe33: // Thai and Lao am, as its two halves
		return 0xe4d, 0xe32, true
	case r == 0xeb3:
		return 0xecd, 0xeb2, true
	case r == 0xff9e, r == 0xff9f: // half-width sound marks of Japanese, as the full ones
		return r - 0xff9e + '゛', 0, true
	case unicode.Is(unicode.Mc, r):
		return vowelLetter(r), 0, true
	case r >= 0x1100 && r <= 0x115f, r >= 0xa960 && r <= 0xa97c, r >= 0x1161 && r <= 0x1175:
		return looseJamo(r), 0, true
	case isPrepended(r), isOddlyWide(r), isRecent(r):
		return signHidden, 0, true
	}
	return 0, 0, false
}

// Vowel signs of scripts whose blocks are not built like the Indian ones, and the
// letters of the same vowels.
const (
	vowelSigns   = "\u0dcf\u0dd0\u0dd1\u0dd8\u0dd9\u0dda\u0ddb\u0ddc\u0ddd\u0dde\u0ddf\u0df2\u0df3\u102b\u102c\u1031\u17b6\u17c1\u17c3\u17c4\u17c5"
	vowelLetters = "\u0d86\u0d87\u0d88\u0d8d\u0d91\u0d92\u0d93\u0d94\u0d95\u0d96\u0d8f\u0d8e\u0d90\u1021\u1021\u1027\u17a2\u17af\u17b0\u17b1\u17b3"
)

// vowelLetter returns the letter that stands for a vowel alone, for the spacing sign
// that stands for it behind a consonant. From Devanagari to Malayalam every block has
// its letters 0x38 before its signs.
func vowelLetter(r rune) rune {
	if at := r & 0x7f; r >= 0x900 && r < 0xd80 && at >= 0x3e && at <= 0x4c && unicode.Is(unicode.Lo, r-0x38) {
		return r - 0x38
	}
	if i := strings.IndexRune(vowelSigns, r); i >= 0 { // all of them take three bytes
		return []rune(vowelLetters[i : i+3])[0]
	}
	return signHidden
}

// isVirama reports whether a mark joins the letters around it to one in the newer
// terminals: Unicode's Indic_Conjunct_Break=Linker.
func isVirama(r rune) bool {
	if r < 0x94d {
		return false
	}
	switch r {
	case 0x94d, 0x9cd, 0xacd, 0xb4d, 0xc4d, 0xd4d, 0x1039, 0x17d2, 0x1a60, 0x1b44, 0x1bab, 0xa9c0, 0xaaf6,
		0x10a3f, 0x11133, 0x113d0, 0x1193e, 0x11a47, 0x11a99, 0x11f42:
		return true
	}
	return false
}

// isPrepended reports whether a letter joins the one that follows: Unicode's
// Grapheme_Cluster_Break=Prepend, format characters apart.
func isPrepended(r rune) bool {
	switch r {
	case 0xd4e, 0x111c2, 0x111c3, 0x113d1, 0x1193f, 0x11941, 0x11a84, 0x11a85, 0x11a86, 0x11a87, 0x11a88, 0x11a89, 0x11d46, 0x11f02:
		return true
	}
	return false
}

// isOddlyWide reports whether tables of widths differ about a symbol: trigrams,
// hexagrams, counting rods (two cells since Unicode 16) and numbers on black squares.
func isOddlyWide(r rune) bool {
	switch {
	case r >= 0x2630 && r <= 0x2637, r >= 0x268a && r <= 0x268f, r >= 0x3248 && r <= 0x324f,
		r >= 0x4dc0 && r <= 0x4dff, r >= 0x1d300 && r <= 0x1d356, r >= 0x1d360 && r <= 0x1d378:
		return true
	}
	return false
}

// isRecent reports whether a character came with Unicode 15 (2022): terminals with
// older tables, such as those of Debian 12, draw it as nothing at all.
func isRecent(r rune) bool {
	switch {
	case r == 0xcf3, r == 0xece:
		return true
	case r < 0x10efd:
		return false
	case r <= 0x10eff, r >= 0x1123f && r <= 0x11241, r >= 0x11b00 && r <= 0x11b09, r >= 0x11f00 && r <= 0x11f59,
		r == 0x1342f, r >= 0x13439 && r <= 0x13455, r == 0x1b132, r == 0x1b155, r >= 0x1d2c0 && r <= 0x1d2d3,
		r >= 0x1df25 && r <= 0x1df2a, r >= 0x1e030 && r <= 0x1e08f, r >= 0x1e4d0 && r <= 0x1e4f9, r == 0x1f6dc,
		r >= 0x1f774 && r <= 0x1f776, r >= 0x1f77b && r <= 0x1f77f, r == 0x1f7d9, r >= 0x1fa75 && r <= 0x1fa77,
		r == 0x1fa87, r == 0x1fa88, r >= 0x1faad && r <= 0x1faaf, r >= 0x1fabb && r <= 0x1fabd, r == 0x1fabf,
		r == 0x1face, r == 0x1facf, r == 0x1fada, r == 0x1fadb, r == 0x1fae8, r == 0x1faf7, r == 0x1faf8,
		r == 0x2b739, r >= 0x31350 && r <= 0x323af:
		return true
	}
	return false
}

// Parts of Hangul syllables, and how many of each there are.
const (
	jamoL, jamoV, jamoT         = 0x1100, 0x1161, 0x11a7
	jamoLs, jamoVs, jamoTs      = 19, 21, 28
	syllable, syllables    rune = 0xac00, jamoLs * jamoVs * jamoTs
	jamoLetters                 = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
	firstVowelLetter            = 'ㅏ'
)

// compose returns the Hangul syllable of a and the part b that follows it, as NFC
// does: two cells in any terminal, where its parts take from two to six.
func compose(a, b rune) (rune, bool) {
	switch l, v, t := a-jamoL, b-jamoV, b-jamoT; {
	case l >= 0 && l < jamoLs && v >= 0 && v < jamoVs:
		return syllable + (l*jamoVs+v)*jamoTs, true
	case a >= syllable && a < syllable+syllables && (a-syllable)%jamoTs == 0 && t > 0 && t < jamoTs:
		return a + t, true
	}
	return a, false
}

// looseJamo returns the letter for a part of a syllable that stands alone.
func looseJamo(r rune) rune {
	if v := r - jamoV; v >= 0 && v < jamoVs {
		return firstVowelLetter + v
	}
	if l := r - jamoL; l >= 0 && l < jamoLs {
		return []rune(jamoLetters)[l]
	}
	return signHidden
}
