package page

import (
	"context"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
)

// Accounts are looked for in the database once so many characters of one are
// typed, and so many are offered.
const (
	minSuggest = 2
	maxSuggest = 12
)

// begun returns the field whose value is being typed, and what there is of it.
func (b *bar) begun() (field, part string) {
	line, o := b.prompt.Value(), b.offer
	return o.Field, strings.TrimPrefix(line[min(o.From, len(line)):min(o.To, len(line))], `"`)
}

// hints lists values for completion: those of the rows at hand, then what the
// database had.
func (b *bar) hints(field string) []string {
	var out []string
	if b.seen != nil {
		out = b.seen(field)
	}
	if field != b.foundFor {
		return out
	}
	for _, v := range b.found {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// suggest looks in the database for the account that is being typed, once no key
// has followed for a moment. What is found is offered beside what the rows hold.
func (s *sought[T]) suggest() tea.Cmd {
	b, st := s.bar, s.env.Store
	field, part := b.begun()
	if field != "account" || len(part) < minSuggest {
		s.suggesting.Drop()
		return nil
	}
	return Delayed(&s.suggesting, s.env.Pause, func(ctx context.Context) ([]string, error) {
		p, err := st.ListAccounts(ctx, model.AccountFilter{Query: part, Paging: model.Paging{Limit: maxSuggest}})
		var found []string
		for _, a := range p.Items {
			found = append(found, a.Email)
		}
		return found, err
	}, func(found []string, err error) tea.Cmd {
		if err == nil && b.prompt.Focused() && b.pick < 0 {
			b.found, b.foundFor = found, field
			b.offer = b.Complete(b.prompt.Value(), b.prompt.Cursor(), b.hints)
		}
		return nil
	})
}
