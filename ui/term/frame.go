package term

import (
	"bytes"
	"slices"

	"github.com/charmbracelet/x/ansi"
)

// frames makes what the renderer writes smaller. The renderer writes every
// changed line in full; over a slow connection that makes a console feel slow. frames knows what is on the screen: of a changed line it writes the part
// that changed, and where lines moved up or down it lets the terminal move them.
type frames struct {
	lines []string // on the screen; nil: unknown
}

// minMoved is how many lines have to move before the terminal is asked to: fewer
// are written again.
const minMoved = 4

// forget drops what is known, as when someone else wrote to the screen.
func (f *frames) forget() { f.lines = nil }

// line is a line of a frame.
type line struct {
	text    string
	changed bool
}

// squeeze returns a frame that does to the screen what b does. A frame that it
// does not understand it returns as it is.
func (f *frames) squeeze(b []byte) []byte {
	rest, fresh, ok := openFrame(b)
	if !ok {
		f.forget()
		return b
	}
	if fresh {
		f.forget()
	}
	next, tail, ok := splitFrame(rest)
	if !ok || tail.erases || f.lines != nil && len(next) != len(f.lines) {
		f.forget()
	}
	if !ok {
		return b
	}
	if f.lines == nil {
		f.remember(next)
		return b
	}
	out := make([]byte, 0, 512)
	out = f.scroll(out, next)
	for i, l := range next {
		if !l.changed || l.text == f.lines[i] {
			continue
		}
		out = f.change(out, i, l.text)
		f.lines[i] = l.text
	}
	return append(out, tail.cursor...)
}

// unknown stands for a line of which nothing is known: it equals none and is
// always written whole.
const unknown = "\x00"

// remember takes a frame that goes to the screen as it is.
func (f *frames) remember(next []line) {
	f.lines = make([]string, len(next))
	for i, l := range next {
		if f.lines[i] = l.text; !l.changed {
			f.lines[i] = unknown
		}
	}
}

// openFrame takes the beginning off a frame; fresh tells that the renderer, too,
// knows nothing of the screen.
func openFrame(b []byte) (rest []byte, fresh, ok bool) {
	rest, ok = bytes.CutPrefix(b, []byte(ansi.CursorHomePosition))
	if bytes.HasPrefix(rest, []byte("\r")) && !bytes.HasPrefix(rest, []byte("\r\n")) {
		return rest[1:], true, ok
	}
	return rest, false, ok
}

// ending is what follows the lines of a frame.
type ending struct {
	cursor []byte // where it leaves the cursor
	erases bool   // what is below
}

// splitFrame splits what the renderer writes into lines: a line feed alone goes
// past a line that stays, a line that changed ends in CR LF.
func splitFrame(b []byte) ([]line, ending, bool) {
	end := ending{}
	at := bytes.LastIndex(b, []byte("\x1b["))
	if at < 0 || b[len(b)-1] != 'H' {
		return nil, end, false
	}
	b, end.cursor = b[:at], b[at:]
	b, end.erases = bytes.CutSuffix(b, []byte(ansi.EraseScreenBelow))
	var out []line
	for {
		if len(b) > 0 && b[0] == '\n' {
			out, b = append(out, line{}), b[1:]
			continue
		}
		text, more, found := bytes.Cut(b, []byte("\r\n"))
		if !found {
			return append(out, line{string(b), len(b) > 0}), end, !bytes.ContainsAny(b, "\r\n")
		}
		if bytes.ContainsAny(text, "\r\n") {
			return nil, end, false
		}
		out, b = append(out, line{string(text), true}), more
	}
}

