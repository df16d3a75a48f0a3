package cli

import (
	"path/filepath"

	"doorman/ui/term"
)

// program writes how this program is called for the same database, with the
// flags that it was given.
func (a *app) program(o OpenOptions) string {
	out := "doorman"
	add := func(flag, value string) { out += " --" + flag + " " + term.ShellQuote(value) }
	if o.Path != a.Database {
		if abs, err := filepath.Abs(o.Path); err == nil {
			add("db", abs)
		}
	}
	if path, named := a.configPath(); named {
		if abs, err := filepath.Abs(path); err == nil {
			add("config", abs)
		}
	}
	if a.flags.operator != "" {
		add("operator", a.flags.operator)
	}
	if a.flags.zone != "" {
		add("db-timezone", a.flags.zone)
	}
	if a.flags.readOnly {
		out += " --read-only"
	}
	return out
}
