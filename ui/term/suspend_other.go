//go:build !unix

package term

// CanSuspend reports false: programs are not stopped here.
func CanSuspend() bool { return false }
