package mail

import (
	"bytes"
	"maps"
	"net/mail"
	"slices"
	"strings"
	"testing"

	"doorman/model"
)

// FuzzLetter builds letters from any sender, subject, recipient and Message-ID
// that are taken at all: the letter has exactly our headers, one recipient, the
// one link, and its sender is who was configured.
func FuzzLetter(f *testing.F) {
	f.Add("Example <no-reply@example.org>", "help@example.org", "Your password", "a@example.org", "1@doorman.invalid")
	f.Add("=?utf-8?q?x?= <a@b.example>", "", "x\r\nBcc: c@d.example", "a@b.example\r\nBcc: c@d.example", "1>\r\nX: y")
	f.Add("\"a\\\"b, c\" <a@b.example>", "A <a@b.example>, B <c@d.example>", strings.Repeat("ü", 300), "a@bücher.example", "é@x")
	f.Add("Группа: a@b.example;", "a@b.example", "\u202esubject\x00", "\"a b\"@c.example", "1@2")
	s := newSender(f, Config{Host: "127.0.0.1", Security: Plain})
	f.Fuzz(func(t *testing.T, from, replyTo, subject, to, id string) {
		cfg := withLetters(Config{})
		cfg.From, cfg.ReplyTo, cfg.Subject = from, replyTo, subject
		p, err := NewPress(cfg, key, model.SchemeSecret)
		if err != nil {
			return
		}
		l := letterTo(to)
		l.MessageID = id
		m, err := p.Write(l)
		if err != nil {
			if strings.Contains(err.Error(), linkOf(l)) {
				t.Fatalf("the error repeats the link: %v", err)
			}
			return
		}
		raw, err := s.compose(m)
		if err != nil {
			return
		}
		r, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"Auto-Submitted", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To", "User-Agent", "X-Mailer", "Reply-To", "List-Unsubscribe", "X-Auto-Response-Suppress", "Precedence"}
		for name, values := range r.Header {
			if !slices.Contains(want, name) || len(values) != 1 {
				t.Errorf("the header %s: %q (all: %v)", name, values, slices.Sorted(maps.Keys(r.Header)))
			}
		}
		if a, err := r.Header.AddressList("To"); err != nil || len(a) != 1 || a[0].Address != strings.TrimSpace(to) {
			t.Errorf("%q: to %v (%v)", to, a, err)
		}
		if a, err := r.Header.AddressList("From"); err != nil || len(a) != 1 || a[0].Address != p.from.Address {
			t.Errorf("%q: from %v (%v)", from, a, err)
		}
		if r.Header.Get("Message-Id") != "<"+id+">" {
			t.Errorf("%q: Message-ID %q", id, r.Header.Get("Message-Id"))
		}
		if !slices.Contains(linksOfText(m.Text), linkOf(l)) || !slices.Contains(linksOfHTML(m.HTML), linkOf(l)) {
			t.Errorf("%q: without its link", to)
		}
	})
}
