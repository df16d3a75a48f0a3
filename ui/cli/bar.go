package cli

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// bar shows on stderr how far a long task has come: a bar that is redrawn on a
// terminal, nothing elsewhere.
type bar struct {
	w           io.Writer // nil: not a terminal
	verb, noun  string
	now         func() time.Time
	start, last time.Time
	part        func() float64 // of the whole, 0…1; nil: not known
	drawn       bool
}

// redraw is how often the bar is drawn at most.
const redraw = 100 * time.Millisecond

func (a *app) newBar(verb, noun string) *bar {
	b := &bar{verb: verb, noun: noun, now: a.Now, start: a.Now()}
	if a.Terminal("stderr") {
		b.w = a.Stderr
	}
	return b
}

// show tells that n are done.
func (b *bar) show(n int) {
	if b.w == nil {
		return
	}
	now := b.now()
	if now.Sub(b.last) < redraw {
		return
	}
	b.last, b.drawn = now, true
	const width = 30
	line := fmt.Sprintf("%s %d %s", b.verb, n, b.noun)
	if b.part != nil {
		p := min(max(b.part(), 0), 1)
		full := int(p * width)
		line = fmt.Sprintf("[%s%s] %3.0f %%  %s", strings.Repeat("#", full), strings.Repeat("-", width-full), p*100, line)
	}
	if s := now.Sub(b.start).Seconds(); s > 1 {
		line += fmt.Sprintf(", %.0f/s", float64(n)/s)
	}
	fmt.Fprintf(b.w, "\r\x1b[K%s", line)
}

// end clears the bar.
func (b *bar) end() {
	if b.drawn {
		fmt.Fprint(b.w, "\r\x1b[K")
	}
}
