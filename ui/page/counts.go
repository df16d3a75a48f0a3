package page

import (
	"context"
	"slices"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/model/query"
	"doorman/ui/part"
)

// census is a list to be counted by the values of its columns. A page hands it
// over to the view of counts.
type census struct {
	titles []string // of the columns
	at     int      // the column to begin with
	// read makes the read of a stretch of rows. It is called in the event loop, as
	// is what it answers with: the values of the rows, one slice each. next is where
	// the stretch after it begins, "" for nowhere.
	read func(after model.Cursor) func(context.Context) (values func() [][]string, next model.Cursor, err error)
	// line is the filter of the list narrowed to a value, false where it cannot be;
	// nil: the list has no filter. seek puts it in force.
	line func(title, value string) (string, bool)
	seek func(line string) tea.Cmd
}

// Bounds of a count: rows at a time, and in all.
const (
	censusChunk = 1000
	censusMost  = 10_000
)

// counts tells how often each value of a column comes up in a list.
type counts struct {
	*list[share]
	census  census
	n       []map[string]int // of each column
	rows    int
	more    bool // there are rows that were not looked at
	reading Slot
	w, h    int
}

func newCounts(e *Env, o Open) Page {
	p := &counts{}
	p.census, _ = o.Filter.(census)
	for range p.census.titles {
		p.n = append(p.n, map[string]int{})
	}
	p.list = newList(e, func(s share) string { return s.name },
		part.Column[share]{Title: "value", Min: 20, Flex: 3, Raw: func(s share) string { return s.name },
			Cell: func(s share) part.Cell { return part.Cell{Text: p.worded(s.name)} }},
		part.Column[share]{Title: "rows", Min: 6, Right: true, Cell: func(s share) part.Cell { return part.Cell{Text: strconv.Itoa(s.n)} }},
		part.Column[share]{Title: "share", Min: 7, Right: true, Cell: func(s share) part.Cell { return part.Cell{Text: rate(s.n, p.rows)} }},
		part.Column[share]{Title: "", Min: censusBar, Drop: 1, Cell: func(s share) part.Cell {
			return part.Cell{Text: part.Bar(s.n, p.rows, censusBar), Ink: e.Theme.Info}
		}})
	p.empty = []string{"There are no rows to count."}
	p.fetch = func(model.Paging) func(context.Context) (model.Page[share], error) {
		all := p.shares()
		return func(context.Context) (model.Page[share], error) { return model.Page[share]{Items: all}, nil }
	}
	return p
}

// worded is a value as the list itself words it.
func (p *counts) worded(value string) string {
	if p.census.titles[p.census.at] == "agent" {
		return agentText(value)
	}
	return orDash(value)
}

// censusBar is how wide the bars of the counts are.
const censusBar = 24

func (p *counts) shares() []share {
	if p.census.at >= len(p.n) {
		return nil
	}
	return sharesOf(p.n[p.census.at])
}

// Init begins to count.
func (p *counts) Init() tea.Cmd { return p.readOn("") }

// readOn counts a stretch of rows, then the next one.
func (p *counts) readOn(after model.Cursor) tea.Cmd {
	if p.census.read == nil {
		return nil
	}
	type stretch struct {
		values func() [][]string
		next   model.Cursor
	}
	read := p.census.read(after)
	return Load(&p.reading, func(ctx context.Context) (s stretch, err error) {
		s.values, s.next, err = read(ctx)
		return s, err
	}, func(s stretch, err error) tea.Cmd {
		if err != nil {
			p.more = true
			return tea.Batch(p.env.Send(Failed{err}), p.refresh())
		}
		for _, row := range s.values() {
			p.rows++
			for i, value := range row {
				p.n[i][value]++
			}
		}
		if p.more = s.next != ""; p.more && p.rows < censusMost {
			return tea.Batch(p.refresh(), p.readOn(s.next))
		}
		return p.refresh()
	})
}

// Title implements Page.
func (p *counts) Title() string {
	if len(p.census.titles) == 0 {
		return "Counts"
	}
	return "by " + p.census.titles[p.census.at]
}

// SetSize implements Page.
func (p *counts) SetSize(w, h int) {
	p.w, p.h, p.line = w, h, 1
	p.list.SetSize(w, h-1)
}

// View implements Page.
func (p *counts) View() string { return ends(p.told(), p.place(), p.w) + "\n" + p.body() }

