//go:build unix

package journey

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// anyToken is what a token of a database of our own looks like.
var anyToken = regexp.MustCompile(`[0-9a-f]{32}\.[A-Za-z0-9_-]{43}`)

// secrets returns what must be nowhere but in letters and in the files of the
// key and the password, by what it is.
func (s *site) secrets() map[string]string {
	s.t.Helper()
	out := map[string]string{
		"the key": string(s.key), "the key in hex": hex.EncodeToString(s.key), "the key in base64": base64.RawStdEncoding.EncodeToString(s.key),
		"the key in URL base64": base64.RawURLEncoding.EncodeToString(s.key),
		"the mail password":     s.password, "the mail password in base64": base64.RawStdEncoding.EncodeToString([]byte(s.password)),
	}
	links := 0
	for _, m := range s.relay.Messages() {
		found, ok := m.Token(resetURL)
		if !ok {
			continue // a letter without a link: a password was changed, mail was tried
		}
		token := found.Reveal()
		id, secret, ok := strings.Cut(token, ".")
		if !ok {
			s.t.Fatalf("a token without a secret: %q", id)
		}
		raw, err := base64.RawURLEncoding.DecodeString(secret)
		if err != nil {
			s.t.Fatal(err)
		}
		links++
		name := m.To + " " + id[:8]
		out["the token of "+name], out["the secret of "+name] = token, secret
		out["the bare secret of "+name], out["the secret in hex of "+name] = string(raw), hex.EncodeToString(raw)
	}
	if links < 3 {
		s.t.Errorf("only %d links to search for", links)
	}
	return out
}

// keepsSecrets searches all files of the site and all that was printed. Text on
// a terminal is searched without the sequences between its characters, too.
func (s *site) keepsSecrets() {
	s.t.Helper()
	secrets := s.secrets()
	search := func(where string, content []byte) {
		for name, secret := range secrets {
			if bytes.Contains(content, []byte(secret)) {
				s.t.Errorf("%s holds %s", where, name)
			}
		}
		if m := anyToken.Find(content); m != nil {
			s.t.Errorf("%s holds a token of %s", where, m[:8])
		}
	}
	files := 0
	s.files(func(path string, content []byte) {
		files++
		if name := filepath.Base(path); name != "key" && name != "password" {
			search(path, content)
		}
	})
	if files < 4 {
		s.t.Errorf("only %d files to search", files)
	}
	search("what was printed", s.shown())
	search("what was drawn", drawn(s.shown()))
}

var sequences = regexp.MustCompile(`\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|[\r\n]`)

// drawn takes escape sequences and line ends away.
func drawn(b []byte) []byte { return sequences.ReplaceAll(b, nil) }

// Everything that can be done is done once; then the secrets are searched for.
func TestNoSecretIsAnywhere(t *testing.T) {
	s := newSite(t).people(crowd(8)...)
	c := s.open(120, 40, nil).send("2").on("person.000")
	c.send("i").sees("Issue a reset").send("y").sees("issued a reset for person.000")
	first := s.letters(1)[0]
	s.run("request", "person.001@example.org", "--ip", "203.0.113.9", "--agent", "Firefox")
	s.run("issue", "person.002@example.org", "-o", "json")
	s.letters(3)

	c.send(enter).sees("● live", "✓ sent").send(enter).sees("person.000@example.org", "revoke")
	c.send("?").sees("Keys: ").send(esc).misses("Keys: ").send("3").sees("Resets ─").send("6").sees("Audit ─")
	c.send("5").sees("Outbox ─", "✓ sent").send(enter).sees("Outbox > ", "reset/")
	c.send("\t", "\t", "q").sees("all emails")

	s.try(s.token(first), "redeem", "--ip", "198.51.100.7", "--agent", "Firefox")
	s.try(s.token(first), "redeem", "--ip", "198.51.100.7", "--agent", "Firefox")
	s.try(s.token(first)[:60], "redeem", "--ip", "198.51.100.7", "--agent", "Firefox")
	s.try("", "redeem", s.token(first)) // misused: the token must not come back in the error
	s.run("revoke", "--account", "person.001@example.org", "--yes", "--reason", "test", "-o", "json")
	batch := strings.Fields(s.run("batches", "-o", "csv"))[1]
	s.run("undo", batch[:32], "--yes")
	for _, format := range []string{"table", "json", "jsonl", "csv"} {
		for _, list := range []string{"accounts", "resets", "outbox", "batches", "audit"} {
			s.run(list, "-o", format)
		}
	}
	for _, what := range []string{"accounts", "resets"} {
		for _, kind := range []string{"csv", "jsonl", "json"} {
			s.run("export", what, "--to", s.path(what+"."+kind))
		}
	}
	s.run("db", "backup", s.path("backup.db"))
	s.run("audit", "verify")
	s.run("audit", "head")
	s.run("config", "show")
	s.try("", "doctor")
	s.run("mail", "test", "postmaster@example.org")
	s.try("", "db", "check")
	s.searchTwice(c)
}

// searchTwice ends the console and searches while the log of the database is
// still there and after it is gone.
func (s *site) searchTwice(c *console) {
	s.t.Helper()
	s.keepsSecrets()
	c.send("2").sees("all accounts").send("q").ends(0)
	s.keepsSecrets()
	if n := s.count(`SELECT count(*) FROM PasswordReset WHERE length(secret_hash) = 64`); n != 3 {
		s.t.Errorf("%d resets with a hash, want 3", n)
	}
}
