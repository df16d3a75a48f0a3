package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/config"
)

func (a *app) doctorCommand() *cobra.Command {
	var out output
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look at the installation and say what is wrong",
		Long: `Look at versions, paths, permissions, the database, the key and the mail
settings, talk to the mail relay without sending anything, and say what is
wrong. Nothing is changed and no secret is printed, so that the output can be
passed on. Exit status 1 when something is wrong.`,
		Example: `  doorman doctor
  doorman --db app.db doctor -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := out.check(); err != nil {
				return err
			}
			return a.printChecks(&out, a.examine(cmd))
		},
	}
	out.addTo(cmd)
	return cmd
}

// examine makes one finding after the other; what cannot be looked at is a
// finding too.
func (a *app) examine(cmd *cobra.Command) []model.Check {
	list := []model.Check{{Name: "program", OK: true,
		Text: fmt.Sprintf("doorman %s, %s, %s/%s", a.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)}}
	list = append(list, a.examineConfig(), examineEnv(os.Environ()))
	o, err := a.options(cmd)
	if err != nil {
		return append(list, failed("settings", err))
	}
	list = append(list, a.examineSettings(o)...)
	list = append(list, model.Check{Name: "operator", OK: true,
		Text: fmt.Sprintf("%s, %s, at %s", o.Act.Operator, o.Act.Role, o.Act.Origin)})
	if _, err := os.Stat(o.Path); err != nil {
		missing := failed("database file", fileError(o.Path, err))
		missing.Hint = "name one with --db; doorman import makes a new one"
		list = append(list, missing)
	} else {
		list = append(list, examineFile("database file", o.Path, 0o007))
		list = append(list, a.examineStore(cmd)...)
	}
	if a.Secrets != nil {
		list = append(list, a.Secrets(o.Config)...)
	}
	settings := a.examineMail(o)
	list = append(list, settings)
	if settings.OK && a.ProbeMail != nil {
		list = append(list, a.examineRelay(cmd.Context(), o))
	}
	return list
}

// examineRelay talks to the relay without sending anything.
func (a *app) examineRelay(ctx context.Context, o OpenOptions) model.Check {
	if err := a.ProbeMail(ctx, o.Config); err != nil {
		return failed("mail relay", err)
	}
	return model.Check{Name: "mail relay", OK: true, Text: fmt.Sprintf("%s accepts emails from %q; doorman mail test sends one", o.Config.Mail.Host, o.Config.Mail.From)}
}

// examineSettings looks at what is else only noticed when it is used.
func (a *app) examineSettings(o OpenOptions) []model.Check {
	var list []model.Check
	if ttl := o.Config.Reset.TTL.Duration; ttl != 0 {
		if err := model.CheckLifetime(ttl); err != nil {
			list = append(list, failed("reset.ttl", err))
		}
	}
	if a.Keys != nil {
		if _, err := a.Keys(o.Config); err != nil {
			list = append(list, failed("keys", err))
		}
	}
	return list
}

// failed is the finding that an error makes.
func failed(name string, err error) model.Check {
	c := model.Check{Name: name, Text: err.Error()}
	var said *model.Error
	if errors.As(err, &said) {
		c.Text, c.Hint = said.Error(), said.Hint
	}
	return c
}

func (a *app) examineConfig() model.Check {
	path, named := a.configPath()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && !named {
		return model.Check{Name: "configuration", OK: true, Text: "none at " + path + ": defaults"}
	}
	return examineFile("configuration", path, 0o022)
}

// examineEnv looks for variables that are meant for Doorman and that it does not
// know.
func examineEnv(environ []string) model.Check {
	unknown := config.UnknownEnv(environ, "DOORMAN_CONFIG", "DOORMAN_OPERATOR", "DOORMAN_LINK_KEY", "DOORMAN_MAIL_PASSWORD")
	if len(unknown) == 0 {
		return model.Check{Name: "environment", OK: true, Text: "no unknown variables"}
	}
	return model.Check{Name: "environment", Text: "nothing reads " + strings.Join(unknown, ", "), Hint: "doorman config tells how variables are named"}
}

// examineFile looks at a file and at the bits of its mode that it should not
// have.
func examineFile(name, path string, bad fs.FileMode) model.Check {
	info, err := os.Stat(path)
	if err != nil {
		return failed(name, fileError(path, err))
	}
	c := model.Check{Name: name, OK: true, Text: fmt.Sprintf("%s, mode %04o, %d bytes", path, info.Mode().Perm(), info.Size())}
	switch abs, err := filepath.Abs(path); {
	case !info.Mode().IsRegular():
		c.OK, c.Text = false, path+" is not a regular file"
	case runtime.GOOS != "windows" && info.Mode().Perm()&bad != 0:
		c.OK, c.Hint = false, fmt.Sprintf("others may read or change it: chmod %04o %s", info.Mode().Perm()&^bad, path)
	case err == nil:
		c.Text = fmt.Sprintf("%s, mode %04o, %d bytes", abs, info.Mode().Perm(), info.Size())
	}
	return c
}

func (a *app) examineStore(cmd *cobra.Command) []model.Check {
	var list []model.Check
	err := a.with(cmd, looking, func(ctx context.Context, d desk) error {
		i, err := d.store.Info(ctx)
		if err != nil {
			return err
		}
		c := model.Check{Name: "database", OK: i.Schema == i.WantSchema,
			Text: fmt.Sprintf("SQLite %s, journal %s, schema %d of %d, scheme %s, times in %s", i.SQLite, i.Journal, i.Schema, i.WantSchema, i.Scheme, i.Zone)}
		if !c.OK {
			c.Hint = "doorman db migrate brings it up to date after a backup"
		}
		outbox, err := examineOutbox(ctx, d, a.Now())
		if err != nil {
			return err
		}
		list = append(append(list, c, outbox), examineHead(ctx, d)...)
		return nil
	})
	if err != nil {
		list = append(list, failed("database", err))
	}
	return list
}

// clockAhead is how far the clock of another machine may be ahead without a word.
const clockAhead = time.Minute

// examineOutbox counts the letters and looks whether they wait for a time to
// which the clock was put by mistake.
func examineOutbox(ctx context.Context, d desk, now time.Time) (model.Check, error) {
	letters, err := d.store.CountLetters(ctx)
	if err != nil {
		return model.Check{}, err
	}
	c := model.Check{Name: "outbox", OK: letters[model.Undeliverable] == 0,
		Text: fmt.Sprintf("%d queued, %d failed, %d undeliverable", letters[model.Queued], letters[model.Failed], letters[model.Undeliverable])}
	if !c.OK {
		c.Hint = "doorman outbox --state undeliverable tells why"
	}
	switch reason, err := waitingFor(ctx, d, letters[model.Queued]); {
	case err != nil:
		return c, err
	case reason != "":
		c.OK = false
		c.Text += "; emails wait: " + reason
		c.Hint = "they go out by themselves when the relay accepts them; doorman mail test shows each step"
	}
	newest, err := d.store.ListLetters(ctx, model.LetterFilter{States: []model.LetterState{model.Queued}, Paging: model.Paging{Limit: 1}})
	if err == nil && len(newest.Items) > 0 && newest.Items[0].Created.Sub(now) > clockAhead {
		c.OK = false
		c.Text += ", the newest at a time to come, until which it waits: the clock was ahead"
		c.Hint = "doorman outbox retry sends emails at once; doorman outbox --state queued lists them"
	}
	return c, err
}

func (a *app) examineMail(o OpenOptions) model.Check {
	m := o.Config.Mail
	c := model.Check{Name: "mail", OK: true, Text: fmt.Sprintf("%s by %s, user %q, from %q, link %s", m.Host, m.Security, m.Username, m.From, m.ResetURL)}
	switch {
	case m.Host == "":
		c.OK, c.Text, c.Hint = false, "mail.host is not set: emails stay in the outbox", "set it in the configuration, then try doorman mail test"
	case m.From == "":
		c.OK, c.Hint = false, "set mail.from"
	case m.ResetURL == "":
		c.OK, c.Hint = false, "set mail.reset_url, as https://app.example.org/reset/{token}"
	case a.CheckMail != nil:
		if err := a.CheckMail(o.Config); err != nil {
			return failed("mail", err)
		}
	}
	return c
}
