//go:build unix

package term

import (
	"os"
	"time"
)

// Input is a terminal to read keys from, without broken sequences and without
// late replies. It embeds the file, so that the event loop finds its
// descriptor. Read it from one goroutine.
type Input struct {
	*os.File
	Net  *Crash // catches a panic in what reads here; nil: it goes on
	keys keyboard
}

// NewInput wraps a terminal.
func NewInput(f *os.File) *Input { return &Input{File: f} }

// Read waits for input and then, up to 25 ms at a time, for the end of a sequence
// that has begun. It returns 0 and no error when all it read was a reply to
// swallow. p must have room for a sequence; the event loop's has 256 bytes.
func (in *Input) Read(p []byte) (int, error) {
	defer in.Net.Catch()
	buf := make([]byte, len(p))
	var out []byte
	for {
		n, err := in.File.Read(buf[:len(p)-len(out)-len(in.keys.pend)])
		out = append(out, in.keys.feed(buf[:n], time.Now())...)
		if err != nil {
			return copy(p, out), err
		}
		if len(in.keys.pend) == 0 && !in.keys.skip {
			return copy(p, out), nil
		}
		room := len(p) - len(out) - len(in.keys.pend)
		if room <= 0 || !readable(in.File, joinWait) {
			out = append(out, in.keys.flush(time.Now())...)
			return copy(p, out), nil
		}
	}
}
