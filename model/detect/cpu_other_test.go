//go:build !unix

package detect_test

import "time"

// cpuTime is the time that has gone by.
func cpuTime() time.Duration { return time.Duration(time.Now().UnixNano()) }
