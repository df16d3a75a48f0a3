//go:build linux

package journey

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// sh runs a line of shell; $D is the program.
func (s *site) sh(line string) result {
	s.t.Helper()
	cmd := exec.Command("/bin/sh", "-c", line)
	cmd.Env, cmd.Dir = s.env("D="+program), s.dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// A command whose output cannot be written says so, and that what it was to do
// is done: who takes it for a failure would do it twice.
func TestAnOutputThatTakesNothing(t *testing.T) {
	s := newSite(t).people(crowd(3)...)
	for _, args := range []string{"accounts", "accounts -o json", "accounts -o csv", "issue person.000@example.org", "export accounts", "version", "db check", "audit"} {
		s.sh("exec $D "+args+" >/dev/full").complains(t, 1, "the output could not be written: no space left on device")
	}
	s.issuedOnce(1)
}

// Without standard streams nothing is printed into the database, which would
// otherwise get the number of one of them.
func TestClosedStreams(t *testing.T) {
	s := newSite(t).people(crowd(3)...)
	if r := s.sh("exec $D issue person.000@example.org <&- >&- 2>&-"); r.status != 0 {
		t.Errorf("%+v", r)
	}
	if r := s.sh("exec $D accounts <&- >&- 2>&-"); r.status != 0 {
		t.Errorf("%+v", r)
	}
	s.issuedOnce(1)
	s.run("db", "check")
}

// A reader that goes away ends a list as it ends every other program, and undoes
// nothing.
func TestAReaderThatGoesAway(t *testing.T) {
	s := newSite(t).people(crowd(400)...)
	r, w, err := os.Pipe()
	s.must(err, r.Close())
	for _, args := range [][]string{{"accounts", "--limit", "0"}, {"issue", "person.000@example.org"}} {
		cmd := exec.Command(program, args...)
		cmd.Env, cmd.Dir, cmd.Stdout = s.env(), s.dir, w
		_ = cmd.Run()
		if ws := cmd.ProcessState.Sys().(syscall.WaitStatus); ws.Signal() != syscall.SIGPIPE {
			t.Errorf("%v ended with %v", args, cmd.ProcessState)
		}
	}
	s.must(w.Close())
	s.issuedOnce(1)
	s.run("db", "check")
}

// A limit on the size of files stands for a quota: the write fails with one
// sentence, nothing is half done, no part of a backup stays, and without the
// limit it works.
func TestALimitOnFiles(t *testing.T) {
	s := newSite(t).people(crowd(300)...)
	s.exec(`PRAGMA wal_checkpoint(TRUNCATE)`)
	s.sh("ulimit -f 8; exec $D issue person.000@example.org").complains(t, 2, "the disk takes no more")
	s.sh("ulimit -f 100; exec $D db backup copy.db").complains(t, 1, "the disk takes no more")
	s.write("more.csv", "email\n"+strings.ReplaceAll(strings.Join(crowd(900), "\n"), "person", "another")+"\n")
	s.sh("ulimit -f 200; exec $D import accounts more.csv").complains(t, 1, "the disk takes no more")
	if n := s.count(`SELECT count(*) FROM Account`); n != 300 {
		t.Errorf("%d accounts: an import stayed in part", n)
	}
	if left, _ := filepath.Glob(s.path("copy.db*")); len(left) > 0 {
		t.Error("left behind:", left)
	}
	s.issuedOnce(0)
	s.run("db", "check")
	s.run("issue", "person.000@example.org")
	s.issuedOnce(1)
}

// asNobody gives the site to a user without rights, when the tester has all of
// them, and returns how to run a command as that user.
func (s *site) asNobody() func(args ...string) result {
	s.t.Helper()
	if os.Geteuid() != 0 {
		return func(args ...string) result { return s.try("", args...) }
	}
	const nobody = 65534
	for _, dir := range []string{filepath.Dir(program), filepath.Dir(s.dir)} {
		s.must(os.Chmod(dir, 0o711))
	}
	s.must(filepath.WalkDir(s.dir, func(path string, _ os.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(path, nobody, nobody))
	}))
	return func(args ...string) result {
		cmd := exec.Command(program, args...)
		cmd.Env, cmd.Dir = s.env(), s.dir
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		_ = cmd.Run()
		return result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
	}
}

// Permissions that are not enough are told before anything is tried; looking
// needs none but to read.
func TestPermissions(t *testing.T) {
	s := newSite(t).people(crowd(3)...)
	run := s.asNobody()
	dir := filepath.Dir(s.db)
	for _, c := range []struct {
		file, dir os.FileMode
		says      string
		looks     bool
	}{
		{0o400, 0o700, "may not write to", true},
		{0o000, 0o700, "may not read", false},
		{0o600, 0o500, "the database file cannot be written", true},
		{0o400, 0o500, "may not write to", true},
		{0o600, 0o000, "may not look at", false},
	} {
		s.must(os.Chmod(s.db, c.file), os.Chmod(dir, c.dir))
		for _, args := range [][]string{{"issue", "person.000@example.org"}, {"accounts"}, {"deliver", "--once"}} {
			run(args...).complains(t, 2, c.says)
		}
		if r := run("--read-only", "accounts"); (r.status == 0) != c.looks || c.looks && !strings.Contains(r.out, "person.002") {
			t.Errorf("%o in %o, looking: %+v", c.file, c.dir, r)
		}
		s.must(os.Chmod(dir, 0o700), os.Chmod(s.db, 0o600))
	}
	s.issuedOnce(0)
	if r := run("issue", "person.000@example.org"); r.status != 0 {
		t.Errorf("%+v", r)
	}
	s.issuedOnce(1)
}
