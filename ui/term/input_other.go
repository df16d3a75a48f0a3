//go:build !unix

package term

import "os"

// Input is a terminal to read keys from. Here the console delivers whole keys,
// so there is nothing to join.
type Input struct {
	*os.File
	Net *Crash // catches a panic in what reads here; nil: it goes on
}

// NewInput wraps a terminal.
func NewInput(f *os.File) *Input { return &Input{File: f} }
