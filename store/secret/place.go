package secret

import (
	"cmp"
	"errors"
	"path/filepath"

	"doorman/model"
	"doorman/model/config"
)

// LinkPlace is where the link key is kept; home is the directory for data of the
// user.
func LinkPlace(c config.Loaded, getenv func(string) string, home string) Place {
	return Place{
		Name: "doorman-link-key", Env: "DOORMAN_LINK_KEY", Getenv: getenv,
		File: cmp.Or(c.DB.KeyFile, filepath.Join(home, "doorman", "link.key")),
	}
}

// PasswordPlace is where the password of the mail relay is kept.
func PasswordPlace(c config.Loaded, getenv func(string) string) Place {
	return Place{Name: "doorman-mail-password", Env: "DOORMAN_MAIL_PASSWORD", Getenv: getenv, File: c.Mail.PasswordFile}
}

// Checks tells where the link key and the mail password would be read from, and
// what is wrong with them. It never returns them.
func Checks(c config.Loaded, getenv func(string) string, home string) []model.Check {
	_, from, err := LoadKey(LinkPlace(c, getenv, home), false)
	checks := []model.Check{check("link key", from, "made when the first reset is issued", err)}
	if c.Mail.Username != "" {
		value, from, err := Load(PasswordPlace(c, getenv))
		if err == nil && len(value) == 0 {
			err = &model.Error{Kind: model.Invalid, Text: "none found for " + model.Quote(c.Mail.Username),
				Hint: "set mail.password_file, DOORMAN_MAIL_PASSWORD, or the credential doorman-mail-password"}
		}
		checks = append(checks, check("mail password", from, "", err))
	}
	return checks
}

func check(name, from, none string, err error) model.Check {
	c := model.Check{Name: name, OK: err == nil, Text: cmp.Or(from, none)}
	var e *model.Error
	if errors.As(err, &e) {
		c.Text, c.Hint = e.Error(), e.Hint
	}
	return c
}
