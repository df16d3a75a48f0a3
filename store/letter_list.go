package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// ListLetters returns one page of letters, newest first.
func (s *Store) ListLetters(ctx context.Context, f model.LetterFilter) (model.Page[model.Letter], error) {
	var none model.Page[model.Letter]
	c, err := letterWhere(f)
	if err != nil {
		return none, fmt.Errorf("list emails: %w", err)
	}
	o := order{name: "letters", desc: true, at: ownPlace, when: ownTimeOrZero, parts: []part{{keys: []string{"o.created", "o.id"}}}}
	page, err := readShort(o, f.Paging, func(st stretch, desc bool) ([]letterView, []string, error) {
		return along(s.read(ctx), s.reach, c, o.parts[0].keys, st, desc, func(st stretch) ([]letterView, error) {
			q, args := c.query(letterSelect, st)
			var rows []letterView
			err := named(s.read(ctx), q, args).Scan(&rows).Error
			return rows, err
		})
	}, func(v letterView, _ int) []string { return []string{v.Row.Created, v.Row.ID} })
	if err != nil {
		return none, fmt.Errorf("list emails: %w", explain(err))
	}
	return convert(page, s.letter), nil
}

// ownPlace returns the keys of a moment in a list of our own times, newest first.
func ownPlace(t time.Time) []string { return []string{ownStamp(t), "~"} }

func letterWhere(f model.LetterFilter) (*conditions, error) {
	c := &conditions{from: " FROM doorman_outbox AS o", args: map[string]any{}}
	for _, st := range f.States {
		if _, err := model.ParseLetterState(string(st)); err != nil {
			return nil, err
		}
	}
	switch len(f.States) {
	case 0:
	case 1: // a plain comparison walks its index in the order of the list
		c.bind("state", f.States[0], "o.state = @state")
	default:
		c.seek("states", f.States, "+o.state IN @states")
	}
	if f.ResetID != "" {
		c.bind("reset", f.ResetID, "o.reset_id = @reset")
	}
	if f.Query != "" {
		c.seek("query", containing(f.Query), `o.recipient LIKE +@query ESCAPE '\'`)
	}
	return c, nil
}

// FindLetter returns the letter with the id, or with the only id that begins
// so.
func (s *Store) FindLetter(ctx context.Context, ref string) (model.Letter, error) {
	v, err := findLetter(s.read(ctx), ref)
	if err != nil {
		return model.Letter{}, fmt.Errorf("find email: %w", explain(err))
	}
	return s.letter(&v), nil
}

func findLetter(db *gorm.DB, ref string) (letterView, error) {
	raw := model.CleanText(strings.TrimSpace(ref), maxRef)
	for _, q := range refQueries(raw, "o.id") {
		var rows []letterView
		if err := db.Raw(letterSelect+" WHERE "+q.where+" ORDER BY o.id LIMIT 4", q.args).Scan(&rows).Error; err != nil {
			return letterView{}, err
		}
		if len(rows) == 1 {
			return rows[0], nil
		}
		if len(rows) > 1 {
			var list []string
			for _, v := range rows {
				list = append(list, v.Row.ID)
			}
			return letterView{}, ambiguous("emails", raw, list)
		}
	}
	return letterView{}, notFound("email", raw)
}

// CountLetters counts the letters by state; a state without letters is not in
// the map.
func (s *Store) CountLetters(ctx context.Context) (map[model.LetterState]int, error) {
	var rows []struct {
		State model.LetterState
		N     int
	}
	q := "SELECT state, n FROM doorman_outbox_tally WHERE n > 0"
	if s.schema < tallyStep {
		q = "SELECT state, count(*) AS n FROM doorman_outbox GROUP BY state"
	}
	err := s.read(ctx).Raw(q).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count emails: %w", explain(err))
	}
	counts := make(map[model.LetterState]int, len(rows))
	for _, r := range rows {
		counts[r.State] = r.N
	}
	return counts, nil
}
