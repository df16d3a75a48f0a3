package model

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxQuoted bounds how much of a bad value an error repeats, in runes.
const maxQuoted = 60

// Quote repeats outside input in an error: quoted, cut to 60 runes with "…"
// behind the quote, and every control and non-ASCII character escaped.
func Quote(s string) string {
	runes := 0
	for i := range s {
		if runes == maxQuoted {
			return strconv.QuoteToASCII(s[:i]) + "…"
		}
		runes++
	}
	return strconv.QuoteToASCII(s)
}

// maxPath bounds how much of a path an error repeats, in runes.
const maxPath = 200

// QuotePath is Quote for a path: longer, and cut at its front, because its end
// names the file.
func QuotePath(path string) string {
	runes := []rune(path)
	if len(runes) <= maxPath {
		return strconv.QuoteToASCII(path)
	}
	return "…" + strconv.QuoteToASCII(string(runes[len(runes)-maxPath:]))
}

// CleanText makes outside text storable everywhere: invalid UTF-8 becomes
// U+FFFD, NUL bytes go (PostgreSQL refuses both), and it is cut at max bytes on
// a rune boundary.
func CleanText(s string, max int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
	if len(s) <= max {
		return s
	}
	for max > 0 && !utf8.RuneStart(s[max]) {
		max--
	}
	return s[:max]
}

// MaxAgent and MaxReason bound the user agents and the reasons that are
// stored, in bytes.
const (
	MaxAgent  = 1024
	MaxReason = 500
)
