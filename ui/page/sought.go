package page

import (
	"context"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/model/query"
	"doorman/ui/part"
	"doorman/ui/term"
)

// sought is a list with a filter line above it. A page embeds one and gives it
// what list wants, reading the filter from the text of the bar.
type sought[T any] struct {
	*list[T]
	bar   *bar
	tab   string // name of the saved filter that was chosen; "" for none
	asked asking // the name of a filter to save
	out   outlet[T]
	none  []string // when there is nothing at all, and what to do
	noHit string   // when nothing matches
	all   string   // what the line says while nothing is filtered
	noun  string
	opens string          // the key that opens the filter line
	upper func() []string // lines above the filter line; nil: none
	brief bool            // upper tells the place, and the filter line stands there only while there is a filter
	lower func(T) string  // what a narrow screen says of the selected row below the table; nil: nothing
	sized func(w, h int)  // the SetSize of the page
	wait  bool            // enter was pressed in the filter, its answer is on the way
	w, h  int

	// find makes the read for one page of what a line selects, as fetch does.
	find func(line string, at model.Paging) func(context.Context) (model.Page[T], error)
	// tell makes the count of what a line selects; nil: a page is read and counted.
	tell                 func(line string) func(context.Context) (model.Count, error)
	matching, suggesting Slot

	matches *model.Count // of what is typed; nil: not known yet
}

func newSought[T any](e *Env, b *bar, key func(T) string, cols ...part.Column[T]) *sought[T] {
	s := &sought[T]{list: newList(e, key, cols...), bar: b, opens: "/"}
	s.sized = s.SetSize
	s.then = func() tea.Cmd { s.wait = false; return nil }
	s.fetch = func(at model.Paging) func(context.Context) (model.Page[T], error) {
		s.SetFound(soughtFor(b.text)...)
		return s.find(b.text, at)
	}
	s.narrow, s.seekTo = s.narrowTo, s.seek
	return s
}

// soughtFor is the text that a line looks for, which stands out in the rows.
func soughtFor(line string) []string {
	words, err := query.Split(line)
	if err != nil {
		return nil
	}
	var out []string
	for _, w := range words {
		if !w.Not && slices.Contains([]string{"", "agent", "account"}, w.Field) {
			out = append(out, w.Value)
		}
	}
	return out
}

// linked takes what a link says: the line, as if it had been typed, and the row.
func (s *sought[T]) linked(o Open, name func(T) string) {
	if o.Line != "" && s.bar.Check(o.Line) == nil {
		s.bar.set(o.Line)
	}
	s.selectable(o.Select, name)
}

// counted has the list counted by the same count as what is typed.
func (s *sought[T]) counted(tell func(line string) func(context.Context) (model.Count, error)) {
	s.tell = tell
	s.count = func() func(context.Context) (model.Count, error) { return tell(s.bar.text) }
}

// seek puts a line in force and reads the list again.
func (s *sought[T]) seek(line string) tea.Cmd {
	s.bar.set(line)
	s.explain()
	return s.reload()
}

// explain chooses what an empty list says.
func (s *sought[T]) explain() {
	s.empty = s.none
	if s.bar.text != "" {
		s.empty = []string{s.noHit, "esc clears the filter, " + s.env.Keys.Name(s.opens) + " changes it"}
	}
}

// SetSize gives the list what the lines above leave.
func (s *sought[T]) SetSize(w, h int) {
	s.w, s.h = w, h
	s.line = len(s.head())
	s.list.SetSize(w, h-s.line-s.below())
}

// below is how many lines the selected row takes below the table: columns that a
// wide screen has find their place there.
func (s *sought[T]) below() int {
	if s.lower != nil && s.w < 100 {
		return 1
	}
	return 0
}

// close drops every read of the page.
func (s *sought[T]) close() {
	s.list.close()
	s.matching.Drop()
	s.suggesting.Drop()
}

// fit gives the list its size again, as after the lines above it have changed.
func (s *sought[T]) fit() { s.sized(s.w, s.h) }

// Typing implements Typist.
func (s *sought[T]) Typing() bool { return s.bar.prompt.Focused() || s.asked.Typing() }

// Holding implements Holder.
func (s *sought[T]) Holding() bool {
	return s.wait && s.rows.Busy() || s.choice != nil && s.choice.want != ""
}

// Unwind implements Unwinder.
func (s *sought[T]) Unwind() (tea.Cmd, bool) {
	if s.bar.text != s.bar.base || s.tab != "" {
		s.tab = ""
		return s.seek(s.bar.base), true
	}
	return nil, s.ClearMarks()
}

// titled is the title of the page, with the filter that it was opened with.
func (s *sought[T]) titled(name string) string {
	if s.bar.base == "" {
		return name
	}
	return name + " " + s.bar.base
}

