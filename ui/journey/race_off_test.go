//go:build !race && unix

package journey

// building is how the program is built: as it ships.
func building() (env string, args []string) {
	return "CGO_ENABLED=0", []string{"-ldflags=-s -w"}
}
