package config

import (
	"slices"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

const whole = `# an installation
[db]
path = "sqlite:/var/lib/app.db"
timezone = "Europe/Berlin"

[mail]
host = "smtp.example.org"
port = 2525
security = "tls"
username = "doorman"
from = "Example <no-reply@example.org>"
reset_url = "https://app.example.org/reset/{token}"
timeout = "10s"

[mail.dkim]
domain = "example.org"
selector = "d1"

[reset]
ttl = "30m"
per_account = 3
window = "1d"

[ui]
theme = "dark"

[operators]
anna = "admin"
bob = "responder"
`

func load(t *testing.T, file string, env, flags map[string]string) Loaded {
	t.Helper()
	l, err := Load(Source{File: []byte(file), Name: "config.toml", Env: func(n string) string { return env[n] }, Flags: flags})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestDefaultsHoldWithoutAFile(t *testing.T) {
	l := load(t, "", nil, nil)
	if l.Mail.Security != "starttls" || l.Mail.Timeout.Duration != 30*time.Second || l.UI.Theme != "auto" {
		t.Errorf("%+v", l.Config)
	}
	for _, s := range l.Settings() {
		if s.Origin != FromDefault {
			t.Errorf("%s comes from %s", s.Key, s.Origin)
		}
	}
}

func TestFileEnvironmentFlag(t *testing.T) {
	env := map[string]string{"DOORMAN_MAIL_PORT": "587", "DOORMAN_RESET_WINDOW": "2h", "DOORMAN_DB": "/env.db"}
	l := load(t, whole, env, map[string]string{"db.path": "/flag.db"})
	for _, want := range []Setting{
		{Key: "db.path", Value: "/flag.db", Origin: FromFlag},
		{Key: "db.timezone", Value: "Europe/Berlin", Origin: FromFile},
		{Key: "mail.port", Value: "587", Origin: FromEnv},
		{Key: "mail.dkim.domain", Value: "example.org", Origin: FromFile},
		{Key: "reset.ttl", Value: "30m0s", Origin: FromFile},
		{Key: "reset.window", Value: "2h0m0s", Origin: FromEnv},
		{Key: "reset.per_source", Value: "20", Origin: FromDefault},
		{Key: "operators.bob", Value: "responder", Origin: FromFile},
	} {
		i := slices.IndexFunc(l.Settings(), func(s Setting) bool { return s.Key == want.Key })
		if i < 0 {
			t.Errorf("%s is not there", want.Key)
			continue
		}
		if got := l.Settings()[i]; got.Value != want.Value || got.Origin != want.Origin {
			t.Errorf("%s: %s from %s, want %s from %s", want.Key, got.Value, got.Origin, want.Value, want.Origin)
		}
	}
	if th := l.Throttle(); th != (model.Throttle{PerAccount: 3, PerSource: 20, Window: 2 * time.Hour}) {
		t.Errorf("throttle %+v", th)
	}
	if z, err := l.Zone(); err != nil || z.String() != "Europe/Berlin" {
		t.Errorf("zone %v, %v", z, err)
	}
}

func TestMistakesAreNamedByPlace(t *testing.T) {
	for _, c := range []struct {
		file, env string
		want      []string // in text and hint
	}{
		{"[mail]\nhots = \"x\"\n", "", []string{`config.toml, line 2: there is no setting "mail.hots"`, "did you mean mail.host?"}},
		{"[mail]\nhost = \"x\"\npassword = \"hunter2\"\n", "", []string{"line 3", `"mail.password"`, "secrets never stand in this file"}},
		{"[db]\nlink_key = \"00\"\n", "", []string{"secrets never stand in this file"}},
		{"[nonsense]\na = 1\n", "", []string{"line 1", `"nonsense`}},
		{"[mail]\nport = \"many\"\n", "", []string{"config.toml, line 2", "mail.port"}},
		{"[mail]\n\ntimeout = \"soon\"\n", "", []string{"config.toml, line 3", `"soon" is not a valid duration`}},
		{"[mail]\nsecurity = \"opportunistic\"\n", "", []string{"mail.security", `cannot be "opportunistic"`, "starttls, tls, none"}},
		{"[reset]\nper_account = -1\n", "", []string{"reset.per_account", "cannot be below zero"}},
		{"[operators]\nanna = \"root\"\n", "", []string{"config.toml, line 2", `there is no role`}},
		{"[mail\n", "", []string{"config.toml, line 1"}},
		{"", "DOORMAN_MAIL_PORT=x", []string{"DOORMAN_MAIL_PORT", `"x" is not a whole number`}},
		{"", "DOORMAN_UI_THEME=pink", []string{"DOORMAN_UI_THEME", "auto, dark, light, plain"}},
	} {
		name, value, _ := strings.Cut(c.env, "=")
		_, err := Load(Source{File: []byte(c.file), Name: "config.toml", Env: func(n string) string {
			if n == name {
				return value
			}
			return ""
		}})
		e, ok := err.(*model.Error)
		if !ok || e.Kind != model.Invalid {
			t.Errorf("%q: %v", c.file, err)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(e.Error()+"\n"+e.Hint, w) {
				t.Errorf("%q: %q, hint %q; want %q in it", c.file, e.Error(), e.Hint, w)
			}
		}
		if strings.Contains(e.Error()+e.Hint, "hunter2") {
			t.Errorf("%q: the error repeats a secret", c.file)
		}
	}
}

func TestRoles(t *testing.T) {
	open := load(t, "", nil, nil)
	if r := open.Role("anybody"); r != model.Admin {
		t.Errorf("without a list of operators: %s", r)
	}
	listed := load(t, whole, nil, nil)
	for name, want := range map[string]model.Role{"anna": model.Admin, "bob": model.Responder, "eve": model.Viewer} {
		if r := listed.Role(name); r != want {
			t.Errorf("%s: %s, want %s", name, r, want)
		}
	}
}

func TestUnknownZone(t *testing.T) {
	l := load(t, "[db]\ntimezone = \"Mars/Olympus\"\n", nil, nil)
	if _, err := l.Zone(); !model.IsKind(err, model.Invalid) {
		t.Error(err)
	}
}

func TestFilePath(t *testing.T) {
	for dsn, want := range map[string]string{
		"a.db": "a.db", "sqlite:a.db": "a.db", "/x/y.db": "/x/y.db", "sqlite:": "", "": "", ":memory:": "",
		"postgres://u@h/d": "", "a.db?mode=ro": "",
	} {
		got, err := FilePath(dsn)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", dsn, got, err)
		}
	}
}

// Every setting that the file can have is listed, and the other way round.
func TestEverySettingIsListed(t *testing.T) {
	file := ""
	section := ""
	for _, e := range entries() {
		cut := strings.LastIndex(e.key, ".")
		if e.key[:cut] != section {
			section = e.key[:cut]
			file += "[" + section + "]\n"
		}
		c := Defaults()
		value := `"` + e.text(&c) + `"`
		if _, ok := e.of(&c).(*int); ok {
			value = "7"
		}
		if _, ok := e.of(&c).(*bool); ok {
			value = "true"
		}
		file += e.key[cut+1:] + " = " + value + "\n"
	}
	l := load(t, file, nil, nil)
	for _, s := range l.Settings() {
		if s.Origin != FromFile {
			t.Errorf("%s is listed but cannot stand in the file", s.Key)
		}
	}
	if n := strings.Count(whole, " = ") - 2; n > len(entries()) {
		t.Errorf("%d settings in the example, %d listed", n, len(entries()))
	}
}

func TestMisspeltVariablesAreFound(t *testing.T) {
	got := UnknownEnv([]string{"PATH=/bin", "DOORMAN_DB=x", "DOORMAN_MAIL_HSOT=x", "DOORMAN_DB_PATH=x", "DOORMAN_CONFIG=x"}, "DOORMAN_CONFIG")
	if !slices.Equal(got, []string{"DOORMAN_MAIL_HSOT"}) {
		t.Error(got)
	}
}
