package mail

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"mime/quotedprintable"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"doorman/model"
)

// encodings are the ways in which relays and filters write what they quote.
func encodings() map[string]func(string) string {
	each := func(format string) func(string) string {
		return func(s string) string {
			out := ""
			for _, b := range []byte(s) {
				out += fmt.Sprintf(format, b)
			}
			return out
		}
	}
	return map[string]func(string) string{
		"plain": func(s string) string { return s }, "upper": strings.ToUpper, "lower": strings.ToLower,
		"query": url.QueryEscape, "percent": each("%%%02x"), "percent upper": each("%%%02X"), "percent twice": func(s string) string { return url.QueryEscape(each("%%%02X")(s)) },
		"quoted-printable": func(s string) string {
			var b strings.Builder
			w := quotedprintable.NewWriter(&b)
			_, _ = w.Write([]byte("https://app.example.org/reset/confirm/of/the/password?token=" + s))
			_ = w.Close()
			return b.String()
		},
		"quoted-printable all": each("=%02X"), "hex": func(s string) string { return hex.EncodeToString([]byte(s)) }, "hex upper": func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
		"hex spaced": each("%02x "), "hex 0x": each("0x%02x, "), "hex colons": each("%02x:"), "escapes": each(`\x%02x`), "unicode escapes": each(`\u%04x`),
		"entities": each("&#%d;"), "entities padded": each("&#%04d;"), "entities hex": each("&#x%x;"), "spaced": each("%c "), "dashed": each("%c-"),
		"base64": func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }, "base64 raw": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
		"base64 at 1": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("/" + s)) }, "base64 at 2": func(s string) string { return base64.URLEncoding.EncodeToString([]byte("t=" + s)) },
		"base64 of percent": func(s string) string { return base64.StdEncoding.EncodeToString([]byte(each("%%%02X")(s))) },
		"hex of base64":     func(s string) string { return hex.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(s)))) },
	}
}

// wraps are the ways in which a text is set over the lines of a reply.
func wraps() map[string]func(string) string {
	every := func(n int, between string) func(string) string {
		return func(s string) string {
			out := ""
			for ; len(s) > n; s = s[n:] {
				out += s[:n] + between
			}
			return out + s
		}
	}
	return map[string]func(string) string{
		"one line": func(s string) string { return s }, "at 70": every(70, "\n"), "at 7": every(7, "\n"),
		"at 20, with codes": every(20, "\n5.7.1 "), "at 11, spaced": every(11, " \n  "), "soft breaks": every(30, "=\n"),
	}
}

// leak returns a part of the secret, or of its encoded form, that a text shows.
func leak(text, secret, encoded string) string {
	text = squeeze(regexp.MustCompile(`\b[245]\.\d\.\d\b|\b[245]\d\d\b`).ReplaceAllString(text, ""))
	for _, s := range []string{squeeze(secret), squeeze(encoded)} {
		for i := 0; i+telling <= len(s); i++ {
			if part := s[i : i+telling]; strings.Contains(text, part) {
				return part
			}
		}
	}
	return ""
}

// No part of a token is kept of a relay's reply, however the relay cut, wrapped
// or encoded what it quotes.
func TestNoPartOfATokenIsKept(t *testing.T) {
	token := linkOf(letterTo("someone@example.org"))
	token = token[strings.LastIndex(token, "/")+1:]
	_, secret, _ := strings.Cut(token, ".")
	cuts := map[string]string{"token": token, "secret": secret, "start": secret[:12], "end": secret[len(secret)-12:], "middle": secret[10:24]}
	for cut, s := range cuts {
		for name, encode := range encodings() {
			encoded := encode(s)
			for wrap, set := range wraps() {
				reply := "5.7.1 message refused, it holds " + set(encoded) + " which is listed"
				got := answer(reply, token, secret)
				if part := leak(got, s, encoded); part != "" || !strings.Contains(got, placeholder) {
					t.Errorf("%s, %s, %s: %q is left in %q of %q", cut, name, wrap, part, got, reply)
				}
				if !strings.HasPrefix(got, "5.7.1 message refused, it holds ") {
					t.Errorf("%s, %s, %s: the reason is gone: %q", cut, name, wrap, got)
				}
			}
		}
	}
}

