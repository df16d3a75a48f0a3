//go:build !unix

package secret

import "os"

// Where files have no mode bits, the system's own rules guard the profile of a
// user.

func checkOwner(string, os.FileInfo) error   { return nil }
func checkPrivate(string, os.FileInfo) error { return nil }
func checkDirectory(string) error            { return nil }
