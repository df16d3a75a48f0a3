package bench

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

// Size of the terminal, that of a person at work.
const (
	columns = 120
	rows    = 40
)

// patience is how long anything may take on the terminal.
const patience = 3 * time.Minute

var errSilent = errors.New("the program on the terminal did not show what was waited for")

// terminal is the program on a pseudo-terminal that answers at once, with an
// emulator behind it.
type terminal struct {
	cmd    *exec.Cmd
	master *os.File
	begun  time.Time
	ended  chan struct{}

	mu     sync.Mutex
	vt     vt10x.Terminal
	n      int           // bytes that the program wrote
	frames int           // frames that it finished
	last   time.Time     // when it wrote last
	news   chan struct{} // closed and made again when it writes
}

// start starts the program.
func start(program string, env []string, args ...string) (*terminal, error) {
	t := &terminal{cmd: exec.Command(program, args...), vt: vt10x.New(vt10x.WithSize(columns, rows)),
		ended: make(chan struct{}), news: make(chan struct{})}
	t.cmd.Env = append(append(os.Environ(), "TERM=xterm-256color", "COLORFGBG="), env...)
	t.begun = time.Now()
	var err error
	if t.master, err = pty.StartWithSize(t.cmd, &pty.Winsize{Cols: columns, Rows: rows}); err != nil {
		return nil, err
	}
	go t.watch()
	return t, nil
}

func (t *terminal) watch() {
	buf := make([]byte, 1<<16)
	for {
		n, err := t.master.Read(buf)
		if n > 0 {
			t.take(buf[:n])
		}
		if err != nil {
			_ = t.cmd.Wait()
			close(t.ended)
			return
		}
	}
}

// take draws what the program wrote and answers what it asked.
func (t *terminal) take(b []byte) {
	now := time.Now()
	t.mu.Lock()
	t.n += len(b)
	t.last = now
	t.frames += bytes.Count(b, []byte("\x1b[?2026l"))
	_, _ = t.vt.Write(b)
	close(t.news)
	t.news = make(chan struct{})
	t.mu.Unlock()
	for _, a := range [][2]string{{"\x1b]11;?", "\x1b]11;rgb:1010/1010/1010\a"}, {"\x1b[c", "\x1b[?62;22c"}, {"\x1b[6n", "\x1b[1;1R"}} {
		if bytes.Contains(b, []byte(a[0])) {
			_, _ = t.master.WriteString(a[1])
		}
	}
}

// until waits for a condition of the screen and returns when it came about.
func (t *terminal) until(cond func(screen string) bool) (time.Time, error) {
	late := time.After(patience)
	for {
		t.mu.Lock()
		at, news, text := t.last, t.news, t.vt.String()
		t.mu.Unlock()
		if cond(text) {
			return at, nil
		}
		select {
		case <-news:
		case <-t.ended:
			return at, fmt.Errorf("%w: it ended\n%s", errSilent, text)
		case <-late:
			return at, fmt.Errorf("%w\n%s", errSilent, text)
		}
	}
}

// keyLimit is how long a key may go without a frame before it counts as one that
// shows nothing.
const keyLimit = time.Second

// frame waits for the end of a frame after n frames; false when there is none
// within keyLimit.
func (t *terminal) frame(n int) (time.Time, bool) {
	late := time.After(keyLimit)
	for {
		t.mu.Lock()
		at, news, got := t.last, t.news, t.frames
		t.mu.Unlock()
		if got > n {
			return at, true
		}
		select {
		case <-news:
		case <-t.ended:
			return at, false
		case <-late:
			return time.Now(), false
		}
	}
}

// drawn returns how many frames and bytes the program has written.
func (t *terminal) drawn() (frames, written int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.frames, t.n
}

// send writes keys as a person would press them.
func (t *terminal) send(keys string) error {
	_, err := t.master.WriteString(keys)
	return err
}

// keyPause is the time between two keys: a held key repeats thirty times a second.
const keyPause = 33 * time.Millisecond

// press presses a key some times, each a while after the frame of the one before,
// and returns how long each frame took. A key without a frame took keyLimit.
func (t *terminal) press(k string, times int) (sample, error) {
	var s sample
	for range times {
		n, _ := t.drawn()
		begun := time.Now()
		if err := t.send(k); err != nil {
			return s, err
		}
		at, _ := t.frame(n)
		s = append(s, at.Sub(begun))
		time.Sleep(keyPause)
	}
	return s, nil
}

// settle waits until nothing was written for a while.
func (t *terminal) settle(quiet time.Duration) {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(quiet / 10) {
		t.mu.Lock()
		idle := time.Since(t.last)
		t.mu.Unlock()
		if idle > quiet {
			return
		}
	}
}

// stop ends the program, by force where it must be.
func (t *terminal) stop() {
	_ = t.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-t.ended:
	case <-time.After(10 * time.Second):
		_ = t.cmd.Process.Kill()
		<-t.ended
	}
	_ = t.master.Close()
}

// hasLine reports whether a screen has a line that holds all words.
func hasLine(screen string, words ...string) bool {
	for line := range strings.Lines(screen) {
		all := true
		for _, w := range words {
			all = all && strings.Contains(line, w)
		}
		if all {
			return true
		}
	}
	return false
}
