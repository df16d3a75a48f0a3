package cli

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/config"
)

// guide leads a person who starts the console where there is no database yet:
// to a made-up one, to that of an application, or to a new one, and through the
// settings of the mail. It asks in lines, so that it works on every terminal.
type guide struct {
	plain
	cmd *cobra.Command
}

// needsGuide reports whether the console has nothing to open: no database was
// named, and there is none at the usual place.
func (a *app) needsGuide(o OpenOptions) bool {
	_, err := os.Lstat(o.Path)
	return a.ownPlace(o) && errors.Is(err, fs.ErrNotExist)
}

// runGuide asks what to begin with, and begins it.
func (a *app) runGuide(cmd *cobra.Command, o OpenOptions) error {
	h := a.Host
	h.Stdin = lineByLine{bufio.NewReader(a.Stdin)}
	g := &guide{plain: plain{app: &app{Host: h, flags: a.flags}, ctx: cmd.Context()}, cmd: cmd}
	g.line("Doorman looks after the password resets of an application.")
	g.line("")
	g.line("There is no database yet at %s.", o.Path)
	for cmd.Context().Err() == nil {
		g.choices()
		answer, err := g.ask("What next?")
		if err != nil {
			return err
		}
		switch strings.ToLower(answer) {
		case "1", "demo":
			return a.runDemo(cmd, demo{seed: 1, accounts: 20_000, resets: 100_000})
		case "2":
			ready, err := g.adopt()
			switch {
			case err != nil:
				return err
			case ready:
				return a.afterGuide(cmd)
			}
		case "3":
			return a.afterGuide(cmd)
		case "4":
			err = g.mail()
		case "q", "quit", "exit":
			return nil
		default:
			g.line("Please answer with 1, 2, 3, 4 or q.")
		}
		if err != nil {
			g.report(cmd.Context(), err)
		}
	}
	return cmd.Context().Err()
}

// afterGuide opens the console on what the guide led to.
func (a *app) afterGuide(cmd *cobra.Command) error {
	o, err := a.consoleOptions(cmd)
	if err != nil {
		return err
	}
	return a.openConsole(cmd, o)
}

func (g *guide) choices() {
	g.line("")
	g.line("1: look around in a made-up service under attack (doorman demo)")
	g.line("2: open the database of an application, with tables Account and PasswordReset")
	g.line("3: make a new database there")
	g.line("4: set up the mail relay, and send a test email")
	g.line("q: quit")
}

// adopt requests the database of an application and says what opening it does.
// It reports whether the console is to open on it.
func (g *guide) adopt() (ready bool, err error) {
	path, err := g.ask("Path to the database (empty to go back):")
	if err != nil || path == "" || path == "q" {
		return false, err
	}
	path = fromHome(path)
	if abs, e := filepath.Abs(path); e == nil {
		path = abs
	}
	info, err := g.look(path)
	if err != nil {
		g.report(g.ctx, err)
		return false, nil
	}
	g.line("")
	g.line("%s", path)
	g.line("It holds %s and %s.", counted(info.Accounts, "account"), counted(info.Resets, "reset"))
	if info.Schema < info.WantSchema {
		g.line("Opening it makes a checked copy beside it, then adds columns, indexes and")
		g.line("tables of Doorman's own. The application keeps working.")
	}
	answer, err := g.ask("Open it? y for yes, r to look and change nothing, n to go back:")
	if err != nil {
		return false, err
	}
	flags := g.cmd.Root().PersistentFlags()
	switch answer {
	case "y", "yes":
		if _, err := g.remember("db", "Open it from now on when no other is named? y or n:", []config.Pair{{Name: "path", Value: path}}); err != nil {
			g.report(g.ctx, err)
		}
	case "r":
		if err := flags.Set("read-only", "true"); err != nil {
			return false, err
		}
	default:
		return false, nil
	}
	return true, flags.Set("db", path)
}

// counted words a count that may have been capped.
func counted(c model.Count, noun string) string {
	if c.AtLeast {
		return "at least " + model.Plural(c.N, noun)
	}
	return model.Plural(c.N, noun)
}

// look tells about a database without changing it.
func (g *guide) look(path string) (info model.StoreInfo, err error) {
	if g.Open == nil {
		return info, unavailable("the database")
	}
	c, err := g.settings(g.cmd)
	if err != nil {
		return info, err
	}
	zone, err := c.Zone()
	if err != nil {
		return info, err
	}
	s, err := g.Open(g.ctx, OpenOptions{Config: c, Path: path, Zone: zone, ReadOnly: true, Act: g.act(c)})
	if err != nil {
		return info, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.Store.Info(g.ctx)
}
