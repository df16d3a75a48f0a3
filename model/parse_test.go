package model_test

import (
	"net/mail"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

func TestParseSpan(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"0": 0, "90m": 90 * time.Minute, "24h": 24 * time.Hour, "1h30m": 90 * time.Minute, "0d": 0,
		"7d": 168 * time.Hour, "2w": 336 * time.Hour, "65535d": 65535 * 24 * time.Hour, "15000w": 15000 * 168 * time.Hour,
	} {
		if got, err := model.ParseSpan(in); got != want || err != nil {
			t.Errorf("%q: %s, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "d", "w", "-1h", "-1d", "+1d", "1.5d", "1h2d", "7", "7 d", "99999d", "20000w",
		"65535w", "1e3d", "9999999999h", "７d", "1d\x1b[2J"} {
		got, err := model.ParseSpan(in)
		if !model.IsKind(err, model.Invalid) || got != 0 {
			t.Errorf("%q: %s, %v", in, got, err)
		}
	}
}

func TestParseWhen(t *testing.T) {
	for in, want := range map[string]time.Time{
		"all":                            {},
		"0s":                             now,
		"24h":                            now.Add(-24 * time.Hour),
		"7d":                             now.Add(-168 * time.Hour),
		"2026-11-23":                     time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
		"2024-02-29":                     time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC),
		"2026-11-23 03:00":               time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC),
		"2026-11-23T03:00:00Z":           time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC),
		"2026-11-23T03:00:00.5+02:00":    time.Date(2026, 11, 23, 1, 0, 0, 5e8, time.UTC),
		"2026-11-23T03:00:00.123456789Z": time.Date(2026, 11, 23, 3, 0, 0, 123456789, time.UTC),
	} {
		got, err := model.ParseWhen(in, now.In(time.FixedZone("x", 3600)))
		if !got.Equal(want) || got.Location() != time.UTC || err != nil {
			t.Errorf("%q: %s, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "ALL", "yesterday", "2026-02-30", "2026-11-23 24:00", "2026-11-23T03:00:00", "-24h", "23.11.2026"} {
		if got, err := model.ParseWhen(in, now); !model.IsKind(err, model.Invalid) || !got.IsZero() {
			t.Errorf("%q: %s, %v", in, got, err)
		}
	}
}

func TestParsePrefix(t *testing.T) {
	for in, want := range map[string]string{
		"203.0.113.7":             "203.0.113.7/32",
		" 203.0.113.7/24 ":        "203.0.113.0/24",
		"0.0.0.0/0":               "0.0.0.0/0",
		"2001:DB8::1":             "2001:db8::1/128",
		"2001:db8:0:1:2:3:4:5/48": "2001:db8::/48",
		"::/0":                    "::/0",
		"::ffff:203.0.113.7":      "203.0.113.7/32",
		"::ffff:203.0.113.7/120":  "203.0.113.0/24",
		"::ffff:0:0/96":           "0.0.0.0/0",
	} {
		if got, err := model.ParsePrefix(in); err != nil || got.String() != want {
			t.Errorf("%q: %s, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "/", "/24", "203.0.113", "203.0.113.256", "203.0.113.7/33", "203.0.113.7/", "203.0.113.7/-1",
		"203.0.113.7/08", "fe80::1%eth0", "fe80::1%eth0/64", "2001:db8::/129", "::ffff:203.0.113.7/64", "203.0.113.007",
		"203.0.113.7/255.255.255.0", "example.com", "203.0.113.7\x00"} {
		if got, err := model.ParsePrefix(in); !model.IsKind(err, model.Invalid) || got.IsValid() {
			t.Errorf("%q: %s, %v", in, got, err)
		}
	}
}

func TestParseEmail(t *testing.T) {
	long := strings.Repeat("a", 60) + "@" + strings.Repeat(strings.Repeat("b", 47)+".", 4) + "c"
	for _, in := range []string{"anna@example.org", "anna+tag@example.org", "o'hara@example.org", "a@b", "jörg@example.org",
		"anna@bücher.example", "a.b-c_d=e%f@sub.example.org", "-n@example.org", long} {
		if got, err := model.ParseEmail(" " + in + "\n"); got != in || err != nil {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", " ", "anna", "@example.org", "anna@", "a@b@c", "a..b@example.org", ".a@example.org", "a@example..org",
		"Anna <anna@example.org>", "<anna@example.org>", `"anna b"@example.org`, "anna@[192.0.2.1]", "a,b@example.org",
		"anna@example.org, b@example.org", "x:anna@example.org;", "anna(x)@example.org", "an na@example.org",
		"anna@example.org\r\nBcc: b@example.org", "an\x00na@example.org", "an\x1bna@example.org", "an\u200bna@example.org",
		"an\u202ena@example.org", "an\u00a0na@example.org", "an\xffna@example.org", "anna@example.org\u2028x",
		"a" + long + strings.Repeat("d", 254-len(long))} {
		if got, err := model.ParseEmail(in); !model.IsKind(err, model.Invalid) || got != "" {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

// Whatever ParseEmail lets through, a mail library reads as that one address.
func FuzzParseEmail(f *testing.F) {
	for _, s := range []string{"anna@example.org", `"a b"@c`, "a@b\r\nc", "=?utf-8?q?a?=@b", "x:a@b;", "a@[::1]", "<a@b>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := model.ParseEmail(s)
		if err != nil {
			return
		}
		list, err := mail.ParseAddressList(got)
		if err != nil || len(list) != 1 || list[0].Address != got || list[0].Name != "" || strings.ContainsAny(got, "\r\n\x00 ,;<>\"") {
			t.Errorf("%q became %q, read as %v, %v", s, got, list, err)
		}
	})
}
