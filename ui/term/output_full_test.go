//go:build unix

package term

import (
	"bytes"
	"io"
	"os"
	"syscall"
	"testing"
)

// A terminal that another program has made non-blocking and that is full takes
// but a part of what is written: the rest follows.
func TestOutputWaitsForAFullTerminal(t *testing.T) {
	var ends [2]int
	if err := syscall.Pipe(ends[:]); err != nil {
		t.Fatal(err)
	}
	r, w := os.NewFile(uintptr(ends[0]), "r"), os.NewFile(uintptr(ends[1]), "w") // blocking, as a terminal
	defer r.Close()
	if err := syscall.SetNonblock(ends[1], true); err != nil {
		t.Fatal(err)
	}
	frame := append([]byte("\x1b[H"), bytes.Repeat([]byte("line\r\n"), 1_000_000)...)
	got := make(chan []byte)
	go func() {
		b, _ := io.ReadAll(r)
		got <- b
	}()
	n, err := NewOutput(w, false).Write(frame)
	if err != nil || n != len(frame) {
		t.Errorf("%d of %d bytes, %v", n, len(frame), err)
	}
	w.Close()
	if b := <-got; !bytes.Contains(b, frame) {
		t.Errorf("%d bytes came through", len(b))
	}
}
