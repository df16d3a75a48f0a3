// Package quiet keeps the start of the program from asking the terminal
// anything. Bubble Tea queries the background colour while it is imported; on a
// terminal that does not answer, even `doorman version` would wait five seconds.
// Packages are initialised in the order of their import paths, and doorman/…
// sorts before github.com/charmbracelet/bubbletea: importing this package for
// its side effect answers the question before it is put. The console looks at
// the real background later.
package quiet

import "github.com/charmbracelet/lipgloss"

func init() { lipgloss.SetHasDarkBackground(true) }
