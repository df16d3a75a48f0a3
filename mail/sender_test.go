package mail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

var key = model.Key(bytes.Repeat([]byte{7}, model.KeySize))

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// letterTo makes a letter as the store would queue it.
func letterTo(to string) model.Letter {
	id := model.NewResetID(model.NewID(), model.SchemeSecret)
	sum := sha256.Sum256([]byte(to + id.Full()))
	return model.Letter{
		ID: model.NewID(), Kind: model.LetterIssued, ResetID: id, To: to, State: model.Queued,
		Created: noon, Expires: noon.Add(time.Hour), NextTry: noon,
		MessageID:  hex.EncodeToString(sum[:8]) + "@app.example.org",
		SecretHash: model.NewToken(key, id, model.SchemeSecret).Hash(),
	}
}

func linkOf(l model.Letter) string {
	return "https://app.example.org/reset/" + model.NewToken(key, l.ResetID, model.SchemeSecret).Reveal()
}

func newCapture(t testing.TB, o CaptureOptions) *Capture {
	t.Helper()
	c, err := NewCapture(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func withLetters(c Config) Config {
	c.From, c.ReplyTo, c.ResetURL = "Example <no-reply@example.org>", "help@example.org", "https://app.example.org/reset/{token}"
	return c
}

func newSender(t testing.TB, c Config) *Sender {
	t.Helper()
	s, err := NewSender(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func newPress(t testing.TB) *Press {
	t.Helper()
	p, err := NewPress(withLetters(Config{}), key, model.SchemeSecret)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func write(t testing.TB, p *Press, l model.Letter) Mail {
	t.Helper()
	m, err := p.Write(l)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestALetterGoesThroughARealConversation(t *testing.T) {
	for _, security := range []string{StartTLS, TLS, Plain} {
		c := newCapture(t, CaptureOptions{Security: security})
		s := newSender(t, c.Config())
		l := letterTo("someone@example.org")
		reply, err := s.Send(context.Background(), write(t, newPress(t), l))
		if err != nil {
			t.Fatalf("%s: %v", security, err)
		}
		if !strings.HasPrefix(reply, "250 2.0.0 Ok: queued as ") {
			t.Errorf("%s: reply %q", security, reply)
		}
		got := c.Find(l.MessageID)
		if len(got) != 1 || got[0].To != l.To || got[0].From != "no-reply@example.org" {
			t.Fatalf("%s: captured %+v", security, got)
		}
		text, err := got[0].Text()
		if err != nil || !strings.Contains(text, linkOf(l)+"\n") {
			t.Errorf("%s: text without its link: %v\n%s", security, err, text)
		}
	}
}
