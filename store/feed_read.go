package store

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"doorman/model/detect"
)

// eventColumns is a reset as the engine learns of it. Texts of other programs are
// cut: they may be of any length. Its account is looked up beside it: a join
// costs more than all the rest.
const eventColumns = `SELECT r.id, CAST(r.created_date AS TEXT), r.user_id, r.requested_ip_key,
		CASE WHEN length(r.requested_ip_key) = 16 THEN NULL ELSE substr(r.requested_ip, 1, 1025) END,
		substr(r.requested_agent, 1, 1024), CAST(r.used_date AS TEXT), substr(r.used_ip_address, 1, 1025),
		coalesce(r.was_used, 0) OR coalesce(r.superseded_by, '') <> '', CAST(r.revoked_date AS TEXT), CAST(r.expires_date AS TEXT),
		coalesce(r.issued_by, '') <> '' FROM `

// The columns of eventColumns.
const (
	colID = iota
	colCreated
	colAccount
	colKey
	colIP
	colAgent
	colUsed
	colUsedIP
	colOver
	colRevoked
	colExpires
	colIssued
)

// told is an event with its place in the order of the table. The zero value
// stands before all.
type told struct {
	detect.Event
	created string // as it is written there
}

// raw runs a query past database/sql, whose conversions cost as much as the
// query, and hands each row over. The values of a row live until the next.
func (s *Store) raw(ctx context.Context, query string, args []any, each func([]driver.Value) error) error {
	conn, err := s.rdb.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
		if n, ok := a.(sql.NamedArg); ok {
			named[i].Name, named[i].Value = n.Name, n.Value
		}
	}
	return conn.Raw(func(c any) error {
		rows, err := c.(driver.QueryerContext).QueryContext(ctx, query, named)
		if err != nil {
			return err
		}
		defer rows.Close()
		row := make([]driver.Value, len(rows.Columns()))
		for {
			err := rows.Next(row)
			if errors.Is(err, io.EOF) {
				return ctx.Err()
			}
			if err == nil {
				err = each(row)
			}
			if err != nil {
				return err
			}
		}
	})
}

func textOf(v driver.Value) string {
	switch x := v.(type) {
	case string:
		return x
	case []byte:
		return string(x)
	case int64:
		return strconv.FormatInt(x, 10)
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	return ""
}

func trueOf(v driver.Value) bool {
	n, _ := v.(int64)
	return n != 0
}

// event is what the engine learns of a row; false where it lacks what counts.
func (s *Store) event(row []driver.Value) (told, bool) {
	t := told{created: textOf(row[colCreated])}
	ev := &t.Event
	ev.ID, ev.Account, ev.Agent, ev.Operator = textOf(row[colID]), textOf(row[colAccount]), textOf(row[colAgent]), trueOf(row[colIssued])
	ev.Created, ev.Expires, ev.Revoked = s.moment(t.created), s.moment(textOf(row[colExpires])), s.moment(textOf(row[colRevoked]))
	if ev.Created.IsZero() || ev.Account == "" {
		return t, false
	}
	used := textOf(row[colUsed])
	if (trueOf(row[colOver]) || textOf(row[colRevoked]) != "") && ev.Revoked.IsZero() && used == "" {
		ev.Revoked = ev.Created // no date tells when, only that it is not live
	}
	ip := textOf(row[colIP])
	if used != "" {
		if ev.Used = s.moment(used); ev.Used.IsZero() {
			ev.Used = ev.Created
		}
		ev.UsedIP, _ = parseAddress(textOf(row[colUsedIP]))
	} else if ip == "" {
		ip = textOf(row[colUsedIP]) // the course's column, while the reset is unused
	}
	if key, _ := row[colKey].([]byte); len(key) == 16 {
		ev.IP = netip.AddrFrom16([16]byte(key)).Unmap()
	} else {
		ev.IP, _ = parseAddress(ip)
	}
	return t, true
}

// moment is time for the form in which nearly all are written, without a search
// for the layout.
func (s *Store) moment(text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	if s.zone == time.UTC {
		if t, ok := plainStamp(text); ok {
			return t
		}
	}
	return s.time(&text)
}

// plainStamp reads stampLayout. What is unusual it leaves to parseStamp.
func plainStamp(text string) (time.Time, bool) {
	if len(text) != len(stampLayout) || text[4] != '-' || text[7] != '-' || text[10] != ' ' || text[13] != ':' || text[16] != ':' || text[19] != '.' {
		return time.Time{}, false
	}
	var n [7]int
	for i, at := range [7][2]int{{0, 4}, {5, 7}, {8, 10}, {11, 13}, {14, 16}, {17, 19}, {20, 26}} {
		for _, c := range []byte(text[at[0]:at[1]]) {
			if c < '0' || c > '9' {
				return time.Time{}, false
			}
			n[i] = 10*n[i] + int(c-'0')
		}
	}
	if n[1] < 1 || n[1] > 12 || n[2] < 1 || n[2] > 28 || n[3] > 23 || n[4] > 59 || n[5] > 59 {
		return time.Time{}, false
	}
	return time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 1000*n[6], time.UTC), true
}

