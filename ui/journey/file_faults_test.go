//go:build unix

package journey

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// complains checks that a command ended with one sentence and what to do, and
// returns the sentence.
func (r result) complains(t *testing.T, status int, want string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(r.err), "\n")
	if r.status != status || r.out != "" || len(lines) != 2 || !strings.HasPrefix(lines[0], "doorman: error: ") ||
		!strings.HasPrefix(lines[1], "doorman: hint: ") || !strings.Contains(lines[0], want) {
		t.Errorf("status %d, want %d; want %q in one sentence and a hint:\n%s%s", r.status, status, want, r.out, r.err)
	}
}

// trace sums up a directory: names, sizes and contents.
func (s *site) trace(dir string) string {
	s.t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		s.t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range list {
		fmt.Fprintln(&b, e.Name(), e.Type())
		if e.Type().IsRegular() {
			fmt.Fprintf(&b, "%x\n", sha256.Sum256([]byte(s.read(filepath.Join(dir, e.Name())))))
		}
	}
	return b.String()
}

// spoilt is what may stand in the place of a database, by what is said about it.
func spoilt() map[string]func(s *site, path string) {
	return map[string]func(s *site, path string){
		"is a directory":                     func(s *site, path string) { s.must(os.Mkdir(path, 0o700)) },
		"is a pipe or a device":              func(s *site, path string) { s.must(syscall.Mkfifo(path, 0o600)) },
		"is empty":                           func(s *site, path string) { s.must(os.WriteFile(path, nil, 0o600)) },
		"there is no database at":            func(*site, string) {},
		"is not an SQLite database":          func(s *site, path string) { s.must(os.WriteFile(path, []byte(strings.Repeat("text\n", 999)), 0o600)) },
		"is not an SQLite":                   func(s *site, path string) { s.must(os.WriteFile(path, []byte("SQLite format 3"), 0o600)) },
		"is damaged":                         func(s *site, path string) { s.sound(path); s.must(os.Truncate(path, 24<<10)) },
		"file is damaged":                    func(s *site, path string) { s.sound(path); s.blot(path) },
		"is an SQLite database of something": func(s *site, path string) { s.at(path).exec(`CREATE TABLE cats (name TEXT)`) },
		"was written by a newer Doorman": func(s *site, path string) {
			s.sound(path)
			s.at(path).exec(`INSERT INTO doorman_migration VALUES (9999, 'later', '', '')`)
		},
		"lacks Account.created": func(s *site, path string) {
			s.at(path).exec(`CREATE TABLE Account (id TEXT); CREATE TABLE PasswordReset (id TEXT)`)
		},
		"no directory": func(s *site, path string) { s.must(os.Remove(filepath.Dir(path))) },
		"cannot look at": func(s *site, path string) {
			s.must(os.Remove(filepath.Dir(path)), os.WriteFile(filepath.Dir(path), nil, 0o600))
		},
	}
}

func (s *site) must(errs ...error) {
	s.t.Helper()
	for _, err := range errs {
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

// at is the site with another database.
func (s *site) at(path string) *site {
	other := &site{t: s.t, dir: s.dir, db: path, relay: s.relay}
	return other
}

// sound makes a good database with a few hundred pages.
func (s *site) sound(path string) {
	s.t.Helper()
	s.at(path).exec(courseSchema + `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
		INSERT INTO "Album" (name) SELECT hex(randomblob(200)) FROM n`)
	if r := s.try("", "--db", path, "db", "migrate"); r.status != 0 {
		s.t.Fatalf("%+v", r)
	}
	s.at(path).exec(`PRAGMA wal_checkpoint(TRUNCATE)`)
	left, _ := filepath.Glob(path + ".*")
	for _, backup := range left {
		s.must(os.Remove(backup))
	}
}

// blot overwrites a page in the middle.
func (s *site) blot(path string) {
	s.t.Helper()
	info, err := os.Stat(path)
	s.must(err)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	s.must(err)
	_, err = f.WriteAt(make([]byte, 4096), info.Size()/2/4096*4096)
	s.must(err, f.Close())
}

// Whatever stands where the database should be, commands and console say what
// it is and what to do, in one sentence, and leave it as it is.
func TestWhatIsNoDatabase(t *testing.T) {
	for want, make := range spoilt() {
		t.Run(want, func(t *testing.T) {
			s := newSite(t)
			path := s.path("there/app.db")
			s.must(os.Mkdir(filepath.Dir(path), 0o700))
			make(s, path)
			before := s.trace(s.dir) // and of the folder, when it still is one
			if info, err := os.Stat(filepath.Dir(path)); err == nil && info.IsDir() {
				before += s.trace(filepath.Dir(path))
			}
			for _, args := range [][]string{{"accounts"}, {"issue", "ann@course.example"}, {"deliver", "--once"}, {"db", "migrate"}, {"--read-only", "accounts"}} {
				if args[0] == "--read-only" && (want == "was written by a newer Doorman" || strings.Contains(want, "damaged")) {
					continue // looking may go on
				}
				s.try("", append([]string{"--db", path}, args...)...).complains(t, 2, want)
			}
			c := s.start(80, 24, []string{"--db", path})
			c.ends(2).sees("doorman: error: ", "doorman: hint: ")
			after := s.trace(s.dir)
			if info, err := os.Stat(filepath.Dir(path)); err == nil && info.IsDir() {
				after += s.trace(filepath.Dir(path))
			}
			if after != before {
				t.Errorf("%s\nbecame\n%s", before, after)
			}
		})
	}
}

// The file is spoilt under an open console: it says so, takes nothing more, and
// ends in order. What was acknowledged before is in the file that was put away.
func TestTheFileIsSpoiltMeanwhile(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(s *site)
		says  string
	}{
		"replaced":  {func(s *site) { s.must(os.Rename(s.db, s.db+".away")); s.at(s.db).exec(courseSchema) }, "another file was put"},
		"emptied":   {func(s *site) { s.must(os.Truncate(s.db, 0)) }, "is damaged"},
		"truncated": {func(s *site) { s.must(os.Truncate(s.db, 40<<10)) }, "is damaged"},
		"directory": {func(s *site) { s.must(os.Rename(s.db, s.db+".away"), os.Mkdir(s.db, 0o700)) }, "another file was put"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t).people(crowd(3)...)
			k := s.open(120, 30, nil).send("2").on("person.000")
			c.spoil(s)
			k.send("i").sees("Issue a reset").send("y").misses("Issue a reset").misses("1 write under way").sees(c.says)
			k.send("3").sees("Resets ─")
			if strings.Contains(k.screen(), "issued a reset") {
				t.Errorf("it says that it is done:\n%s", k.screen())
			}
			k.send("q").ends(0)
		})
	}
}
