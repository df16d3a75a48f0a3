package config

import (
	"errors"
	"strings"
	"testing"

	"doorman/model"
)

func TestLines(t *testing.T) {
	text := "# c\n[mail]\nhost = \"a\"\n\n[ui.keys]\n\"!\" = \"x\"\nq = '''\nlong\n'''\nw = \"y\"\n[broken"
	got := lines([]byte(text))
	for key, want := range map[string]int{"mail.host": 3, "ui.keys.!": 6, "ui.keys.q": 7, "ui.keys.w": 10, "mail.port": 0} {
		if got[key] != want {
			t.Errorf("%s is on line %d, want %d", key, got[key], want)
		}
	}
}

func TestLocate(t *testing.T) {
	l, err := Load(Source{File: []byte("[ui.keys]\ni = \"x\"\n"), Name: "doorman.toml"})
	if err != nil {
		t.Fatal(err)
	}
	at := l.Locate(&model.Error{Kind: model.Invalid, Field: "ui.keys.i", Text: "no"})
	if at == nil || !strings.Contains(at.Error(), "doorman.toml, line 2, ui.keys.i") {
		t.Errorf("%v", at)
	}
	other := errors.New("other")
	if got := l.Locate(other); got != other {
		t.Errorf("%v", got)
	}
	if l.Locate(nil) != nil {
		t.Error("no error has a place")
	}
}
