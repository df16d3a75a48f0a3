package term

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/hinshun/vt10x"
)

// drawn writes a frame as Bubble Tea's renderer does, for a screen w wide.
func drawn(was, is []string, w int) []byte {
	var b strings.Builder
	b.WriteString(ansi.CursorHomePosition)
	for i, l := range is {
		if was != nil && was[i] == l {
			if i < len(is)-1 {
				b.WriteByte('\n')
			}
			continue
		}
		if i == 0 && was == nil {
			b.WriteByte('\r')
		}
		if ansi.StringWidth(l) < w {
			l += ansi.EraseLineRight
		}
		b.WriteString(l)
		if i < len(is)-1 {
			b.WriteString("\r\n")
		}
	}
	b.WriteString(ansi.CursorPosition(0, len(is)))
	return []byte(b.String())
}

const testWidth, testHeight = 40, 14

// randomLine is a line of a list: plain or coloured, now and then with a sign
// that terminals disagree about.
func randomLine(r *rand.Rand) string {
	text := fmt.Sprintf("%d row %s", r.IntN(30), strings.Repeat("x", r.IntN(12)))
	switch r.IntN(12) {
	case 0:
		return ""
	case 1:
		return "\x1b[1;7m" + Fit(text, testWidth) + "\x1b[0m"
	case 2:
		return " \x1b[38;5;114m●\x1b[0m " + text
	case 3:
		return "\x1b[1m\x1b[31m" + text + "\x1b[0m – …"
	case 4:
		return text + " 漢字 \U0001F469\u200D\U0001F680"
	}
	return text
}

// change makes the next screen out of one.
func change(r *rand.Rand, was []string) []string {
	is := slices.Clone(was)
	from := r.IntN(4)
	to := len(is) - 1 - r.IntN(4)
	switch r.IntN(5) {
	case 0:
		copy(is[from:to], was[from+1:to+1])
		is[to] = randomLine(r)
	case 1:
		copy(is[from+1:to+1], was[from:to])
		is[from] = randomLine(r)
	case 2:
		for i := range is {
			is[i] = randomLine(r)
		}
	}
	for range r.IntN(3) {
		is[r.IntN(len(is))] = randomLine(r)
	}
	return is
}

func lookOf(t vt10x.Terminal) string {
	var b strings.Builder
	for y := range testHeight {
		for x := range testWidth {
			g := t.Cell(x, y)
			if g.Char == 0 {
				g.Char = ' '
			}
			fmt.Fprintf(&b, "%c %x %x %x|", g.Char, g.FG, g.BG, g.Mode)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Whatever frames follow each other, the screen is as if each were written whole.
func TestFramesLookTheSame(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 0))
		plain, small := vt10x.New(vt10x.WithSize(testWidth, testHeight)), vt10x.New(vt10x.WithSize(testWidth, testHeight))
		var f frames
		var was []string
		is := make([]string, testHeight)
		for step := range 60 {
			if step%23 == 22 {
				was = nil // the renderer begins anew, as after a change of size
			}
			b := drawn(was, is, testWidth)
			_, _ = plain.Write(b)
			_, _ = small.Write(f.squeeze(b))
			if x, y := lookOf(plain), lookOf(small); x != y {
				for i, l := range strings.Split(x, "\n") {
					if m := strings.Split(y, "\n")[i]; l != m {
						t.Errorf("line %d\n%s\n%s", i, l, m)
					}
				}
				t.Fatalf("seed %d, step %d", seed, step)
			}
			was, is = is, change(r, is)
		}
	}
}

// Lines that were there before the screen grew are unknown: they are not moved.
func TestFramesMoveOnlyWhatIsKnown(t *testing.T) {
	plain, small := vt10x.New(vt10x.WithSize(testWidth, testHeight)), vt10x.New(vt10x.WithSize(testWidth, testHeight))
	var f frames
	show := func(was, is []string) {
		b := drawn(was, is, testWidth)
		_, _ = plain.Write(b)
		_, _ = small.Write(f.squeeze(b))
	}
	low := []string{"a", "b", "c"}
	high := []string{"A", "B", "c", "D", "E", "F", "G", "H"}
	show(nil, low)
	show(append(low, make([]string, len(high)-len(low))...), high)
	show(high, []string{"B", "C", "c", "E", "F", "G", "H", "I"})
	if lookOf(plain) != lookOf(small) {
		t.Errorf("%s\nis shown as\n%s", plain, small)
	}
}

// A list of which the cursor moves, then a row scrolls in.
func TestFramesAreSmall(t *testing.T) {
	const w, h = 120, 36
	row := func(i int, here bool) string {
		text := Fit(fmt.Sprintf("%5dm  ● live        person.%05d@example.org   203.0.113.%d  – Mozilla/5.0", i, i, i%250), w)
		if here {
			return "\x1b[1;7m" + text + "\x1b[0m"
		}
		return text
	}
	list := func(top, cur int) []string {
		out := []string{Fit(fmt.Sprintf("all resets %90d of ≥ 10000", cur), w)}
		for i := top; len(out) < h; i++ {
			out = append(out, row(i, i == cur))
		}
		return out
	}
	var f frames
	f.squeeze(drawn(nil, list(0, 5), w))
	for name, next := range map[string][2]int{"cursor": {0, 6}, "scroll": {1, 7}, "back": {0, 6}} {
		was := list(0, 6)
		f.forget()
		f.squeeze(drawn(nil, was, w))
		if name == "cursor" {
			next[1] = 7
		}
		if got := f.squeeze(drawn(was, list(next[0], next[1]), w)); len(got) > 400 {
			t.Errorf("%s: %d bytes: %q", name, len(got), got)
		}
	}
	was := list(0, 34)
	f.forget()
	f.squeeze(drawn(nil, was, w))
	if got := f.squeeze(drawn(was, list(1, 35), w)); len(got) > 400 {
		t.Errorf("a row scrolls in: %d bytes: %q", len(got), got)
	}
	if got := f.squeeze(drawn(list(1, 35), list(1, 35), w)); len(got) > 10 {
		t.Errorf("nothing changed: %q", got)
	}
}

// What is no frame of the renderer passes as it is.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("\x1b[H\r"), []byte("\x1b[Ha\r\n\n\x1b[2;H"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		var f frames
		f.squeeze(a)
		f.squeeze(drawn(nil, []string{"a", "b", "c"}, 10))
		f.squeeze(b)
		f.squeeze(a)
	})
}
