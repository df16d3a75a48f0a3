//go:build unix

package journey

import (
	"encoding/csv"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// commandLines are runs of every command on hostile data: what it prints goes to
// a pipe and to a terminal. NAME.o stands for one run in each format.
func commandLines(s *site) [][]string {
	bad := poisons()[3]
	reset := s.text(`SELECT id FROM PasswordReset WHERE requested_agent LIKE '%31337%' ORDER BY id LIMIT 1`)
	batch := s.text(`SELECT id FROM doorman_batch ORDER BY at DESC LIMIT 1`)
	letter := s.text(`SELECT id FROM doorman_outbox ORDER BY created DESC LIMIT 1`)
	cluster := "198.51.100.32/30"
	import1 := s.write("hostile.csv", "email,created\n"+strings.NewReplacer("\n", "", "\"", "").Replace(strings.Join(poisons(), ",x\n"))+"\n")
	import2 := s.write("hostile.jsonl", `{"email":"a@example.org","created":"2026-11-20","user_agent":"x`+bad+`","ip":"`+bad+`"}`+"\n"+`{"`+bad+`":1}`+"\n")
	return [][]string{
		{"accounts.o", bad[:2]}, {"accounts.o"}, {"account.o", "person.000@example.org"}, {"account", bad}, {"resets.o"}, {"resets.o", "--agent", bad},
		{"resets", "--ip", bad}, {"resets", "--since", bad}, {"clusters.o"}, {"clusters.o", "--replay", "--since", "all"}, {"cluster.o", cluster}, {"cluster", bad},
		{"blocks.o"}, {"check.o", "198.51.100.33"}, {"check", bad}, {"cases.o"}, {"case", bad}, {"case", cluster, "--note", bad},
		{"batches.o"}, {"undo", batch, "--yes"}, {"undo", bad, "--yes"}, {"outbox.o"}, {"outbox", "retry", letter}, {"outbox", "cancel", bad}, {"outbox", "cancel", letter, "--yes"},
		{"audit.o"}, {"audit", "verify"}, {"audit", "verify", "--head", import2}, {"audit", "head"},
		{"contain", cluster, "--dry-run"}, {"contain", bad, "--yes"}, {"block", "192.0.2.0/24", "--reason", bad, "--yes"}, {"block", bad}, {"allow", "192.0.2.9", "--yes"}, {"unblock", "192.0.2.0/24", "--yes"},
		{"issue.o", "person.000@example.org"}, {"issue", bad}, {"revoke", reset, "--dry-run"}, {"revoke", bad, "--yes"}, {"revoke", "--agent", bad, "--yes", "--reason", bad},
		{"hold", "person.001@example.org", "--reason", bad}, {"hold", bad}, {"release", "person.001@example.org", "--reason", bad},
		{"request", bad, "--ip", bad, "--agent", bad}, {"redeem", "--ip", bad}, {"deliver", "--once"},
		{"import", "accounts", import1}, {"import", "accounts", import1, "--skip-bad", s.path("bad.csv"), "--dry-run"}, {"import", "resets", import2}, {"import", "resets", s.path(bad[1:4])},
		{"export", "accounts", "--to", s.path("out.csv")}, {"export", "resets", "--to", s.path("out.jsonl")}, {"export", "clusters", "--to", s.path("out2.csv")}, {"export", "blocks", "--to", s.path("out3.csv")},
		{"db", "status"}, {"db", "check"}, {"db", "migrate"}, {"db", "backup", s.path("backup.db")}, {"doctor.o"}, {"config", "show"}, {"config", "path"},
		{"mail", "test", bad}, {"keys"}, {"version"}, {"man"}, {"completion", "bash"}, {"completion", "zsh"}, {"completion", "fish"}, {"completion", "powershell"}, {"help"}, {bad}, {"accounts", "--" + bad[1:]}, {"--operator", bad, "hold", "person.002@example.org"},
		{"--config", bad, "accounts"}, {"--db", bad[1:], "accounts"}, {"--db-timezone", bad, "accounts"},
	}
}

// text runs a query that gives one text.
func (s *site) text(query string) string {
	s.t.Helper()
	out := s.shell(query)
	if len(out) == 0 {
		s.t.Fatal("nothing from ", query)
	}
	return out[0]
}

// Every command on a database in which every text is hostile: neither a pipe nor
// a terminal gets anything that acts on it. CSV in a pipe is data, exact; every
// cell of it that a spreadsheet would run begins with an apostrophe.
func TestHostileCommands(t *testing.T) {
	s := newSite(t).underAttack(attack)
	s.run("issue", "person.003@example.org")
	s.run("hold", "person.004@example.org")
	s.poisoned()
	s.exec(`UPDATE PasswordReset SET requested_agent = char(27) || ']0;31337' || char(7) || char(0x202e) || 'x' WHERE requested_agent LIKE 'python%'`)
	ran := map[string]bool{}
	for _, line := range commandLines(s) {
		name, formats := strings.CutSuffix(line[0], ".o")
		ran[name], ran[name+" "+append(line, "")[1]] = true, true
		outs := []string{""}
		if formats {
			outs = []string{"table", "json", "jsonl", "csv"}
		}
		for _, o := range outs {
			args := append([]string{name}, line[1:]...)
			if o != "" {
				args = append(args, "-o", o)
			}
			where := fmt.Sprintf("doorman %.80q", args)
			r := s.try("n\n", args...)
			harmless(t, where+", its words", []byte(r.err), false)
			json := strings.HasPrefix(o, "json")
			if o != "csv" {
				harmless(t, where, []byte(r.out), json)
			}
			if strings.Contains(r.err, "something unexpected") || strings.Contains(r.err, "panic") {
				t.Errorf("%s: %s\n%s", where, r.err, s.lastLog())
			}
			c := s.start(100, 30, args, withoutEcho)
			if c.send("\x04n\r"); !c.drain() {
				t.Fatalf("%s does not end on a terminal; the screen:\n%s", where, c.screen())
			}
			harmless(t, where+" on a terminal", c.bytes(), json)
		}
	}
	for _, want := range s.commands() {
		if !ran[want] && want != "demo" {
			t.Errorf("doorman %s was not tried", want)
		}
	}
	for _, name := range []string{"out.csv", "out2.csv", "out3.csv"} {
		s.noFormulas(name)
	}
	if logged := s.lastLog(); logged != "" {
		harmless(t, "the log", []byte(logged), false)
	}
}

// noFormulas checks that a spreadsheet runs no cell of an exported file.
func (s *site) noFormulas(name string) {
	s.t.Helper()
	rows, err := csv.NewReader(strings.NewReader(s.read(s.path(name)))).ReadAll()
	if err != nil {
		s.t.Fatal(name, err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(string([]rune(cell)[:1]), "=+-@\t\r\n＝＋－＠") {
				s.t.Errorf("%s: the cell %q", name, cell)
			}
		}
	}
}

// lastLog is what the program logged for whoever mends it.
func (s *site) lastLog() string {
	out := ""
	s.files(func(path string, content []byte) {
		if strings.HasSuffix(path, "doorman.log") {
			out = string(content)
		}
	})
	return out
}

var listed = regexp.MustCompile(`(?m)^  ([a-z-]+) +[A-Z]`)

// commands lists every command that the help shows, with those below it.
func (s *site) commands() []string {
	s.t.Helper()
	var out []string
	var walk func(above ...string)
	walk = func(above ...string) {
		text, err := exec.Command(program, append(above, "--help")...).Output()
		if err != nil {
			s.t.Fatal(err)
		}
		_, list, _ := strings.Cut(string(text), "Commands:\n")
		if len(above) == 0 {
			list = string(text)
		}
		for _, m := range listed.FindAllStringSubmatch(list, -1) {
			name := strings.Join(append(slices.Clone(above), m[1]), " ")
			out = append(out, name)
			if len(above) == 0 {
				walk(m[1])
			}
		}
	}
	walk()
	if len(out) < 35 {
		s.t.Fatalf("only the commands %q", out)
	}
	return out
}
