//go:build race && unix

package journey

// building is how the program is built: with -race it has the detector, too.
func building() (env string, args []string) {
	return "CGO_ENABLED=1", []string{"-race", "-gcflags=modernc.org/...=-race=false"}
}
