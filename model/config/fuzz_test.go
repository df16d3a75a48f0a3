package config

import (
	"strings"
	"testing"

	"doorman/model"
)

// FuzzLoad holds any configuration to be read or refused with a place and in
// words that a terminal can show; what is read is listed and can be written.
func FuzzLoad(f *testing.F) {
	f.Add(whole, "")
	f.Add("[db]\npath = \"x\"\n", "7d")
	f.Add("[mail]\npassword = \"hunter2\"\n", "")
	f.Add("[operators]\nmaria = \"admin\"\n[audit]\nlookups = true\n", "tls")
	f.Add("a = [[[[[[", "\x1b]0;x\a")
	f.Fuzz(func(t *testing.T, file, env string) {
		src := Source{File: []byte(file), Name: "config.toml", Env: func(name string) string {
			if strings.HasSuffix(name, "_SECURITY") || strings.HasSuffix(name, "_TTL") {
				return env
			}
			return ""
		}}
		l, err := Load(src)
		if err != nil {
			if !model.IsKind(err, model.Invalid) {
				t.Fatalf("%q: %v", file, err)
			}
			return
		}
		for _, s := range l.Settings() {
			if strings.ContainsAny(s.Value, "\x00\r\n") {
				t.Fatalf("%s is %q", s.Key, s.Value)
			}
		}
		if l.Mail.Port < 0 || l.Reset.TTL.Duration < 0 || l.Reset.Window.Duration < 0 || l.Audit.HeadEvery < 0 {
			t.Fatalf("%+v", l.Config)
		}
		for name, g := range l.Operators {
			if g.Role != model.Viewer && g.Role != model.Responder && g.Role != model.Admin {
				t.Fatalf("%q has the role %q", name, g.Role)
			}
		}
	})
}
