package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"doorman/model"
)

// Source is everything that a configuration is made of. Nil parts are empty.
type Source struct {
	File  []byte // the TOML text
	Name  string // of the file, for errors
	Env   func(name string) string
	Flags map[string]string // by key: "db.path"
}

// Loaded is a Config that remembers where each value came from.
type Loaded struct {
	Config
	origins map[string]Origin
	name    string         // of the file
	lines   map[string]int // of the file, by key
}

// Load merges defaults, file, environment and flags. Errors name the file and
// the line, the variable or the flag at fault.
func Load(src Source) (Loaded, error) {
	l := Loaded{Config: Defaults(), origins: map[string]Origin{}, name: src.Name, lines: lines(src.File)}
	if err := l.readFile(src); err != nil {
		return l, err
	}
	for _, e := range entries() {
		if err := l.override(e, src); err != nil {
			return l, err
		}
	}
	return l, nil
}

func (l *Loaded) readFile(src Source) error {
	dec := toml.NewDecoder(bytes.NewReader(src.File)).DisallowUnknownFields()
	if err := dec.Decode(&l.Config); err != nil {
		return fileError(src.Name, err)
	}
	var given map[string]any
	if err := toml.Unmarshal(src.File, &given); err != nil {
		return fileError(src.Name, err)
	}
	l.note("", given)
	for _, e := range entries() {
		if err := e.check(&l.Config); err != nil {
			return located(err, src.Name+", "+e.key)
		}
	}
	return nil
}

// note marks every key that the file holds.
func (l *Loaded) note(prefix string, table map[string]any) {
	for k, v := range table {
		if sub, ok := v.(map[string]any); ok {
			l.note(prefix+k+".", sub)
			continue
		}
		l.origins[prefix+k] = FromFile
	}
}

func (l *Loaded) override(e entry, src Source) error {
	apply := func(text string, from Origin, where string) error {
		if err := cmp.Or(e.set(&l.Config, text), e.check(&l.Config)); err != nil {
			return located(err, where)
		}
		l.origins[e.key] = from
		return nil
	}
	names := []string{Env(e.key)}
	if e.key == "db.path" {
		names = append(names, "DOORMAN_DB")
	}
	for _, name := range names {
		if src.Env == nil || src.Env(name) == "" {
			continue
		}
		if err := apply(src.Env(name), FromEnv, name); err != nil {
			return err
		}
	}
	if text, ok := src.Flags[e.key]; ok {
		return apply(text, FromFlag, "--"+strings.ReplaceAll(strings.TrimSuffix(e.key, ".path"), ".", "-"))
	}
	return nil
}

// Settings lists every setting with its value and origin, in the order of the
// sections; operators last.
func (l Loaded) Settings() []Setting {
	var list []Setting
	for _, e := range entries() {
		list = append(list, Setting{Key: e.key, About: e.about, Value: e.text(&l.Config), Origin: cmp.Or(l.origins[e.key], FromDefault)})
	}
	for _, usual := range slices.Sorted(maps.Keys(l.UI.Keys)) {
		list = append(list, Setting{Key: "ui.keys." + usual, About: "your own key for it", Value: l.UI.Keys[usual], Origin: FromFile})
	}
	names := make([]string, 0, len(l.Operators))
	for name := range l.Operators {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		list = append(list, Setting{Key: "operators." + name, About: "role of this operator",
			Value: string(l.Operators[name].Role), Origin: FromFile})
	}
	return list
}

// located leads the text of an error with the place it is about.
func located(err error, where string) error {
	var me *model.Error
	if errors.As(err, &me) {
		return &model.Error{Kind: model.Invalid, Field: where, Text: me.Error(), Hint: me.Hint, Err: err}
	}
	return &model.Error{Kind: model.Invalid, Field: where, Text: err.Error(), Err: err}
}

// fileError turns what the TOML reader says into file, line, key and a hint.
func fileError(name string, err error) error {
	var unknown *toml.StrictMissingError
	var wrong *toml.DecodeError
	switch {
	case errors.As(err, &unknown):
		first := &unknown.Errors[0]
		key := strings.Join(first.Key(), ".")
		line, _ := first.Position()
		return &model.Error{Kind: model.Invalid, Field: fmt.Sprintf("%s, line %d", name, line),
			Text: "there is no setting " + model.Quote(key), Hint: unknownHint(key), Err: err}
	case errors.As(err, &wrong):
		line, column := wrong.Position()
		e := &model.Error{Kind: model.Invalid, Field: fmt.Sprintf("%s, line %d", name, line), Err: err,
			Text: strings.TrimPrefix(wrong.Error(), "toml: ")}
		if key := strings.Join(wrong.Key(), "."); key != "" {
			e.Text = key + ": " + e.Text
		}
		e.Hint = fmt.Sprintf("look at column %d", column)
		return e
	}
	return &model.Error{Kind: model.Invalid, Field: name, Text: err.Error(), Err: err}
}

// unknownHint says what was probably meant.
func unknownHint(key string) string {
	last := key[strings.LastIndex(key, ".")+1:]
	if slices.Contains([]string{"password", "pass", "secret", "key", "link_key", "smtp_password", "token"}, last) {
		return "secrets never stand in this file: use a file of mode 0600 (mail.password_file, db.key_file), the credentials directory or the environment"
	}
	var keys []string
	for _, e := range entries() {
		keys = append(keys, e.key)
	}
	best := model.Nearest(key, keys)
	for _, k := range keys {
		if strings.HasSuffix(k, "."+last) && best == "" {
			best = k
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	return "doorman config show lists every setting"
}
