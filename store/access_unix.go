//go:build unix

package store

import "syscall"

// mayAccess asks the system whether this process may read, or read and write, a
// file.
func mayAccess(path string, write bool) bool {
	mode := uint32(4)
	if write {
		mode |= 2
	}
	return syscall.Access(path, mode) == nil
}
