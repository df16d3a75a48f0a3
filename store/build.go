package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// How Build puts rows in: how many one statement takes, how many a transaction,
// and in KiB what it sorts in memory when it makes an index.
const (
	buildAtOnce = 16
	buildChunk  = 200_000
	buildCache  = 512 << 10
)

// bareStep is the last step of the schema that makes nothing but the two tables:
// Build fills them before any index is there.
const bareStep = 2

// Build makes a new database at o.Path, which nothing may have yet, out of whole
// tables, as fast as the engine can: for benchmarks. Rows are taken as they come,
// unchecked, and none may come twice; their order is the order of the table.
// Progress receives how many rows are in.
func Build(ctx context.Context, o Options, accounts iter.Seq2[model.AccountInput, error],
	resets iter.Seq2[model.ResetInput, error], progress func(rows int),
) error {
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return fmt.Errorf("build database: %w", err)
	}
	o.Fast, o.Create = true, true
	s := &Store{o: o, now: o.Now, zone: time.UTC, lifetime: model.DefaultLifetime}
	if s.now == nil {
		s.now = time.Now
	}
	temp := path + ".new-" + model.NewID()[:8]
	err = createEmpty(temp)
	if err == nil {
		defer removeDatabase(temp)
		err = s.build(ctx, temp, accounts, resets, progress)
	}
	if e := s.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = syncPath(temp)
	}
	if err == nil {
		err = publish(temp, path)
	}
	if errors.Is(err, fs.ErrExist) {
		err = &model.Error{Kind: model.Conflict, Text: model.Quote(o.Path) + " is there already", Hint: "name another, or remove it first"}
	}
	if err != nil {
		return fmt.Errorf("build database: %w", explain(err))
	}
	return nil
}

func (s *Store) build(ctx context.Context, temp string, accounts iter.Seq2[model.AccountInput, error],
	resets iter.Seq2[model.ResetInput, error], progress func(rows int),
) error {
	var err error
	dsn := s.o.dsn(temp, url.Values{"mode": {"rw"}}, "journal_mode(OFF)", "locking_mode(EXCLUSIVE)", "temp_store(FILE)",
		"cache_size(-"+strconv.Itoa(buildCache)+")", "foreign_keys(0)")
	if s.wdb, s.w, err = openPool(connector{dsn: dsn}, 1); err != nil {
		return err
	}
	list, err := steps()
	if err != nil {
		return err
	}
	owner, err := s.lockSchema(ctx, func() (bool, error) { return false, nil })
	if err != nil {
		return err
	}
	filled := false
	for _, st := range list {
		if st.version > bareStep && !filled {
			filled = true
			if err := s.fillTables(ctx, accounts, resets, progress); err != nil {
				return err
			}
		}
		s.schema = st.version
		if err := s.apply(ctx, st, owner, list[len(list)-1].version); err != nil {
			return fmt.Errorf("migrate %s: %w", st.name, err)
		}
	}
	if err := s.w.WithContext(ctx).Transaction(renumberAll); err != nil {
		return err
	}
	s.freeSchema(owner)
	return s.w.WithContext(ctx).Exec("PRAGMA journal_mode=DELETE").Error
}

// fillTables loads the two tables.
func (s *Store) fillTables(ctx context.Context, accounts iter.Seq2[model.AccountInput, error],
	resets iter.Seq2[model.ResetInput, error], progress func(rows int),
) error {
	l, err := s.newLoader(ctx, accountRow{}.TableName(), "id", "email", "created", "email_confirmed", "is_super_user")
	if err != nil {
		return err
	}
	l.progress = progress
	for a, err := range accounts {
		if err == nil {
			err = l.add(a.ID, a.Email, s.nullStamp(a.Created), a.EmailConfirmed, false)
		}
		if err != nil {
			return err
		}
	}
	if err := l.finish(); err != nil {
		return err
	}
	n := l.rows
	l, err = s.newLoader(ctx, resetRow{}.TableName(), "id", "created_date", "used_date", "was_used", "used_ip_address", "user_id",
		"expires_date", "requested_ip", "requested_ip_key", "requested_agent", "revoked_date")
	if err != nil {
		return err
	}
	l.rows, l.progress = n, progress
	for r, err := range resets {
		if err == nil {
			spent := !r.Used.IsZero() || !r.Revoked.IsZero()
			err = l.add(r.ID, s.stamp(r.Created), s.nullStamp(r.Used), spent, nullText(r.UsedIP), r.AccountID,
				s.stamp(r.Expires), nullText(r.IP), keyOf(r.IP), nullText(r.Agent), s.nullStamp(r.Revoked))
		}
		if err != nil {
			return err
		}
	}
	return l.finish()
}

