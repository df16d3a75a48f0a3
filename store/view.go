package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	gsqlite "github.com/glebarez/go-sqlite"
	"gorm.io/gorm"
)

// keyFunction is keyOf inside the engine, for completing rows and for the views of
// read-only stores. It never gets into a file.
const keyFunction = "doorman_address_key"

func init() {
	gsqlite.MustRegisterDeterministicScalarFunction(keyFunction, 1,
		func(_ *gsqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			text, _ := args[0].(string)
			return keyOf(text), nil
		})
}

// planViews looks at the schema and works out the temporary views that make it
// look like today's: the same names, shadowing the tables, with NULL for what
// the file lacks.
func (s *Store) planViews(ctx context.Context) error {
	d := engine()
	p := s.look.current()
	conn, err := connect(ctx, d, s.o.dsn(p.path, p.mode()), nil)
	if err != nil {
		return err
	}
	db, g, err := openPool(single{conn, d}, 1)
	if err != nil {
		return err
	}
	defer db.Close()
	list, err := steps()
	if err != nil {
		return err
	}
	want := list[len(list)-1].version
	had, err := s.survey(g.WithContext(ctx))
	if err == nil {
		err = s.admitLook(had, want)
	}
	if err != nil {
		return err
	}
	s.schema = had.version
	wanted, err := wantedColumns(ctx)
	if err != nil {
		return err
	}
	incomplete, err := someIncomplete(g.WithContext(ctx), had)
	if err != nil {
		return err
	}
	s.look.setup = views(had, wanted, incomplete)
	return nil
}

// admitLook is admit for a store that will change nothing.
func (s *Store) admitLook(v survey, want int) error {
	if v.version > 0 || v.version == 0 && v.columns["passwordreset"] != nil && slices.Contains(v.columns["passwordreset"], "expires_date") {
		if v.version <= want && v.course() {
			return nil
		}
	}
	return s.admit(v, want)
}

// single hands out one connection that is already open.
type single struct {
	conn driver.Conn
	d    driver.Driver
}

func (c single) Connect(context.Context) (driver.Conn, error) { return c.conn, nil }
func (c single) Driver() driver.Driver                        { return c.d }

// wantedColumns asks the migrations themselves what each table has.
func wantedColumns(ctx context.Context) (map[string][]string, error) {
	d := engine()
	conn, err := d.Open(":memory:")
	if err != nil {
		return nil, err
	}
	db, g, err := openPool(single{conn, d}, 1)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	list, err := steps()
	if err != nil {
		return nil, err
	}
	begin, err := migrations.ReadFile(migrationDir + "/0000_begin.sql")
	if err != nil {
		return nil, err
	}
	for _, st := range append([]step{{text: string(begin)}}, list...) {
		if err := g.WithContext(ctx).Exec(st.text).Error; err != nil {
			return nil, err
		}
	}
	v, err := (&Store{}).survey(g)
	return v.columns, err
}

// someIncomplete reports whether other programs write to the file, so that it
// holds, or may come to hold, rows without a key.
func someIncomplete(db *gorm.DB, v survey) (bool, error) {
	if !slices.Contains(v.columns["passwordreset"], "requested_ip_key") || v.columns["doorman_setting"] == nil {
		return true, nil
	}
	var adopted string
	if err := db.Raw("SELECT value FROM doorman_setting WHERE key = ?", settingAdopted).Scan(&adopted).Error; err != nil || adopted != "" {
		return true, err
	}
	var n int64
	err := db.Raw(`SELECT count(*) FROM (SELECT 1 FROM "PasswordReset" WHERE requested_ip_key IS NULL LIMIT 1)`).Scan(&n).Error
	return n > 0, err
}

// views returns the statements that make a file of schema v look as wanted.
func views(v survey, wanted map[string][]string, incomplete bool) []string {
	var list []string
	for table, columns := range wanted {
		have := v.columns[table]
		lacks := slices.ContainsFunc(columns, func(c string) bool { return !slices.Contains(have, c) })
		reset := table == "passwordreset" && incomplete
		if !lacks && !reset {
			continue
		}
		name := tableName(table)
		from := " FROM main." + quoteName(name)
		if have == nil {
			from = " WHERE 0"
		}
		list = append(list, "CREATE TEMP VIEW "+quoteName(name)+" AS SELECT "+strings.Join(viewColumns(columns, have, reset), ", ")+from)
	}
	slices.Sort(list)
	return list
}

// tableName gives a table of the course its capitals back, for those who read
// an error; SQL takes either.
func tableName(lower string) string {
	switch lower {
	case "account":
		return "Account"
	case "passwordreset":
		return "PasswordReset"
	}
	return lower
}

func viewColumns(columns, have []string, reset bool) []string {
	column := func(c string) string {
		if slices.Contains(have, c) {
			return quoteName(c)
		}
		return "NULL"
	}
	ip := requestIP
	for _, c := range []string{"requested_ip", "revoked_date", "superseded_by"} {
		ip = strings.ReplaceAll(ip, c, column(c))
	}
	var list []string
	for _, c := range columns {
		text := column(c)
		switch {
		case reset && c == "requested_ip":
			text = ip
		case reset && c == "requested_ip_key":
			text = fmt.Sprintf("CASE WHEN %s IS NULL THEN %s(%s) ELSE %s END", column(c), keyFunction, ip, column(c))
		}
		list = append(list, text+" AS "+quoteName(c))
	}
	return list
}
