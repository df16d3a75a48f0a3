package page

import (
	"slices"
	"strings"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/term"
)

// Bounds of what is saved: the name of a filter in characters, and how many
// filters a view has.
const (
	maxFilterName = 24
	maxFilters    = 20
)

// tabs returns the actions of saved filters.
func (s *sought[T]) tabs() []Action {
	none := func() string {
		if len(s.saved()) == 0 {
			return "no filter is saved here; S saves one"
		}
		return ""
	}
	unnamed := func() string {
		if s.tab == "" {
			return "no saved filter is chosen; tab chooses one"
		}
		return ""
	}
	unfiltered := func() string {
		if s.bar.text == "" {
			return "nothing is filtered"
		}
		return ""
	}
	return []Action{
		s.exporting(),
		{Keys: []string{"tab"}, Help: "the next saved filter, after the last none", Run: func() tea.Cmd { return s.turnTab(1) }, Off: none},
		{Keys: []string{"shift+tab"}, Help: "the saved filter before", Run: func() tea.Cmd { return s.turnTab(-1) }, Off: none},
		{Keys: []string{"S"}, Help: "save the filter under a name, as a tab", Run: s.saveTab, Off: unfiltered},
		{Keys: []string{"R"}, Help: "rename the saved filter", Run: s.renameTab, Off: unnamed},
		{Keys: []string{"D"}, Help: "forget the saved filter; it stays in force until it is changed", Run: s.dropTab, Off: unnamed},
	}
}

func (s *sought[T]) saved() []SavedFilter { return s.env.Habits.Of(s.view) }

// turnTab goes n tabs on; before the first and after the last one nothing is
// filtered.
func (s *sought[T]) turnTab(n int) tea.Cmd {
	saved := s.saved()
	at := slices.IndexFunc(saved, func(f SavedFilter) bool { return f.Name == s.tab }) + 1
	k := len(saved) + 1
	at = ((at+n)%k + k) % k
	if at == 0 {
		s.tab = ""
		return s.seek(s.bar.base)
	}
	return s.useTab(saved[at-1])
}

// useTab puts a saved filter in force. One that another version of Doorman
// saved may not be readable.
func (s *sought[T]) useTab(f SavedFilter) tea.Cmd {
	s.tab = f.Name
	if err := s.bar.Check(f.Line); err != nil {
		return s.env.Send(Failed{err})
	}
	return s.seek(f.Line)
}

func (s *sought[T]) saveTab() tea.Cmd {
	view, line := s.view, s.bar.text
	s.asked.begin(s.env.Theme, "save as", "a name; one that is there is replaced", s.tab, s.checkName, func(name string) tea.Cmd {
		name = strings.TrimSpace(name)
		s.tab = name
		cmd := s.env.remember(func(h *Habits) { h.save(SavedFilter{view, name, line}) })
		s.fit()
		s.env.Send(Toast{Text: "saved as " + name + ", tab leads to it"})
		return cmd
	})
	s.fit()
	return nil
}

func (s *sought[T]) renameTab() tea.Cmd {
	view, from := s.view, s.tab
	check := func(name string) error {
		name = strings.TrimSpace(name)
		if name != from && slices.ContainsFunc(s.saved(), func(f SavedFilter) bool { return f.Name == name }) {
			return &model.Error{Kind: model.Conflict, Text: "there is one of that name", Hint: "choose another"}
		}
		return s.checkName(name)
	}
	s.asked.begin(s.env.Theme, "rename to", "a name", from, check, func(name string) tea.Cmd {
		name = strings.TrimSpace(name)
		s.tab = name
		return s.env.remember(func(h *Habits) { h.rename(view, from, name) })
	})
	s.fit()
	return nil
}

func (s *sought[T]) dropTab() tea.Cmd {
	view, name := s.view, s.tab
	s.tab = ""
	cmd := s.env.remember(func(h *Habits) { h.drop(view, name) })
	s.fit()
	s.env.Send(Toast{Text: "forgot the filter " + name + "; S saves it again"})
	return cmd
}

func (s *sought[T]) checkName(name string) error {
	name = strings.TrimSpace(name)
	known := slices.ContainsFunc(s.saved(), func(f SavedFilter) bool { return f.Name == name })
	switch {
	case name == "":
		return &model.Error{Kind: model.Invalid, Text: "a filter needs a name", Hint: "esc leaves it unsaved"}
	case utf8.RuneCountInString(name) > maxFilterName || name != model.CleanText(name, 4*maxFilterName):
		return &model.Error{Kind: model.Invalid, Text: "the name is too long", Hint: "24 characters at most"}
	case !known && len(s.saved()) >= maxFilters:
		return &model.Error{Kind: model.Refused, Text: "there are 20 already", Hint: "D forgets one"}
	}
	return nil
}

// tabLine draws the saved filters; nil while there are none.
func (s *sought[T]) tabLine() []string {
	saved := s.saved()
	if len(saved) == 0 {
		return nil
	}
	t := s.env.Theme
	one := func(name string, chosen bool) string {
		if chosen {
			return t.Focus.Paint("[" + term.Show(name) + "]")
		}
		return t.Dim.Paint(" " + term.Show(name) + " ")
	}
	line := " " + one("all", s.tab == "" && s.bar.text == s.bar.base)
	for _, f := range saved {
		name := f.Name
		if f.Name == s.tab && f.Line != s.bar.text {
			name += "*"
		}
		line += " " + one(name, f.Name == s.tab)
	}
	return []string{term.Fit(line, s.w)}
}
