//go:build unix

package quiet_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	_ "github.com/charmbracelet/bubbletea"
	"github.com/creack/pty"

	_ "doorman/ui/term/quiet"
)

// TestMain lets the test run its own binary, which imports Bubble Tea as the
// program does, on a terminal that answers nothing.
func TestMain(m *testing.M) {
	if os.Getenv("DOORMAN_QUIET_CHILD") != "" {
		fmt.Print("started")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestStartAsksTheTerminalNothing(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "DOORMAN_QUIET_CHILD=1", "TERM=xterm-256color")
	f, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out, err := io.ReadAll(f)
	if string(out) != "started" { // reading ends in EIO on Linux, when the child is gone
		t.Errorf("the terminal got %q (%v)", out, err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}
