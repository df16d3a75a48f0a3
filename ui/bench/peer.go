package bench

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// script runs a program with a script on its standard input and returns how long
// it took. What it prints goes nowhere but into the error.
func script(ctx context.Context, text, name string, args ...string) (time.Duration, error) {
	clock, _, err := spent(ctx, text, name, args...)
	return clock, err
}

// spent is script with the time that the processor took as well.
func spent(ctx context.Context, text, name string, args ...string) (clock, cpu time.Duration, err error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdin = strings.NewReader(text)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	begun := time.Now()
	if err = cmd.Run(); err != nil {
		err = fmt.Errorf("%s: %w: %s", name, err, errs.String())
	}
	clock = time.Since(begun)
	if cmd.ProcessState != nil {
		cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	return clock, cpu, err
}

// sqlite is the sqlite3 program on a database file.
type sqlite struct {
	ctx  context.Context
	path string // of the program, "" when it is not installed
	db   string
}

func (r *run) sqlite() sqlite { return sqlite{r.ctx, find("sqlite3"), r.Path} }

// each returns how long one of the statements takes, by running all of them in
// one process and taking off what the process alone takes.
func (q sqlite) each(statements []string) (time.Duration, error) {
	if q.path == "" || len(statements) == 0 {
		return 0, nil
	}
	const begin = "PRAGMA query_only=1;\nSELECT count(*) FROM sqlite_master;\n"
	alone, whole := sample{}, sample{}
	for range 3 {
		d, err := script(q.ctx, begin, q.path, q.db)
		if err != nil {
			return 0, err
		}
		alone = append(alone, d)
		if d, err = script(q.ctx, begin+strings.Join(statements, ";\n")+";\n", q.path, q.db); err != nil {
			return 0, err
		}
		whole = append(whole, d)
	}
	return max(whole.quantile(0.5)-alone.quantile(0.5), 0) / time.Duration(len(statements)), nil
}

// beside adds the figure of the sqlite3 program to a line.
func (q sqlite) beside(l Line, statements []string) (Line, error) {
	d, err := q.each(statements)
	if d > 0 {
		l.Peer, l.Beside = "sqlite3", ms(d)
	}
	return l, err
}

// duck runs a statement in DuckDB on the same file; 0 where it is not installed or
// cannot read the file.
func (r *run) duck(statement string) time.Duration {
	path := find("duckdb")
	if path == "" {
		return 0
	}
	begin := "INSTALL sqlite; LOAD sqlite; ATTACH '" + strings.ReplaceAll(r.Path, "'", "''") + "' AS d (TYPE sqlite, READ_ONLY); USE d;\n"
	alone, err := script(r.ctx, begin, path)
	if err != nil {
		return 0
	}
	whole, err := script(r.ctx, begin+statement+";\n", path)
	if err != nil {
		return 0
	}
	return max(whole-alone, 0)
}

// quote writes a text of SQL.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// stamp writes a time as the database holds it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000000") }
