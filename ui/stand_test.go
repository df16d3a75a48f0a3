package ui

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"doorman/model"
	"doorman/model/detect"
	"doorman/ui/page"
	"doorman/ui/theme"
)

// stand is a store with a few accounts, enough for the shell to have something
// to show. What the shell and its first pages do not ask for it does not answer.
type stand struct {
	page.Store
	rows    []model.AccountRow
	letters map[model.LetterState]int
	acts    []string
	changed bool
	trouble error
	locked  bool // for what is to be undone
	found   []detect.Cluster
	reading *model.ClusterReading // nil: all is judged
}

func newStand() *stand {
	s := &stand{letters: map[model.LetterState]int{model.Queued: 2, model.Undeliverable: 1}}
	for i := range 60 {
		s.rows = append(s.rows, model.AccountRow{Account: model.Account{ID: fmt.Sprintf("%032x", i+1), Email: fmt.Sprintf("person.%02d@example.org", i), EmailConfirmed: true}})
	}
	return s
}

func (s *stand) ClusterReading() model.ClusterReading {
	if s.reading != nil {
		return *s.reading
	}
	return model.ClusterReading{Whole: true}
}

func (s *stand) ListAccounts(_ context.Context, f model.AccountFilter) (model.Page[model.AccountRow], error) {
	var p model.Page[model.AccountRow]
	for _, r := range s.rows {
		if strings.Contains(r.Email, f.Query) {
			p.Items = append(p.Items, r)
		}
	}
	return p, s.trouble
}

func (s *stand) AccountEmails(context.Context, []string) (map[string]string, error) {
	return nil, s.trouble
}

func (s *stand) CountAccounts(context.Context, model.AccountFilter, int) (model.Count, error) {
	return model.Count{N: len(s.rows)}, s.trouble
}

func (s *stand) FindAccount(_ context.Context, ref string) (model.AccountRow, error) {
	for _, r := range s.rows {
		if r.ID == ref {
			return r, nil
		}
	}
	return model.AccountRow{}, &model.Error{Kind: model.NotFound, Text: "there is no such account"}
}

func (s *stand) ResetsOf(context.Context, []string, time.Time) ([]model.Reset, error) {
	return nil, nil
}

func (s *stand) ListResets(context.Context, model.ResetFilter) (model.Page[model.Reset], error) {
	return model.Page[model.Reset]{}, nil
}

func (s *stand) CountResets(context.Context, model.ResetFilter, int) (model.Count, error) {
	return model.Count{}, nil
}

func (s *stand) CountLetters(context.Context) (map[model.LetterState]int, error) {
	return s.letters, nil
}

func (s *stand) ListLetters(context.Context, model.LetterFilter) (model.Page[model.Letter], error) {
	return model.Page[model.Letter]{}, s.trouble
}

func (s *stand) Issue(_ context.Context, _ model.Act, o model.IssueOrder) (model.Issued, error) {
	s.acts = append(s.acts, "issue "+o.AccountID[30:])
	return model.Issued{}, nil
}

func (s *stand) Hold(_ context.Context, _ model.Act, id string) (model.Batch, error) {
	s.acts = append(s.acts, "hold "+id[30:])
	return model.Batch{ID: strings.Repeat("b", 32)}, nil
}

func (s *stand) Undo(_ context.Context, _ model.Act, id string) (model.Undone, error) {
	if s.locked {
		return model.Undone{}, &model.Error{Kind: model.Unavailable, Text: "another program keeps the database locked"}
	}
	s.acts = append(s.acts, "undo "+id[30:])
	return model.Undone{Restored: model.Tally{{Label: "accounts", N: 1}}}, nil
}

func (s *stand) Timeline(_ context.Context, f model.TimelineFilter) (model.Timeline, error) {
	_, steps, err := f.Span()
	return model.Timeline{Requests: make([]int, steps)}, err
}

