//go:build unix

package secret

import (
	"os"
	"syscall"
)

// checkOwner refuses a file, or a link to one, of another user: he could change
// it.
func checkOwner(path string, info os.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	if ok && int(st.Uid) != os.Geteuid() && st.Uid != 0 {
		return refuse(path, "belongs to another user", "make a copy of your own, with mode 0600", nil)
	}
	return nil
}

// checkPrivate refuses a file that others may read or write.
func checkPrivate(path string, info os.FileInfo) error {
	if info.Mode().Perm()&0o077 != 0 {
		return refuse(path, "may be read or written by others", "chmod 600 it; if others could have read it, change the secret", nil)
	}
	return checkOwner(path, info)
}

// checkDirectory refuses to put a key where others could put another.
func checkDirectory(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return refuse(dir, "cannot be looked at", "check its permissions", err)
	}
	if info.Mode().Perm()&0o022 != 0 && info.Mode()&os.ModeSticky == 0 {
		return refuse(dir, "may be written to by others", "chmod 700 it, or keep the key elsewhere", nil)
	}
	return nil
}
