package cli

import (
	"slices"
	"testing"
)

func TestSplitWords(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
		ok   bool
	}{
		{"nginx -s reload", []string{"nginx", "-s", "reload"}, true},
		{"  a \t b\n", []string{"a", "b"}, true},
		{`cp "a b" 'c "d"'e ""`, []string{"cp", "a b", `c "d"e`, ""}, true},
		{`a;b $X | c`, []string{"a;b", "$X", "|", "c"}, true},
		{`a\ b`, []string{`a\`, "b"}, true},
		{`a "b`, []string{"a", "b"}, false},
		{"", nil, true},
	} {
		got, ok := splitWords(c.in)
		if !slices.Equal(got, c.want) || ok != c.ok {
			t.Errorf("%q: %q %v, want %q %v", c.in, got, ok, c.want, c.ok)
		}
	}
}
