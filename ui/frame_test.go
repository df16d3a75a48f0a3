package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"doorman/model"
	"doorman/model/detect"
	"doorman/ui/term"
)

// A view of what did not change costs nothing, and one after a cursor move far
// less than one for each cell.
func TestFramesAllocateForWhatChanged(t *testing.T) {
	c := newConsole(t, 200, 60)
	if n := testing.AllocsPerRun(50, func() { _ = c.s.View() }); n > 0 {
		t.Errorf("%v allocations for an unchanged view", n)
	}
	nothing := tea.Msg(polled{})
	if n := testing.AllocsPerRun(50, func() { c.s.turn(nothing); _ = c.s.View() }); n > 0 {
		t.Errorf("%v allocations after a look that found nothing", n)
	}
	keys := []tea.KeyMsg{{Type: tea.KeyDown}, {Type: tea.KeyUp}}
	i := 0
	n := testing.AllocsPerRun(50, func() {
		c.s.Update(keys[i%2])
		_ = c.s.View()
		i++
	})
	if n > 450 {
		t.Errorf("%v allocations for a cursor move", n)
	}
}

// asked counts what is asked of the store beside whether it changed.
type asked struct {
	*stand
	n, polls int
}

func (a *asked) ListAccounts(ctx context.Context, f model.AccountFilter) (model.Page[model.AccountRow], error) {
	a.n++
	return a.stand.ListAccounts(ctx, f)
}

func (a *asked) ListResets(ctx context.Context, f model.ResetFilter) (model.Page[model.Reset], error) {
	a.n++
	return a.stand.ListResets(ctx, f)
}

func (a *asked) CountLetters(ctx context.Context) (map[model.LetterState]int, error) {
	a.n++
	return a.stand.CountLetters(ctx)
}

func (a *asked) About(ctx context.Context) (model.StoreInfo, error) {
	a.n++
	return a.stand.About(ctx)
}

func (a *asked) Clusters(ctx context.Context, f model.ClusterFilter) ([]detect.Cluster, error) {
	a.n++
	return a.stand.Clusters(ctx, f)
}

func (a *asked) Poll(ctx context.Context) (bool, error) {
	a.polls++
	return a.stand.Poll(ctx)
}

// While nothing happens the console asks once a second whether something has, and
// a few times an hour what stands out; it reads nothing else and draws nothing.
func TestIdleAsksForNothing(t *testing.T) {
	var a *asked
	var now time.Time
	c := newConsole(t, 120, 40, func(o *Options) {
		a = &asked{stand: o.Watch.(*stand)}
		now = o.Env.Now()
		o.Watch, o.Env.Store, o.Env.Now = a, a, func() time.Time { return now }
	})
	c.press("2")
	a.n, a.polls = 0, 0
	before := c.s.View()
	for range 9 {
		now = now.Add(pulse)
		c.send(tickMsg(now))
	}
	if a.n != 0 || a.polls != 9 {
		t.Errorf("%d questions in %d looks", a.n, a.polls)
	}
	if c.s.View() != before {
		t.Error("something moved on the screen")
	}
}

// On a narrow screen the words of the outbox go before a badge is cut.
func TestBadgesStayWhole(t *testing.T) {
	for _, w := range []int{60, 80, 120} {
		c := newConsole(t, w, 24, func(o *Options) { o.Capture = true })
		c.s.live.letters = map[model.LetterState]int{model.Undeliverable: 1, model.Failed: 12, model.Queued: 103}
		head := ansi.Strip(c.s.header())
		if !strings.Contains(head, "[CAPTURE]") || !strings.Contains(head, "✗ 1") || !strings.Contains(head, "! 12") || !strings.Contains(head, "◷ 103") ||
			strings.Contains(head, "undeliverable") != (w > 60) || term.Width(head) != w {
			t.Errorf("at %d: %q", w, head)
		}
	}
}
