package cli

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"doorman/model"
	"doorman/model/config"
	"doorman/ui/term"
)

// mail requests the settings of the mail, tries them with a letter, and writes
// them down.
func (g *guide) mail() error {
	src, err := g.source(g.cmd)
	if err != nil {
		return err
	}
	now, err := config.Load(src)
	if err != nil {
		return err
	}
	g.line("What you type is kept only when you say so at the end; q goes back.")
	pairs, err := g.askMail(src, now.Mail)
	if err != nil || len(pairs) == 0 {
		return err
	}
	trial, err := g.withSettings(src, pairs)
	if err != nil {
		return err
	}
	place := trial.Mail.PasswordFile
	typed, err := g.typePassword(trial.Mail)
	if err != nil {
		return err
	}
	if typed != "" {
		defer func() { _ = os.Remove(typed) }() // gone already when it is kept
		trial.Mail.PasswordFile = typed
	}
	if err := g.tryMail(trial); err != nil {
		g.report(g.ctx, err)
	}
	kept, err := g.remember("mail", "Keep these settings in the configuration? y or n:", pairs)
	switch {
	case !kept:
		g.line("Nothing was saved.")
	case typed != "":
		if e := os.Rename(typed, place); e != nil {
			err = errors.Join(err, fileError(place, e))
		}
	}
	return err
}

// withSettings is the configuration with settings of the mail that are not in it yet.
func (g *guide) withSettings(src config.Source, pairs []config.Pair) (config.Loaded, error) {
	given := map[string]string{}
	for _, p := range pairs {
		given[config.Env("mail."+p.Name)] = p.Value
	}
	src.Env = func(name string) string {
		if v, ok := given[name]; ok {
			return v
		}
		return g.Getenv(name)
	}
	return config.Load(src)
}

// askMail requests what emails need. No pairs: the operator went back.
func (g *guide) askMail(src config.Source, now config.Mail) ([]config.Pair, error) {
	questions := []struct {
		name, what, now string
	}{
		{"host", "Relay, as smtp.example.org", now.Host},
		{"security", "Protection: starttls, tls, or none (this machine only)", now.Security},
		{"port", "Port; 0 is the usual one", strconv.Itoa(now.Port)},
		{"from", "Sender, as Example <no-reply@example.org>", now.From},
		{"reset_url", "Link in an email, as https://app.example.org/reset/{token}", now.ResetURL},
		{"username", "Name to log in with; nothing for no login", now.Username},
	}
	var pairs []config.Pair
	for _, q := range questions {
		answer, err := g.askFor(q.name, q.what, q.now, func(value string) error { return g.checkMail(src, pairs, q.name, value) })
		switch {
		case err != nil:
			return nil, err
		case answer == "q" || answer == "" && q.name == "host":
			return nil, nil
		case answer != "":
			pairs = append(pairs, config.Pair{Name: q.name, Value: answer})
		}
		if q.name == "username" && answer != "" {
			path, err := g.passwordPath(now)
			if err != nil {
				return nil, err
			}
			pairs = append(pairs, config.Pair{Name: "password_file", Value: path})
		}
	}
	return pairs, nil
}

// checkMail says what is wrong with an answer, given those before it.
func (g *guide) checkMail(src config.Source, before []config.Pair, name, value string) error {
	pair := config.Pair{Name: name, Value: value}
	if value == "" {
		return &model.Error{Kind: model.Invalid, Field: "mail." + name, Text: "no email can be sent without it", Hint: "q goes back"}
	}
	if _, err := config.Section("mail", []config.Pair{pair}); err != nil || g.CheckSetting == nil {
		return err
	}
	c, err := g.withSettings(src, append(before[:len(before):len(before)], pair))
	if err != nil {
		return err
	}
	return g.CheckSetting(c.Mail, name)
}

// askFor requests the value of a setting until it can be accepted; an empty
// answer keeps the value in brackets, and q goes back.
func (g *guide) askFor(name, what, now string, check func(string) error) (string, error) {
	if now != "" {
		what += " [" + term.Show(now) + "]"
	}
	for {
		answer, err := g.ask(what + ":")
		if err == nil && answer == "" {
			answer = now
		}
		needed := name == "from" || name == "reset_url"
		if err != nil || answer == "" && !needed || answer == "q" {
			return answer, err
		}
		if err = check(answer); err == nil {
			return answer, nil
		}
		g.report(g.ctx, err)
	}
}

// passwordPath is where the password of the relay is kept: beside the
// configuration unless that names another place.
func (g *guide) passwordPath(now config.Mail) (string, error) {
	if now.PasswordFile != "" {
		return now.PasswordFile, nil
	}
	path, _ := g.configPath()
	return filepath.Abs(filepath.Join(filepath.Dir(path), "mail.password"))
}

// typePassword requests the password and puts it into a file of mode 0600 beside
// the one where it belongs. "": nothing was typed.
func (g *guide) typePassword(m config.Mail) (path string, err error) {
	if m.Username == "" {
		return "", nil
	}
	question := "Password, not shown; nothing keeps that in " + m.PasswordFile + ":"
	if _, err := os.Lstat(m.PasswordFile); errors.Is(err, fs.ErrNotExist) {
		question = "Password, not shown; it goes into " + m.PasswordFile + ":"
	}
	password, err := g.secret(question)
	if err != nil || password == "" {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(m.PasswordFile), 0o700); err != nil {
		return "", fileError(m.PasswordFile, err)
	}
	path = m.PasswordFile + ".new-" + model.NewID()[:8]
	return path, putFile(path, 0o600, func(w io.Writer) error {
		_, err := io.WriteString(w, password+"\n")
		return err
	})
}

// secret requests a value that is not shown while it is typed.
func (g *guide) secret(question string) (string, error) {
	if g.Secret == nil {
		return g.ask(question)
	}
	_, _ = io.WriteString(g.Stdout, "\n"+term.Show(question)+" ")
	read, stop := g.Secret()
	defer stop()
	text, err := waitFor(g.ctx, g.Catch, read)
	g.line("")
	return text, err
}

// tryMail sends a test letter to whom the operator names.
func (g *guide) tryMail(c config.Loaded) error {
	to, err := g.ask("Address for a test email (empty for none):")
	if err != nil || to == "" {
		return err
	}
	g.line("Sending …")
	if err := g.sendTest(g.ctx, c, to); err != nil {
		return err
	}
	g.line("The relay took the email. Look whether it arrived.")
	return nil
}

// remember asks whether to put settings into the configuration, as a section of
// their own. Where there is such a section already, its lines are the operator's:
// the new ones are shown.
func (g *guide) remember(section, question string, pairs []config.Pair) (kept bool, err error) {
	answer, err := g.ask(question)
	if err != nil || answer != "y" && answer != "yes" {
		return false, err
	}
	path, _ := g.configPath()
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	old, err := readFile(path, maxConfig)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	text, err := config.Add(old, section, pairs)
	var said *model.Error
	if errors.As(err, &said) && said.Kind == model.Conflict {
		g.line("%s is left as it is: %s. By hand it would be:", path, said.Text)
		lines, err := config.Section(section, pairs)
		for _, l := range bytes.Split(bytes.TrimSpace(lines), []byte("\n")) {
			g.line("  %s", l)
		}
		return true, err
	}
	if err != nil {
		return false, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return false, fileError(path, err)
	}
	mode := fs.FileMode(0o600)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	err = putFile(path, mode, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	if err == nil {
		g.line("Written to %s.", path)
	}
	return err == nil, err
}
