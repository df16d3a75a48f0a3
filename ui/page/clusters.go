package page

import (
	"context"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/model/query"
	"doorman/model/transfer"
	"doorman/ui/part"
)

// clusters is the home view: the clusters, what needs a person first.
type clusters struct {
	*sought[ranked]
	triage
	window  int                      // index into windows
	whole   atomic.Pointer[[]ranked] // what the last read found in the window, whatever the filter; written by the read
	figures clusterFigures
	tally   Slot
	times   times
	timing  Slot
	trouble error // why the clusters could not be read the last time, nil when they could
}

// clusterFigures is what the summary above the list tells beside its rows.
type clusterFigures struct {
	known    bool
	requests model.Count // in the window
	ever     bool        // there is any reset at all
}

// windows are the spans of time that the list can show.
func windows() []time.Duration {
	const day = 24 * time.Hour
	return []time.Duration{day, 7 * day, 90 * day, time.Hour}
}

// windowName writes a window as a link does: "1h", "7d".
func windowName(d time.Duration) string {
	if d > 24*time.Hour {
		return strconv.Itoa(int(d/(24*time.Hour))) + "d"
	}
	return strconv.Itoa(int(d/time.Hour)) + "h"
}

// windowNamed is the index of a window; -1 for none of that name.
func windowNamed(name string) int {
	return slices.IndexFunc(windows(), func(d time.Duration) bool { return windowName(d) == name })
}

func newClusters(e *Env, o Open) Page {
	p := &clusters{window: max(windowNamed(o.Window), 0)}
	b := newBar(e.Theme, query.ForClusters())
	p.sought = newSought(e, b, func(r ranked) string { return r.Key }, p.columns(e)...)
	p.brief, p.upper, p.sized = true, p.above, p.SetSize
	p.noun = "cluster"
	p.named(o.View)
	p.linked(o, func(r ranked) string { return r.Key })
	p.triage = triage{e: e, ask: &p.asked, current: p.Current, resized: p.fit}
	p.reads(func() []transfer.Column[ranked] { return transfer.Of(transfer.ClusterColumns(), (*ranked).facts) }, p.read)
	p.failed = func(err error) { p.trouble = err }
	p.patience = []string{"Judging the resets; the first time takes longest.", "3 shows the resets meanwhile, 2 the accounts"}
	p.then = func() tea.Cmd {
		p.wait, p.trouble, p.empty = false, nil, p.quiet()
		p.Notice = p.empty
		return p.readTimes()
	}
	b.seen = p.seen
	return p
}

// read makes the read of the clusters that a line selects: of all that there are
// in the window, which are never many.
func (p *clusters) read(line string) func(context.Context, model.Paging) (model.Page[ranked], error) {
	q, _ := query.ParseClusters(line)
	f, s, now := model.ClusterFilter{Since: p.since()}, p.env.Store, p.env.Now()
	return func(ctx context.Context, _ model.Paging) (model.Page[ranked], error) {
		rows, err := rankClusters(ctx, s, f, now)
		if err != nil {
			return model.Page[ranked]{}, err
		}
		p.whole.Store(&rows)
		if line == "" {
			return model.Page[ranked]{Items: rows}, nil
		}
		fit := []ranked{}
		for i := range rows {
			if q.Fits(*rows[i].facts()) {
				fit = append(fit, rows[i])
			}
		}
		return model.Page[ranked]{Items: fit}, nil
	}
}

// everything is all that stands out in the window, the worst first, whatever the
// filter.
func (p *clusters) everything() []ranked {
	if all := p.whole.Load(); all != nil && p.Loaded() {
		return *all
	}
	return p.Rows()
}

// seen lists what the clusters of the window hold for a field.
func (p *clusters) seen(field string) []string {
	return common(p.everything(), map[string]func(ranked) string{
		"ip":      func(r ranked) string { return prefixText(r.Prefix) },
		"account": func(r ranked) string { return r.email() },
		"agent": func(r ranked) string {
			if len(r.Agents) > 0 {
				return r.Agents[0].Agent
			}
			return r.Agent
		},
	}[field])
}

