package page

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/model/query"
	"doorman/ui/part"
	"doorman/ui/term"
)

// Link is a place in the console that a command line leads to.
type Link struct {
	View   string // as in the registry; "" for the first view
	Filter string // a filter line, for the lists that have one
	Select string // what is selected, or what a detail is about
	Window string // of the clusters: 1h, 24h, 7d or 90d; "" for the usual one
}

// maxSelect bounds what is selected, in bytes.
const maxSelect = 500

// linked is what a view takes from a link.
type linked struct {
	check  func(string) error // of a filter line; nil: it has none
	detail string             // the view of one of its rows; "" for none
	needs  bool               // it is about one record, which has to be named
}

// linkable returns what a view takes from a link; false where no link leads.
func linkable(view string, now func() time.Time) (linked, bool) {
	l, ok := map[string]linked{
		"clusters": {check: query.ForClusters().Check, detail: "cluster"}, "cases": {check: query.ForCases(now).Check, detail: "cluster"},
		"blocks": {check: query.ForRules(now).Check}, "batches": {detail: "batch"},
		"accounts": {check: query.ForAccounts().Check, detail: "account"}, "resets": {check: query.ForResets(now).Check, detail: "reset"},
		"outbox": {check: query.ForLetters().Check, detail: "email"}, "audit": {check: query.ForAudit(now).Check},
		"cluster": {needs: true}, "account": {needs: true}, "reset": {needs: true}, "email": {needs: true}, "batch": {needs: true},
	}[view]
	return l, ok
}

// Check says what is wrong with a link, without looking at any database.
func (l Link) Check(now func() time.Time) error {
	bad := func(field, text, hint string) error {
		return &model.Error{Kind: model.Invalid, Field: field, Text: text, Hint: hint}
	}
	if l.View == "" {
		if l.Filter != "" || l.Select != "" || l.Window != "" {
			return bad("view", "is missing", "say which list --filter, --select and --window are for: --view resets")
		}
		return nil
	}
	takes, ok := linkable(l.View, now)
	switch {
	case !ok:
		return bad("view", "there is no view "+model.Quote(l.View)+" to open", "use "+strings.Join(linkNames(now), ", "))
	case l.Filter != "" && takes.check == nil:
		return bad("filter", "the view "+l.View+" has no filter", "leave it out, or use "+strings.Join(filterable(now), ", "))
	case takes.needs && l.Select == "":
		return bad("select", "is missing: the view "+l.View+" is about one record", "name it by its id")
	case len(l.Select) > maxSelect || !utf8.ValidString(l.Select) || strings.ContainsFunc(l.Select, unicode.IsControl):
		return bad("select", "is longer than 500 bytes or no text", "give the id of a record")
	case l.Window != "" && l.View != "clusters":
		return bad("window", "goes with the view clusters only", "use since: in the filter of other lists")
	case l.Window != "" && windowNamed(l.Window) < 0:
		return bad("window", model.Quote(l.Window)+" is not a window of the clusters", "use 1h, 24h, 7d or 90d")
	case takes.check == nil || l.Filter == "":
		return nil
	}
	return takes.check(l.Filter)
}

// filterable names the views that take a filter line.
func filterable(now func() time.Time) []string {
	return slices.DeleteFunc(linkNames(now), func(view string) bool { l, _ := linkable(view, now); return l.check == nil })
}

func linkNames(now func() time.Time) []string {
	var names []string
	for _, v := range Views() {
		if _, ok := linkable(v.Name, now); ok {
			names = append(names, v.Name)
		}
	}
	return names
}

// Opens returns the pages that a link leads to, each from the one before. It
// expects a link that Check has passed.
func (l Link) Opens() []Open {
	first := Views()[0].Name
	if l.View == "" {
		return []Open{{View: first}}
	}
	if takes, _ := linkable(l.View, time.Now); takes.needs {
		return []Open{{View: first}, {View: l.View, Ref: l.Select}}
	}
	return []Open{{View: l.View, Line: l.Filter, Select: l.Select, Window: l.Window}}
}

// Linker is a page that a command line can lead to.
type Linker interface{ Link() Link }

// LinkCommand writes the command that opens the console at a link.
func (e *Env) LinkCommand(l Link) string {
	out := e.program() + " --view " + term.ShellQuote(l.View)
	if l.Filter != "" {
		out += " --filter " + term.ShellQuote(l.Filter)
	}
	if l.Window != "" {
		out += " --window " + l.Window
	}
	if l.Select != "" {
		out += " --select=" + term.ShellQuote(l.Select)
	}
	return out
}

// selecting puts the cursor on a row once the list has come: on the row whose
// name, as a link writes it, is wanted or begins so.
type selecting[T any] struct {
	want string
	name func(T) string
	slot Slot
}

// minSelect is how much of an id has to be given.
const minSelect = 4

func (s *selecting[T]) is(row T) bool {
	name := s.name(row)
	return name == s.want || len(s.want) >= minSelect && strings.HasPrefix(name, s.want)
}

