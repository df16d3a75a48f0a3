//go:build unix

package journey

import (
	"strings"
	"testing"
)

// The first sentence of the contract: from the accounts, an account by part of
// its address and a reset for it in four keys plus the fragment.
func TestFindAnAccountAndIssueAResetInFourKeys(t *testing.T) {
	s := newSite(t).people(append(crowd(40), "Grace.Hopper@navy.example", "grace.kelly@monaco.example")...)
	c := s.open(80, 24, nil).send("2").sees("Accounts", "person.000@example.org")

	const fragment = "hopper"
	keys := []string{"/", fragment, enter, "i", "y"}
	c.send(keys...)
	if n := len(keys) - 1; n != 4 {
		t.Fatalf("%d keys beside the fragment", n)
	}
	c.sees("issued a reset for Grace.Hopper@navy.example")

	letter := s.letters(1)[0]
	if letter.To != "Grace.Hopper@navy.example" {
		t.Fatalf("the email went to %s", letter.To)
	}
	if n := s.count(`SELECT count(*) FROM PasswordReset`); n != 1 {
		t.Fatalf("%d resets", n)
	}
	c.send(enter).sees("● live", "✓ sent")

	r := s.try(s.token(letter)+"\n", "redeem", "--ip", "198.51.100.7", "--agent", "Mozilla/5.0")
	if r.status != 0 {
		t.Fatalf("redeem: %+v", r)
	}
	c.sees("✓ used", "by anna", "198.51.100.7")
	if id := strings.TrimSpace(r.out); s.count(`SELECT count(*) FROM Account WHERE id = ? AND email LIKE 'Grace.Hopper%'`, id) != 1 {
		t.Errorf("redeem named the account %q", id)
	}
	c.send("q").on("Grace.Hopper@navy.example").send(esc).sees("person.000").send("q").ends(0)
}

// A reset that a person asked for shows where that was and where its link was
// followed.
func TestBothAddressesOfAReset(t *testing.T) {
	s := newSite(t).people("ada@example.org")
	s.run("request", "ada@example.org", "--ip", "203.0.113.9", "--agent", "Firefox")
	c := s.open(120, 40, nil).send("2").on("ada@example.org").send(enter).sees("203.0.113.9", "✓ sent")
	if r := s.try(s.token(s.letters(1)[0]), "redeem", "--ip", "2001:db8::7", "--agent", "Firefox"); r.status != 0 {
		t.Fatalf("%+v", r)
	}
	c.sees("✓ used", "203.0.113.9", "2001:db8::7")
	if r := s.try(s.token(s.letters(1)[0]), "redeem", "--ip", "2001:db8::8", "--agent", "Firefox"); r.status != 3 {
		t.Errorf("a link worked twice: %+v", r)
	}
}

// Before a letter leaves, the operator reads it, without what makes it a secret.
func TestThePreviewHoldsNoLink(t *testing.T) {
	s := newSite(t).people("ada@example.org")
	c := s.open(80, 24, nil).send("2").on("ada@").send("i").sees("Issue a reset", "https://app.example.org/reset/", "Cancel")
	c.send(enter).misses("Issue a reset")
	if n := s.count(`SELECT count(*) FROM PasswordReset`); n != 0 {
		t.Error("enter alone issued a reset")
	}
}
