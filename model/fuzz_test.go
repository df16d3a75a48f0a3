package model

import (
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzParsePrefix holds networks to be masked, unmapped, without a zone, and to
// read back as written.
func FuzzParsePrefix(f *testing.F) {
	for _, s := range []string{"203.0.113.7", "203.0.113.0/24", "2001:db8::/48", "::ffff:1.2.3.4", "::ffff:1.2.3.0/120", "fe80::1%eth0", " ::1 ", "1.2.3.4/33", "0/0", "::/0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePrefix(s)
		if err != nil {
			if p.IsValid() || !IsKind(err, Invalid) || len(err.Error()) > 800 {
				t.Fatalf("%q: %v %v", s, p, err)
			}
			return
		}
		if p != p.Masked() || p.Addr().Is4In6() || p.Addr().Zone() != "" {
			t.Fatalf("%q is %v", s, p)
		}
		if again, err := ParsePrefix(p.String()); err != nil || again != p {
			t.Fatalf("%q is %v, read back %v %v", s, p, again, err)
		}
		if a, err := netip.ParseAddr(strings.TrimSpace(s)); err == nil && !p.Contains(a.Unmap()) {
			t.Fatalf("%v does not hold %v", p, a)
		}
	})
}

// FuzzParseWhen holds times to come from nowhere but the text.
func FuzzParseWhen(f *testing.F) {
	for _, s := range []string{"24h", "7d", "2w", "all", "2026-11-23", "2026-11-23T03:00:00+05:30", "-1h", "1e9h", "99999999999d", "0d", "65535w"} {
		f.Add(s)
	}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		at, err := ParseWhen(s, now)
		if err != nil {
			if !at.IsZero() || !IsKind(err, Invalid) {
				t.Fatalf("%q: %v %v", s, at, err)
			}
			return
		}
		if at.Location() != time.UTC || s != "all" && strings.HasSuffix(s, "h") && at.After(now) {
			t.Fatalf("%q is %v", s, at)
		}
		if d, err := ParseSpan(s); err == nil && (d < 0 || !at.Equal(now.Add(-d))) {
			t.Fatalf("%q is %v and %v", s, d, at)
		}
	})
}

// FuzzParseToken holds that a token that is read is one that can be, and that an
// error never repeats it.
func FuzzParseToken(f *testing.F) {
	for _, s := range []string{"4fc6f8ae4c1b4f0f8a54d2a7f9f4d2aa", "4FC6F8AE4C1B4F0F8A54D2A7F9F4D2AA.abc", ".", "", strings.Repeat("a", 500), " 4fc6f8ae4c1b4f0f8a54d2a7f9f4d2aa\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tok, err := ParseToken(s)
		if err != nil {
			if len(s) > 20 && strings.Contains(err.Error(), s) {
				t.Fatalf("the error repeats %q", s)
			}
			return
		}
		if len(tok.ID()) != 32 || tok.ID() != strings.ToLower(tok.ID()) || strings.Contains(tok.String(), tok.ID()) {
			t.Fatalf("%q has the id %q", s, tok.ID())
		}
		if tok.Matches("", SchemeSecret) {
			t.Fatalf("%q opens a reset without a secret", s)
		}
	})
}

// FuzzText holds what is stored and what errors repeat to be harmless and short.
func FuzzText(f *testing.F) {
	f.Add("plain", 10)
	f.Add("\xff\x00\u202e\x1b]0;x\a", 3)
	f.Add("日本語", 4)
	f.Fuzz(func(t *testing.T, s string, most int) {
		most = max(most, 0) % 5000
		clean := CleanText(s, most)
		if !utf8.ValidString(clean) || strings.Contains(clean, "\x00") || len(clean) > most {
			t.Fatalf("%q is stored as %q", s, clean)
		}
		if again := CleanText(clean, most); again != clean {
			t.Fatalf("not stable: %q, then %q", clean, again)
		}
		for _, r := range Quote(s) {
			if r != '…' && (r < 0x20 || r > 0x7e) {
				t.Fatalf("%q is repeated as %q", s, Quote(s))
			}
		}
	})
}
