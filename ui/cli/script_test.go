package cli_test

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	_ "github.com/glebarez/go-sqlite"
	"github.com/rogpeppe/go-internal/testscript"
)

// binary is the directory that holds the program under test.
var binary string

// TestMain builds the program once; the scripts run what operators run.
func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "doorman-cli-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	name := "doorman"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	build := exec.Command("go", "build", "-o", filepath.Join(dir, name), "doorman")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		return 1
	}
	binary = dir
	return m.Run()
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", binary+string(os.PathListSeparator)+env.Getenv("PATH"))
			for name, dir := range map[string]string{"HOME": "home", "XDG_CONFIG_HOME": "conf", "XDG_DATA_HOME": "data", "XDG_STATE_HOME": "state"} {
				env.Setenv(name, filepath.Join(env.WorkDir, dir))
			}
			env.Setenv("DOORMAN_OPERATOR", "anna")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status, "sql": execSQL, "smtp": serveMail, "token": takeToken, "same": same,
			"pick": pick, "secret": holdsSecret, "traffic": writeTraffic, "mode": mode,
		},
	})
}

// status runs a program and checks its exit status: status 3 doorman …
// A redirection of stdin stands first: status 3 <FILE doorman …
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N [<FILE] PROGRAM ARG…")
	}
	want, args := args[0], args[1:]
	var in io.Reader
	if file, ok := strings.CutPrefix(args[0], "<"); ok {
		f, err := os.Open(ts.MkAbs(file))
		ts.Check(err)
		defer f.Close()
		in, args = f, args[1:]
	}
	path, err := exec.LookPath(filepath.Join(binary, args[0]))
	ts.Check(err)
	c := exec.Command(path, args[1:]...)
	c.Stdin, c.Dir, c.Env = in, ts.MkAbs("."), scriptEnv(ts)
	c.Stdout, c.Stderr = ts.Stdout(), ts.Stderr()
	err = c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		ts.Check(err)
	}
	if got := fmt.Sprint(c.ProcessState.ExitCode()); got != want {
		ts.Fatalf("exit status %s, want %s", got, want)
	}
}

func scriptEnv(ts *testscript.TestScript) []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "DOORMAN_OPERATOR", "DOORMAN_DB", "DOORMAN_AUDIT_LOOKUPS",
		"DOORMAN_CONFIG", "DOORMAN_MAIL_HOST", "DOORMAN_MAIL_HSOT", "DOORMAN_MAIL_PORT", "DOORMAN_MAIL_SECURITY", "DOORMAN_MAIL_FROM", "DOORMAN_MAIL_RESET_URL",
		"SYSTEMROOT", "TMPDIR"} {
		if v := ts.Getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// execSQL runs statements on a database as another program would:
// sql FILE STATEMENTS|@FILE
func execSQL(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sql FILE STATEMENTS|@FILE")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	text := args[1]
	if file, ok := strings.CutPrefix(text, "@"); ok {
		text = ts.ReadFile(file)
	}
	_, err = db.Exec(text)
	ts.Check(err)
}

// serveMail starts a mail relay that keeps letters in the folder letters and
// points the mail settings at it. Recipients at refused.example
// get a 550, at foreign.example a 554 for relaying; senders are of example.org.
func serveMail(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: smtp")
	}
	dir := ts.MkAbs("emails")
	ts.Check(os.MkdirAll(dir, 0o700))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	s := smtp.NewServer(&relay{dir: dir})
	s.Domain = "relay.test"
	go func() { _ = s.Serve(l) }()
	ts.Defer(func() { _ = s.Close() })
	_, port, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	for name, value := range map[string]string{
		"HOST": "127.0.0.1", "PORT": port, "SECURITY": "none", "FROM": "Example <no-reply@example.org>",
		"RESET_URL": "https://app.example.org/reset/{token}",
	} {
		ts.Setenv("DOORMAN_MAIL_"+name, value)
	}
}

// relay is a mail server for the scripts.
type relay struct {
	mu  sync.Mutex
	dir string
	n   int
}

// NewSession takes anybody's mail.
func (r *relay) NewSession(*smtp.Conn) (smtp.Session, error) { return &letterbox{relay: r}, nil }

type letterbox struct {
	relay *relay
}

func (*letterbox) Mail(from string, _ *smtp.MailOptions) error {
	if !strings.HasSuffix(from, "@example.org") {
		return &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "sender refused"}
	}
	return nil
}

func (*letterbox) Reset()        {}
func (*letterbox) Logout() error { return nil }

func (*letterbox) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasSuffix(to, "@refused.example") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such person"}
	}
	if strings.HasSuffix(to, "@foreign.example") {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "Relay access denied"}
	}
	return nil
}

