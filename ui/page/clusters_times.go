package page

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"doorman/model"
	"doorman/model/detect"
	"doorman/ui/part"
	"doorman/ui/term"
	"doorman/ui/theme"
)

// Timelines counts what happened over time.
type Timelines interface {
	Timeline(context.Context, model.TimelineFilter) (model.Timeline, error)
}

// times is the timeline of a window: all that happened, and what of it came from
// where clusters are.
type times struct {
	all   model.Timeline
	each  map[string][]int // requests of a cluster, by its key
	known bool             // each was counted too
	at    time.Time        // when it was read
	step  time.Duration
}

// Timelines are read again at most so often while everything changes.
const timesPause = 2 * time.Second

// mostTimed bounds of how many clusters the timeline tells: the worst.
const mostTimed = 40

// mostNamed bounds how many resets that only their ids name are looked up for a
// picture: the newest of them.
const mostNamed = 3000

// sourceOf is what a cluster names, for pictures: as targetOf, the ids bounded.
func sourceOf(c detect.Cluster) model.Target {
	t := c.Target()
	t.Until = time.Time{}
	if c.Kind == detect.ByAgent || t.On == detect.OnUse {
		t.Prefix, t.Agent, t.IDs = model.Target{}.Prefix, "", hiddenIDs(c.EventIDs)
	}
	t.IDs = t.IDs[max(len(t.IDs)-mostNamed, 0):]
	return t
}

// readTimes reads the timeline again: first all that happened, which needs no
// engine; once the clusters are known, their share of it.
func (p *clusters) readTimes() tea.Cmd {
	if p.w == 0 {
		return nil
	}
	now := p.env.Now()
	f := model.TimelineFilter{Since: p.since(), Until: now.Add(time.Millisecond), Step: p.stepFor()}
	of := map[string]model.Target{}
	all := p.everything()
	for _, r := range all[:min(len(all), mostTimed)] {
		if t := sourceOf(r.Cluster); !t.IsZero() {
			of[r.Key] = t
		}
	}
	known := p.Loaded()
	pause := timesPause - now.Sub(p.times.at)
	if p.env.Pause == 0 || pause < 0 || f.Step != p.times.step || known != p.times.known {
		pause = p.untilListed()
	}
	s := p.env.Store
	return Delayed(&p.timing, pause, func(ctx context.Context) (times, error) {
		out := times{known: known, at: now, step: f.Step, each: map[string][]int{}}
		var err error
		if out.all, err = s.Timeline(ctx, f); err != nil {
			return out, err
		}
		for key, t := range of {
			f.Of = []model.Target{t}
			one, err := s.Timeline(ctx, f)
			if err != nil {
				return out, err
			}
			out.each[key] = one.Requests
		}
		return out, nil
	}, func(t times, err error) tea.Cmd {
		if err == nil {
			p.times = t
		}
		return nil
	})
}

// stepFor is the shortest step of even length with which the window fits the
// screen.
func (p *clusters) stepFor() time.Duration {
	return stepFor(windows()[p.window], p.chartWidth())
}

func stepFor(window time.Duration, width int) time.Duration {
	const day = 24 * time.Hour
	for _, m := range []int{1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720} {
		if step := time.Duration(m) * time.Minute; int(window/step)+1 <= width {
			return step
		}
	}
	return max(window/time.Duration(max(width-1, 1))/day*day+day, day)
}

// chartLabel is how much of a line of the timeline its name takes.
const chartLabel = 17

func (p *clusters) chartWidth() int { return max(p.w-chartLabel-1, 8) }

// chartHeight is how tall the bars of the requests are.
func (p *clusters) chartHeight() int {
	switch {
	case p.h >= 50:
		return 5
	case p.h >= 32:
		return 3
	case p.h >= 19:
		return 2
	}
	return 1
}

// chartLines is how many lines the timeline takes.
func (p *clusters) chartLines() int { return p.chartHeight() + 3 }

// chart draws the timeline: what was requested, what was finished, how much of it
// is flagged, and when that was.
func (p *clusters) chart() []string {
	t, tall, w := p.env.Theme, p.chartHeight(), p.chartWidth()
	tl := p.times.shifted(p.env.Now())
	if len(tl.all.Requests) == 0 {
		return make([]string, p.chartLines())
	}
	asked, finished := total(tl.all.Requests), total(tl.all.Uses)
	share, flagged := tl.shares()
	worst := func(i int) theme.Ink { return shareInk(t, share[i]) }
	names := make([]string, tall)
	names[0] = "requests " + short(asked)
	if tall > 1 {
		peak := peakOf(tl.all.Requests)
		names[1] = "peak " + short(peak) + "/" + part.Span(tl.step)
	}
	var lines []string
	add := func(name string, bar string) {
		lines = append(lines, t.Dim.Paint(term.Fit(" "+name, chartLabel))+bar)
	}
	for i, l := range (part.Chart{Counts: tl.all.Requests, Ink: worst, Empty: t.Border}).Lines(w, tall) {
		add(names[i], l)
	}
	top := peakOf(tl.all.Requests)
	good := func(int) theme.Ink { return t.Good }
	add("completed "+rate(finished, asked), part.Chart{Counts: tl.all.Uses, Top: top, Ink: good, Empty: t.Border}.Lines(w, 1)[0])
	if !tl.known {
		add("flagged   …", "")
	} else {
		bars := part.Chart{Counts: share, Top: 100, Ink: worst, Empty: t.Border}.Lines(w, 1)[0]
		add("flagged   "+rate(flagged, asked), p.markUnjudged(tl.all, bars, w))
	}
	label := t.Dim.Paint(term.Spaces(chartLabel))
	if p.pending() != "" {
		label = t.Warn.Paint(term.Fit(" ? not judged yet", chartLabel))
	}
	return append(lines, label+t.Dim.Paint(p.env.axis(tl.all, w)))
}

