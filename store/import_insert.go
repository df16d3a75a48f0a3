package store

import (
	"context"
	"database/sql"
	"strings"

	"gorm.io/gorm"
)

// inserter inserts rows with prepared statements on GORM's own connection,
// inside its transaction, but through database/sql: GORM builds and parses a
// statement for each row by reflection, which costs more than SQLite's work on
// it. Rows whose id is there already are left as they are.
type inserter struct {
	ctx     context.Context
	many    *sql.Stmt // rowsAtOnce rows
	one     *sql.Stmt
	columns int
	args    []any // of the rows that wait
	added   int
}

// rowsAtOnce is how many rows one statement inserts: the driver compiles a
// prepared statement again each time it runs, which costs as much as three rows.
const rowsAtOnce = 16

func newInserter(tx *gorm.DB, table string, columns ...string) (*inserter, error) {
	in := &inserter{ctx: tx.Statement.Context, columns: len(columns)}
	head := `INSERT INTO "` + table + `" (` + strings.Join(columns, ", ") + ") VALUES "
	row := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ") + ")"
	tail := " ON CONFLICT (id) DO NOTHING"
	var err error
	in.one, err = tx.Statement.ConnPool.PrepareContext(in.ctx, head+row+tail)
	if err != nil {
		return nil, err
	}
	in.many, err = tx.Statement.ConnPool.PrepareContext(in.ctx, head+strings.Repeat(row+", ", rowsAtOnce-1)+row+tail)
	if err != nil {
		_ = in.one.Close()
		return nil, err
	}
	return in, nil
}

// add puts one row in line; values are in the order of the columns.
func (in *inserter) add(values ...any) error {
	in.args = append(in.args, values...)
	if len(in.args) < rowsAtOnce*in.columns {
		return nil
	}
	err := in.run(in.many, in.args)
	in.args = in.args[:0]
	return err
}

// done inserts what still waits and returns how many rows were new since the
// last call.
func (in *inserter) done() (added int, err error) {
	for len(in.args) > 0 {
		if err := in.run(in.one, in.args[:in.columns]); err != nil {
			return 0, err
		}
		in.args = in.args[in.columns:]
	}
	added, in.added = in.added, 0
	return added, nil
}

func (in *inserter) run(stmt *sql.Stmt, args []any) error {
	res, err := stmt.ExecContext(in.ctx, args...)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	in.added += int(n)
	return err
}
