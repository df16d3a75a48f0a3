package page

import (
	"context"
	"slices"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
)

// slowStore counts how accounts are looked for.
type slowStore struct {
	*memory
	asked []string
}

func (s *slowStore) ListAccounts(ctx context.Context, f model.AccountFilter) (model.Page[model.AccountRow], error) {
	s.asked = append(s.asked, f.Query)
	return s.memory.ListAccounts(ctx, f)
}

// An account that no row on the screen is of is completed from the database.
func TestAccountsAreCompletedFromTheDatabase(t *testing.T) {
	for _, view := range []string{"resets", "clusters"} {
		m := sample()
		m.resets = m.resets[:1]
		s := &slowStore{memory: m}
		e := testEnv(m)
		e.Store = s
		d := driveEnv(t, e, m, Open{View: view}, 120, 30).press("f").write("account:r").misses("radia.117")
		d.write("adia.11").sees("radia.117@example.org").press("tab").sees("/account:radia.117@example.org")
		if !slices.Equal(s.asked, []string{"ra", "rad", "radi", "radia", "radia.", "radia.1", "radia.11"}) {
			t.Errorf("%s requested %q", view, s.asked)
		}
		d.press("esc", "f").write("agent:radia").misses("radia.117")
	}
}

// The database is asked outside of the event loop, and what comes after the next
// key, or after tab has chosen, changes nothing.
func TestLateSuggestionsAreDropped(t *testing.T) {
	m := sample()
	m.resets = m.resets[:1]
	s := &slowStore{memory: m}
	e := testEnv(m)
	e.Store = s
	p := newResets(e, Open{}).(*resets)
	p.SetSize(120, 30)
	p.bar.open(false)
	var late []tea.Cmd
	for _, k := range []string{"a", "c", "c", "o", "u", "n", "t", ":", "r", "a", "d"} {
		p.typed(keyMsg(k))
		if p.suggesting.Busy() {
			late = append(late, p.suggest())
		}
	}
	if len(s.asked) != 0 || len(late) != 2 {
		t.Fatalf("asked %q in the event loop, %d are under way", s.asked, len(late))
	}
	for i, cmd := range late {
		d := &driver{t: t, env: e, store: m, page: p, w: 120, h: 30}
		if i == 1 {
			p.typed(keyMsg("backspace"))
		}
		d.do(cmd)
		if len(p.bar.offer.Choices) != 0 {
			t.Errorf("a late answer is offered: %q", p.bar.offer.Choices)
		}
	}
	p.typed(keyMsg("i"))
	p.Close()
	if p.suggesting.Busy() {
		t.Error("a page that is closed still asks")
	}
}

// by: finds what an operator issued, and counts no further than a page reads.
func TestResetsByOperator(t *testing.T) {
	m := sample()
	m.resets[2].IssuedBy, m.resets[5].IssuedBy = "grace hopper", "grace hopper"
	d := drive(t, m, Open{View: "resets"}, 120, 30).press("f").write(`by:"grace hopper"`).sees("2 matches").press("enter").sees("1 of 2")
	if got := d.page.(Commander).Command(); got != `doorman resets --filter 'by:"grace hopper"'` {
		t.Error(got)
	}
	d.press("f", "ctrl+u").write("by:gr").press("tab").sees(`/by:"grace hopper"`)
}
