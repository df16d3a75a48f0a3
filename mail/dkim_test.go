package mail

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"doorman/model"
)

// relaxedBody is the body canonicalization of RFC 6376 §3.4.4.
func relaxedBody(b string) string {
	b = regexp.MustCompile(`[ \t]+`).ReplaceAllString(b, " ")
	b = strings.ReplaceAll(b, " \r\n", "\r\n")
	b = strings.TrimRight(b, "\r\n")
	if b == "" {
		return ""
	}
	return b + "\r\n"
}

// relaxedHeader is the header canonicalization of RFC 6376 §3.4.2.
func relaxedHeader(h string) string {
	name, value, _ := strings.Cut(h, ":")
	value = regexp.MustCompile(`[ \t\r\n]+`).ReplaceAllString(value, " ")
	return strings.ToLower(strings.TrimSpace(name)) + ":" + strings.TrimSpace(value)
}

// verifyDKIM checks the signature of a letter as a receiver does.
func verifyDKIM(t *testing.T, raw []byte, public crypto.PublicKey) map[string]string {
	t.Helper()
	head, body, _ := strings.Cut(string(raw), "\r\n\r\n")
	fields := strings.Split(regexp.MustCompile(`\r\n[ \t]`).ReplaceAllString(head, "\x00"), "\r\n")
	tags, signature := map[string]string{}, ""
	for _, f := range fields {
		if strings.HasPrefix(f, "DKIM-Signature:") {
			signature = strings.ReplaceAll(f, "\x00", "\r\n ")
		}
	}
	_, value, _ := strings.Cut(signature, ":")
	for _, tag := range strings.Split(value, ";") {
		k, v, _ := strings.Cut(tag, "=")
		tags[strings.TrimSpace(k)] = regexp.MustCompile(`\s`).ReplaceAllString(v, "")
	}
	sum := sha256.Sum256([]byte(relaxedBody(body)))
	if tags["bh"] != base64.StdEncoding.EncodeToString(sum[:]) {
		t.Errorf("the body is not the signed one")
	}
	signed, left := "", append([]string{}, fields...)
	for _, name := range strings.Split(tags["h"], ":") {
		for i := len(left) - 1; i >= 0; i-- {
			if n, _, _ := strings.Cut(left[i], ":"); strings.EqualFold(n, name) {
				signed += relaxedHeader(strings.ReplaceAll(left[i], "\x00", "\r\n ")) + "\r\n"
				left = append(left[:i], left[i+1:]...)
				break
			}
		}
	}
	signed += regexp.MustCompile(`(;\s*b=)[^;]*`).ReplaceAllString(relaxedHeader(signature), "$1")
	digest := sha256.Sum256([]byte(signed))
	b, err := base64.StdEncoding.DecodeString(tags["b"])
	if err != nil {
		t.Fatalf("b=: %v", err)
	}
	switch k := public.(type) {
	case *rsa.PublicKey:
		err = rsa.VerifyPKCS1v15(k, crypto.SHA256, digest[:], b)
	case ed25519.PublicKey:
		if !ed25519.Verify(k, digest[:], b) {
			err = rsa.ErrVerification
		}
	}
	if err != nil {
		t.Errorf("the signature does not fit: %v\n%s", err, signed)
	}
	return tags
}

func keyFile(t *testing.T, key any, mode os.FileMode) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "dkim.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLettersAreSigned(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := newCapture(t, CaptureOptions{})
	for algorithm, k := range map[string]crypto.Signer{"rsa-sha256": rsaKey, "ed25519-sha256": edKey} {
		cfg := c.Config()
		cfg.DKIM = DKIM{Domain: "example.org", Selector: "doorman", KeyFile: keyFile(t, k, 0o600)}
		l := letterTo("someone@example.org")
		if _, err := newSender(t, cfg).Send(context.Background(), write(t, newPress(t), l)); err != nil {
			t.Fatal(err)
		}
		raw := c.Find(l.MessageID)[0].Raw
		tags := verifyDKIM(t, raw, k.Public())
		if tags["a"] != algorithm || tags["d"] != "example.org" || tags["s"] != "doorman" {
			t.Errorf("%s: %v", algorithm, tags)
		}
		if h := strings.ToLower(tags["h"]); strings.Count(h, "from") != 2 || !strings.Contains(h, "reply-to") {
			t.Errorf("%s: signs %s", algorithm, tags["h"])
		}
		if bytes.Count(raw, []byte("DKIM-Signature:")) != 1 {
			t.Errorf("%s: more than one signature", algorithm)
		}
	}
}

func TestASigningKeyIsItsOwnersAlone(t *testing.T) {
	_, k, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	open := keyFile(t, k, 0o644)
	for path, kind := range map[string]model.Kind{open: model.Invalid, filepath.Join(t.TempDir(), "absent"): model.Unavailable} {
		_, err := NewSender(Config{Host: "smtp.example.org", DKIM: DKIM{Domain: "example.org", Selector: "s", KeyFile: path}})
		if !model.IsKind(err, kind) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