// loader fills a table by way of a twin that has no keys: with a random text as
// primary key, every row would touch another page of its index.
type loader struct {
	ctx      context.Context
	w        *gorm.DB
	table    string
	columns  []string
	progress func(rows int)

	tx   *sql.Tx
	many *sql.Stmt
	args []any
	rows int
}

// twin is the name of the table without keys.
func (l *loader) twin() string { return "build_" + l.table }

func (s *Store) newLoader(ctx context.Context, table string, columns ...string) (*loader, error) {
	l := &loader{ctx: ctx, w: s.w.WithContext(ctx), table: table, columns: columns}
	if err := l.w.Exec("CREATE TABLE " + quoteName(l.twin()) + " AS SELECT * FROM " + quoteName(table) + " WHERE 0").Error; err != nil {
		return nil, err
	}
	return l, l.begin()
}

// statement inserts n rows.
func (l *loader) statement(n int) string {
	row := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(l.columns)), ", ") + ")"
	return "INSERT INTO " + quoteName(l.twin()) + " (" + strings.Join(l.columns, ", ") + ") VALUES " +
		strings.TrimSuffix(strings.Repeat(row+", ", n), ", ")
}

func (l *loader) begin() error {
	db, err := l.w.DB()
	if err != nil {
		return err
	}
	if l.tx, err = db.BeginTx(l.ctx, nil); err != nil {
		return err
	}
	l.many, err = l.tx.PrepareContext(l.ctx, l.statement(buildAtOnce))
	return err
}

// add puts one row in line; values are in the order of the columns.
func (l *loader) add(values ...any) error {
	l.rows++
	l.args = append(l.args, values...)
	if len(l.args) == buildAtOnce*len(l.columns) {
		_, err := l.many.ExecContext(l.ctx, l.args...)
		l.args = l.args[:0]
		if err != nil {
			return err
		}
	}
	if l.rows%buildChunk > 0 {
		return nil
	}
	if l.progress != nil {
		l.progress(l.rows)
	}
	if err := l.end(); err != nil {
		return err
	}
	return l.begin()
}

// end writes what waits and commits.
func (l *loader) end() error {
	if n := len(l.args) / len(l.columns); n > 0 {
		if _, err := l.tx.ExecContext(l.ctx, l.statement(n), l.args...); err != nil {
			return err
		}
		l.args = l.args[:0]
	}
	if err := l.many.Close(); err != nil {
		return err
	}
	return l.tx.Commit()
}

// finish makes the keys of the twin, each in one sorted go, and lets table and
// twin change places: in the schema only their first pages are exchanged.
func (l *loader) finish() error {
	if err := l.end(); err != nil {
		return err
	}
	var keys []string
	err := l.w.Raw("SELECT name FROM pragma_index_list(?) WHERE \"unique\" ORDER BY name", l.table).Scan(&keys).Error
	if err != nil {
		return err
	}
	exchange := [][2]string{{l.table, l.twin()}}
	for _, key := range keys {
		var columns []string
		if err := l.w.Raw("SELECT name FROM pragma_index_info(?) ORDER BY seqno", key).Scan(&columns).Error; err != nil {
			return err
		}
		twin := "build_" + strings.TrimPrefix(key, "sqlite_")
		err := l.w.Exec("CREATE UNIQUE INDEX " + quoteName(twin) + " ON " + quoteName(l.twin()) + " (" + strings.Join(columns, ", ") + ")").Error
		if err != nil {
			return err
		}
		exchange = append(exchange, [2]string{key, twin})
	}
	if err := l.w.Exec("PRAGMA writable_schema=ON").Error; err != nil {
		return err
	}
	for _, pair := range exchange {
		err := l.w.Exec(`UPDATE sqlite_master SET rootpage =
			(SELECT sum(rootpage) FROM sqlite_master WHERE name IN (?, ?)) - rootpage WHERE name IN (?, ?)`,
			pair[0], pair[1], pair[0], pair[1]).Error
		if err != nil {
			return err
		}
	}
	if err := l.w.Exec("PRAGMA writable_schema=RESET").Error; err != nil {
		return err
	}
	return l.w.Exec("DROP TABLE " + quoteName(l.twin())).Error
}
