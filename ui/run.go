package ui

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/page"
	"doorman/ui/term"
	"doorman/ui/theme"
)

// Options is what the console is run with.
type Options struct {
	Env     *page.Env
	Watch   Watcher
	Name    string                     // of the store, until Watch has told its path
	Home    string                     // the first view; "" is the first of the registry
	Start   page.Link                  // where the console opens, checked; the zero value: at the first view
	Capture bool                       // letters go to a capture server: the header says so
	Courier func() model.CourierStatus // nil: nothing is sent from here
	Getenv  func(string) string        // environment of the terminal; nil: os.Getenv
	Suspend bool                       // ctrl+z stops the process; off in sessions served over a network
	Input   io.Reader                  // nil: standard input
	Output  io.Writer                  // nil: standard output
	Log     *slog.Logger               // errors in full; nil: nowhere
	Crash   string                     // directory for crash files; "": none is written
	Version string                     // of the program, for crash files
	Net     *term.Crash                // catches panics of other goroutines too; nil: made from Crash and Version
}

func (o Options) home() string {
	if o.Home != "" {
		return o.Home
	}
	return page.Views()[0].Name
}

// searchPause is shorter than the time between two keys of a fast typist.
const searchPause = 60 * time.Millisecond

// errUnsaved means that the console ended before every write was done.
var errUnsaved = &model.Error{Kind: model.Unavailable, Text: "the console ended before every write was done",
	Hint: "`doorman audit` tells which were"}

// CrashHint is what to do after a fault of the program itself.
const CrashHint = "start it again; doorman audit shows what was done; attach the file to a bug report"

// Run shows the console until the operator quits or ctx ends. Writes under way
// get five seconds; an error tells when that was not enough.
func Run(ctx context.Context, o Options) error {
	s := newShell(o)
	if o.Input == nil {
		o.Input = os.Stdin
	}
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Output == nil {
		o.Output = os.Stdout
	}
	out := output(o.Output, o.Env.Theme.Level == theme.Dumb)
	o.Env.Theme.ASCII = o.Env.Theme.ASCII || theme.NeedsASCII(o.Getenv)
	if o.Env.Courier == nil {
		o.Env.Courier = o.Courier
	}
	if o.Getenv("NO_MOTION") != "" {
		o.Env.Absolute, o.Env.Still = true, true
	}
	if o.Env.Pause == 0 {
		o.Env.Pause = searchPause
	}
	if o.Env.Copy == nil {
		o.Env.Copy = copyTo(out, o.Getenv)
	}
	crash := o.Net
	if crash == nil {
		crash = &term.Crash{Dir: o.Crash, Version: o.Version}
	}
	// Signals end ctx. Bubble Tea's own handler would see them too and, when ctx
	// is faster, wait for ever for someone to take its message.
	g := &guarded{shell: s, crash: crash}
	p := tea.NewProgram(g, tea.WithContext(ctx), tea.WithoutSignalHandler(), tea.WithAltScreen(), tea.WithFPS(120),
		tea.WithInput(input(o.Input)), tea.WithOutput(out))
	g.pace.program = p
	crash.OnCrash(func() { go p.Quit() })
	_, err := p.Run()
	if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		err = nil
	}
	if e := crash.Err(); e != nil {
		return &model.Error{Kind: model.Unavailable, Text: e.Error(), Hint: CrashHint, Err: e}
	}
	if !s.env.Saves.Wait(patience) {
		return errors.Join(err, errUnsaved)
	}
	return err
}

// input joins what a terminal splits; other readers are taken as they are.
func input(r io.Reader) io.Reader {
	if f, ok := r.(*os.File); ok {
		return term.NewInput(f)
	}
	return r
}

// output brackets the frames that go to a terminal.
func output(w io.Writer, plain bool) io.Writer {
	if f, ok := w.(*os.File); ok {
		return term.NewOutput(f, plain)
	}
	return w
}

// maxTold is how much of a copied text the notice repeats, in cells.
const maxTold = 48

// sent tells what was copied, and, before what may not fit any more, that no one
// knows whether it arrived.
func sent(text string, lookup func(string) string) string {
	text = term.Show(text)
	told := term.Fit(text, min(term.Width(text), maxTold))
	if lookup("TMUX") != "" {
		return "sent to the terminal's clipboard (in tmux: set-clipboard on): " + told
	}
	return "sent to the terminal's clipboard (if OSC 52 is on): " + told
}

// copyTo returns the command that copies by way of the terminal.
func copyTo(w io.Writer, lookup func(string) string) func(string) tea.Cmd {
	return func(text string) tea.Cmd {
		return func() tea.Msg {
			if err := term.Copy(w, lookup, text); err != nil {
				return page.Failed{Err: err}
			}
			return page.Toast{Text: sent(text, lookup)}
		}
	}
}
