//go:build unix

package store

import (
	"syscall"
	"testing"
	"time"
)

// cpuTime is the time that this process has spent computing: on a busy machine
// it says more than the clock does.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