func (s *stand) Clusters(context.Context, model.ClusterFilter) ([]detect.Cluster, error) {
	return s.found, s.trouble
}

func (s *stand) ListCases(context.Context, model.CaseFilter) (model.Page[model.Case], error) {
	return model.Page[model.Case]{}, s.trouble
}

func (s *stand) About(context.Context) (model.StoreInfo, error) {
	return model.StoreInfo{Path: "/var/lib/doorman/doorman.db", Lifetime: time.Hour}, s.trouble
}

func (s *stand) Poll(context.Context) (bool, error) {
	was := s.changed
	s.changed = false
	return was, s.trouble
}

// console is the whole shell under a test's hands: commands run at once, or, when
// held, as soon as the test lets them.
type console struct {
	t     testing.TB
	s     *shell
	store *stand
	hold  bool
	queue []tea.Cmd
	quit  bool
}

func newConsole(t testing.TB, w, h int, change ...func(*Options)) *console {
	t.Helper()
	store := newStand()
	now := time.Date(2026, 11, 23, 3, 4, 5, 0, time.UTC)
	o := Options{Watch: store, Home: "accounts", Suspend: true, Env: &page.Env{Store: store, Now: func() time.Time { return now }, Zone: time.UTC,
		Theme: theme.New(lipgloss.NewRenderer(io.Discard), theme.ANSI16, true), Act: model.Act{Operator: "ada", Role: model.Responder}}}
	for _, f := range change {
		f(&o)
	}
	c := &console{t: t, s: newShell(o), store: store}
	c.s.tick = func() tea.Cmd { return nil }
	c.do(c.s.Init())
	c.send(tea.WindowSizeMsg{Width: w, Height: h})
	return c
}

func (c *console) do(cmd tea.Cmd) {
	switch {
	case cmd == nil:
	case c.hold:
		c.queue = append(c.queue, cmd)
	default:
		c.send(cmd())
	}
}

// release runs what was held back.
func (c *console) release() *console {
	c.hold = false
	queue := c.queue
	c.queue = nil
	for _, cmd := range queue {
		c.do(cmd)
	}
	return c
}

func (c *console) send(msg tea.Msg) {
	switch m := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, cmd := range m {
			c.do(cmd)
		}
	case tea.QuitMsg:
		c.quit = true
	default:
		_, cmd := c.s.Update(msg)
		c.do(cmd)
	}
}

// press sends keys as a terminal would: names in <>, all other text in one piece.
func (c *console) press(keys string) *console {
	c.t.Helper()
	for keys != "" {
		text, rest, named := strings.Cut(keys, "<")
		if text != "" {
			c.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text)})
		}
		if !named {
			return c
		}
		name, after, _ := strings.Cut(rest, ">")
		c.send(key(c.t, name))
		keys = after
	}
	return c
}

func key(t testing.TB, name string) tea.KeyMsg {
	t.Helper()
	for k := tea.KeyType(-100); k < 128; k++ {
		if k != tea.KeyRunes && (tea.Key{Type: k}).String() == name {
			return tea.KeyMsg{Type: k}
		}
	}
	t.Fatalf("there is no key %q", name)
	return tea.KeyMsg{}
}

func (c *console) screen() string { return ansi.Strip(c.s.View()) }

func (c *console) sees(want string) *console {
	c.t.Helper()
	if !strings.Contains(c.screen(), want) {
		c.t.Fatalf("the screen does not show %q:\n%s", want, c.screen())
	}
	return c
}

func (c *console) misses(text string) *console {
	c.t.Helper()
	if strings.Contains(c.screen(), text) {
		c.t.Fatalf("the screen shows %q:\n%s", text, c.screen())
	}
	return c
}

func (c *console) acts(want string) *console {
	c.t.Helper()
	if got := strings.Join(c.store.acts, ", "); got != want {
		c.t.Fatalf("acts are %q, want %q", got, want)
	}
	return c
}
