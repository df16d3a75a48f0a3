//go:build e2e && linux

package journey

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// disk mounts a file system of its own at a directory of the site. Needs the
// right to mount.
func (s *site) disk(name string, kilobytes int) (dir string) {
	s.t.Helper()
	dir = s.path(name)
	s.must(os.MkdirAll(dir, 0o700))
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dk,mode=700", kilobytes)); err != nil {
		s.t.Fatal("mount: ", err)
	}
	s.t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			s.t.Error("unmount: ", err)
		}
	})
	return dir
}

// fill leaves no room on a disk but for so many kilobytes; the returned function
// makes room again.
func (s *site) fill(dir string, but int) (empty func()) {
	s.t.Helper()
	path := filepath.Join(dir, "filler")
	f, err := os.Create(path)
	s.must(err)
	for block := make([]byte, 4096); err == nil; {
		_, err = f.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		s.t.Fatal(err)
	}
	info, err := f.Stat()
	s.must(err, f.Truncate(max(info.Size()/4096*4096-int64(but)<<10, 0)), f.Close())
	return func() { s.must(os.Remove(path)) }
}

// A disk that is full refuses what does not fit, in one sentence, at every point
// where it can: a new database, an act, a backup, an import, the courier's book.
// Nothing is half done or left behind, and with room it works.
func TestAFullDisk(t *testing.T) {
	s := newSite(t)
	disk := s.disk("data/doorman", 4096)
	empty := s.fill(disk, 16)
	s.try("", "import", "accounts", s.write("people.csv", "email\nada@example.org\n")).complains(t, 2, "is full")
	if left := s.trace(disk); strings.Contains(left, "doorman.db") {
		t.Error("left behind:", left)
	}
	empty()
	s.people(crowd(300)...)

	empty = s.fill(disk, 0)
	s.try("", "issue", "person.000@example.org").complains(t, 2, "is full")
	s.try("", "db", "backup", filepath.Join(disk, "copy.db")).complains(t, 1, "is full")
	if left, _ := filepath.Glob(filepath.Join(disk, "copy.db*")); len(left) > 0 {
		t.Error("left behind:", left)
	}
	empty()
	c := s.open(120, 30, nil).send("2").on("person.000")
	empty = s.fill(disk, 0)
	for i := 0; ; i++ { // what room the log still has
		c.send("i").sees("Issue a reset", "https://").send("y").misses("Issue a reset").misses("1 write under way")
		c.until("an answer", func() bool {
			return strings.Contains(c.screen(), "is full") || strings.Contains(c.screen(), "issued a reset")
		})
		if strings.Contains(c.screen(), "is full") {
			s.sameOfEach(i)
			break
		}
		c.send("u").sees("PAUSED").send("u").misses("issued a reset")
	}
	empty()
	before := s.count(`SELECT count(*) FROM PasswordReset`)
	c.send("i").sees("Issue a reset", "https://").send("y").sees("issued a reset")
	s.sameOfEach(before + 1)
	c.send("q").ends(0)
	s.run("db", "check")
}

// sameOfEach wants n resets with a line and a letter each.
func (s *site) sameOfEach(n int) {
	s.t.Helper()
	for what, query := range map[string]string{
		"resets": `SELECT count(*) FROM PasswordReset`,
		"lines":  `SELECT count(*) FROM doorman_audit WHERE verb = 'issue'`,
		"emails": `SELECT count(*) FROM doorman_outbox`,
	} {
		if got := s.count(query); got != n {
			s.t.Errorf("%d %s, want %d", got, what, n)
		}
	}
}

// The courier on a full disk: what it cannot write down it sends again, the
// same; nothing is lost.
func TestACourierOnAFullDisk(t *testing.T) {
	gate := make(chan struct{})
	s := newSite(t, slow(gate))
	disk := s.disk("data/doorman", 4096)
	s.people(crowd(3)...)
	for _, who := range crowd(3) {
		s.run("issue", who)
	}
	done := make(chan result, 1)
	go func() { done <- s.try("", "deliver", "--once") }()
	waitFor(t, "emails in the courier's hands", func() bool { return s.count(`SELECT count(*) FROM doorman_outbox WHERE state = 'sending'`) > 0 })
	empty := s.fill(disk, 0)
	close(gate)
	r := <-done
	empty()
	s.timeGoesOn()
	again := s.try("", "deliver", "--once")
	if n := s.count(`SELECT count(*) FROM doorman_outbox WHERE state = 'sent'`); n != 3 {
		t.Errorf("%d emails are marked as sent\n%+v\n%+v", n, r, again)
	}
	links := map[string]string{}
	for _, m := range s.relay.Messages() {
		if old, twice := links[m.To]; twice && old != string(m.Raw) {
			t.Errorf("%s got two different emails", m.To)
		}
		links[m.To] = string(m.Raw)
	}
	if len(links) != 3 {
		t.Errorf("%d people got an email", len(links))
	}
	s.run("db", "check")
}