// markUnjudged puts a question mark over the bars of times that are not judged yet:
// what is flagged there is not known.
func (p *clusters) markUnjudged(t model.Timeline, bars string, w int) string {
	r, n := p.env.Store.ClusterReading(), len(t.Requests)
	if t.Step <= 0 {
		return bars
	}
	cell := func(at time.Time) int { // where the step that holds a moment begins
		return part.BarStart(min(max(int(at.Sub(t.From)/t.Step), 0), n), n, w)
	}
	mark := func(cells int) string { return p.env.Theme.Warn.Paint(strings.Repeat("?", cells)) }
	if end := cmp.Or(r.Until, r.FreshSince); !end.IsZero() {
		x := cell(end)
		bars = ansi.Truncate(bars, x, "") + mark(w-x)
	}
	if x := cell(r.Since); !r.Since.IsZero() && x > 0 && x <= w {
		bars = mark(x) + ansi.TruncateLeft(bars, x, "")
	}
	return bars
}

// shifted moves the timeline on to now: while nothing has changed since it was
// read, nothing has happened.
func (t times) shifted(now time.Time) times {
	if len(t.all.Requests) == 0 || now.Before(t.all.To()) {
		return t
	}
	n := int(now.Sub(t.all.To())/t.step) + 1
	t.all.From = t.all.From.Add(time.Duration(n) * t.step)
	t.all.Requests, t.all.Uses = slid(t.all.Requests, n), slid(t.all.Uses, n)
	each := map[string][]int{}
	for key, counts := range t.each {
		each[key] = slid(counts, n)
	}
	t.each = each
	return t
}

func slid(counts []int, n int) []int {
	n = min(n, len(counts))
	return append(append([]int{}, counts[n:]...), make([]int, n)...)
}

// shares returns how much of each step is flagged, in percent, and how many
// requests that is; what two clusters claim counts once at most.
func (t times) shares() (percent []int, flagged int) {
	percent = make([]int, len(t.all.Requests))
	for i, n := range t.all.Requests {
		of := 0
		for _, counts := range t.each {
			of += counts[i]
		}
		if of = min(of, n); n > 0 {
			percent[i] = 100 * of / n
		}
		flagged += of
	}
	return percent, flagged
}

// trend draws how a cluster came, for a narrow column.
func (p *clusters) trend(r ranked) part.Cell {
	counts, found := p.times.each[r.Key]
	if !found {
		return part.Cell{Text: "…", Ink: p.env.Theme.Dim}
	}
	return part.Cell{Text: part.Sparkline(folded(counts, trendBars)), Ink: p.env.Theme.Info}
}

const trendBars = 8

// folded sums counts up in n parts.
func folded(counts []int, n int) []int {
	out := make([]int, n)
	for i, c := range counts {
		out[i*n/len(counts)] += c
	}
	return out
}

// shareInk is how bad a flagged share looks.
func shareInk(t *theme.Theme, percent int) theme.Ink {
	switch {
	case percent >= 50:
		return t.Bad
	case percent >= 10:
		return t.Warn
	}
	return t.Info
}

func total(counts []int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}

// peakOf returns the largest count.
func peakOf(counts []int) int {
	n := 0
	for _, c := range counts {
		n = max(n, c)
	}
	return n
}

// rate writes a part of a whole in percent, "–" where there is no whole.
func rate(n, whole int) string {
	if whole == 0 {
		return "–"
	}
	return model.Percent(min(float64(n)/float64(whole), 1))
}

// short writes a number in at most five cells: 9999, 15.2k, 1.3M.
func short(n int) string {
	unit := func(x float64, name string) string {
		digits := 1
		if x >= 100 {
			digits = 0
		}
		return strconv.FormatFloat(x, 'f', digits, 64) + name
	}
	switch {
	case n >= 999_500:
		return unit(float64(n)/1e6, "M")
	case n >= 10_000:
		return unit(float64(n)/1e3, "k")
	}
	return strconv.Itoa(n)
}
