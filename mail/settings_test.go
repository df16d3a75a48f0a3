package mail

import (
	"context"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

// refusal is a reply that a relay gives because of our settings.
type refusal struct {
	at, reply string
	hint      string // what the hint must name
	lone      bool   // may concern one recipient only
}

func refusals() map[string]refusal {
	return map[string]refusal{
		"hello name":             {at: "EHLO", reply: "501 5.5.4 Invalid domain name", hint: "mail.hello"},
		"hello not accepted":     {at: "EHLO", reply: "550 5.7.1 not welcome", hint: "mail.hello"},
		"sender, 550":            {at: "MAIL", reply: "550 5.7.1 not for you", hint: "mail.from"},
		"sender, 553":            {at: "MAIL", reply: "553 5.7.1 <no-reply@example.org>: Sender address rejected: not owned by user ada", hint: "mail.from"},
		"sender's domain":        {at: "MAIL", reply: "550 5.1.8 <no-reply@example.org>: Sender address rejected: Domain not found", hint: "mail.from"},
		"login":                  {at: "MAIL", reply: "530 5.7.0 Authentication required", hint: "mail.username"},
		"TLS":                    {at: "MAIL", reply: "530 5.7.0 Must issue a STARTTLS command first", hint: "mail.security"},
		"login, later":           {at: "RCPT", reply: "530 5.7.1 Authentication required", hint: "mail.username"},
		"login, Exchange":        {at: "MAIL", reply: "530 5.7.57 Client not authenticated to send mail", hint: "mail.username"},
		"hello, Postfix":         {at: "RCPT", reply: "504 5.5.2 <box>: Helo command rejected: need fully-qualified hostname", hint: "mail.hello", lone: true},
		"hello, Postfix 550":     {at: "RCPT", reply: "550 5.7.1 <box>: Helo command rejected: Host not found", hint: "mail.hello", lone: true},
		"sender, late":           {at: "RCPT", reply: "553 5.7.1 <no-reply@example.org>: Sender address rejected: not logged in", hint: "mail.from", lone: true},
		"sender, Exim":           {at: "RCPT", reply: "550 Sender verify failed", hint: "mail.from", lone: true},
		"relaying, Postfix":      {at: "RCPT", reply: "554 5.7.1 <someone@example.org>: Relay access denied", hint: "mail.username", lone: true},
		"relaying, Exim":         {at: "RCPT", reply: "550 relay not permitted", hint: "mail.username", lone: true},
		"relaying, Exchange":     {at: "RCPT", reply: "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", hint: "mail.username", lone: true},
		"relaying, sendmail":     {at: "RCPT", reply: "550 5.7.1 <someone@example.org>... Relaying denied", hint: "mail.username", lone: true},
		"relaying, for now":      {at: "RCPT", reply: "454 4.7.1 <someone@example.org>: Relay access denied", hint: "mail.username", lone: true},
		"hello, for now":         {at: "RCPT", reply: "450 4.7.1 <box>: Helo command rejected: Host not found", hint: "mail.hello", lone: true},
		"sender, for now":        {at: "RCPT", reply: "450 4.1.8 <no-reply@example.org>: Sender address rejected: Domain not found", hint: "mail.from", lone: true},
		"client, for now":        {at: "RCPT", reply: "450 4.7.25 Client host rejected: cannot find your hostname", hint: "address", lone: true},
		"sender, at MAIL":        {at: "MAIL", reply: "450 4.1.8 <no-reply@example.org>: Sender address rejected: Domain not found", hint: "mail.from"},
		"client, Postfix":        {at: "RCPT", reply: "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied", hint: "address", lone: true},
		"block list":             {at: "RCPT", reply: "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example", hint: "address", lone: true},
		"SPF":                    {at: "RCPT", reply: "550 5.7.23 <someone@example.org>: Recipient address rejected: SPF fail", hint: "mail.from", lone: true},
		"unverified sender, SES": {at: ".", reply: "554 Message rejected: Email address is not verified.", hint: "mail.from", lone: true},
		"send as, Exchange":      {at: ".", reply: "554 5.2.252 SendAsDenied; no-reply@example.org not allowed to send as other@example.org", hint: "mail.from", lone: true},
		"unauthenticated, Gmail": {at: ".", reply: "550-5.7.26 This mail has been blocked because the sender is unauthenticated.\n550 5.7.26 see help", hint: "mail.from", lone: true},
	}
}

// A refusal that comes from our settings pauses the courier: the email stays
// queued with the reason, no attempt is counted, and once the relay accepts us
// it goes out without anyone's help.
func TestARefusalOfOurSettingsPausesAndBuriesNothing(t *testing.T) {
	for name, c := range refusals() {
		t.Run(name, func(t *testing.T) {
			mended := false
			r := newRelay(t, func(_ int, command string) string {
				if !mended && (command == c.at || c.at == "EHLO" && command == "HELO") {
					return c.reply
				}
				return ""
			})
			l := letterTo("someone@example.org")
			b := newOutbox(l)
			var k *Courier
			pauses, reason, hint := 0, "", ""
			o := CourierOptions{Fault: func(error) {}}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			o.Sleep = func(_ context.Context, d time.Duration) {
				b.clock.advance(d)
				if s := k.Status(); s.State == "paused" {
					pauses, reason, hint = pauses+1, s.Reason, s.Hint
				}
				if got := b.letter(l.ID); got.State == model.Queued && (got.Attempts != 0 || !strings.Contains(got.LastError, hint)) {
					t.Errorf("the email: %d attempts, %q", got.Attempts, got.LastError)
				}
				if pauses == 4 {
					r.mu.Lock()
					mended = true
					r.mu.Unlock()
				}
				if b.count(model.Sent) == 1 || pauses > 20 {
					cancel()
				}
			}
			k = courierOn(t, b, r.config(), o)
			if err := k.Run(ctx); err != nil {
				t.Fatal(err)
			}
			if b.count(model.Sent) != 1 || pauses != 4 {
				t.Errorf("%s after %d pauses: %q", b.letter(l.ID).State, pauses, b.letter(l.ID).LastError)
			}
			if first := strings.Fields(c.reply)[0][:3]; !strings.Contains(reason, first) || !strings.Contains(hint, c.hint) {
				t.Errorf("it says %q, hint %q; want %s and %s", reason, hint, first, c.hint)
			}
		})
	}
}

// The test email and a single pass name the setting.
func TestARefusalOfOurSettingsNamesTheSetting(t *testing.T) {
	for name, c := range refusals() {
		r := newRelay(t, func(_ int, command string) string {
			if command == c.at || c.at == "EHLO" && command == "HELO" {
				return c.reply
			}
			return ""
		})
		s := newSender(t, withLetters(r.config()))
		checks, err := s.Test(context.Background(), "someone@example.org")
		if last := checks[len(checks)-1]; err == nil || last.OK || !strings.Contains(last.Hint, c.hint) {
			t.Errorf("%s: test: %+v, %v", name, last, err)
		}
		_, err = courierOn(t, newOutbox(letterTo("someone@example.org")), r.config(), CourierOptions{}).Once(context.Background())
		if e, ok := err.(*model.Error); !ok || !strings.Contains(e.Hint, c.hint) {
			t.Errorf("%s: once: %v", name, err)
		}
	}
}

// Replies about one recipient still end its email alone.
func TestARefusalOfOneRecipientEndsThatEmail(t *testing.T) {
	for _, reply := range []string{
		"550 5.1.1 <relay-denied@example.org>: Recipient address rejected: User unknown",
		"550 5.1.1 no such user: relaying denied, they would have you believe",
		"550 no such mailbox", "553 5.1.3 bad recipient address syntax", "552 5.2.2 mailbox full",
		"550 5.1.10 RESOLVER.ADR.RecipientNotFound; recipient not found by SMTP address lookup",
		"504 5.5.2 <someone>: Recipient address rejected: need fully-qualified address",
		"550 5.4.1 Recipient address rejected: Access denied", "550 <relay.denied@example.org> unknown",
	} {
		r := newRelay(t, func(_ int, command string) string {
			if command == "RCPT" {
				return reply
			}
			return ""
		})
		l := letterTo("someone@example.org")
		b := newOutbox(l)
		if _, err := courierOn(t, b, r.config(), CourierOptions{}).Once(context.Background()); err != nil || b.letter(l.ID).State != model.Undeliverable {
			t.Errorf("%q: %s, %v", reply, b.letter(l.ID).State, err)
		}
	}
}

// Replies that pass with time are tried again, and count.
func TestADelayCountsAsAnAttempt(t *testing.T) {
	for _, reply := range []string{
		"450 4.2.0 <someone@example.org>: Recipient address rejected: Greylisted", "451 4.7.1 Greylisting in action, please come back later",
		"450 4.7.1 <no-reply@example.org>: Sender address rejected: greylisted", "451 4.3.0 local error", "452 4.2.2 mailbox full", "451 4.4.1 no answer from host",
	} {
		r := newRelay(t, func(_ int, command string) string {
			if command == "RCPT" {
				return reply
			}
			return ""
		})
		l := letterTo("someone@example.org")
		b := newOutbox(l)
		if _, err := courierOn(t, b, r.config(), CourierOptions{}).Once(context.Background()); err != nil || b.letter(l.ID).State != model.Failed || b.letter(l.ID).Attempts != 1 {
			t.Errorf("%q: %+v, %v", reply, b.letter(l.ID), err)
		}
	}
}

// A relay that relays to some domains only must not let one email stop all the
// others: that one waits, the others go out.
func TestOneRefusedDomainStopsNoOtherEmail(t *testing.T) {
	c := newCapture(t, CaptureOptions{Fault: func(to string, _ int) Fault {
		if strings.HasSuffix(to, "@elsewhere.example") {
			return FaultNoRelay
		}
		return FaultNone
	}})
	foreign := letterTo("a@elsewhere.example")
	foreign.Created, foreign.Expires = noon, noon.Add(time.Hour)
	notice := letterTo("b@elsewhere.example")
	notice.Kind, notice.Created, notice.Expires = model.LetterCompleted, noon, time.Time{}
	all := append([]model.Letter{foreign, notice}, letters(45, "reader.")...)
	b := newOutbox(all...)
	k := courierOn(t, b, c.Config(), CourierOptions{})
	sent, err := k.Once(context.Background())
	if sent != 45 || err == nil || !strings.Contains(err.Error(), "Relay access denied") {
		t.Fatalf("sent %d, %v", sent, err)
	}
	for _, id := range []string{foreign.ID, notice.ID} {
		if got := b.letter(id); got.State != model.Queued || got.Attempts != 0 || !strings.Contains(got.LastError, "Relay access denied") || got.NextTry.Sub(noon) != holdBack {
			t.Errorf("%s, %d attempts, next %s, %q", got.State, got.Attempts, got.NextTry, got.LastError)
		}
	}
	b.clock.advance(heldAtMost)
	next := letterTo("reader@example.org")
	next.Expires = b.clock.Now().Add(time.Hour)
	b.rows = append(b.rows, &row{Letter: next})
	if _, err := k.Once(context.Background()); err != nil {
		t.Error(err)
	}
	if got := b.letter(notice.ID); got.State != model.Undeliverable || !strings.Contains(got.LastError, "Relay access denied") {
		t.Errorf("after a day: %s %q", got.State, got.LastError)
	}
}

// A new email waits a minute at most behind one that is refused for its domain.
func TestAPauseForOneRecipientIsShort(t *testing.T) {
	r := newRelay(t, func(_ int, command string) string {
		if command == "RCPT" {
			return "554 5.7.1 Relay access denied"
		}
		return ""
	})
	l := letterTo("someone@example.org")
	l.Created, l.Expires = noon, noon.Add(model.MaxLifetime)
	b := newOutbox(l)
	n := 0
	waits := runUntil(t, b, r.config(), CourierOptions{Fault: func(error) { n++ }}, func() bool { return n == 12 })
	for _, w := range waits {
		if w > holdBack {
			t.Errorf("a pause of %s", w)
		}
	}
}

// A relay that greets with a refusal says whether it is busy or closed to us.
func TestAGreetingThatRefuses(t *testing.T) {
	for reply, hint := range map[string]string{
		"421 4.7.0 Too many connections":      "busy",
		"421 4.3.2 Service not available":     "busy",
		"450 4.7.1 rate limit":                "busy",
		"554 5.7.1 No SMTP service here":      "address",
		"550 5.7.1 your address is on a list": "address",
		"HTTP/1.1 400 Bad Request":            "port",
	} {
		r := newRelay(t, func(_ int, command string) string {
			if command == "" {
				return reply
			}
			return ""
		})
		checks, err := newSender(t, withLetters(r.config())).Test(context.Background(), "someone@example.org")
		if last := checks[len(checks)-1]; err == nil || !strings.Contains(last.Hint, hint) {
			t.Errorf("%q: hint %q, want %q", reply, last.Hint, hint)
		}
	}
	r := newRelay(t, func(_ int, command string) string {
		if command == "MAIL" {
			return "421 4.7.0 Too many emails from you"
		}
		return ""
	})
	checks, _ := newSender(t, withLetters(r.config())).Test(context.Background(), "someone@example.org")
	if last := checks[len(checks)-1]; !strings.Contains(last.Hint, "busy") {
		t.Errorf("421 at MAIL: %+v", last)
	}
}
