package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/config"
)

// app is one run of the command line.
type app struct {
	Host
	flags struct {
		db, config, operator, zone string
		readOnly, accessible       bool
	}
	link Link
}

// configPath returns the file to read the configuration from, and whether it
// was requested by name: then it has to be there.
func (a *app) configPath() (path string, named bool) {
	if a.flags.config != "" {
		return a.flags.config, true
	}
	if p := a.Getenv("DOORMAN_CONFIG"); p != "" {
		return p, true
	}
	return a.ConfigFile, false
}

// settings reads the configuration.
func (a *app) settings(cmd *cobra.Command) (config.Loaded, error) {
	src, err := a.source(cmd)
	if err != nil {
		return config.Loaded{}, err
	}
	return config.Load(src)
}

// source gathers what the configuration is made of.
func (a *app) source(cmd *cobra.Command) (config.Source, error) {
	path, named := a.configPath()
	file, err := readFile(path, maxConfig)
	if err != nil && (named || !errors.Is(err, fs.ErrNotExist)) {
		return config.Source{}, err
	}
	src := config.Source{File: file, Name: path, Env: a.Getenv, Flags: map[string]string{}}
	for flag, key := range map[string]string{"db": "db.path", "db-timezone": "db.timezone"} {
		if f := cmd.Flag(flag); f != nil && f.Changed {
			src.Flags[key] = f.Value.String()
		}
	}
	return src, nil
}

// maxConfig bounds the configuration, in bytes.
const maxConfig = 1 << 20

// readFile reads a file that people write, at most so many bytes of it.
func readFile(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	defer f.Close()
	b, err := model.ReadBounded(f, most)
	if err != nil {
		return nil, fileError(path, err)
	}
	return b, nil
}

// options works out which database to open, and for whom.
func (a *app) options(cmd *cobra.Command) (OpenOptions, error) {
	c, err := a.settings(cmd)
	if err != nil {
		return OpenOptions{}, err
	}
	o := OpenOptions{Config: c, Path: a.Database, ReadOnly: a.flags.readOnly, Act: a.act(c)}
	if c.DB.Path != "" {
		if o.Path, err = config.FilePath(c.DB.Path); err != nil {
			return o, err
		}
	}
	o.Zone, err = c.Zone()
	return o, err
}

// ownPlace reports whether the database is the one at the usual place, which
// is made when it is absent.
func (a *app) ownPlace(o OpenOptions) bool { return o.Path == a.Database && !o.ReadOnly }

// act says who runs the command.
func (a *app) act(c config.Loaded) model.Act {
	name := a.flags.operator
	if name == "" {
		name = a.Getenv("DOORMAN_OPERATOR")
	}
	if name == "" {
		name = a.User
	}
	name = model.CleanText(strings.TrimSpace(name), 100)
	return model.Act{Operator: name, Role: c.Role(name), Origin: a.Origin, Address: a.Address}
}

// desk is an open database together with who works on it.
type desk struct {
	*Session
	store Store
	act   model.Act
	conf  config.Loaded
}

// with opens the database, runs the work and closes it again.
func (a *app) with(cmd *cobra.Command, change func(*OpenOptions), work func(ctx context.Context, d desk) error) (err error) {
	o, err := a.options(cmd)
	if err != nil {
		return startError{err}
	}
	if a.Open == nil {
		return unavailable("the database")
	}
	if change != nil {
		change(&o)
	}
	ctx := cmd.Context()
	s, err := a.Open(ctx, o)
	if err != nil {
		return startError{err}
	}
	defer func() {
		if e := s.Close(); err == nil {
			err = e
		}
	}()
	return work(ctx, desk{Session: s, store: s.Store, act: o.Act, conf: o.Config})
}

// needKey is for commands that make links.
func needKey(o *OpenOptions) { o.NeedKey = !o.ReadOnly }

// fileError says what is wrong with a file in plain words.
func fileError(path string, err error) error {
	e := &model.Error{Kind: model.Unavailable, Field: path, Text: "cannot be read", Err: err}
	var pe *fs.PathError
	var said *model.Error
	switch {
	case errors.As(err, &said):
		e.Kind, e.Text, e.Hint = said.Kind, said.Text, said.Hint
	case errors.Is(err, fs.ErrNotExist):
		e.Text = "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		e.Text, e.Hint = "permission denied", "check the owner and the mode of the file"
	case errors.Is(err, fs.ErrExist):
		e.Text, e.Hint = "exists already", "name another file"
	case errors.As(err, &pe):
		e.Text = pe.Err.Error()
	}
	return e
}

func firstWord(s string) string {
	w, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	return w
}
