package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"doorman/model"
)

// lines tells on which line of a TOML text each key stands: "ui.keys.x". What
// comes after a mistake is missing.
func lines(file []byte) map[string]int {
	found := map[string]int{}
	var p unstable.Parser
	p.Reset(file)
	table := ""
	for p.NextExpression() {
		e := p.Expression()
		var parts []string
		line := 0
		for it := e.Key(); it.Next(); {
			k := it.Node()
			parts = append(parts, string(k.Data))
			line = p.Shape(k.Raw).Start.Line
		}
		key := strings.Join(parts, ".")
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = key + "."
			found[key] = line
		case unstable.KeyValue:
			found[table+key] = line
		}
	}
	return found
}

// Locate leads an error about a setting, named by its Field, with the file and
// the line that it stands on. Other errors are returned as they are.
func (l Loaded) Locate(err error) error {
	var e *model.Error
	if !errors.As(err, &e) || l.lines[e.Field] == 0 {
		return err
	}
	at := *e
	at.Field = fmt.Sprintf("%s, line %d, %s", l.name, l.lines[e.Field], e.Field)
	return &at
}
