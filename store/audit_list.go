package store

import (
	"context"
	"fmt"
	"strconv"

	"doorman/model"
)

// ListAudit returns one page of the operators' log, newest first.
func (s *Store) ListAudit(ctx context.Context, f model.AuditFilter) (model.Page[model.AuditEntry], error) {
	c := auditWhere(f)
	o := order{name: "audit", desc: true, parts: []part{{keys: []string{"l.seq"}}}}
	page, err := readPage(o, f.Paging, func(st stretch) ([]auditRow, error) {
		q, args := c.query("SELECT l.* FROM doorman_audit AS l", numbered(st))
		var rows []auditRow
		err := named(s.read(ctx), q, args).Scan(&rows).Error
		return rows, err
	}, func(r auditRow, _ int) []string { return []string{strconv.FormatInt(r.Seq, 10)} })
	if err != nil {
		return model.Page[model.AuditEntry]{}, fmt.Errorf("list audit: %w", explain(err))
	}
	return convert(page, (*auditRow).entry), nil
}

// numbered turns the key of a place into the number it is: cursors hold text,
// which sorts after every number.
func numbered(st stretch) stretch {
	if text, ok := st.args["edge0"].(string); ok {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			n = 0
		}
		st.args["edge0"] = n
	}
	return st
}

func auditWhere(f model.AuditFilter) *conditions {
	c := &conditions{args: map[string]any{}}
	if !f.Since.IsZero() {
		c.bind("since", ownStamp(f.Since), "l.at >= @since")
	}
	if !f.Until.IsZero() {
		c.bind("until", ownStamp(f.Until), "l.at < @until")
	}
	if f.Operator != "" {
		c.bind("operator", f.Operator, "l.operator = @operator")
	}
	if f.Verb != "" {
		c.bind("verb", f.Verb, "l.verb = @verb")
	}
	if f.BatchID != "" {
		c.bind("batch", f.BatchID, "l.batch_id = @batch")
	}
	if f.Query != "" {
		c.bind("query", containing(f.Query),
			`(l.subject LIKE +@query ESCAPE '\' OR l.reason LIKE +@query ESCAPE '\' OR l.operator LIKE +@query ESCAPE '\')`)
	}
	return c
}
