package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"doorman/model"
	"doorman/model/query"
)

// ListAudit returns one page of the operators' log, newest first. What no index
// knows is looked for along the log, so a page may be short.
func (s *Store) ListAudit(ctx context.Context, f model.AuditFilter) (model.Page[model.AuditEntry], error) {
	c := auditWhere(f)
	o := order{name: "audit", desc: true, parts: []part{{keys: []string{"l.seq"}}}}
	page, err := readShort(o, f.Paging, func(st stretch, desc bool) ([]auditRow, []string, error) {
		return along(s.read(ctx), s.reach, c, o.parts[0].keys, numbered(st), desc, func(st stretch) ([]auditRow, error) {
			q, args := c.query("SELECT l.* FROM doorman_audit AS l", numbered(st))
			var rows []auditRow
			err := named(s.read(ctx), q, args).Scan(&rows).Error
			return rows, err
		})
	}, func(r auditRow, _ int) []string { return []string{strconv.FormatInt(r.Seq, 10)} })
	if err != nil {
		return model.Page[model.AuditEntry]{}, fmt.Errorf("list audit: %w", explain(err))
	}
	out := convert(page, (*auditRow).entry)
	subjects := make([]string, len(out.Items))
	for i, a := range out.Items {
		subjects[i] = a.Subject
	}
	if subjects, err = nameAccounts(s.read(ctx), subjects); err != nil {
		return model.Page[model.AuditEntry]{}, fmt.Errorf("list audit: %w", explain(err))
	}
	for i := range out.Items {
		out.Items[i].About = subjects[i]
	}
	return out, nil
}

// numbered turns the keys of places into the numbers they are: cursors hold text,
// which sorts after every number.
func numbered(st stretch) stretch {
	for _, name := range []string{"edge0", "end0"} {
		if text, ok := st.args[name].(string); ok {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				n = 0
			}
			st.args[name] = n
		}
	}
	return st
}

// auditWhere words a filter. The first of batch, operator and verb that is given
// has an index in the order of the log.
func auditWhere(f model.AuditFilter) *conditions {
	c := &conditions{from: " FROM doorman_audit AS l", args: map[string]any{}}
	list := columnsWhere("l.", query.AuditConditions(f), c)
	slices.Reverse(list) // the most selective first: batch, operator, verb
	for _, cond := range list {
		if len(c.list) == 0 {
			c.add(cond)
		} else {
			c.rest = append(c.rest, plus(cond))
		}
	}
	if !f.Since.IsZero() {
		c.seek("since", ownStamp(f.Since), "+l.at >= @since")
	}
	if !f.Until.IsZero() {
		c.seek("until", ownStamp(f.Until), "+l.at < @until")
	}
	if f.Query != "" {
		c.seek("query", containing(f.Query),
			`(l.subject LIKE +@query ESCAPE '\' OR l.reason LIKE +@query ESCAPE '\' OR l.operator LIKE +@query ESCAPE '\')`)
	}
	return c
}