// told says what was counted, and what was not.
func (p *counts) told() string {
	t := p.env.Theme
	if len(p.census.titles) == 0 {
		return ""
	}
	text := model.Plural(p.Len(), "value") + " of " + p.census.titles[p.census.at] + " in "
	switch {
	case p.reading.Busy():
		return t.Dim.Paint(text+model.Plural(p.rows, "row")+" so far") + t.Warn.Paint("  counting on…")
	case p.more:
		return t.Dim.Paint(text+"the first "+model.Plural(p.rows, "row")+" of the list") + t.Warn.Paint("  there are more")
	}
	return t.Dim.Paint(text + "all " + model.Plural(p.rows, "row"))
}

// Update implements Page: a count is of the moment when it was made.
func (p *counts) Update(tea.Msg) tea.Cmd { return nil }

// Close implements Closer.
func (p *counts) Close() {
	p.close()
	p.reading.Drop()
}

// turn goes to the column n further on.
func (p *counts) turn(n int) func() tea.Cmd {
	return func() tea.Cmd {
		if k := len(p.census.titles); k > 0 {
			p.census.at = ((p.census.at+n)%k + k) % k
		}
		return p.reload()
	}
}

// narrowed returns the filter line for the value under the cursor; false where
// the list cannot be filtered by it.
func (p *counts) narrowed() (string, bool) {
	row, ok := p.Current()
	if !ok || p.census.line == nil {
		return "", false
	}
	return p.census.line(p.census.titles[p.census.at], row.name)
}

// Actions implements Page.
func (p *counts) Actions() []Action {
	fixed := func() string {
		if _, ok := p.narrowed(); !ok {
			return "the list cannot be filtered by that"
		}
		return ""
	}
	as := []Action{
		{Keys: []string{"enter"}, Short: "filter", Help: "go back to the list with only the rows that have the value", Off: fixed, Run: func() tea.Cmd {
			line, _ := p.narrowed()
			return tea.Batch(p.env.Send(Back{}), p.census.seek(line))
		}},
		{Keys: []string{"tab"}, Short: "column", Help: "count the next column", Run: p.turn(1)},
		{Keys: []string{"shift+tab"}, Help: "count the column before", Run: p.turn(-1)},
		p.copying("the value", func(s share) string { return s.name }),
	}
	return append(as, p.moves()...)
}

// counting returns the action of counting the values of a list.
func (l *list[T]) counting() Action {
	return Action{Keys: []string{"#"}, Help: "count the values of a column over what the filter selects",
		Run: func() tea.Cmd { return l.env.Send(Open{View: "counts", Filter: l.census()}) },
		Off: func() string {
			if l.Len() == 0 {
				return "there are no rows to count"
			}
			return ""
		}}
}

// repeats reports whether a column has values that a filter takes.
func (l *list[T]) repeats(title string) bool {
	if l.narrow == nil {
		return !slices.Contains([]string{"age", "time", "created", "last", "id"}, title)
	}
	_, ok := l.narrow(title, "x")
	return ok || title == "state"
}

// census is the list as it is filtered now.
func (l *list[T]) census() census {
	titles := l.Heads()
	at := slices.Index(titles, l.PickedTitle())
	if at < 0 { // the first column with values that repeat: no age, no time
		at = max(slices.IndexFunc(titles, l.repeats), 0)
	}
	return census{titles: titles, at: at, line: l.narrow, seek: l.seekTo,
		read: func(after model.Cursor) func(context.Context) (func() [][]string, model.Cursor, error) {
			fetch := l.fetch(model.Paging{Limit: censusChunk, After: after})
			return func(ctx context.Context) (func() [][]string, model.Cursor, error) {
				page, err := fetch(ctx)
				return func() [][]string {
					rows := make([][]string, len(page.Items))
					for i, row := range page.Items {
						rows[i] = l.Values(row)
					}
					return rows
				}, page.Next, err
			}
		}}
}

// narrowTo is the filter line with one column narrowed to a value; false where
// the language has no word for it.
func (s *sought[T]) narrowTo(title, value string) (string, bool) {
	field, found := s.bar.FieldOf(title)
	found = found || slices.Contains([]string{"address", "recipient", "to", "subject", "reason", "note"}, title) // text finds these
	if !found || value == "" || value == "–" {
		return "", false
	}
	line := query.With(s.bar.text, field.Name, value)
	return line, s.bar.Check(line) == nil
}

// Revealed implements Revealer.
func (p *counts) Revealed() []part.Field {
	row, ok := p.Current()
	if !ok {
		return nil
	}
	return []part.Field{{Name: p.census.titles[p.census.at], Value: row.name}}
}
