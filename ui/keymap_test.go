package ui

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"doorman/model"
	"doorman/ui/page"
)

func TestOwnKeys(t *testing.T) {
	m, err := NewKeymap(map[string]string{"!": "ctrl+x", "z": "Z", "space": "f5"})
	if err != nil {
		t.Fatal(err)
	}
	c := newConsole(t, 120, 40, func(o *Options) { o.Env.Keys = m })
	c.press("!").acts("")
	c.press("<ctrl+x>y").acts("hold 01").sees("Z undoes it")
	c.press("z").acts("hold 01")
	c.press("Z").acts("hold 01, undo bb")
	c.press("<f5>").sees("1 marked")
	c.press("?undo the").sees("Z").press("<esc>")
	for _, l := range KeyTable(m) {
		if keys := strings.Fields(l.Keys); slices.Contains(keys, "z") || slices.Contains(keys, "!") {
			t.Errorf("%s: %s is still %s", l.Page, l.Keys, l.Does)
		}
	}
}

func TestOwnKeysAreRefused(t *testing.T) {
	for _, c := range []struct {
		own         map[string]string
		field, want string
	}{
		{map[string]string{"i": "x"}, "ui.keys.i", "x in "},
		{map[string]string{"i": "ctrl+r"}, "ui.keys.i", "load again"},
		{map[string]string{"z": "i"}, "ui.keys.z", "i in "},
		{map[string]string{"i": "f7", "x": "f7"}, "ui.keys.", "f7 in "},
		{map[string]string{"ctrl+y": "f7"}, "ui.keys.ctrl+y", "nothing is done by"},
		{map[string]string{"i": "ctrl+i"}, "ui.keys.i", "for tab"},
		{map[string]string{"i": "hyper"}, "ui.keys.i", "there is no key"},
		{map[string]string{"i": ""}, "ui.keys.i", "there is no key"},
		{map[string]string{"i": "\x1b"}, "ui.keys.i", "there is no key"},
		{map[string]string{"esc": "f7"}, "ui.keys.esc", "everywhere"},
		{map[string]string{"i": "esc"}, "ui.keys.i", "everywhere"},
	} {
		_, err := NewKeymap(c.own)
		var e *model.Error
		if !errors.As(err, &e) || !strings.HasPrefix(e.Field, c.field) || !strings.Contains(e.Text, c.want) {
			t.Errorf("%v: %v", c.own, err)
		}
	}
	// A key that is given away is free for another.
	if _, err := NewKeymap(map[string]string{"i": "x", "x": "i"}); err != nil {
		t.Error(err)
	}
	if m, err := NewKeymap(nil); err != nil || len(m) != 0 {
		t.Errorf("%v, %v", m, err)
	}
}

// Every key of the console can be written in the configuration.
func TestEveryKeyHasAName(t *testing.T) {
	env := bareEnv()
	actions := newShell(Options{Env: env, Suspend: true}).own()
	for _, v := range page.Views() {
		actions = append(actions, v.Make(env, page.Open{View: v.Name}).Actions()...)
	}
	for _, a := range actions {
		for _, k := range a.Keys {
			name := page.KeyName(k)
			if strings.ContainsAny(name, "↑↓←→") {
				name = k
			}
			if got, err := page.ParseKey(name); err != nil || got != k {
				t.Errorf("%q is read as %q, %v", name, got, err)
			}
		}
	}
}