// typed takes a key while the filter line has the focus.
func (s *sought[T]) typed(k tea.KeyMsg) tea.Cmd {
	defer s.fit()
	if s.asked.Typing() {
		return s.asked.typed(k)
	}
	switch k.String() {
	case "up", "down":
		s.Move(map[string]int{"up": -1, "down": 1}[k.String()])
		return s.more()
	}
	verdict := s.bar.key(k)
	var more tea.Cmd
	if s.suggesting.Drop(); s.bar.prompt.Focused() && s.bar.pick < 0 {
		more = s.suggest()
	}
	switch verdict {
	case barEdited:
		return tea.Batch(s.match(), more)
	case barChanged:
		s.explain()
		s.SetTotal(0, false)
		return tea.Batch(s.search(), s.match(), more)
	case barDone:
		s.wait = true
		s.explain()
		return s.reload()
	case barCleared:
		s.explain()
		return s.reload()
	}
	return more
}

// probe is how far what is typed is counted where only a page can be read.
const probe = 1000

// match counts what is typed, once no key has followed for a moment.
func (s *sought[T]) match() tea.Cmd {
	line := s.bar.prompt.Value()
	s.matches = nil
	var count func(context.Context) (model.Count, error)
	if s.tell != nil {
		count = s.tell(line)
	} else {
		read := s.find(line, model.Paging{Limit: probe})
		count = func(ctx context.Context) (model.Count, error) {
			p, err := read(ctx)
			return model.Count{N: len(p.Items), AtLeast: p.Next != ""}, err
		}
	}
	return Delayed(&s.matching, s.env.Pause, count, func(c model.Count, err error) tea.Cmd {
		if err == nil {
			s.matches = &c
			if line == s.bar.text {
				s.SetTotal(c.N, !c.AtLeast)
			}
		}
		return nil
	})
}

// matched tells how much of the list is what is typed.
func (s *sought[T]) matched() string {
	t := s.env.Theme
	switch c := s.matches; {
	case s.bar.live, s.bar.err != nil:
		return s.place()
	case c == nil && s.matching.Busy():
		return t.Dim.Paint("counting…")
	case c == nil:
		return s.place()
	default:
		return t.Strong.Paint(c.Of("match"))
	}
}

// head returns the lines above the table.
func (s *sought[T]) head() []string {
	var lines []string
	if s.upper != nil {
		lines = s.upper()
	}
	lines = append(append(lines, s.tabLine()...), s.asked.lines(s.w)...)
	return append(lines, s.filterLines()...)
}

// filterLines draws the filter line, and while typing what can be typed.
func (s *sought[T]) filterLines() []string {
	filtering := s.bar.prompt.Focused()
	right := ""
	if busy := s.underWay(); busy != "" {
		right = s.env.Theme.Warn.Paint(busy) + "   "
	}
	switch {
	case filtering:
		right = s.matched()
	case !s.brief:
		right += s.place()
	case s.bar.text == "" && right == "":
		return nil
	}
	lines := []string{ends(s.bar.view(s.w-term.Width(right)-4, s.all), right, s.w)}
	if filtering {
		lines = append(lines, s.bar.help(s.w)...)
	}
	return lines
}

// View draws the lines above the table and the table.
func (s *sought[T]) View() string {
	out := ""
	for _, l := range s.head() {
		out += l + "\n"
	}
	out += s.body()
	if row, ok := s.Current(); ok && s.below() > 0 {
		out += "\n" + s.env.Theme.Dim.Paint(term.Fit(" "+term.Show(s.lower(row)), s.w))
	}
	return out
}

// one returns why no row is under the cursor, or "".
func (s *sought[T]) one() string {
	if _, ok := s.Current(); !ok {
		return "no " + s.noun + " is selected"
	}
	return ""
}

// seeking returns the actions of the filter line and of saved filters.
func (s *sought[T]) seeking() []Action {
	open := func(live bool) func() tea.Cmd {
		return func() tea.Cmd { s.bar.open(live); s.matches = nil; s.fit(); return nil }
	}
	return []Action{
		{Keys: []string{"/"}, Short: "search", Help: "search by " + s.bar.Text + ", while you type", Run: open(true)},
		{Keys: []string{"f"}, Short: "filter", Help: "filter by " + s.bar.Names() + "; tab completes, enter applies it", Run: open(false)},
	}
}

// cycle returns the action that steps through the values of a field, and back
// to all of them.
func (s *sought[T]) cycle(field string, values []string) Action {
	next := func() tea.Cmd {
		now, to := query.ValueOf(s.bar.text, field), ""
		for i, v := range values {
			if now == "" {
				to = values[0]
				break
			}
			if v == now && i+1 < len(values) {
				to = values[i+1]
			}
		}
		return s.seek(query.With(s.bar.text, field, to))
	}
	return Action{Keys: []string{"s"}, Short: field, Help: "only the next " + field + ", after the last all of them", Run: next}
}

// common lists what rows hold, the commonest first; a nil of gives nothing.
func common[T any](rows []T, of func(T) string) []string {
	if of == nil {
		return nil
	}
	n := map[string]int{}
	var out []string
	for _, r := range rows {
		v := of(r)
		if v != "" && n[v] == 0 {
			out = append(out, v)
		}
		n[v]++
	}
	slices.SortStableFunc(out, func(a, b string) int { return n[b] - n[a] })
	return out
}
