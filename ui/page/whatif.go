package page

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/model/detect"
	"doorman/ui/part"
	"doorman/ui/term"
)

// whatif replays the last days with another threshold or more exceptions and
// shows what would be raised, before any of it is saved.
type whatif struct {
	*list[outlook]
	asked   asking
	line    float64 // of the score; 0 until the one in force was read
	old     float64 // the one in force
	extra   []netip.Prefix
	base    []detect.Cluster // what is raised as things are; nil until it was replayed
	rows    []outlook
	replay  Slot
	started time.Time
	read    *atomic.Int64 // resets that the replay under way has read
	about   string        // the network of the cluster that it was opened from
	w, h    int
}

// outlook is what would become of a cluster.
type outlook struct {
	ranked
	change string // the word of a sign: "appears", "vanishes", "stays"
}

// whatifSpan is how far back the clusters are compared.
const whatifSpan = 14 * 24 * time.Hour

func newWhatif(e *Env, o Open) Page {
	p := &whatif{about: strings.TrimPrefix(o.Ref, "use:")}
	p.list = newList(e, func(r outlook) string { return r.change + r.Key + r.Flagged.String() }, outlookColumns(e)...)
	p.fetch = func(model.Paging) func(context.Context) (model.Page[outlook], error) {
		rows := p.rows
		return func(context.Context) (model.Page[outlook], error) { return model.Page[outlook]{Items: rows}, nil }
	}
	return p
}

func outlookColumns(e *Env) []part.Column[outlook] {
	type row = outlook
	num := func(n int) part.Cell { return part.Cell{Text: strconv.Itoa(n)} }
	return []part.Column[row]{
		{Title: "would", Min: 10, Cell: func(r row) part.Cell { return e.state(r.change) }},
		{Title: "cluster", Min: 18, Flex: 4, Cell: func(r row) part.Cell {
			return part.Cell{Text: r.name, Ink: e.Theme.Strong}
		}},
		{Title: "score", Min: 5, Right: true, Cell: func(r row) part.Cell {
			return part.Cell{Text: strconv.FormatFloat(r.Score, 'f', 0, 64)}
		}},
		{Title: "requests", Min: 8, Right: true, Cell: func(r row) part.Cell { return num(r.Requests) }},
		{Title: "accounts", Min: 8, Right: true, Cell: func(r row) part.Cell { return num(r.Accounts) }},
		{Title: "completed", Min: 9, Right: true, Cell: func(r row) part.Cell { return part.Cell{Text: model.Percent(r.UseRate)} }},
		{Title: "flagged", Min: 11, Drop: 1, Cell: func(r row) part.Cell { return part.Cell{Text: e.span(r.Flagged, r.Flagged)[:11], Ink: e.Theme.Dim} }},
		{Title: "why", Min: 40, Flex: 6, Drop: 2, Cell: func(r row) part.Cell { return part.Cell{Text: r.Why, Ink: e.Theme.Dim} }},
	}
}

func (p *whatif) Init() tea.Cmd { return p.compare() }

func (p *whatif) Title() string { return "What if" }

// Range implements Ranged.
func (p *whatif) Range() string { return "last 14 d" }

// replays is a comparison: as things are, and as they would be.
type replays struct {
	old       float64
	base, now []detect.Cluster
	rows      []outlook
}

// compare replays with what is to be tried. What the rules in force raise is
// replayed once.
func (p *whatif) compare() tea.Cmd {
	e := p.env
	r := replays{old: p.old, base: p.base}
	line, extra := p.line, slices.Clone(p.extra)
	read := new(atomic.Int64)
	f := model.ClusterFilter{Since: e.Now().Add(-whatifSpan), Progress: func(done int) { read.Store(int64(done)) }}
	p.started, p.read = e.Now(), read
	return Load(&p.replay, func(ctx context.Context) (replays, error) {
		r, err := replayBoth(ctx, e.Store, r, line, extra, f)
		if err == nil {
			r.rows, err = outlooks(ctx, e.Store, r.base, r.now)
		}
		return r, err
	}, func(r replays, err error) tea.Cmd {
		if err != nil {
			p.Notice = append(problem(err), "r tries again")
			return e.Send(Failed{err})
		}
		p.old, p.base, p.line = r.old, r.base, cmp.Or(p.line, r.old)
		p.rows = r.rows
		p.empty = []string{"Nothing was raised in the last 14 days, and nothing would be.", "l tries a lower threshold"}
		return p.reload()
	})
}

func replayBoth(ctx context.Context, s Store, r replays, line float64, extra []netip.Prefix, f model.ClusterFilter) (replays, error) {
	if r.base == nil {
		text, err := s.Setting(ctx, lineSetting)
		if err != nil {
			return r, err
		}
		if r.old, err = parseLine(text); err != nil {
			return r, err
		}
		if r.base, err = s.ReplayClusters(ctx, detect.Config{Line: r.old}, f); err != nil {
			return r, err
		}
	}
	if r.now = r.base; len(extra) == 0 && (line == 0 || line == r.old) {
		return r, nil
	}
	cfg := detect.Config{Line: cmp.Or(line, r.old)}
	if len(extra) > 0 {
		in, err := s.ListRules(ctx, model.RuleFilter{Action: model.Allow, Paging: model.Paging{Limit: model.MaxLimit}})
		if err != nil {
			return r, err
		}
		for _, rule := range in.Items {
			extra = append(extra, rule.Prefix)
		}
		cfg.Exceptions = extra
	}
	var err error
	r.now, err = s.ReplayClusters(ctx, cfg, f)
	return r, err
}

