package part

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"doorman/ui/term"
)

// Overlay draws box over the middle of back, a frame of width cells. A wide
// character that the edge of the box would cut in half is left out. A blank on
// either side keeps the box apart from the words behind it.
func Overlay(back, box string, width int) string {
	lines, over := strings.Split(back, "\n"), strings.Split(box, "\n")
	w := 0
	for _, l := range over {
		w = max(w, term.Width(l))
	}
	x, y := max((width-w)/2, 0), max((len(lines)-len(over))/2, 0)
	for i, l := range over {
		if y+i >= len(lines) {
			break
		}
		if x <= sliver {
			lines[y+i] = term.Fit(term.Spaces(x)+term.Fit(l, w), max(width, x+w))
			continue
		}
		lines[y+i] = splice(lines[y+i], " "+term.Fit(l, w)+" ", x-1, w+2)
	}
	return strings.Join(lines, "\n")
}

// sliver is how little of what lies behind a box is not worth showing beside it.
const sliver = 2

// splice puts mid, w cells wide, over line from cell x on.
func splice(line, mid string, x, w int) string {
	left := trimStyles(ansi.Truncate(line, x, ""))
	left += "\x1b[0m" + term.Spaces(x-term.Width(left))
	total := term.Width(line)
	if total <= x+w {
		return left + mid
	}
	right := ansi.TruncateLeft(line, x+w, "")
	if term.Width(right) > total-x-w {
		right = ansi.TruncateLeft(line, x+w+1, "")
	}
	return left + mid + term.Spaces(total-x-w-term.Width(right)) + firstStyle(right)
}

// trimStyles cuts the styles at the end of s that no text follows; cutting a
// line leaves one for each cell that went.
func trimStyles(s string) string {
	for strings.HasSuffix(s, "m") {
		i := strings.LastIndex(s, "\x1b[")
		if i < 0 || strings.Trim(s[i+2:len(s)-1], "0123456789;") != "" {
			break
		}
		s = s[:i]
	}
	return s
}

// firstStyle cuts the styles at the start of s that are undone before any
// text comes.
func firstStyle(s string) string {
	rest := s
	for strings.HasPrefix(rest, "\x1b[") {
		end := strings.IndexByte(rest, 'm')
		if end < 0 || strings.Trim(rest[2:end], "0123456789;") != "" {
			break
		}
		reset := rest[:end+1] == "\x1b[0m" || rest[:end+1] == "\x1b[m"
		if rest = rest[end+1:]; reset {
			s = rest
		}
	}
	return s
}

// Tall makes a view exactly height lines tall: missing ones are added, those too
// many dropped from the end. It does not look at the width, which the renderer
// cuts anyway.
func Tall(view string, height int) string {
	have := strings.Count(view, "\n") + 1
	if have <= height {
		return view + strings.Repeat("\n", height-have)
	}
	at := 0
	for range height {
		at += strings.IndexByte(view[at:], '\n') + 1
	}
	return view[:at-1]
}

// Clamp makes a view exactly width by height cells: lines are cut or padded,
// missing ones added, those too many dropped from the end.
func Clamp(view string, width, height int) string {
	var b strings.Builder
	b.Grow(len(view) + width)
	rest := view
	for i := range height {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		if i > 0 {
			b.WriteByte('\n')
		}
		if term.Width(line) > width {
			line = ansi.Truncate(line, width, "…")
		}
		b.WriteString(line)
	}
	return b.String()
}
