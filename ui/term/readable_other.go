//go:build !unix

package term

import (
	"os"
	"time"
)

// readable never waits here: the console is not asked anything.
func readable(*os.File, time.Duration) bool { return false }