// timeGoesOn lets leases run out and letters fall due.
func (s *site) timeGoesOn() {
	s.t.Helper()
	past := time.Now().UTC().Add(-time.Second).Format("2006-01-02 15:04:05.000000")
	s.exec(fmt.Sprintf(`UPDATE doorman_lease SET until = '%[1]s'; UPDATE doorman_outbox SET lease_until = '%[1]s', next_try = '%[1]s' WHERE state IN ('sending', 'failed')`, past))
}

// An adoption that does not fit, on the real program: the application's database
// is as it was, and with room the adoption goes on.
func TestAnAdoptionOnAFullDisk(t *testing.T) {
	s := newSite(t)
	disk := s.disk("app", 2048)
	s.db = filepath.Join(disk, "course.db")
	db, err := sql.Open("sqlite", "file:"+s.db)
	s.must(err)
	_, err = db.Exec(courseSchema + `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900)
		INSERT INTO "PasswordReset" (id, created_date, used_ip_address) SELECT lower(hex(randomblob(16))), '2026-11-23 11:00:00.000000', '192.0.2.1' FROM n`)
	s.must(err, db.Close())
	const tables = `SELECT count(*) FROM Album a, PasswordReset r, Account WHERE a.name LIKE 'Digital%' AND r.used_ip_address = '192.0.2.1'`
	rows := s.count(tables)
	refused := 0
	for room := 16; room < 2000; room += 48 {
		empty := s.fill(disk, room)
		r := s.try("", "--db", s.db, "db", "migrate")
		empty()
		if s.count(tables) != rows {
			t.Fatal("rows of the application are lost")
		}
		for _, e := range strings.Fields(s.trace(disk)) {
			if strings.Contains(e, ".part-") || strings.HasSuffix(e, "-journal") {
				t.Error("left behind:", e)
			}
		}
		if r.status == 0 {
			break
		}
		refused++
		if !strings.HasPrefix(r.err, "doorman: making a backup") { // progress is for terminals
			r.complains(t, 2, "is full")
		}
	}
	if refused < 2 {
		t.Errorf("refused %d times: the sizes do not cover it", refused)
	}
	if r := s.try("", "--db", s.db, "db", "check"); r.status != 0 {
		t.Errorf("%+v", r)
	}
}

// On a read-only mount the database can be looked at, and nothing else.
func TestAReadOnlyMount(t *testing.T) {
	s := newSite(t)
	disk := s.disk("data/doorman", 4096)
	s.people(crowd(3)...)
	s.must(syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	before := s.trace(disk)
	for _, args := range [][]string{{"issue", "person.000@example.org"}, {"accounts"}, {"deliver", "--once"}} {
		s.try("", args...).complains(t, 2, "may not write to")
	}
	s.start(120, 30, nil).ends(2).sees("may not write to", "--read-only")
	if out := s.run("--read-only", "accounts"); !strings.Contains(out, "person.002") {
		t.Error(out)
	}
	s.open(120, 30, []string{"--read-only"}).send("2").on("person.000").send("i").sees("i: opened read-only").send("q").ends(0)
	if s.trace(disk) != before {
		t.Error("the disk changed")
	}
	s.must(syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, ""))
	s.run("issue", "person.000@example.org")
}

// A lock that another process holds for half a minute: acts are refused in one
// sentence after five seconds, the courier goes on trying, and afterwards all is
// well.
func TestALockForHalfAMinute(t *testing.T) {
	s := newSite(t).people(crowd(3)...)
	s.run("issue", "person.001@example.org")
	c := s.open(120, 30, []string{}).send("2").on("person.000")
	s.letters(1)
	unlock := s.lock()
	over := time.After(30 * time.Second)
	c.send("i").sees("Issue a reset", "https://").send("y").sees("another program keeps the database locked")
	s.try("", "issue", "person.002@example.org").complains(t, 1, "another program keeps the database locked")
	s.try("", "revoke", "--account", "person.001@example.org", "--yes").complains(t, 1, "another program keeps the database locked")
	c.send("j").on("person.001").send("3").sees("Resets ─", "person.001") // looking goes on
	<-over
	unlock()
	s.sameOfEach(1)
	s.run("issue", "person.002@example.org")
	waitFor(t, "the email of after the lock", func() bool { return s.relay.Total() == 2 })
	c.send("2").on("person.001").send("q").ends(0)
}
