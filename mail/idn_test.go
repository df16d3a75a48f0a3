package mail

import (
	"context"
	"strings"
	"testing"

	"doorman/model"
)

// A domain outside ASCII goes out in its xn-- form, in envelope and headers, to
// a relay that lacks SMTPUTF8.
func TestDomainsGoOutInASCII(t *testing.T) {
	for to, want := range map[string]string{
		"ada@bücher.example":    "ada@xn--bcher-kva.example",
		"ada@BÜCHER.example":    "ada@xn--bcher-kva.example",
		"ada@straße.example":    "ada@xn--strae-oqa.example",
		"ada@почта.рф":          "ada@xn--80a1acny.xn--p1ai",
		"ada@例え.テスト":            "ada@xn--r8jz45g.xn--zckzah",
		"ada@x.bücher.example":  "ada@x.xn--bcher-kva.example",
		"Ada+x@Example.org":     "Ada+x@Example.org",
		"ada@xn--bcher-kva.org": "ada@xn--bcher-kva.org",
	} {
		r := newRelay(t, func(int, string) string { return "" })
		cfg := withLetters(r.config())
		s := newSender(t, cfg)
		m := write(t, newPress(t), letterTo(to))
		m.From.Address, m.ReplyTo.Address = "no-reply@bücher.example", "help@bücher.example"
		if _, err := s.Send(context.Background(), m); err != nil {
			t.Errorf("%s: %v", to, err)
			continue
		}
		said := r.said()
		for _, line := range []string{"RCPT TO:<" + want + ">", "MAIL FROM:<no-reply@xn--bcher-kva.example>", "<" + want + ">\r\n", "Reply-To:"} {
			if !strings.Contains(said, line) {
				t.Errorf("%s: no %q in\n%s", to, line, said)
			}
		}
		head, _, _ := strings.Cut(said[strings.Index(said, "DATA"):], "\r\n\r\n")
		if !isASCII(head) || strings.Contains(said, "SMTPUTF8") {
			t.Errorf("%s: more than ASCII in\n%s", to, said)
		}
	}
}

// What no relay can take ends the email with the reason; a sender of that kind is
// a setting and pauses.
func TestAddressesThatCannotGoOut(t *testing.T) {
	relayed := newRelay(t, func(int, string) string { return "" })
	for to, says := range map[string]string{
		"jürgen@example.org": "outside ASCII before the @",
		"ada@-ü-.example":    "cannot exist",
		"ada@ü..example":     "",
	} {
		l := letterTo(to)
		b := newOutbox(l)
		_, _ = courierOn(t, b, relayed.config(), CourierOptions{}).Once(context.Background())
		if got := b.letter(l.ID); got.State != model.Undeliverable || !strings.Contains(got.LastError, says) {
			t.Errorf("%s: %s %q", to, got.State, got.LastError)
		}
	}
	m := write(t, newPress(t), letterTo("ada@example.org"))
	m.From.Address = "größe@example.org"
	_, err := newSender(t, relayed.config()).Send(context.Background(), m)
	if e, ok := err.(*SendError); !ok || !e.Trouble() || !strings.Contains(hintFor(e), "mail.from") {
		t.Errorf("a sender outside ASCII: %v", err)
	}
}
