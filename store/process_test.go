package store

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"doorman/model"
)

// childJob names the environment variable that makes this test binary another
// process at the same file instead of running tests.
const childJob = "DOORMAN_TEST_JOB"

func TestMain(m *testing.M) {
	job, path, ok := strings.Cut(os.Getenv(childJob), " ")
	if !ok {
		os.Exit(m.Run())
	}
	if err := runChild(job, path); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func runChild(job, path string) error {
	switch job {
	case "open":
		s, err := Open(context.Background(), Options{Path: path, Create: true, Act: model.Act{Operator: "child"}})
		if err != nil {
			return err
		}
		fmt.Println(s.backup)
		return s.Close()
	case "write": // a row into the log, and keep the file open until told to end
		db, err := sql.Open("sqlite", "file:"+path)
		if err != nil {
			return err
		}
		if _, err := db.Exec(`INSERT INTO "PasswordReset" (id, used_ip_address) VALUES ('e', '192.0.2.3')`); err != nil {
			return err
		}
		fmt.Println("ready")
		_, err = io.Copy(io.Discard, os.Stdin)
		return err
	}
	return fmt.Errorf("no job %q", job)
}

func child(t *testing.T, job, path string) *osexec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := osexec.Command(self)
	cmd.Env = append(os.Environ(), childJob+"="+job+" "+path)
	return cmd
}

func TestLookBesideWriterProcess(t *testing.T) {
	path := courseFile(t, `PRAGMA journal_mode=WAL`)
	cmd := child(t, "write", path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatal(line, err)
	}
	before := traceDir(t, path)
	if n := len(looks(t, path)); n != 5 {
		t.Error(n)
	}
	if after := traceDir(t, path); after != before {
		t.Errorf("%s\nbecame\n%s", before, after)
	}
	_ = in.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// Several consoles start at once, as processes and within one.
func TestManyOpenAtOnce(t *testing.T) {
	const n = 4
	for name, path := range map[string]string{
		"fresh":           filepath.Join(t.TempDir(), "sub", "doorman.db"),
		"course":          courseFile(t),
		"course with log": courseFile(t, `PRAGMA journal_mode=WAL`),
	} {
		t.Run(name, func(t *testing.T) {
			var all sync.WaitGroup
			for range n {
				all.Go(func() {
					if out, err := child(t, "open", path).CombinedOutput(); err != nil {
						t.Errorf("%v: %s", err, out)
					}
				})
				for range 2 {
					all.Go(func() {
						s, err := Open(context.Background(), Options{Path: path, Create: true})
						if err != nil {
							t.Error(err)
							return
						}
						if err := s.Close(); err != nil {
							t.Error(err)
						}
					})
				}
			}
			all.Wait()
			if got := ask(t, path, `SELECT version FROM doorman_migration ORDER BY 1`); got != "1\n2\n3\n4\n5\n6\n7\n8" {
				t.Error(got)
			}
			if got := ask(t, path, `SELECT count(*) FROM doorman_lease`); got != "0" {
				t.Error(got, "leases")
			}
			left, _ := filepath.Glob(path + ".*")
			if name == "fresh" && len(left) != 0 || name != "fresh" && len(left) != 1 {
				t.Error(left)
			}
			if got := ask(t, path, `PRAGMA integrity_check`); got != "ok" {
				t.Error(got)
			}
			if name != "fresh" {
				if got := ask(t, path, `SELECT count(*), max(verb) FROM doorman_audit`); got != "1|adopt" {
					t.Error(got)
				}
			}
		})
	}
}
