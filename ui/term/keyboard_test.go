package term

import (
	"testing"
	"time"
)

// play feeds pieces one after the other; "" stands for a pause in which nothing
// came.
func play(pieces ...string) string {
	var k keyboard
	now := time.Unix(0, 0)
	out := ""
	for _, p := range pieces {
		if p == "" {
			out += string(k.flush(now))
			now = now.Add(time.Second)
			continue
		}
		out += string(k.feed([]byte(p), now))
	}
	return out + string(k.flush(now))
}

func TestKeyboard(t *testing.T) {
	for _, c := range []struct {
		name   string
		pieces []string
		want   string
	}{
		{"plain keys", []string{"jjj"}, "jjj"},
		{"an arrow in two parts", []string{"\x1b", "[A"}, "\x1b[A"},
		{"an arrow in three parts", []string{"\x1b", "[", "A"}, "\x1b[A"},
		{"escape alone, after a pause", []string{"\x1b", "", "j"}, "\x1bj"},
		{"an email in two parts", []string{"\xc3", "\xbc"}, "ü"},
		{"a reply to OSC 11", []string{"a\x1b]11;rgb:0000/0000/0000\ab"}, "ab"},
		{"the same, ended by ST, in parts", []string{"a\x1b]11;rgb:00", "00/0000/0000\x1b", "\\b"}, "ab"},
		{"the rest comes late", []string{"\x1b]11;rgb:00", "", "x"}, "x"},
		{"device attributes", []string{"\x1b[?62;22cj"}, "j"},
		{"a DCS reply", []string{"\x1bP>|tmux 3.5\x1b\\k"}, "k"},
		{"place of the cursor", []string{"\x1b[24;80R"}, ""},
		{"F3 with a modifier", []string{"\x1b[1;2R"}, "\x1b[1;2R"},
		{"alt and an email", []string{"\x1bx"}, "\x1bx"},
		{"alt+]", []string{"\x1b]", ""}, "\x1b]"},
		{"a mouse report", []string{"\x1b[<0;10;", "20M"}, "\x1b[<0;10;20M"},
		{"an old mouse report", []string{"\x1b[M !", "!x"}, "\x1b[M !!x"},
		{"a paste", []string{"\x1b[200~two words\x1b[201~"}, "\x1b[200~two words\x1b[201~"},
		{"function key of the Linux console", []string{"\x1b[[A"}, "\x1b[[A"},
		{"home by SS3", []string{"\x1bO", "H"}, "\x1bOH"},
		{"escape twice", []string{"\x1b\x1b", ""}, "\x1b\x1b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := play(c.pieces...); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Whatever comes, nothing is held back for ever and nothing is made up.
func FuzzKeyboard(f *testing.F) {
	f.Add([]byte("\x1b]11;x\x1b\\j"), []byte("\x1b[A"))
	f.Add([]byte("\x1b["), []byte("\xff\xc3"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		var k keyboard
		now := time.Unix(0, 0)
		out := len(k.feed(a, now)) + len(k.feed(b, now)) + len(k.flush(now))
		if out > len(a)+len(b) {
			t.Fatalf("%d bytes from %d", out, len(a)+len(b))
		}
		if len(k.pend) > 0 {
			t.Fatalf("%q is held back", k.pend)
		}
		if got := string(k.feed([]byte("j"), now.Add(time.Hour))); got != "j" {
			t.Fatalf("a key later gives %q", got)
		}
	})
}

func TestIsDark(t *testing.T) {
	for reply, want := range map[string]bool{
		"\x1b]11;rgb:0000/0000/0000\a": true, "\x1b]11;rgb:ffff/ffff/ffff\x1b\\": false, "\x1b]11;rgb:ff/ff/f0\a": false,
		"\x1b]11;rgb:1e/1e/2e\x1b\\": true, "": true, "\x1b]11;rgb:": true, "\x1b]11;rgb:x/y/z\a": true,
	} {
		if got := isDark([]byte(reply)); got != want {
			t.Errorf("%q: %v", reply, got)
		}
	}
}
