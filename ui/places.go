package ui

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/page"
)

// places are where the palette leads beside the views with a digit: the other
// lists and the saved filters.
func (s *shell) places() []page.Action {
	to := func(o page.Open) func() tea.Cmd { return func() tea.Cmd { return s.open(o) } }
	var as []page.Action
	for _, v := range page.Views() {
		if v.Key == "" && (v.Name == "batches" || v.Name == "whatif") {
			as = append(as, page.Action{Help: "go to " + v.Title, Run: to(page.Open{View: v.Name})})
		}
	}
	for _, f := range s.env.Habits.Filters {
		if v, ok := page.ViewNamed(f.View); ok {
			as = append(as, page.Action{Help: "filter " + f.Name + ": " + v.Title + " " + f.Line, Run: to(page.Open{View: f.View, Line: f.Line})})
		}
	}
	return as
}

// What is typed in the palette is looked for among the accounts from so many
// characters on, and so many are shown.
const (
	minSought = 2
	maxSought = 8
)

// seekAccounts looks for accounts that hold what is typed.
func (s *shell) seekAccounts(text string) tea.Cmd {
	p := s.picker
	text = strings.TrimSpace(text)
	if len(text) < minSought || strings.ContainsAny(text, " :") {
		s.seeking.Drop()
		p.found(nil)
		return nil
	}
	st := s.env.Store
	return page.Delayed(&s.seeking, s.env.Pause, func(ctx context.Context) (model.Page[model.AccountRow], error) {
		f := model.AccountFilter{Query: text}
		f.Limit = maxSought
		return st.ListAccounts(ctx, f)
	}, func(rows model.Page[model.AccountRow], err error) tea.Cmd {
		if err != nil || s.picker != p {
			return nil
		}
		var as []page.Action
		for _, a := range rows.Items {
			as = append(as, page.Action{Help: "account " + a.Email, Run: func() tea.Cmd { return s.open(page.Open{View: "account", Ref: a.ID}) }})
		}
		p.found(as)
		return nil
	})
}