// selectable says how rows are named in links, and which one a link wants.
func (l *list[T]) selectable(want string, name func(T) string) {
	l.choice = &selecting[T]{want: want, name: name}
}

// selected names the row under the cursor; "" for none.
func (l *list[T]) selected() string {
	row, ok := l.Current()
	if !ok || l.choice == nil {
		return ""
	}
	return strings.TrimSuffix(l.choice.name(row), "…")
}

// land puts the cursor on what a link wants: among the rows at hand, else further
// down, else on a page of its own.
func (l *list[T]) land() tea.Cmd {
	c := l.choice
	if c == nil || c.want == "" {
		return nil
	}
	if i := slices.IndexFunc(l.Rows(), c.is); i >= 0 || l.AtEnd() {
		return l.landed(i)
	}
	return Load(&c.slot, l.fetch(model.Paging{Limit: model.MaxLimit}), func(p model.Page[T], err error) tea.Cmd {
		if err != nil {
			c.want = ""
			return l.env.Send(Failed{err})
		}
		if i := slices.IndexFunc(p.Items, c.is); i >= 0 {
			return l.around(i)
		}
		return l.landed(-1)
	})
}

// above is how many rows are read above one that a link leads to.
const above = 30

// around reads the rows about the i-th of the list.
func (l *list[T]) around(i int) tea.Cmd {
	from := max(i-above, 0)
	take := func(ask part.Ask, p model.Page[T]) tea.Cmd {
		l.Take(ask, part.Chunk[T]{Rows: p.Items, Prev: string(p.Prev), Next: string(p.Next)})
		l.Begin(from)
		return tea.Batch(l.landed(slices.IndexFunc(p.Items, l.choice.is)), l.more())
	}
	read := func(after model.Cursor) tea.Cmd {
		return Load(&l.choice.slot, l.fetch(model.Paging{After: after, Limit: 3 * above}), func(p model.Page[T], err error) tea.Cmd {
			if err != nil {
				return l.env.Send(Failed{err})
			}
			return take(part.Ask{After: string(after), Limit: 3 * above}, p)
		})
	}
	if from == 0 {
		return read("")
	}
	return Load(&l.choice.slot, l.fetch(model.Paging{Limit: from}), func(p model.Page[T], err error) tea.Cmd {
		if err != nil {
			return l.env.Send(Failed{err})
		}
		return read(p.Next)
	})
}

// landed ends the search for a row.
func (l *list[T]) landed(i int) tea.Cmd {
	want := l.choice.want
	l.choice.want = ""
	takes, _ := linkable(l.view, l.env.Now)
	switch {
	case i >= 0:
		l.MoveTo(i)
		return nil
	case takes.detail == "":
		return l.env.Send(Toast{Text: want + " is not in this list", Warn: true})
	}
	l.env.Send(Toast{Text: "not in this list as it is filtered: opened by itself", Warn: true})
	return l.env.Send(Open{View: takes.detail, Ref: want})
}

// Link implements Linker.
func (p *resets) Link() Link { return Link{View: "resets", Filter: p.bar.text, Select: p.selected()} }

// Link implements Linker.
func (p *accounts) Link() Link {
	return Link{View: "accounts", Filter: p.bar.text, Select: p.selected()}
}

// Link implements Linker.
func (p *outbox) Link() Link { return Link{View: "outbox", Filter: p.bar.text, Select: p.selected()} }

// Link implements Linker.
func (p *audit) Link() Link { return Link{View: "audit", Filter: p.bar.text, Select: p.selected()} }

// Link implements Linker.
func (p *clusters) Link() Link {
	l := Link{View: "clusters", Filter: p.bar.text, Select: p.selected()}
	if p.window > 0 {
		l.Window = windowName(windows()[p.window])
	}
	return l
}

// Link implements Linker.
func (p *blocks) Link() Link { return Link{View: "blocks", Filter: p.bar.text, Select: p.selected()} }

// Link implements Linker.
func (p *cases) Link() Link { return Link{View: "cases", Filter: p.bar.text, Select: p.selected()} }

// Link implements Linker.
func (p *batches) Link() Link { return Link{View: "batches", Select: p.selected()} }

// Link implements Linker.
func (p *cluster) Link() Link { return Link{View: "cluster", Select: p.ref} }

// Link implements Linker.
func (p *account) Link() Link { return Link{View: "account", Select: p.id} }

// Link implements Linker.
func (p *reset) Link() Link {
	return Link{View: "reset", Select: strings.TrimSuffix(p.row.ID.String(), "…")}
}

// Link implements Linker.
func (p *email) Link() Link { return Link{View: "email", Select: p.ref} }

// Link implements Linker.
func (p *batch) Link() Link { return Link{View: "batch", Select: p.row.ID} }

// lineNumber names an entry of the log.
func lineNumber(a model.AuditEntry) string { return strconv.FormatInt(a.Seq, 10) }