func (b *letterbox) Data(in io.Reader) error {
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	b.relay.mu.Lock()
	defer b.relay.mu.Unlock()
	b.relay.n++
	return os.WriteFile(filepath.Join(b.relay.dir, fmt.Sprintf("%d.eml", b.relay.n)), text, 0o600)
}

// takeToken takes the token out of a letter: token LETTER FILE
func takeToken(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: token LETTER FILE")
	}
	text := strings.ReplaceAll(ts.ReadFile(args[0]), "=\r\n", "")
	_, after, ok := strings.Cut(text, "https://app.example.org/reset/")
	if !ok {
		ts.Fatalf("no link in %s", args[0])
	}
	end := strings.IndexFunc(after, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", r)
	})
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(after[:end]+"\n"), 0o600))
}

// same checks that a file has not changed since the last call for it.
func same(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: [!] same FILE")
	}
	now, before := fmt.Sprintf("%x", sha256.Sum256([]byte(ts.ReadFile(args[0])))), ts.Getenv("same:"+args[0])
	ts.Setenv("same:"+args[0], now)
	switch {
	case before == "":
	case before != now && !neg:
		ts.Fatalf("%s has changed", args[0])
	case before == now && neg:
		ts.Fatalf("%s has not changed", args[0])
	}
}

// pick puts the first field of the first line of a CSV file that holds a word
// into a variable: pick FILE WORD NAME
func pick(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: pick FILE WORD NAME")
	}
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if id, rest, ok := strings.Cut(line, ","); ok && strings.Contains(rest, args[1]) {
			ts.Setenv(args[2], id)
			return
		}
	}
	ts.Fatalf("%s: no line with %s", args[0], args[1])
}

// holdsSecret checks that a file holds the secret part of a token, or does not;
// a file that is not there holds nothing: [!] secret TOKEN FILE
func holdsSecret(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: [!] secret TOKEN FILE")
	}
	_, secret, _ := strings.Cut(strings.TrimSpace(ts.ReadFile(args[0])), ".")
	text, err := os.ReadFile(ts.MkAbs(args[1]))
	if err != nil && !os.IsNotExist(err) {
		ts.Check(err)
	}
	if found := strings.Contains(string(text), secret); secret == "" || found == neg {
		ts.Fatalf("the secret %q in %s: %v", secret, args[1], found)
	}
}

// writeTraffic writes what traffic makes up: traffic FILE
func writeTraffic(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: traffic FILE")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(traffic(time.Now().UTC())), 0o600))
}

// traffic makes up the resets of the four days before now, as JSON Lines: 900 of
// honest people, two thirds of which are used, and three attacks, which make one
// cluster each: of the last hours a network with 60 addresses and one account
// asked for from 90, of the day before a hostile agent from everywhere.
func traffic(now time.Time) string {
	var b strings.Builder
	n := 0
	ask := func(ago time.Duration, email, ip, agent string, used bool) {
		n++
		at := now.Add(-ago)
		fmt.Fprintf(&b, `{"id":"%032x","created":%q,"email":%q,"ip":%q,"user_agent":%s,"expires":%q`,
			n<<32|n, at.Format(time.RFC3339Nano), email, ip, agent, now.Add(20*time.Hour).Format(time.RFC3339))
		if used {
			fmt.Fprintf(&b, `,"used":%q,"used_ip":%q`, at.Add(3*time.Minute).Format(time.RFC3339Nano), ip)
		}
		b.WriteString("}\n")
	}
	for i := range 900 {
		ago := 4*24*time.Hour - time.Duration(i)*6*time.Minute
		ask(ago, fmt.Sprintf("honest%d@example.org", i), fmt.Sprintf("%d.%d.%d.7", 20+i%90, i%7, i%251), `"Firefox"`, i%3 > 0)
	}
	for i := range 60 {
		ago := 4*time.Hour - time.Duration(i)*3*time.Minute
		ask(ago, fmt.Sprintf("victim%d@example.org", i), fmt.Sprintf("203.0.113.%d", i*37%60), `"curl/8"`, false)
	}
	for i := range 240 {
		ask(40*time.Hour-time.Duration(i)*45*time.Second, fmt.Sprintf("scattered%d@example.org", i), fmt.Sprintf("%d.%d.99.9", 120+i%70, i),
			`"evil\u001b]0;owned\u0007\u202e"`, false)
	}
	for i := range 90 {
		ask(4*time.Hour-time.Duration(i)*2*time.Minute, "bombed@example.org", fmt.Sprintf("%d.77.1.1", 20+i), `"Safari"`, false)
	}
	return b.String()
}

// mode checks the mode of a file: mode 640 FILE
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode OCTAL FILE")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%o", info.Mode().Perm()); got != args[0] && runtime.GOOS != "windows" {
		ts.Fatalf("mode %s, want %s", got, args[0])
	}
}
