package mail

import (
	"errors"
	"strings"
	"testing"

	"doorman/model"
	"doorman/model/config"
)

func TestSettingsAsTheyAreTyped(t *testing.T) {
	for _, c := range []struct {
		name string
		m    config.Mail
		says string // "": accepted
	}{
		{"host", config.Mail{Host: "smtp.example.org"}, ""},
		{"host", config.Mail{Host: "192.0.2.1"}, ""},
		{"host", config.Mail{Host: "::1"}, ""},
		{"host", config.Mail{Host: "localhost"}, ""},
		{"host", config.Mail{Host: "foo"}, "not the full name"},
		{"host", config.Mail{Host: "http://x"}, "web address"},
		{"host", config.Mail{Host: "smtp.example.org:587"}, "the name alone is \"smtp.example.org\""},
		{"host", config.Mail{Host: "me@example.org"}, "email address"},
		{"host", config.Mail{Host: "smtp example.org"}, "not the full name"},
		{"host", config.Mail{Host: "-x.example.org"}, "not the full name"},
		{"host", config.Mail{Host: "1.2.3"}, "not the full name"},
		{"security", config.Mail{Host: "smtp.example.org", Security: "starttls"}, ""},
		{"security", config.Mail{Host: "smtp.example.org", Security: "foo"}, "no security mode"},
		{"security", config.Mail{Host: "smtp.example.org", Security: "none"}, "this machine only"},
		{"port", config.Mail{Host: "smtp.example.org", Port: 587}, ""},
		{"port", config.Mail{Host: "smtp.example.org", Port: 70000}, "not a port"},
		{"port", config.Mail{Host: "smtp.example.org", Port: -1}, "not a port"},
		{"from", config.Mail{From: "Example <no-reply@example.org>"}, ""},
		{"from", config.Mail{From: "no-reply@bücher.example"}, ""},
		{"from", config.Mail{From: "foo"}, "not a mail address"},
		{"from", config.Mail{From: "foo@bar"}, "no full domain"},
		{"from", config.Mail{From: "http://x"}, "not a mail address"},
		{"reset_url", config.Mail{ResetURL: "https://app.example.org/reset/{token}"}, ""},
		{"reset_url", config.Mail{ResetURL: "http://localhost:8080/reset/{token}"}, ""},
		{"reset_url", config.Mail{ResetURL: "foo"}, "{token} exactly once"},
		{"reset_url", config.Mail{ResetURL: "http://x"}, "{token} exactly once"},
		{"reset_url", config.Mail{ResetURL: "http://app.example.org/{token}"}, "https://"},
		{"reset_url", config.Mail{ResetURL: "https://x/{token}"}, "no public name"},
		{"reset_url", config.Mail{ResetURL: "ftp://app.example.org/{token}"}, "https://"},
		{"username", config.Mail{Host: "smtp.example.org", Username: "ada"}, ""},
		{"username", config.Mail{Host: "localhost", Security: "none", Username: "ada"}, "no password is sent"},
	} {
		err := CheckSetting(c.m, c.name)
		var e *model.Error
		switch {
		case c.says == "" && err != nil, c.says != "" && err == nil:
			t.Errorf("%s %+v: %v, want %q", c.name, c.m, err, c.says)
		case err != nil && (!errors.As(err, &e) || !strings.Contains(e.Text, c.says) || e.Field != "mail."+c.name || e.Hint == ""):
			t.Errorf("%s %+v: %v, want %q", c.name, c.m, err, c.says)
		}
	}
}
