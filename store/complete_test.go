package store

import (
	"context"
	"encoding/hex"
	"strings"
	"testing"
)

func TestAddressKeys(t *testing.T) {
	const v4 = "00000000000000000000ffff01020304"
	for text, want := range map[string]string{
		"1.2.3.4":             v4,
		" 1.2.3.4\n":          v4,
		"::ffff:1.2.3.4":      v4,
		"1.2.3.4:5678":        v4,
		"[::ffff:1.2.3.4]:80": v4,
		`"1.2.3.4"`:           v4,
		"::1":                 "00000000000000000000000000000001",
		"[::1]:80":            "00000000000000000000000000000001",
		"[2001:db8::1]":       "20010db8000000000000000000000001",
		"fe80::1%eth0":        "fe800000000000000000000000000001",
		// What a client made up stands first; what our own proxies added is private.
		"9.9.9.9, 1.2.3.4":                     v4,
		"9.9.9.9, 1.2.3.4, 10.0.0.1":           v4,
		"9.9.9.9, 1.2.3.4, 10.0.0.1, 10.0.0.2": v4,
		"unknown, 1.2.3.4":                     v4,
		"1.2.3.4, <script>, 10.0.0.1":          "00000000000000000000ffff0a000001",
		"10.0.0.7, 10.0.0.1":                   "00000000000000000000ffff0a000001",
		"9.9.9.9, nonsense":                    "",
		"":                                     "",
		"unknown":                              "",
		"1.2.3":                                "",
		"1.2.3.4.5":                            "",
		"001.002.003.004":                      "",
		"1.2.3.4\x00":                          "",
		"\x1b]0;x\x07":                         "",
		"1.2.3.4/24":                           "",
		strings.Repeat("1.2.3.4,", 1000):       "",
	} {
		if got := hex.EncodeToString(keyOf(text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func FuzzAddressKey(f *testing.F) {
	f.Add("1.2.3.4, [::1]:80, fe80::1%eth0")
	f.Fuzz(func(t *testing.T, text string) {
		if n := len(keyOf(text)); n != 0 && n != 16 {
			t.Errorf("%d bytes", n)
		}
	})
}

// Rows of every odd kind are completed, each once, and Poll comes to rest.
func TestCompletesInBatches(t *testing.T) {
	path := courseFile(t)
	s := openAs(t, Options{Path: path})
	foreign(t, path, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
		INSERT INTO "PasswordReset" (id, used_ip_address) SELECT printf('%032x', i), '10.1.' || (i / 256) || '.' || (i % 256) FROM n`,
		`INSERT INTO "PasswordReset" (id, used_ip_address) VALUES ('', '1.2.3.4'), ('nul', CAST(x'31002e' AS TEXT)), ('utf', CAST(x'ff31' AS TEXT)),
		(x'00ff', '1.2.3.4'), ('blob', x'01020304'), ('none', NULL)`)
	ctx := context.Background()
	for range 3 {
		if changed, err := s.Poll(ctx); !changed || err != nil {
			t.Error(changed, err)
		}
	}
	if changed, err := s.Poll(ctx); changed || err != nil {
		t.Error("no rest:", changed, err)
	}
	if got := ask(t, path, `SELECT count(*) FROM "PasswordReset" WHERE requested_ip_key IS NULL`); got != "0" {
		t.Error(got, "incomplete")
	}
	if got := ask(t, path, `SELECT count(*) FROM "PasswordReset" WHERE requested_ip = used_ip_address AND length(requested_ip_key) = 16`); got != "12004" {
		t.Error(got)
	}
	if got := ask(t, path, `SELECT hex(requested_ip_key) FROM "PasswordReset" WHERE id = printf('%032x', 258)`); got != "00000000000000000000FFFF0A010102" {
		t.Error(got)
	}
}
