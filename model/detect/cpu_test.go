//go:build unix

package detect_test

import (
	"syscall"
	"time"
)

// cpuTime is the time that this process has spent computing, on all cores: on a
// busy machine the clock on the wall says little.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
