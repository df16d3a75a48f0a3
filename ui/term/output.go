package term

import (
	"bytes"
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// Output is a terminal to draw frames on. Each frame is bracketed with
// synchronized output (DEC mode 2026), so that none is seen half drawn;
// terminals without it ignore the brackets. Of a frame only what differs from the
// one before is written. It may be written to from several goroutines.
type Output struct {
	*os.File
	plain  bool
	mu     sync.Mutex
	frames frames
}

// NewOutput wraps a terminal; plain leaves the brackets out, for dumb terminals.
func NewOutput(f *os.File, plain bool) *Output { return &Output{File: f, plain: plain} }

// Write writes b, bracketed when it is a frame: the renderer starts each at the
// top left corner and writes it whole.
func (o *Output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.plain || !bytes.HasPrefix(b, []byte(ansi.CursorHomePosition)) || bytes.Equal(b, []byte(ansi.CursorHomePosition)) {
		if bytes.Contains(b, []byte(ansi.EraseEntireScreen)) || bytes.Contains(b, []byte("\x1b[?1049")) {
			o.frames.forget()
		}
		if err := o.all(b); err != nil {
			return 0, err
		}
		return len(b), nil
	}
	small := o.frames.squeeze(b)
	frame := make([]byte, 0, len(small)+len(ansi.SetModeSynchronizedOutput)+len(ansi.ResetModeSynchronizedOutput))
	frame = append(frame, ansi.SetModeSynchronizedOutput...)
	frame = append(frame, small...)
	frame = append(frame, ansi.ResetModeSynchronizedOutput...)
	if err := o.all(frame); err != nil {
		o.frames.forget()
		return 0, err
	}
	return len(b), nil
}

// A full terminal is left to itself for fullPause, again and again, but not for
// longer than fullPauses of them while it takes nothing.
const (
	fullPause  = 5 * time.Millisecond
	fullPauses = 1000
)

// all writes all of b. A full terminal that another program made non-blocking
// takes a part of it only; the renderer would not write the rest again.
func (o *Output) all(b []byte) error {
	for waited := 0; ; waited++ {
		n, err := o.File.Write(b)
		if b = b[n:]; !errors.Is(err, syscall.EAGAIN) || waited == fullPauses {
			return err
		}
		if n > 0 {
			waited = 0
		}
		time.Sleep(fullPause)
	}
}

// WriteString is Write; without it the file's own would go round the lock.
func (o *Output) WriteString(s string) (int, error) { return o.Write([]byte(s)) }
