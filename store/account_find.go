package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"

	"doorman/model"
)

// maxRef bounds a reference to a record, in bytes.
const maxRef = 300

// refQuery is one way to understand a reference.
type refQuery struct {
	where string
	args  map[string]any
}

// refQueries are the ways to understand a reference to an id, best first:
// as it was typed, without dashes, as a beginning.
func refQueries(raw, column string) []refQuery {
	clean := model.CleanRef(raw)
	list := []refQuery{{column + " IN (@raw, @clean)", map[string]any{"raw": raw, "clean": clean}}}
	for _, text := range []string{clean, raw} {
		if len(text) >= minPrefix && (text == clean || text != strings.TrimRight(text, ".…")) {
			list = append(list, refQuery{column + " >= @low AND " + column + " < @high",
				map[string]any{"low": text, "high": text + "~"}})
		}
	}
	return list
}

// ambiguous says that a beginning names several records, of which the first are
// shown.
func ambiguous(what, ref string, list []string) error {
	more := ""
	if len(list) > 3 {
		list, more = list[:3], " …"
	}
	return &model.Error{Kind: model.Conflict, Text: "several " + what + " begin with " + model.Quote(shortRef(ref)),
		Hint: "write more of it; they are " + strings.Join(list, ", ") + more}
}

func notFound(what, ref string) error {
	return &model.Error{Kind: model.NotFound, Text: "there is no " + what + " " + model.Quote(shortRef(ref)),
		Hint: "give an id or at least its first 4 characters"}
}

// shortRef keeps an id that may be a credential out of an error, also where one
// was typed for something else.
func shortRef(ref string) string {
	if len(ref) > shortID && !strings.Contains(ref, "@") {
		return model.Mask(ref)
	}
	return ref
}

// dayOf is the date in a stored time, for telling records apart.
func dayOf(text *string) string {
	if text == nil || len(*text) < 10 {
		return "an unknown day"
	}
	return model.CleanText(*text, 10)
}

// AccountEmails returns the addresses of accounts by their ids, in one query;
// those that are not there are left out.
func (s *Store) AccountEmails(ctx context.Context, ids []string) (map[string]string, error) {
	found := make(map[string]string, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	text, err := idList(ids)
	if err == nil {
		err = s.raw(ctx, `SELECT a.id, a.email FROM "Account" AS a WHERE a.id IN (SELECT value FROM json_each(?))`, []any{text},
			func(row []driver.Value) error {
				found[textOf(row[0])] = textOf(row[1])
				return nil
			})
	}
	for id := range found {
		if err == nil {
			err = s.lookedUp(ctx, "account "+id)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("find addresses of accounts: %w", explain(err))
	}
	return found, nil
}
