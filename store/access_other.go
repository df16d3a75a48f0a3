//go:build !unix

package store

import "os"

// mayAccess tries whether this process may read, or read and write, a file.
func mayAccess(path string, write bool) bool {
	mode := os.O_RDONLY
	if write {
		mode = os.O_RDWR
	}
	f, err := os.OpenFile(path, mode, 0)
	if err != nil {
		return false
	}
	return f.Close() == nil
}
