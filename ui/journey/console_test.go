//go:build unix

package journey

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
	"golang.org/x/term"
)

// patience is how long a condition may take before a test gives up on it. It is
// no promise about speed: a busy machine may need it.
const patience = 3 * time.Minute

// waitFor waits until a condition holds.
func waitFor(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !cond(); {
		if time.Now().After(end) {
			t.Fatal("waited in vain for " + what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// console is the program on a terminal: a pseudo-terminal with an emulator
// behind it, so that what is asserted is what a person would see.
type console struct {
	t      *testing.T
	site   *site
	cmd    *exec.Cmd
	master *os.File
	tty    *os.File // kept open, to look at its settings after the end
	before *term.State
	done   chan struct{} // closed when the program has ended
	drawn  chan struct{} // closed when all it wrote has been taken in
	mute   bool          // the terminal answers no questions
	silent bool          // the terminal echoes no keys
	late   time.Duration // how long its answers take, over a slow line

	mu   sync.Mutex
	vt   vt10x.Terminal
	raw  bytes.Buffer
	tail []byte // the start of a character whose end has not come
}

// terminalOption tunes the terminal of a console.
type terminalOption func(*console)

// muteTerminal answers no questions, as some serial lines and recorders.
func muteTerminal(c *console) { c.mute = true }

// farTerminal answers over a line with a round trip of 300 ms.
func farTerminal(c *console) { c.late = 300 * time.Millisecond }

// withoutEcho makes a terminal that does not repeat what is typed. Keys sent while
// a program writes more than the kernel takes at once (2 kB) are otherwise echoed
// into the middle of its text, and cut a character in two.
func withoutEcho(c *console) { c.silent = true }

// withEnv adds to the environment of the program.
func withEnv(env ...string) terminalOption {
	return func(c *console) { c.cmd.Env = append(c.cmd.Env, env...) }
}

// open starts the program on a terminal of the given size and waits for the
// console's first screen.
func (s *site) open(cols, rows int, args []string, tune ...terminalOption) *console {
	s.t.Helper()
	return s.start(cols, rows, args, tune...).sees("? help")
}

// start starts the program on a terminal of the given size.
func (s *site) start(cols, rows int, args []string, tune ...terminalOption) *console {
	s.t.Helper()
	c := &console{t: s.t, site: s, cmd: exec.Command(program, args...), done: make(chan struct{}), drawn: make(chan struct{}),
		vt: vt10x.New(vt10x.WithSize(cols, rows))}
	c.cmd.Env, c.cmd.Dir = s.env(), s.dir
	for _, f := range tune {
		f(c)
	}
	var err error
	if c.master, c.tty, err = pty.Open(); err != nil {
		s.t.Fatal(err)
	}
	c.setSize(cols, rows)
	if c.silent {
		c.stopEcho()
	}
	if c.before, err = term.GetState(int(c.tty.Fd())); err != nil {
		s.t.Fatal(err)
	}
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = c.tty, c.tty, c.tty
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := c.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go c.watch()
	go func() { _ = c.cmd.Wait(); close(c.done) }()
	s.t.Cleanup(c.close)
	return c
}

// watch draws what the program writes, and answers what it asks.
func (c *console) watch() {
	defer close(c.drawn)
	buf := make([]byte, 1<<16)
	for {
		n, err := c.master.Read(buf)
		c.draw(buf[:n])
		if err != nil {
			return
		}
	}
}

func (c *console) draw(b []byte) {
	c.site.note(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw.Write(b)
	b = append(c.tail, b...)
	whole := wholeRunes(b)
	_, _ = c.vt.Write(b[:whole])
	c.tail = bytes.Clone(b[whole:])
	if c.mute {
		return
	}
	answers := ""
	for _, a := range [][2]string{{"\x1b]11;?", "\x1b]11;rgb:1010/1010/1010\a"}, {"\x1b[c", "\x1b[?62;22c"}, {"\x1b[6n", "\x1b[1;1R"}} {
		answers += strings.Repeat(a[1], bytes.Count(b, []byte(a[0])))
	}
	if c.late == 0 || answers == "" {
		_, _ = c.master.WriteString(answers)
		return
	}
	time.AfterFunc(c.late, func() { _, _ = c.master.WriteString(answers) })
}

// wholeRunes is how much of what came ends with a whole character.
func wholeRunes(b []byte) int {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if utf8.RuneStart(b[len(b)-i]) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return len(b) - i
			}
			break
		}
	}
	return len(b)
}

// stopEcho turns off the echo of the terminal.
func (c *console) stopEcho() {
	c.t.Helper()
	stty := exec.Command("stty", "-echo")
	stty.Stdin = c.tty
	if out, err := stty.CombinedOutput(); err != nil {
		c.t.Fatalf("stty: %v\n%s", err, out)
	}
}

// drain waits for the end of the program and for all that it wrote: the terminal
// has shown everything once nothing holds it open any more.
func (c *console) drain() bool {
	late := time.After(patience)
	select {
	case <-c.done:
	case <-late:
		return false
	}
	_ = c.tty.Close()
	select {
	case <-c.drawn:
		return true
	case <-late:
		return false
	}
}

// close ends a program that a failed test left behind.
func (c *console) close() {
	select {
	case <-c.done:
	default:
		_ = c.cmd.Process.Kill()
		<-c.done
	}
	_ = c.tty.Close()
	<-c.drawn
	_ = c.master.Close()
}

func (c *console) setSize(cols, rows int) {
	c.t.Helper()
	if err := pty.Setsize(c.master, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)}); err != nil {
		c.t.Fatal(err)
	}
}