// scroll lets the terminal move lines where that leaves less to write.
func (f *frames) scroll(out []byte, next []line) []byte {
	for _, by := range []int{1, -1} {
		top, bottom, moved := f.band(next, by)
		if moved < minMoved || moved <= (bottom-top)/2 || slices.Contains(f.lines[top:bottom+1], unknown) {
			continue
		}
		out = append(out, ansi.SetTopBottomMargins(top+1, bottom+1)...)
		out = append(out, ansi.CursorPosition(1, top+1)...)
		if by > 0 {
			out = append(out, ansi.DeleteLine(1)...)
			f.lines = slices.Insert(slices.Delete(f.lines, top, top+1), bottom, "")
		} else {
			out = append(out, ansi.InsertLine(1)...)
			f.lines = slices.Insert(slices.Delete(f.lines, bottom, bottom+1), top, "")
		}
		out = append(out, "\x1b[r"...)
		for i := top; i <= bottom; i++ { // what stayed for the renderer has moved, too
			if !next[i].changed {
				next[i] = line{f.before(i, top, bottom, by), true}
			}
		}
		return out
	}
	return out
}

// before returns what a line held before the lines of a band moved.
func (f *frames) before(i, top, bottom, by int) string {
	if j := i - by; j >= top && j <= bottom {
		return f.lines[j]
	}
	return ""
}

// band finds the lines that are now one line further up (by 1) or down (by -1),
// and how many of them changed.
func (f *frames) band(next []line, by int) (top, bottom, moved int) {
	top = -1
	for i, l := range next {
		if j := i + by; l.changed && l.text != "" && j >= 0 && j < len(f.lines) && f.lines[j] == l.text && f.lines[i] != l.text {
			if top < 0 {
				top = min(i, j)
			}
			bottom, moved = max(i, j), moved+1
		}
	}
	return top, bottom, moved
}

// change writes what turns a line of the screen into another.
func (f *frames) change(out []byte, i int, text string) []byte {
	was, is := cells(f.lines[i]), cells(text)
	if is == nil || was == nil && f.lines[i] != "" {
		out = append(out, ansi.CursorPosition(1, i+1)...)
		return append(append(out, ansi.EraseEntireLine...), text...)
	}
	from := 0
	for from < len(was) && from < len(is) && was[from] == is[from] {
		from++
	}
	to := len(is)
	if len(was) == len(is) {
		for to > from && was[to-1] == is[to-1] {
			to--
		}
	}
	out = append(out, ansi.CursorPosition(from+1, i+1)...)
	style := ""
	for _, c := range is[from:to] {
		if c.style != style {
			if style != "" {
				out = append(out, ansi.ResetStyle...)
			}
			out, style = append(out, c.style...), c.style
		}
		out = append(out, c.text...)
	}
	if style != "" {
		out = append(out, ansi.ResetStyle...)
	}
	if len(is) < len(was) {
		out = append(out, ansi.EraseLineRight...)
	}
	return out
}

// cell is one place of a line.
type cell struct{ text, style string }

// cells splits a line into its places. It returns nil for a line with anything
// but characters of one cell, about which every terminal agrees, and styles.
func cells(text string) []cell {
	out := make([]cell, 0, len(text))
	style := ""
	for len(text) > 0 {
		if text[0] >= ' ' && text[0] < 0x7f && (len(text) == 1 || text[1] < 0x80) {
			out, text = append(out, cell{text[:1], style}), text[1:]
			continue
		}
		seq, width, n, _ := ansi.DecodeSequence(text, ansi.NormalState, nil)
		switch {
		case n == 0 || n > len(text):
			return nil
		case seq == "\x1b[m" || seq == ansi.ResetStyle || seq == "\x1b[0m":
			style = ""
		case seq == ansi.EraseLineRight && n == len(text):
		case len(seq) > 2 && seq[:2] == "\x1b[" && seq[len(seq)-1] == 'm':
			style += seq
		case width == 1 && oneRune(seq):
			out = append(out, cell{seq, style})
		default:
			return nil
		}
		text = text[n:]
	}
	for len(out) > 0 && out[len(out)-1] == (cell{" ", ""}) { // as good as nothing
		out = out[:len(out)-1]
	}
	return out
}

func oneRune(s string) bool {
	n := 0
	for range s {
		n++
	}
	return n == 1
}
