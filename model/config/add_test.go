package config

import (
	"errors"
	"strings"
	"testing"

	"doorman/model"
)

// What Add writes is read back as it was meant, and what stood before stays.
func TestAdd(t *testing.T) {
	odd := `Ann "the 'boss'" \ <ann@example.org> {token} # = [x]`
	for _, before := range []string{"", "# ours\n", "[ui]\ntheme = \"dark\"", whole[strings.Index(whole, "[reset]"):] + "\n\n\n"} {
		after, err := Add([]byte(before), "mail", []Pair{{"host", "relay.example.org"}, {"port", "2525"}, {"from", odd}})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(after), strings.TrimRight(before, "\n")) {
			t.Errorf("%q became %q", before, after)
		}
		l := load(t, string(after), nil, nil)
		if l.Mail.Host != "relay.example.org" || l.Mail.Port != 2525 || l.Mail.From != odd {
			t.Errorf("%q is read as %+v", after, l.Mail)
		}
	}
}

func TestAddRefuses(t *testing.T) {
	for _, c := range []struct {
		name, file, section string
		pairs               []Pair
		kind                model.Kind
	}{
		{"a section that is there", "[mail]\nhost = \"x\"\n", "mail", []Pair{{"host", "y"}}, model.Conflict},
		{"keys with dots", "mail.host = \"x\"\n", "mail", []Pair{{"host", "y"}}, model.Conflict},
		{"a number that is none", "", "mail", []Pair{{"port", "many"}}, model.Invalid},
		{"a word of no use", "", "mail", []Pair{{"security", "some"}}, model.Invalid},
		{"a line break", "", "mail", []Pair{{"host", "a\nb"}}, model.Invalid},
		{"a file that is broken", "[ui\n", "mail", []Pair{{"host", "y"}}, model.Invalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := Add([]byte(c.file), c.section, c.pairs)
			var e *model.Error
			if !errors.As(err, &e) || e.Kind != c.kind || out != nil {
				t.Errorf("%q, %v", out, err)
			}
		})
	}
	if _, err := Add(nil, "mail", []Pair{{"nothing", "x"}}); err == nil {
		t.Error("a setting that does not exist was written")
	}
}
