package model_test

import (
	"regexp"
	"testing"
	"unicode/utf8"

	"doorman/model"
)

func TestNewIDIsUUID4(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$`)
	seen := map[string]bool{}
	for range 1000 {
		id := model.NewID()
		if !form.MatchString(id) || seen[id] {
			t.Fatalf("id %q is malformed or twice", id)
		}
		seen[id] = true
	}
}

func TestMask(t *testing.T) {
	for id, want := range map[string]string{
		"": "", "a": "…", "12345678": "…", "123456789": "12345678…", someID: "4fc6f8ae…",
		"1234567éa": "1234567…", "ключевое": "ключ…",
	} {
		if got := model.Mask(id); got != want || !utf8.ValidString(got) {
			t.Errorf("%q: %q, want %q", id, got, want)
		}
	}
}

func TestCleanRef(t *testing.T) {
	for in, want := range map[string]string{
		"":                                     "",
		"  ":                                   "",
		"4FC6f8ae…":                            "4fc6f8ae",
		"4fc6f8ae...":                          "4fc6f8ae",
		" 4fc6f8ae … ":                         "4fc6f8ae",
		"4FC6F8AE-03FB-4D8E-8485-D12A58AFA928": someID,
		someID:                                 someID,
		"Anna.B-C@example.org":                 "Anna.B-C@example.org",
		" anna@example.org\n":                  "anna@example.org",
		"-":                                    "-",
		"x-y":                                  "x-y",
		"…":                                    "",
	} {
		if got := model.CleanRef(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