func (p *clusters) since() time.Time { return p.env.Now().Add(-windows()[p.window]) }

// inWords names the window: "24 h", "7 d".
func (p *clusters) inWords() string {
	d := windows()[p.window]
	if d > 24*time.Hour {
		return strconv.Itoa(int(d/(24*time.Hour))) + " d"
	}
	return strconv.Itoa(int(d/time.Hour)) + " h"
}

func (p *clusters) columns(e *Env) []part.Column[ranked] {
	type row = ranked
	num := func(n int) part.Cell { return part.Cell{Text: model.Thousands(n)} }
	return []part.Column[row]{
		{Title: "severity", Min: 10, Cell: func(r row) part.Cell { return e.state(severity(r.Cluster)) }},
		{Title: "cluster", Min: 23, Flex: 4, Cell: func(r row) part.Cell { return part.Cell{Text: r.name, Ink: e.Theme.Strong} }},
		{Title: "trend", Min: trendBars, Drop: 1, Cell: p.trend},
		{Title: "requests", Min: 8, Right: true, Drop: 2, Cell: func(r row) part.Cell { return num(r.Requests) }},
		{Title: "accounts", Min: 8, Right: true, Drop: 3, Cell: func(r row) part.Cell { return num(r.Accounts) }},
		{Title: "completed", Min: 9, Right: true, Drop: 4, Cell: func(r row) part.Cell { return part.Cell{Text: model.Percent(r.UseRate)} }},
		{Title: "live", Min: 4, Right: true, Cell: func(r row) part.Cell { return e.liveCount(r.Live) }},
		{Title: "takeovers", Min: 9, Right: true, Cell: func(r row) part.Cell { return takenCell(e, r.Takeovers) }},
		{Title: "last", Min: 5, Right: true, Cell: func(r row) part.Cell { return part.Cell{Text: e.age(r.End)} }},
		{Title: "case", Min: 12, Cell: func(r row) part.Cell { return e.shortCase(r) }},
		{Title: "first – last seen", Min: 22, Drop: 5, Cell: func(r row) part.Cell { return part.Cell{Text: e.span(r.Start, r.End), Ink: e.Theme.Dim} }},
		{Title: "score", Min: 5, Right: true, Drop: 6, Cell: func(r row) part.Cell {
			return part.Cell{Text: strconv.FormatFloat(r.Score, 'f', 0, 64), Ink: e.Theme.Dim}
		}},
	}
}

func takenCell(e *Env, n int) part.Cell {
	if n == 0 {
		return part.Cell{Text: "–", Ink: e.Theme.Dim}
	}
	return part.Cell{Text: strconv.Itoa(n), Ink: e.Theme.Bad}
}

func (p *clusters) Init() tea.Cmd { return tea.Batch(p.tallyUp(), p.readTimes(), p.reload()) }

// tallyUp counts what the list was picked from.
func (p *clusters) tallyUp() tea.Cmd {
	f, s := model.ResetFilter{Since: p.since()}, p.env.Store
	return Delayed(&p.tally, p.untilListed(), func(ctx context.Context) (clusterFigures, error) {
		n, err := s.CountResets(ctx, f, countCap)
		if err != nil || n.N > 0 {
			return clusterFigures{known: err == nil, requests: n, ever: true}, err
		}
		ever, err := s.CountResets(ctx, model.ResetFilter{}, 1)
		return clusterFigures{known: err == nil, requests: n, ever: ever.N > 0}, err
	}, func(f clusterFigures, err error) tea.Cmd {
		if err == nil {
			p.figures = f
			p.empty = p.quiet()
			if p.Loaded() {
				p.Notice = p.empty
			}
		}
		return nil
	})
}

