//go:build unix

package journey

import (
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What .ci/run and .ci/quick share tells how long each step took, ends with a table
// of them, and names the step that failed.
func TestStepsTellTheirTimes(t *testing.T) {
	at, err := filepath.Abs(filepath.Join(root, ".ci", "steps"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		script string
		status int
		table  string
	}{
		"well":        {`step "one"; true; step "two"; true`, 0, `(?s)== one: \d+ s\n.*\n +\d+ s  one\n +\d+ s  two\n +\d+ s  in all\n$`},
		"a failure":   {`step "one"; true; step "two"; false; step "three"`, 1, `(?s)\n +\d+ s  one\n +\d+ s  two: FAILED\n +\d+ s  in all\n$`},
		"its cleanup": {`at_exit="echo cleaned"; step "one"; exit 7`, 7, `(?s)== one: \d+ s, FAILED\ncleaned\n\n +\d+ s  one: FAILED\n`},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command("bash", "-c", `. "$0"; `+c.script, at)
			out, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			if got := cmd.ProcessState.ExitCode(); got != c.status || !regexp.MustCompile(c.table).Match(out) || strings.Contains(string(out), "three") {
				t.Errorf("exit status %d, want %d:\n%s", got, c.status, out)
			}
		})
	}
}