// resize changes the size of the terminal.
func (c *console) resize(cols, rows int) *console {
	c.t.Helper()
	c.mu.Lock()
	c.vt.Resize(cols, rows)
	c.mu.Unlock()
	c.setSize(cols, rows)
	return c
}

// send writes bytes as the terminal would, each argument at once.
func (c *console) send(keys ...string) *console {
	c.t.Helper()
	for _, k := range keys {
		if _, err := c.master.WriteString(k); err != nil {
			c.t.Fatal(err)
		}
	}
	return c
}

// The keys that are no characters.
const (
	enter = "\r"
	esc   = "\x1b"
	down  = "\x1b[B"
	ctrlC = "\x03"
)

// lines returns the screen, without the blanks at the line ends.
func (c *console) lines() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	cols, rows := c.vt.Size()
	out := make([]string, rows)
	for y := range rows {
		line := make([]rune, cols)
		for x := range cols {
			if line[x] = c.vt.Cell(x, y).Char; line[x] == 0 {
				line[x] = ' '
			}
		}
		out[y] = strings.TrimRight(string(line), " ")
	}
	return out
}

func (c *console) screen() string { return strings.Join(c.lines(), "\n") }

// cursor returns the line that the cursor of the list stands on.
func (c *console) cursor() string {
	for _, l := range c.lines() {
		if strings.HasPrefix(l, ">") {
			return l
		}
	}
	return ""
}

// until waits for a condition and shows the screen when it never comes.
func (c *console) until(what string, cond func() bool) *console {
	c.t.Helper()
	for end := time.Now().Add(patience); !cond(); {
		select {
		case <-c.drawn:
			if !cond() {
				c.t.Fatalf("the program ended before %s; the screen:\n%s", what, c.screen())
			}
			return c
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(end) {
			c.t.Fatalf("waited in vain for %s; the screen:\n%s", what, c.screen())
		}
	}
	return c
}

// sees waits until all texts are on the screen.
func (c *console) sees(texts ...string) *console {
	c.t.Helper()
	return c.until(fmt.Sprintf("%q", texts), func() bool {
		s := c.screen()
		for _, text := range texts {
			if !strings.Contains(s, text) {
				return false
			}
		}
		return true
	})
}

// misses waits until a text is not on the screen.
func (c *console) misses(text string) *console {
	c.t.Helper()
	return c.until("no "+text, func() bool { return !strings.Contains(c.screen(), text) })
}

// on waits until the cursor of the list stands on a line with the text.
func (c *console) on(text string) *console {
	c.t.Helper()
	return c.until("the cursor on "+text, func() bool { return strings.Contains(c.cursor(), text) })
}

// ends waits for the program's end, checks its exit status and that it left the
// terminal as it found it.
func (c *console) ends(status int) *console {
	c.t.Helper()
	select {
	case <-c.done:
	case <-time.After(patience):
		c.t.Fatalf("the program goes on; the screen:\n%s", c.screen())
	}
	after, err := term.GetState(int(c.tty.Fd()))
	if err != nil {
		c.t.Fatal(err)
	}
	if !c.drain() {
		c.t.Fatalf("something keeps the terminal open; the screen:\n%s", c.screen())
	}
	if got := c.cmd.ProcessState.ExitCode(); got != status {
		c.t.Errorf("exit status %d (%v), want %d; the screen:\n%s", got, c.cmd.ProcessState, status, c.screen())
	}
	if !reflect.DeepEqual(c.before, after) {
		c.t.Error("the settings of the terminal are not what they were")
	}
	if !c.mainScreen() {
		c.t.Errorf("it does not leave the main screen with its cursor; the screen:\n%s", c.screen())
	}
	if raw := c.bytes(); bytes.Count(raw, []byte("\x1b[?2004h")) > bytes.Count(raw, []byte("\x1b[?2004l")) {
		c.t.Error("bracketed paste is still on")
	}
	return c
}

// mainScreen reports whether the terminal is back at its main screen, with a
// cursor and without mouse reports.
func (c *console) mainScreen() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.vt.Mode()&(vt10x.ModeAltScreen|vt10x.ModeMouseMask) == 0 && c.vt.CursorVisible()
}

// bytes returns all that the program wrote to the terminal.
func (c *console) bytes() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.raw.Bytes())
}

// signal sends a signal to the program.
func (c *console) signal(sig os.Signal) *console {
	c.t.Helper()
	if err := c.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		c.t.Fatal(err)
	}
	return c
}

// fits checks that the screen is full of the console: a header at the top, a
// footer at the bottom.
func (c *console) fits(header, footer string) *console {
	c.t.Helper()
	return c.until("a header and a footer at the edges of the screen", func() bool {
		l := c.lines()
		return strings.Contains(l[0], header) && strings.Contains(l[len(l)-1], footer)
	})
}