// Ordinary replies stay as they are.
func TestOrdinaryRepliesAreKept(t *testing.T) {
	token := strings.Repeat("0a", 16) + ".Zx9_TqLw3-mVbR7yKc2HfNd8PsGj4UaEoXi6WtQvB1k"
	for _, reply := range []string{
		"2.0.0 Ok: queued as 4bXk1z2Pq9z6tRw", "2.0.0 OK  1764589000 5b1f17b1804b1-477b0c1d2e3f4a5b6c7d8e9f.12 - gsmtp",
		"2.6.0 <0123456789abcdef0123456789abcdef@app.example.org> [InternalId=123456789, Hostname=MAIL01.example.org] Queued mail for delivery",
		"5.1.1 <someone@example.org>: Recipient address rejected: User unknown in virtual mailbox table",
		"5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example; https://check.example/query/ip/192.0.2.1",
		"OK id=1rAbCd-0000AB-XY", "Ok 0100018c5e7a7b1c-9d8e7f6a-5b4c-3d2e-1f0a-123456789abc-000000",
	} {
		if got := answer(reply, token); got != strings.Join(strings.Fields(reply), " ") {
			t.Errorf("%q became %q", reply, got)
		}
	}
}

// The same over the wire, in what the outbox stores.
func TestNoPartOfATokenIsStored(t *testing.T) {
	for _, code := range []string{"250", "554", "451"} {
		for name, encode := range encodings() {
			l := letterTo("someone@example.org")
			token := linkOf(l)
			token = token[strings.LastIndex(token, "/")+1:]
			encoded := encode(token)
			r := newRelay(t, func(_ int, command string) string {
				if command != "." {
					return ""
				}
				var lines []string
				for rest := strings.Join(strings.Fields(encoded), "_"); rest != ""; {
					n := min(len(rest), 50)
					lines = append(lines, code+"-5.7.1 "+rest[:n])
					rest = rest[n:]
				}
				return strings.Join(append(lines, code+" 5.7.1 end"), "\n")
			})
			b := newOutbox(l)
			_, _ = courierOn(t, b, r.config(), CourierOptions{}).Once(context.Background())
			got := b.letter(l.ID)
			if part := leak(got.Reply+got.LastError, token, encoded); part != "" || !strings.Contains(got.Reply+got.LastError, placeholder) {
				t.Errorf("%s %s: %q is left in %q", code, name, part, got.Reply+got.LastError)
			}
		}
	}
}

func FuzzRedaction(f *testing.F) {
	token := model.NewToken(model.Key("0123456789abcdef0123456789abcdef"), letterTo("a@example.org").ResetID, model.SchemeSecret).Reveal()
	f.Add("5.7.1 refused ", uint8(0), uint8(40), uint8(0), " listed")
	f.Add("", uint8(33), uint8(20), uint8(3), "=\n")
	f.Fuzz(func(t *testing.T, before string, from, n, how uint8, after string) {
		start := int(from) % len(token)
		part := token[start:min(len(token), start+int(n))]
		encoded := part
		switch how % 4 {
		case 1:
			encoded = url.QueryEscape(part)
		case 2:
			encoded = hex.EncodeToString([]byte(part))
		case 3:
			encoded = base64.StdEncoding.EncodeToString([]byte(part))
		}
		if shares(squeeze(before+after), squeeze(token), telling) {
			return // the text around it is made of the token
		}
		// Text right beside an encoded part joins it; a space is the least that a quote has.
		got := answer(before+" "+encoded+" "+after, token)
		if p := leak(got, part, part); p != "" {
			t.Errorf("%q is left in %q", p, got)
		}
	})
}

// BenchmarkAnswer is what each email that goes out costs; the relay takes about
// 2 ms for one.
func BenchmarkAnswer(b *testing.B) {
	token := strings.Repeat("0a", 16) + ".Zx9_TqLw3-mVbR7yKc2HfNd8PsGj4UaEoXi6WtQvB1k"
	for range b.N {
		_ = answer("2.0.0 Ok: queued as 4bXk1z2Pq9z6tRw", token, token[33:])
	}
}
