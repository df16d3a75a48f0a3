//go:build unix

package journey

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"doorman/mail"
)

// answer types a line into a program that asks in lines, once it has asked.
func (c *console) answer(question, line string) *console {
	c.t.Helper()
	return c.sees(question).send(line + "\r")
}

// Where there is no database, the database of the course's application is found,
// looked at and kept for the next time.
func TestTheGuideAdopts(t *testing.T) {
	s := courseSite(t)
	config := s.path("config/doorman/config.toml")
	if err := errors.Join(os.WriteFile(config, []byte("# ours\n[ui]\ntheme = \"dark\"\n"), 0o600), os.Chmod(config, 0o640)); err != nil {
		t.Fatal(err)
	}
	c := s.start(80, 24, nil).answer("What next?", "9").answer("Please answer", "2").answer("Path to the database", s.path("home/none.db"))
	c.sees("there is no database").answer("q: quit", "2").answer("Path to the database", "~/course.db")
	c.answer("It holds 1 account and 1 reset.", "y").answer("from now on", "y").sees("? help")
	c.send("2").on("ann@course.example").send("q").ends(0)
	if text := s.read(config); !strings.HasPrefix(text, "# ours\n[ui]\ntheme = \"dark\"\n") || !strings.Contains(text, "[db]\npath = '"+s.db+"'\n") {
		t.Errorf("the configuration is %q", text)
	}
	if info, err := os.Stat(config); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	s.open(80, 24, nil).send("2").on("ann@course.example").send("q").ends(0)
}

// Looking changes nothing, and is not remembered.
func TestTheGuideLooks(t *testing.T) {
	s := courseSite(t)
	if err := os.Remove(s.path("config/doorman/config.toml")); err != nil {
		t.Fatal(err)
	}
	before := s.read(s.db)
	c := s.start(80, 24, nil).answer("What next?", "2").answer("Path to the database", s.db).answer("look and change nothing", "r")
	c.sees("? help", "READ-ONLY").send("q").ends(0)
	if s.read(s.db) != before {
		t.Error("the file was changed")
	}
	if _, err := os.Stat(s.path("config/doorman/config.toml")); err == nil {
		t.Error("a configuration was made")
	}
	s.start(80, 24, nil).answer("q: quit", "q").ends(0)
}

// The mail is set up and tried before there is a database: with a wrong password
// the relay's answer is shown and nothing is kept; with the right one the letter
// is there, and the password only in its file.
func TestTheGuideSetsUpTheMail(t *testing.T) {
	s := newHome(t)
	o := mail.CaptureOptions{Username: "doorman", Password: randomHex(16)}
	var err error
	if s.relay, err = mail.NewCapture(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.relay.Close() })
	env := withEnv("DOORMAN_MAIL_CA_FILE="+s.write("ca.pem", string(s.relay.CA())), "DOORMAN_MAIL_HELLO=localhost")
	r := s.relay.Config()
	c := s.start(120, 60, nil, env)
	fill := func(password string) {
		c.answer("What next?", "4").answer("Relay, as", "foo").answer(`"foo" is not the full name of a mail relay`, "http://x").answer("is a web address", r.Host)
		c.answer("Protection", "foo").answer(`mail.security: cannot be "foo"`, "").answer("Port;", "many")
		c.answer(`mail.port: "many" is not a whole number`, strconv.Itoa(r.Port)).answer("Sender, as", "").answer("no email can be sent without it", "foo").answer(`"foo" is not a mail address`, "Example <no-reply@example.org>")
		c.answer("Link in an email", "http://x").answer("must hold {token} exactly once", "https://x/{token}").answer("no public name", resetURL)
		c.answer("Name to log in with", "doorman")
		c.answer("Password, not shown", password).answer("Address for a test email", "me@example.org")
	}
	fill("wrong")
	c.sees("535").answer("Keep these settings", "n").sees("Nothing was saved.")
	for _, path := range []string{"config/doorman/config.toml", "config/doorman/mail.password"} {
		if _, err := os.Stat(s.path(path)); err == nil {
			t.Errorf("%s was kept", path)
		}
	}
	c.answer("What next?", "4").answer("Relay, as", r.Host).answer("Protection", "q").send("q\r").ends(0)

	c = s.start(120, 60, nil, env)
	fill(o.Password)
	c.sees("The relay took the email").answer("Keep these settings", "y").sees("Written to").send("q\r").ends(0)
	if n := len(s.relay.Messages()); n != 1 {
		t.Errorf("%d emails", n)
	}
	if info, err := os.Stat(s.path("config/doorman/mail.password")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v", err)
	}
	if strings.Contains(string(c.bytes())+s.read(s.path("config/doorman/config.toml")), o.Password) {
		t.Error("the password was shown or stands in the configuration")
	}
	s.start(120, 60, []string{"mail", "test", "me@example.org"}, env).ends(0)
	if n := len(s.relay.Messages()); n != 2 {
		t.Errorf("%d emails after one more with what was written", n)
	}

	// Another password is tried and not kept: the one from before is there still.
	c = s.start(120, 60, nil, env).answer("What next?", "4").answer("Relay, as", "").answer("Protection", "").answer("["+strconv.Itoa(r.Port)+"]", "")
	c.answer("Sender, as", "").answer("Link in an email", "").answer("Name to log in with", "").answer("nothing keeps that", "wrong")
	c.answer("Address for a test email", "me@example.org").sees("535").answer("Keep these settings", "n").sees("Nothing was saved.").send("q\r").ends(0)
	if files, _ := filepath.Glob(s.path("config/doorman/*")); s.read(s.path("config/doorman/mail.password")) != o.Password+"\n" || len(files) != 2 {
		t.Errorf("the password that was kept is lost, or something is left behind: %v", files)
	}
}

// A signal while the password is typed leaves a terminal that shows what is typed.
func TestTheGuideIsInterrupted(t *testing.T) {
	s := newHome(t)
	c := s.start(80, 24, nil).answer("What next?", "4").answer("Relay, as", "127.0.0.1").answer("Protection", "").answer("Port;", "")
	c.answer("Sender, as", "a@example.org").answer("Link in an email", resetURL).answer("Name to log in with", "doorman")
	c.sees("Password, not shown").send("\x03").ends(130)
}
