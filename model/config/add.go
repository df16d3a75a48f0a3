package config

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"doorman/model"
)

// Pair is a setting, by its name inside a section, and its value as text.
type Pair struct{ Name, Value string }

// Section words settings as a section of the file. Values are checked as those
// of the environment are.
func Section(name string, pairs []Pair) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "[%s]\n", name)
	known := map[string]entry{}
	for _, e := range entries() {
		known[e.key] = e
	}
	for _, p := range pairs {
		e, ok := known[name+"."+p.Name]
		if !ok {
			return nil, fmt.Errorf("setting %s.%s: there is none", name, p.Name)
		}
		var c Config
		if err := e.set(&c, p.Value); err != nil {
			return nil, located(err, e.key)
		}
		if err := e.check(&c); err != nil {
			return nil, located(err, e.key)
		}
		line, err := toml.Marshal(map[string]any{p.Name: e.of(&c)})
		if err != nil {
			return nil, fmt.Errorf("setting %s: %w", e.key, err)
		}
		b.Write(line)
	}
	return b.Bytes(), nil
}

// Add puts a section behind a configuration and leaves every byte before it as
// it is. A file that has the section already is refused with model.Conflict:
// what its comments and order mean only their author knows.
func Add(file []byte, name string, pairs []Pair) ([]byte, error) {
	section, err := Section(name, pairs)
	if err != nil {
		return nil, err
	}
	for key, line := range lines(file) {
		if key == name || strings.HasPrefix(key, name+".") {
			return nil, &model.Error{Kind: model.Conflict, Text: fmt.Sprintf("line %d sets %s already", line, key), Hint: "put these lines there by hand"}
		}
	}
	out := section
	if len(file) > 0 {
		out = slices.Concat(bytes.TrimRight(file, "\n"), []byte("\n\n"), section)
	}
	if _, err := Load(Source{File: out}); err != nil {
		return nil, err
	}
	return out, nil
}
