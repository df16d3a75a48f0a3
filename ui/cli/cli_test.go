package cli

import (
	"bytes"
	"context"
	"doorman/model/query"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// quietHost is a host without anything that main adds.
func quietHost(t *testing.T) (h Host, out, words *bytes.Buffer) {
	t.Helper()
	out, words = &bytes.Buffer{}, &bytes.Buffer{}
	return Host{
		Version: "test", Stdin: strings.NewReader(""), Stdout: out, Stderr: words,
		Terminal: func(string) bool { return false }, Now: time.Now, Getenv: func(string) string { return "" },
		ConfigFile: filepath.Join(t.TempDir(), "config.toml"), Database: filepath.Join(t.TempDir(), "doorman.db"),
		User: "anna", Origin: "here",
	}, out, words
}

// walk calls f for every command that a person can run.
func walk(c *cobra.Command, f func(*cobra.Command)) {
	for _, sub := range c.Commands() {
		if !sub.Hidden {
			f(sub)
			walk(sub, f)
		}
	}
}

func TestEveryCommandIsExplained(t *testing.T) {
	h, _, _ := quietHost(t)
	walk((&app{Host: h}).rootCommand(), func(c *cobra.Command) {
		if c.Short == "" || strings.HasSuffix(c.Short, ".") || c.Example == "" && !c.HasSubCommands() && c.Name() != "path" {
			t.Errorf("%s: short help %q, example %q", c.CommandPath(), c.Short, c.Example)
		}
		for _, line := range strings.Split(c.Long, "\n") {
			if len([]rune(line)) > 80 {
				t.Errorf("%s: a line of help is longer than 80: %s", c.CommandPath(), line)
			}
		}
	})
}

func TestEveryCommandHasAScript(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scripts, %v", len(files), err)
	}
	var scripts strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		scripts.Write(text)
	}
	h, _, _ := quietHost(t)
	walk((&app{Host: h}).rootCommand(), func(c *cobra.Command) {
		for _, line := range strings.Split(scripts.String(), "\n") {
			words := strings.TrimPrefix(c.CommandPath(), "doorman ")
			if strings.HasPrefix(line, "status ") && strings.Contains(line+" ", " "+words+" ") {
				return
			}
		}
		if c.Name() != "demo" { // its test is beside it
			t.Errorf("no script runs %s", c.CommandPath())
		}
	})
}

// What is not meant for people goes to the log, and the person learns where.
func TestUnexpectedErrors(t *testing.T) {
	h, _, words := quietHost(t)
	h.Open = func(context.Context, OpenOptions) (*Session, error) { return nil, errors.New("page 7: \x1b[2Jbroken") }
	if got := Execute(context.Background(), h, []string{"accounts"}); got != exitUsage {
		t.Errorf("exit status %d", got)
	}
	if got := words.String(); got != "doorman: error: page 7: ␛[2Jbroken\n" {
		t.Errorf("without a log: %q", got)
	}
	words.Reset()
	var logged error
	h.Log, h.LogFile = func(err error) { logged = err }, "/var/log/doorman"
	Execute(context.Background(), h, []string{"accounts"})
	if got := words.String(); got != "doorman: error: something unexpected went wrong\ndoorman: hint: the details are in /var/log/doorman\n" {
		t.Errorf("with a log: %q", got)
	}
	if logged == nil || !strings.Contains(logged.Error(), "page 7") {
		t.Errorf("logged %v", logged)
	}
}

func TestWithoutParts(t *testing.T) {
	h, _, words := quietHost(t)
	h.Getenv = func(name string) string {
		return map[string]string{"DOORMAN_MAIL_HOST": "smtp.example.org"}[name]
	}
	for _, args := range [][]string{{"accounts"}, {"keys"}, {"mail", "test", "a@example.org"}} {
		words.Reset()
		if got := Execute(context.Background(), h, args); got != exitFailed || !strings.Contains(words.String(), "is not available in this program") {
			t.Errorf("%v: exit status %d, %q", args, got, words)
		}
	}
}

func TestInterrupted(t *testing.T) {
	h, _, words := quietHost(t)
	ctx, stop := context.WithCancel(context.Background())
	h.Open = func(ctx context.Context, _ OpenOptions) (*Session, error) {
		stop()
		return nil, ctx.Err()
	}
	if got := Execute(ctx, h, []string{"accounts"}); got != exitInterrupted || words.String() != "doorman: interrupted\n" {
		t.Errorf("exit status %d, %q", got, words)
	}
}

func TestWhoActs(t *testing.T) {
	for _, c := range []struct {
		flag, env string
		want      string
	}{{"", "", "anna"}, {"", "bob", "bob"}, {"carl", "bob", "carl"}} {
		h, _, _ := quietHost(t)
		h.Getenv = func(name string) string {
			if name == "DOORMAN_OPERATOR" {
				return c.env
			}
			return ""
		}
		var got OpenOptions
		h.Open = func(_ context.Context, o OpenOptions) (*Session, error) {
			got = o
			return nil, errors.New("enough")
		}
		Execute(context.Background(), h, []string{"--operator=" + c.flag, "--read-only", "accounts"})
		if got.Act.Operator != c.want || got.Act.Origin != "here" || !got.ReadOnly || got.Path != h.Database {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}

func TestColumnsAlignByWidth(t *testing.T) {
	var b strings.Builder
	err := align(&b, make([]int, 2), [][]string{{"日本", "x"}, {"é", "x"}, {"", "x"}, {"longer", ""}})
	if want := "日本    x\né       x\n        x\nlonger\n"; err != nil || b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

// TestFieldsAreFlags: every field of a filter line is a flag of the commands that
// list those records, with its help; none has drifted.
func TestFieldsAreFlags(t *testing.T) {
	h, _, _ := quietHost(t)
	root := (&app{Host: h}).rootCommand()
	for command, g := range map[string]query.Grammar{
		"resets": query.ForResets(nil), "revoke": query.ForResets(nil), "export resets": query.ForResets(nil), "accounts": query.ForAccounts(),
		"export accounts": query.ForAccounts(), "outbox": query.ForLetters(), "audit": query.ForAudit(nil), "cases": query.ForCases(nil),
		"blocks": query.ForRules(nil), "export blocks": query.ForRules(nil), "clusters": query.ForClusters(), "export clusters": query.ForClusters(),
	} {
		cmd, _, err := root.Find(strings.Fields(command))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range append(g.Fields, query.Field{Name: "filter"}) {
			if flag := cmd.Flags().Lookup(f.Name); flag == nil || flag.Usage == "" || !strings.HasPrefix(flag.Usage, f.Use) {
				t.Errorf("doorman %s has no --%s, or another help", command, f.Name)
			}
		}
	}
}
