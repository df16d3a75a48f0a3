package term

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// Crash turns a panic, wherever it happens, into a file that can be sent to
// the developers, and an orderly end. The zero value writes no file.
type Crash struct {
	Dir     string // where the file goes; "": nowhere
	Version string // of the program

	mu   sync.Mutex
	hit  bool
	path string
	stop func()
}

// OnCrash sets what brings the program to an end after a panic, such as
// quitting the event loop, which gives the terminal back.
func (c *Crash) OnCrash(stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stop = stop
}

// Catch recovers from a panic; defer it in every goroutine and command. A nil
// Crash lets it go on.
func (c *Crash) Catch() {
	r := recover()
	if r == nil {
		return
	}
	if c == nil {
		panic(r)
	}
	c.mu.Lock()
	first := !c.hit
	c.hit = true
	if first {
		c.path = c.write(r, debug.Stack(), time.Now())
	}
	stop := c.stop
	c.mu.Unlock()
	if stop != nil {
		stop()
	}
}

// Run calls f and reports whether it came to its end.
func (c *Crash) Run(f func()) (ended bool) {
	defer c.Catch()
	f()
	return true
}

// Err returns an error for the person that names the file, nil when nothing
// crashed.
func (c *Crash) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.hit:
		return nil
	case c.path == "":
		return fmt.Errorf("doorman met a fault in itself and stopped; nothing was left half done in the database")
	}
	return fmt.Errorf("doorman met a fault in itself and stopped; what is known is in %s", Show(c.path))
}

// write writes the file, readable for its owner only, and returns its path. A
// panic may carry any value: only the runtime's own texts go into it, for
// anything else its type; the stack holds no strings.
func (c *Crash) write(r any, stack []byte, now time.Time) string {
	if c.Dir == "" {
		return ""
	}
	what := fmt.Sprintf("a panic of type %T", r)
	if e, ok := r.(runtime.Error); ok {
		what = e.Error()
	}
	path := filepath.Join(c.Dir, fmt.Sprintf("doorman-crash-%s-%d.txt", now.UTC().Format("20060102T150405Z"), os.Getpid()))
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return ""
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return ""
	}
	_, err = fmt.Fprintf(f, "doorman %s, %s %s/%s, %s\n%s\n\n%s", c.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH, now.UTC().Format(time.RFC3339), what, stack)
	if e := f.Close(); err != nil || e != nil {
		return ""
	}
	return path
}
