package term

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOutputBracketsFramesOnly(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out := NewOutput(w, false)
	for _, s := range []string{"\x1b[?25l", "\x1b[Hframe"} {
		if n, err := out.Write([]byte(s)); n != len(s) || err != nil {
			t.Fatalf("wrote %d of %d: %v", n, len(s), err)
		}
	}
	w.Close()
	got, _ := io.ReadAll(r)
	if want := "\x1b[?25l\x1b[?2026h\x1b[Hframe\x1b[?2026l"; string(got) != want {
		t.Errorf("got %q", got)
	}
}

func TestCopyGoesThroughTmux(t *testing.T) {
	var b strings.Builder
	if err := Copy(&b, func(k string) string { return map[string]string{"TMUX": "x"}[k] }, "hello"); err != nil {
		t.Fatal(err)
	}
	// For tmux itself, and once more for the terminal behind it.
	if b.String() != "\x1b]52;c;aGVsbG8=\a\x1bPtmux;\x1b\x1b]52;c;aGVsbG8=\a\x1b\\" {
		t.Errorf("%q", b.String())
	}
	if err := Copy(&b, os.Getenv, strings.Repeat("x", 100_000)); err == nil {
		t.Error("a text that no terminal takes was copied")
	}
}

func TestCrashFileHoldsNoValues(t *testing.T) {
	dir := t.TempDir()
	c := &Crash{Dir: dir, Version: "test"}
	stopped := false
	c.OnCrash(func() { stopped = true })
	func() {
		defer c.Catch()
		panic(errors.New("token s3cret"))
	}()
	files, _ := filepath.Glob(filepath.Join(dir, "doorman-crash-*.txt"))
	if len(files) != 1 || !stopped {
		t.Fatalf("%d files, stopped %v", len(files), stopped)
	}
	text, _ := os.ReadFile(files[0])
	if strings.Contains(string(text), "s3cret") || !strings.Contains(string(text), "TestCrashFileHoldsNoValues") {
		t.Errorf("%s", text)
	}
	if i, _ := os.Stat(files[0]); i.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", i.Mode())
	}
	if err := c.Err(); err == nil || !strings.Contains(err.Error(), files[0]) {
		t.Errorf("%v", err)
	}
}

func TestCatchLeavesTheRestAlone(t *testing.T) {
	c := &Crash{Dir: t.TempDir()}
	func() { defer c.Catch() }()
	if c.Err() != nil {
		t.Error(c.Err())
	}
}
