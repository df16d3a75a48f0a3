//go:build unix

package journey

import (
	"crypto/sha256"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The first run: nothing is there yet, and the screen says what to do.
func TestFirstRun(t *testing.T) {
	s := newHome(t)
	c := s.start(80, 24, nil).sees("There is no database yet", "q: quit").send("3", enter).sees("? help")
	c.send("2").sees("There are no accounts yet.", "doorman import accounts")
	c.send("3").sees("Resets ─").send("5").sees("Outbox ─", "courier off").send("6").sees("Audit ─")
	s.people("ada@example.org")
	c.send("2").on("ada@example.org").send("i").sees("Issue a reset").send("y").sees("issued a reset", "mail off")
	c.send("q").ends(0)
	for path, mode := range map[string]os.FileMode{s.db: 0o600, s.path("data/doorman/link.key"): 0o600, s.path("data/doorman"): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v", path, info, err)
		}
	}
}

// courseSchema is what the course's application makes, and two of its other
// tables.
const courseSchema = `
CREATE TABLE "Account" (id VARCHAR NOT NULL, email VARCHAR NOT NULL, password_hash VARCHAR, created DATETIME, email_confirmed BOOLEAN NOT NULL,
	is_super_user BOOLEAN NOT NULL, PRIMARY KEY (id), CHECK (email_confirmed IN (0, 1)), CHECK (is_super_user IN (0, 1)));
CREATE UNIQUE INDEX "ix_Account_email" ON "Account" (email);
CREATE TABLE "PasswordReset" (id VARCHAR NOT NULL, created_date DATETIME, used_date DATETIME, was_used BOOLEAN, used_ip_address VARCHAR,
	user_id VARCHAR, PRIMARY KEY (id), CHECK (was_used IN (0, 1)), FOREIGN KEY(user_id) REFERENCES "Account" (id));
CREATE TABLE "Album" (id INTEGER NOT NULL, name VARCHAR, PRIMARY KEY (id));
INSERT INTO "Album" VALUES (1, 'Digital age boys & girls');
INSERT INTO "Account" VALUES ('11111111111111111111111111111111', 'ann@course.example', 'x', '2017-01-05 07:25:02.575503', 1, 0);
INSERT INTO "PasswordReset" VALUES ('aaaaaaaabbbbbbbbccccccccdddddddd', '2017-01-05 07:25:02.575503', NULL, 0, '192.0.2.1', '11111111111111111111111111111111');
`

// courseSite is a site beside the database of the course's application.
func courseSite(t *testing.T) *site {
	t.Helper()
	s := newSite(t)
	s.db = s.path("home/course.db")
	db, err := sql.Open("sqlite", "file:"+s.db)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(courseSchema); err != nil {
		t.Fatal(err)
	}
	return s
}

// The course's database is taken as it is, after a backup that is named.
func TestTheCoursesDatabaseIsAdopted(t *testing.T) {
	s := courseSite(t)
	before := sha256.Sum256([]byte(s.read(s.db)))
	s.open(80, 24, []string{"--db", s.db, "--read-only"}).send("2").on("ann@course.example").send("q").ends(0)
	if sha256.Sum256([]byte(s.read(s.db))) != before {
		t.Error("looking changed the file")
	}

	c := s.open(120, 40, []string{"--db", s.db}).send("2").on("ann@course.example")
	backups, _ := filepath.Glob(s.db + ".before-*")
	if len(backups) != 1 {
		all, _ := filepath.Glob(s.path("home/*"))
		t.Fatalf("%d backups: %v", len(backups), all)
	}
	// One insert as the application makes it is on the screen, with its address.
	s.exec(`INSERT INTO "PasswordReset" (id, created_date, was_used, used_ip_address, user_id)
		VALUES ('eeeeeeeeffffffff0000000011111111', strftime('%Y-%m-%d %H:%M:%f000', 'now'), 0, '198.51.100.9', '11111111111111111111111111111111')`)
	c.send(enter).sees("198.51.100.9", "● live", "192.0.2.1", "○ expired")
	c.send("i").sees("Issue a reset").send("y").sees("✓ sent")
	token := s.token(s.letters(1)[0])
	if s.count(`SELECT count(*) FROM PasswordReset WHERE id = ? AND was_used = 0`, token) != 1 {
		t.Error("the application could not redeem the email's link")
	}
	c.send("q").sees("all accounts").send("q").ends(0)
	if shown := string(drawn(c.bytes())); !strings.Contains(shown, filepath.Base(backups[0])) {
		t.Error("the backup was not named")
	}
	for _, list := range []string{"resets", "outbox", "audit", "batches"} {
		for _, format := range []string{"table", "json"} {
			s.try("", "--db", s.db, list, "-o", format)
		}
	}
	for what, text := range map[string][]byte{"printed": s.shown(), "drawn": drawn(s.shown())} {
		for _, id := range []string{token, "eeeeeeeeffffffff0000000011111111"} {
			if strings.Contains(string(text), id) {
				t.Errorf("the id of a reset, which opens the account, was %s: %s…", what, id[:8])
			}
		}
	}
	if s.count(`SELECT count(*) FROM Album`) != 1 {
		t.Error("another table was touched")
	}
}
