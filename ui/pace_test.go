package ui

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/ui/term"
)

// counter is a model that says how often it was told to.
type counter struct {
	pace *pace
	n    int
}

type say int

func (c *counter) Init() tea.Cmd { return nil }

func (c *counter) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if n, ok := msg.(say); ok {
		c.n = int(n)
	}
	return c, nil
}

func (c *counter) View() string {
	view := string(rune('a' + c.n))
	c.pace.wake(view, time.Now())
	return view
}

// written hands on what was written.
type written chan string

func (w written) Write(b []byte) (int, error) {
	w <- string(b)
	return len(b), nil
}

// The field of Bubble Tea that pace lives on is there, what changes is drawn, and
// afterwards the renderer looks four times a second.
func TestPaceOfTheRenderer(t *testing.T) {
	out := make(written, 100)
	c := &counter{pace: &pace{}}
	p := tea.NewProgram(c, tea.WithInput(nil), tea.WithOutput(out), tea.WithFPS(120), tea.WithoutSignalHandler())
	c.pace.program = p
	ended := make(chan error, 1)
	go func() { _, err := p.Run(); ended <- err }()
	for n := range 3 {
		p.Send(say(n))
		for text := ""; !strings.Contains(text, string(rune('a'+n))); text = <-out {
		}
	}
	for end := time.Now().Add(3 * time.Minute); ; time.Sleep(time.Millisecond) {
		c.pace.mu.Lock()
		found, period := c.pace.ticker != nil, c.pace.period
		c.pace.mu.Unlock()
		if !found {
			t.Fatal("Bubble Tea keeps its ticker elsewhere now")
		}
		if period == idle {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the renderer does not rest")
		}
	}
	p.Quit()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// The timer that fires at the moment of a change does not hold its frame back.
func TestPaceRestsOnlyAfterAPause(t *testing.T) {
	p := &pace{program: &tea.Program{}, ticker: time.NewTicker(time.Hour), rest: time.AfterFunc(time.Hour, func() {})}
	p.wake("a", time.Now().Add(time.Hour)) // however long the next line takes to come
	p.sleep()
	if p.period != soon {
		t.Errorf("the next frame comes within %v", p.period)
	}
}

// A change does not put off the frame of the one before it, and frames are as far
// apart as they are to be.
func TestPaceOfChangesThatFollowEachOther(t *testing.T) {
	p := &pace{program: &tea.Program{}, ticker: time.NewTicker(time.Hour), rest: time.AfterFunc(time.Hour, func() {})}
	begun := time.Now()
	for i, step := range []struct{ at, due time.Duration }{
		{0, soon}, {soon - 1, soon}, {soon, soon + busy}, {soon + busy - 1, soon + busy},
		{2 * busy, soon + 2*busy}, {10 * busy, 10*busy + soon},
	} {
		p.wake(string(rune('a'+i)), begun.Add(step.at))
		if got := p.due.Sub(begun); got != step.due {
			t.Errorf("the change after %v is drawn after %v, want %v", step.at, got, step.due)
		}
	}
}

// A screen that was cleared is drawn again at once, though it shows the same.
func TestPaceOfAClearedScreen(t *testing.T) {
	g := &guarded{shell: newConsole(t, 80, 24).s, crash: &term.Crash{}}
	g.pace.program, g.pace.ticker, g.pace.rest = &tea.Program{}, time.NewTicker(time.Hour), time.AfterFunc(time.Hour, func() {})
	g.View()
	g.pace.period, g.pace.last, g.pace.due = idle, time.Now().Add(-time.Second), time.Time{}
	if g.View(); g.pace.period != idle {
		t.Fatal("nothing changed, and it was to be drawn")
	}
	g.Update(tea.ClearScreen())
	if g.View(); g.pace.period != soon {
		t.Errorf("the screen stays empty for %v", g.pace.period)
	}
}