// events reads the rows that a condition selects, in no order.
func (s *Store) events(ctx context.Context, from, where string, args []any, at *atlas) ([]told, error) {
	var list []told
	err := s.raw(ctx, eventColumns+from+" WHERE "+where, args, func(row []driver.Value) error {
		if t, ok := s.event(row); ok {
			list = append(list, t)
		}
		return nil
	})
	if err == nil {
		err = at.locate(ctx, s, list)
	}
	return list, err
}

// Where events are read from: what read-only stores see, and the table itself,
// which alone has row numbers.
const (
	seenResets = `"PasswordReset" AS r`
	ownResets  = `main."PasswordReset" AS r`
)

// strideRows is how many rows are read at once: few enough that an application
// without a write-ahead log does not wait for long.
const strideRows = 5000

// span is what a walk through the table covers: what was created after a row, and
// before a moment; "" means no bound.
type span struct{ created, id, until string }

// walk hands over the events of a span in the order of the table, a stride at a
// time, and reads the next one meanwhile.
func (s *Store) walk(ctx context.Context, over span, at *atlas, each func([]told) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	strides := make(chan []told, 1)
	var broken error // read once strides is closed
	go func() {
		defer close(strides)
		defer caught(&broken)
		hand := func(list []told) error {
			select {
			case strides <- list:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if s.shadowed() {
			broken = s.readOnce(ctx, over, at, hand)
		} else {
			broken = s.readStrides(ctx, over, at, hand)
		}
	}()
	var err error
	for list := range strides {
		if err != nil {
			continue // the reader is about to see that it is over
		}
		if err = each(list); err != nil {
			stop()
		}
	}
	stop()
	if err == nil {
		err = broken
	}
	return err
}

// shadowed reports whether the table lacks what strides rest on: it is seen
// through a view, or without its index.
func (s *Store) shadowed() bool {
	return s.schema < indexStep || s.look != nil && slices.ContainsFunc(s.look.setup, func(q string) bool {
		return strings.Contains(q, `VIEW "PasswordReset"`)
	})
}

// readStrides finds the next rows in the index and reads them in the order in
// which they lie in the table: in that of the index each would cost a page.
func (s *Store) readStrides(ctx context.Context, over span, at *atlas, hand func([]told) error) error {
	where := `r.rowid IN (SELECT n.rowid FROM main."PasswordReset" AS n WHERE (n.created_date, n.id) > (?, ?)`
	if over.until != "" {
		where += " AND n.created_date < ?"
	}
	where += " ORDER BY n.created_date, n.id LIMIT ?)"
	for {
		args := []any{over.created, over.id}
		if over.until != "" {
			args = append(args, over.until)
		}
		read, begun := 0, over
		var list []told
		err := s.raw(ctx, eventColumns+ownResets+" WHERE "+where, append(args, int64(strideRows)), func(row []driver.Value) error {
			read++
			t, ok := s.event(row)
			if ok {
				list = append(list, t)
			}
			if id := textOf(row[colID]); t.created > over.created || t.created == over.created && id > over.id {
				over.created, over.id = t.created, id
			}
			return nil
		})
		if err == nil {
			err = at.locate(ctx, s, list)
		}
		if err != nil || over == begun { // nothing more, or nothing that is a time
			return err
		}
		slices.SortFunc(list, byTable)
		if err := hand(list); err != nil || read < strideRows {
			return err
		}
	}
}

// readOnce is readStrides in one query, for tables that would be sorted for each
// stride.
func (s *Store) readOnce(ctx context.Context, over span, at *atlas, hand func([]told) error) error {
	where, args := " WHERE (r.created_date, r.id) > (?, ?)", []any{over.created, over.id}
	if over.until != "" {
		where, args = where+" AND r.created_date < ?", append(args, over.until)
	}
	var list []told
	flush := func() error {
		err := at.locate(ctx, s, list)
		if err == nil {
			err = hand(list)
		}
		list = make([]told, 0, strideRows)
		return err
	}
	err := s.raw(ctx, eventColumns+seenResets+where+" ORDER BY r.created_date, r.id", args, func(row []driver.Value) error {
		if t, ok := s.event(row); ok {
			list = append(list, t)
		}
		if len(list) == strideRows {
			return flush()
		}
		return nil
	})
	if err == nil && len(list) > 0 {
		err = flush()
	}
	return err
}

func byTable(a, b told) int {
	return cmp.Or(cmp.Compare(a.created, b.created), cmp.Compare(a.ID, b.ID))
}