// lineSetting is the setting that holds the threshold of the score, in nats, and
// usualLine what it is where nothing is set.
const (
	lineSetting = "detect.line"
	usualLine   = 13
)

// parseLine reads a threshold; nothing is the usual one.
func parseLine(text string) (float64, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return usualLine, nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || !(x >= 1 && x <= 10_000) {
		return 0, &model.Error{Kind: model.Invalid, Text: model.Quote(text) + " is not a threshold", Hint: "write a number from 1 to 10000; 13 is usual"}
	}
	return x, nil
}

// outlooks pairs the clusters of two replays: what appears or vanishes before
// what stays. A network that only grew or shrank is the same.
func outlooks(ctx context.Context, st Store, base, now []detect.Cluster) ([]outlook, error) {
	same := func(a, b detect.Cluster) bool {
		return a.Key == b.Key || a.Kind == detect.ByPrefix && b.Kind == a.Kind && a.On == b.On && a.Prefix.Overlaps(b.Prefix)
	}
	in := func(c detect.Cluster, all []detect.Cluster) bool {
		return slices.ContainsFunc(all, func(o detect.Cluster) bool { return same(c, o) })
	}
	var came, gone, stay []detect.Cluster
	for _, c := range now {
		if in(c, base) {
			stay = append(stay, c)
		} else {
			came = append(came, c)
		}
	}
	for _, c := range base {
		if !in(c, now) {
			gone = append(gone, c)
		}
	}
	named, err := nameClusters(ctx, st, slices.Concat(came, gone, stay)...)
	out := make([]outlook, len(named))
	for i, r := range named {
		out[i] = outlook{r, "stays"}
		switch {
		case i < len(came):
			out[i].change = "appears"
		case i < len(came)+len(gone):
			out[i].change = "vanishes"
		}
	}
	return out, err
}

func (p *whatif) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case Changed: // what other people request meanwhile changes nothing in what is compared
		if m.Kind == OfRule || m.Kind == OfCase {
			return p.again()
		}
	case tea.KeyMsg:
		cmd := p.asked.typed(m)
		p.fit()
		return cmd
	}
	return nil
}

// again replays both from the start.
func (p *whatif) again() tea.Cmd {
	p.base = nil
	return p.compare()
}

// Typing implements Typist.
func (p *whatif) Typing() bool { return p.asked.Typing() }

// Unwind implements Unwinder: esc stops a replay, then drops what is tried.
func (p *whatif) Unwind() (tea.Cmd, bool) {
	switch {
	case p.replay.Busy():
		p.replay.Drop()
		p.Notice = []string{"Stopped. r replays again, esc goes back."}
		return nil, true
	case p.untouched() == "":
		p.line, p.extra = p.old, nil
		return p.compare(), true
	}
	return nil, false
}

// Close implements Closer.
func (p *whatif) Close() {
	p.close()
	p.replay.Drop()
}

// SetSize gives the list what the lines above it leave.
func (p *whatif) SetSize(w, h int) {
	p.w, p.h = w, h
	p.list.line = len(p.head())
	p.list.SetSize(w, h-p.list.line)
}

func (p *whatif) fit() { p.SetSize(p.w, p.h) }

// head draws what is tried and what it comes to.
func (p *whatif) head() []string {
	t := p.env.Theme
	what := "threshold " + figure(p.line)
	if p.line != p.old {
		what += " instead of " + figure(p.old)
	}
	var more []string
	for _, n := range p.extra {
		more = append(more, prefixText(n))
	}
	if len(more) > 0 {
		what += ", excepting " + strings.Join(more, " ")
	}
	if p.line == 0 {
		what = "as things are"
	}
	lines := []string{ends(t.Strong.Paint(what), p.place(), p.w)}
	lines = append(lines, p.asked.lines(p.w)...)
	return append(lines, term.Fit(" "+p.outcome(), p.w))
}

// outcome tells in one line what would change.
func (p *whatif) outcome() string {
	t := p.env.Theme
	if p.replay.Busy() {
		return t.Warn.Paint("replaying the last 14 days… " + model.Plural(int(p.read.Load()), "reset") + ", " + part.Span(p.env.Now().Sub(p.started)) + ", esc stops")
	}
	n := map[string]int{}
	for _, r := range p.rows {
		n[r.change]++
	}
	if n["appears"]+n["vanishes"] == 0 {
		return t.Dim.Paint("nothing would change: " + model.Plural(n["stays"], "cluster") + " raised either way")
	}
	return t.Warn.Paint(strconv.Itoa(n["appears"]) + " would appear, " + strconv.Itoa(n["vanishes"]) + " would vanish, " + strconv.Itoa(n["stays"]) + " stay")
}

// View draws the lines above the list and the list.
func (p *whatif) View() string { return strings.Join(append(p.head(), p.body()), "\n") }
