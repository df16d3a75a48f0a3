package theme

import "strings"

// Plain replaces the console's own signs in a finished frame by ASCII of the
// same width, for terminals that cannot draw them: a theme that is not ASCII
// returns the frame as it is.
func (t *Theme) Plain(frame string) string {
	if !t.ASCII {
		return frame
	}
	return strings.Map(plainRune, frame)
}

func plainRune(r rune) rune {
	switch {
	case r < 0x80:
		return r
	case r >= 0x2400 && r <= 0x2426:
		return '?'
	case r >= '▁' && r <= '█':
		return []rune("_.-:=+*#")[r-'▁']
	}
	const from, to = "…●○✓✗»◷→–■·↑↓─│┌┐└┘├┤▌◌␣≥←↵×▲△◇▽≈░▒▓\uFFFD", "~*ovx>@>-#.^v-|++++++|?_>< x#^<v=:+%?"
	for i, f := range []rune(from) {
		if f == r {
			return rune(to[i])
		}
	}
	return r
}
