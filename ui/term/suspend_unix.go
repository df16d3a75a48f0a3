//go:build unix

package term

import "golang.org/x/sys/unix"

// CanSuspend reports whether a shell is there that brings a stopped program
// back. Without job control, as under ssh host doorman or as the command of a
// terminal window, the process group is the one that leads the session: the
// system does not stop it, and no one would ever continue it.
func CanSuspend() bool {
	session, err := unix.Getsid(0)
	return err == nil && session != unix.Getpgrp()
}