// listPause is how long counts wait for the list: at the start it would share the
// machine with them.
const listPause = 100 * time.Millisecond

// untilListed is how long something waits that the screen can do without.
func (p *clusters) untilListed() time.Duration {
	if p.Loaded() || p.env.Pause == 0 {
		return 0
	}
	return listPause
}

// quiet says what an empty list means.
func (p *clusters) quiet() []string {
	f := p.figures
	if m := p.env.Making; m != nil && m() != "" {
		return []string{"A service is being made up: " + m() + ".", "It takes a few seconds; the keys work meanwhile."}
	}
	if n := len(p.everything()); p.bar.text != "" && n > 0 {
		return []string{"None of " + model.Plural(n, "cluster") + " in the last " + p.inWords() + " matches.", "esc clears the filter, / changes it"}
	}
	if r := p.env.Store.ClusterReading(); f.ever && !r.Whole {
		return []string{"None so far, but " + r.String() + ".", "3 shows the resets meanwhile, 2 the accounts"}
	}
	if pending := p.pending(); f.ever && pending != "" {
		return []string{"No cluster in the last " + p.inWords() + " so far: " + pending + ".", "t looks further back, 3 shows every reset, 7 the cases"}
	}
	switch {
	case !f.known:
		return nil
	case !f.ever:
		return []string{"No reset was ever requested, so there is nothing to judge.",
			"`doorman import resets FILE` brings traffic in, `doorman demo` makes some up."}
	case f.requests.N == 0:
		return []string{"All quiet: no reset was requested in the last " + p.inWords() + ".", "t looks further back, 3 shows every reset"}
	}
	return []string{"All quiet: " + countText(f.requests) + " in the last " + p.inWords() + ", none suspicious.",
		"t looks further back, 3 shows every reset, 7 the cases"}
}

// countText writes a count of requests that may be a lower bound.
func countText(c model.Count) string { return c.Of("request") }

func (p *clusters) Title() string { return p.titled("Clusters") }

// Range implements Ranged.
func (p *clusters) Range() string {
	if r := p.env.Store.ClusterReading(); !r.Whole && p.Loaded() {
		return "judging, " + model.Percent(r.Share()) + " · last " + p.inWords()
	}
	return "last " + p.inWords()
}

func (p *clusters) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case Changed:
		return tea.Batch(p.refresh(), p.tallyUp())
	case tea.WindowSizeMsg:
		return p.readTimes()
	case tea.KeyMsg:
		return p.typed(m)
	}
	return nil
}

// Holding implements Holder.
func (p *clusters) Holding() bool {
	return p.sought.Holding() || p.plan.Busy()
}

// Close implements Closer.
func (p *clusters) Close() {
	p.close()
	p.tally.Drop()
	p.timing.Drop()
	p.plan.Drop()
}

// Actions implements Page.
func (p *clusters) Actions() []Action {
	row, _ := p.Current()
	e := p.env
	as := []Action{{Keys: []string{"enter"}, Short: "open", Help: "open the cluster with its evidence and its resets", Off: p.triage.one,
		Run: func() tea.Cmd { return e.Send(Open{View: "cluster", Ref: row.Key}) }}}
	as = append(as, p.acts()...)
	as = append(as, Action{Keys: []string{"t"}, Short: "time", Help: "the last 24 hours, 7 days, 90 days, 1 hour", Run: p.turn})
	as = append(as, p.seeking()...)
	as = append(as, p.cycle("case", []string{"new", "acknowledged", "contained", "false_positive", "closed"}), p.copying("the key of the cluster", func(r ranked) string { return r.Key }))
	as = append(as, p.tabs()...)
	return append(as, p.moves()...)
}

// turn goes to the next window.
func (p *clusters) turn() tea.Cmd {
	p.window = (p.window + 1) % len(windows())
	return tea.Batch(p.reload(), p.tallyUp(), p.readTimes())
}
