package model_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"doorman/model"
)

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"":                        `""`,
		"a b":                     `"a b"`,
		"\x1b]52;c;AAAA\a":        `"\x1b]52;c;AAAA\a"`,
		"é\u202e\u0085":           `"\u00e9\u202e\u0085"`,
		"\xff\x00\r\n":            `"\xff\x00\r\n"`,
		`say "hi"`:                `"say \"hi\""`,
		strings.Repeat("a", 60):   `"` + strings.Repeat("a", 60) + `"`,
		strings.Repeat("a", 1000): `"` + strings.Repeat("a", 60) + `"…`,
	} {
		if got := model.Quote(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestCleanText(t *testing.T) {
	for _, c := range []struct {
		in   string
		max  int
		want string
	}{
		{"", 0, ""}, {"abc", 3, "abc"}, {"abc", 2, "ab"}, {"abc", 0, ""}, {"a\x00b\x00", 9, "ab"}, {"a\xffb", 9, "a\uFFFDb"},
		{"aé", 2, "a"}, {"aé", 3, "aé"}, {"日本", 5, "日"}, {"日本", 2, ""}, {"\xff\xff\xff", 4, "\uFFFD"}, {"a\r\x1b", 9, "a\r\x1b"},
	} {
		got := model.CleanText(c.in, c.max)
		if got != c.want || !utf8.ValidString(got) || len(got) > c.max {
			t.Errorf("%q cut at %d: %q, want %q", c.in, c.max, got, c.want)
		}
	}
}

func TestTally(t *testing.T) {
	tally := model.Tally{{Label: "resets", N: 12}, {Label: "emails", N: 0}, {Label: "accounts", N: 9}}
	if got := tally.String(); got != "12 resets, 9 accounts" {
		t.Error(got)
	}
	if tally.Of("accounts") != 9 || tally.Of("emails") != 0 || tally.Of("blocks") != 0 {
		t.Error("Of is wrong")
	}
	if got := (model.Tally{}).String() + model.Tally(nil).String(); got != "" {
		t.Error(got)
	}
}

func TestCanUndo(t *testing.T) {
	for verb, want := range map[model.Verb]bool{
		model.VerbRevoke: true, model.VerbHold: true, model.VerbRelease: true,
		model.VerbIssue: false, model.VerbUndo: false, model.VerbImport: false, "": false,
	} {
		b := model.Batch{Verb: verb}
		if b.CanUndo() != want {
			t.Errorf("%s: %v", verb, b.CanUndo())
		}
		if b.UndoneAt = now; b.CanUndo() {
			t.Errorf("%s can be undone twice", verb)
		}
	}
}

func TestErrorIsFoundThroughItsWrapping(t *testing.T) {
	cause := errors.New("cause")
	e := &model.Error{Kind: model.Conflict, Field: "email", Text: "is taken", Err: cause}
	wrapped := fmt.Errorf("issue reset: %w", e)
	if !model.IsKind(wrapped, model.Conflict) || model.IsKind(wrapped, model.Invalid) || !errors.Is(wrapped, cause) {
		t.Error("kind or cause is lost")
	}
	if model.IsKind(nil, model.Invalid) || model.IsKind(cause, "") {
		t.Error("a foreign error has a kind")
	}
	if e.Error() != "email: is taken" || (&model.Error{Text: "is gone"}).Error() != "is gone" {
		t.Errorf("%s", e)
	}
}

func TestFilterSelectsAll(t *testing.T) {
	if !(model.ResetFilter{Sort: model.ByIP, Asc: true, Paging: model.Paging{Limit: 3, Last: true}}).IsAll() {
		t.Error("order and paging select nothing")
	}
	prefix, err := model.ParsePrefix("0.0.0.0/0")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []model.ResetFilter{{AccountID: "a"}, {Query: "a"}, {IP: prefix}, {Agent: "a"}, {States: []model.State{model.Live}},
		{Since: now}, {Until: now.Add(time.Hour)}, {BatchID: "b"}, {IssuedBy: "ada"}} {
		if f.IsAll() {
			t.Errorf("%+v selects everything", f)
		}
	}
}
