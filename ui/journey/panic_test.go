//go:build unix

package journey

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// faultText is what the faulty program panics with: a panic may carry anything,
// and here it carries what must be nowhere.
const faultText = "0123456789abcdef0123456789abcdef.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// faultSource is added to packages of the faulty program.
const faultSource = `

import (
	"os"
	"time"
)

// faultAt panics once the test wants a fault at this place and has made its file.
func faultAt(place string) {
	if os.Getenv("FAULT") == place {
		if _, err := os.Stat(os.Getenv("FAULT_FILE")); err == nil {
			panic("` + faultText + `")
		}
	}
}

// awaitFault is faultAt for a place that is passed only once.
func awaitFault(place string) {
	for os.Getenv("FAULT") == place {
		faultAt(place)
		time.Sleep(5 * time.Millisecond)
	}
}
`

// faultPlaces are lines of the program and the call that is put behind each.
func faultPlaces() []struct{ file, line, call string } {
	return []struct{ file, line, call string }{
		{"ui/shell.go", "func (s *shell) Update(msg tea.Msg) (tea.Model, tea.Cmd) {", `faultAt("update")`},
		{"ui/frame.go", "func (s *shell) View() string {", `faultAt("view")`},
		{"ui/live.go", "	return func() tea.Msg {", `faultAt("command")`},
		{"ui/term/keyboard.go", "func (k *keyboard) feed(b []byte, now time.Time) []byte {", `faultAt("input")`},
		{"main.go", "		defer close(sent)\n		defer p.net.Catch()", `awaitFault("goroutine")`},
		{"mail/pass.go", "func (c *Courier) batch(ctx context.Context) (sent int, err error) {", `faultAt("courier")`},
		{"store/feed_read.go", "func (s *Store) events(ctx context.Context, from, where string, args []any, at *atlas) ([]told, error) {", `faultAt("reader")`},
		{"ui/cli/app.go", "	ctx := cmd.Context()", `faultAt("cli")`},
		{"store/issue.go", "	err := s.write(ctx, \"issue reset\", func(tx *gorm.DB, now time.Time) error {", `defer faultAt("write")`},
	}
}

// faulty builds the program anew with faults in it. The compiler overlays the
// files of the tests: no line of it is in the program that people run.
func faulty(t *testing.T) (path string) {
	t.Helper()
	dir := t.TempDir()
	at, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	replace := map[string]string{}
	put := func(name, text string) {
		to := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		if err := os.WriteFile(to, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(at, name)] = to
	}
	for _, p := range faultPlaces() {
		text, err := os.ReadFile(filepath.Join(at, p.file))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(text), p.line+"\n") != 1 {
			t.Fatalf("%s has not just one line %q", p.file, p.line)
		}
		put(p.file, strings.Replace(string(text), p.line+"\n", p.line+"\n"+p.call+"\n", 1))
		name, _, _ := strings.Cut(string(text[strings.Index(string(text), "\npackage ")+1:]), "\n")
		put(filepath.Join(filepath.Dir(p.file), "fault_of_test.go.go"), name+faultSource)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	put("overlay.json", string(overlay))
	path = filepath.Join(dir, "doorman")
	build := exec.Command("go", "build", "-buildvcs=false", "-overlay", filepath.Join(dir, "overlay.json"), "-o", path, "doorman")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

// A panic anywhere ends the console in order: the terminal as it was, one
// sentence, and a file for whoever mends it, for its owner alone and without
// what the panic carried. Where only a part of the program broke, the console
// goes on.
func TestPanics(t *testing.T) {
	broken := faulty(t)
	for _, place := range []string{"update", "view", "command", "input", "goroutine", "courier", "reader", "write", "cli"} {
		t.Run(place, func(t *testing.T) {
			s := newSite(t).people(crowd(3)...)
			s.run("request", "person.001@example.org", "--ip", "203.0.113.9", "--agent", "Firefox")
			trigger := s.path("fault")
			env := []string{"FAULT=" + place, "FAULT_FILE=" + trigger}
			if place == "cli" {
				s.write("fault", "")
				cmd := exec.Command(broken, "issue", "person.001@example.org")
				cmd.Env, cmd.Dir = s.env(env...), s.dir
				out, err := cmd.CombinedOutput()
				s.note(out)
				if err == nil || cmd.ProcessState.ExitCode() != 1 {
					t.Errorf("it ended with %v", err)
				}
				s.crashed(string(out))
				return
			}
			c := s.start(140, 30, nil, withEnv(env...), func(c *console) { c.cmd.Path = broken }).sees("? help")
			c.send("2").on("person.000")
			s.write("fault", "")
			switch place {
			case "courier": // contained: it goes on, and the log has it
				waitFor(t, "the log", func() bool {
					log, _ := os.ReadFile(s.path("state/doorman/doorman.log"))
					return strings.Contains(string(log), "the courier met a fault of its own")
				})
				c.send("j").on("person.001").send("q").ends(0)
			case "reader":
				s.run("request", "person.002@example.org", "--ip", "203.0.113.9", "--agent", "Firefox")
				c.send("1").sees("something went wrong that Doorman did not expect").send("2").on("person.00")
				c.send("q").ends(0)
				if log := s.read(s.path("state/doorman/doorman.log")); !strings.Contains(log, "readEvents") && !strings.Contains(log, "feed_read.go") {
					t.Errorf("the log does not tell where:\n%s", log)
				}
			case "write":
				before := s.count(`SELECT count(*) FROM PasswordReset`)
				c.send("i").sees("Issue a reset", "https://").send("y").ends(1).sees("doorman: hint: start it again")
				s.crashed(c.screen())
				if n := s.count(`SELECT count(*) FROM PasswordReset`); n != before {
					t.Errorf("%d resets, want %d: a half of it stayed", n, before)
				}
			default:
				if place == "input" {
					c.send("j")
				}
				c.ends(1).sees("doorman: hint: start it again")
				s.crashed(c.screen())
			}
			if strings.Contains(string(s.shown()), faultText) {
				t.Error("what the panic carried was shown")
			}
			s.files(func(path string, content []byte) {
				if strings.Contains(string(content), faultText) {
					t.Errorf("%s holds what the panic carried", path)
				}
			})
			s.try("", "audit", "verify")
			if r := s.try("", "db", "check"); r.status != 0 {
				t.Errorf("%+v", r)
			}
		})
	}
}

// crashed checks the sentence and the one crash file.
func (s *site) crashed(said string) {
	s.t.Helper()
	files, _ := filepath.Glob(s.path("state/doorman/doorman-crash-*"))
	if len(files) != 1 {
		s.t.Fatalf("%d crash files", len(files))
	}
	flat := strings.ReplaceAll(said, "\n", "")
	for _, want := range []string{"doorman: error: doorman met a fault in itself", files[0], "doorman: hint: start it again"} {
		if !strings.Contains(flat, want) {
			s.t.Errorf("no %q in\n%s", want, said)
		}
	}
	if strings.Contains(said, "goroutine ") {
		s.t.Errorf("a stack was shown:\n%s", said)
	}
	for path, mode := range map[string]os.FileMode{files[0]: 0o600, filepath.Dir(files[0]): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			s.t.Errorf("%s: %v %v", path, info, err)
		}
	}
	if text := s.read(files[0]); !strings.Contains(text, "a panic of type string") || !strings.Contains(text, "faultAt") {
		s.t.Errorf("the crash file says:\n%s", text)
	}
}
