//go:build unix

package store

import (
	"path/filepath"
	"syscall"
	"testing"
)

// A pipe must not be opened at all: that would wait for the other end.
func TestPipeIsNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, look := range []bool{false, true} {
		refused(t, Options{Path: path, ReadOnly: look}, "pipe or a device")
	}
}
