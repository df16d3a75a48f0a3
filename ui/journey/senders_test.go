//go:build unix

package journey

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"doorman/mail"
)

// slow makes the relay think about every letter for as long as the test wants.
func slow(gate <-chan struct{}) relayOption {
	return func(o *mail.CaptureOptions) { o.Received = func(mail.Captured) { <-gate } }
}

// Of two consoles on one file a single one sends. When that one dies in the
// middle of a letter, the other takes over once the leases have run out, every
// letter arrives, and a letter that comes twice has the same link.
func TestTwoConsolesAndOneDies(t *testing.T) {
	gate := make(chan struct{})
	s := newSite(t, slow(gate)).people(crowd(6)...)
	one := s.open(80, 24, nil)
	waitFor(t, "the lease of the first console", func() bool { return s.count(`SELECT count(*) FROM doorman_lease WHERE name = 'sender'`) == 1 })
	two := s.open(80, 24, nil)
	for _, who := range crowd(6) {
		s.run("issue", who)
	}
	waitFor(t, "emails in the hands of the first console", func() bool {
		return s.count(`SELECT count(*) FROM doorman_outbox WHERE state = 'sending'`) > 0
	})
	if n := s.count(`SELECT count(DISTINCT lease_owner) FROM doorman_outbox WHERE lease_owner IS NOT NULL`); n != 1 {
		t.Errorf("%d senders", n)
	}
	gate <- struct{}{} // one letter is through
	waitFor(t, "one email sent", func() bool { return s.count(`SELECT count(*) FROM doorman_outbox WHERE state = 'sent'`) == 1 })
	one.signal(syscall.SIGKILL)
	<-one.done
	close(gate)
	if r := s.try("", "deliver", "--once"); r.status == 0 || !strings.Contains(r.err, "another console is sending") {
		t.Errorf("while a lease runs: %+v", r)
	}

	past := time.Now().UTC().Add(-time.Second).Format("2006-01-02 15:04:05.000000")
	s.exec(fmt.Sprintf(`UPDATE doorman_lease SET until = '%[1]s';
		UPDATE doorman_outbox SET lease_until = '%[1]s', next_try = '%[1]s' WHERE state = 'sending'`, past))
	waitFor(t, "all emails sent by the other", func() bool { return s.count(`SELECT count(*) FROM doorman_outbox WHERE state = 'sent'`) == 6 })

	links := map[string]string{}
	for _, m := range s.relay.Messages() {
		if old, twice := links[m.To]; twice && old != s.token(m) {
			t.Errorf("%s got two different links", m.To)
		}
		links[m.To] = s.token(m)
	}
	if len(links) != 6 {
		t.Errorf("%d people got an email, want 6", len(links))
	}
	for who, token := range links {
		if r := s.try(token, "redeem", "--ip", "198.51.100.7", "--agent", "Firefox"); r.status != 0 {
			t.Errorf("the link of %s does not work: %+v", who, r)
		}
	}
	two.send("q").ends(0)
}

// A console that quits in order hands sending over at once.
func TestQuittingHandsSendingOver(t *testing.T) {
	s := newSite(t).people(crowd(2)...)
	one := s.open(80, 24, nil)
	waitFor(t, "the lease of the first console", func() bool { return s.count(`SELECT count(*) FROM doorman_lease WHERE name = 'sender'`) == 1 })
	two := s.open(80, 24, nil)
	one.send("q").ends(0)
	s.run("issue", "person.000@example.org")
	s.letters(1)
	two.send("q").ends(0)
	s.run("issue", "person.001@example.org", "--wait")
	if got := s.letters(2)[1].To; got != "person.001@example.org" {
		t.Errorf("an email for %s", got)
	}
}

// The relay dies in the middle: nothing is lost, nothing is sent with another
// link.
func TestARelayThatFailsLosesNothing(t *testing.T) {
	s := newSite(t, func(o *mail.CaptureOptions) { o.Fault = mail.FaultByName }).people("lost.ada@example.org", "drop.bob@example.org", "550.cy@example.org", "dora@example.org")
	c := s.open(120, 40, nil)
	for _, who := range []string{"lost.ada@example.org", "drop.bob@example.org", "550.cy@example.org", "dora@example.org"} {
		s.run("issue", who)
	}
	c.send("5").sees("Outbox ─", "✗ undeliverable", "550", "✓ sent").sees("dora@example.org")
	waitFor(t, "the email that got through", func() bool {
		return s.count(`SELECT count(*) FROM doorman_outbox WHERE state = 'sent' AND recipient LIKE 'dora%'`) == 1
	})
	if n := s.count(`SELECT count(*) FROM PasswordReset WHERE was_used = 1`); n != 0 {
		t.Errorf("%d resets ended", n)
	}
	links := map[string]bool{}
	for _, m := range s.relay.Messages() {
		if m.To == "lost.ada@example.org" {
			links[s.token(m)] = true
		}
	}
	if len(links) != 1 {
		t.Errorf("%d different links for one reset", len(links))
	}
}
