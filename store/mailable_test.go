package store

import (
	"strings"
	"testing"

	"doorman/model"
)

// TestLettersGoNowhereElse: an address on record that a letter could not go to as
// it stands gets none, whoever asks.
func TestLettersGoNowhereElse(t *testing.T) {
	s := newStore(t)
	for _, email := range []string{"bad\r\nBcc: x@example.org", "a@example.org, b@example.org", "Ann <a@example.org>", "a@example.org\x00", `"a b"@example.org`, " a@example.org"} {
		a := addAccount(t, s, email)
		before := rows(t, s)
		if _, err := s.Issue(t.Context(), operator(), model.IssueOrder{AccountID: a.ID}); !model.IsKind(err, model.Refused) || !strings.Contains(err.Error(), "no email can go") {
			t.Errorf("%q: %v", email, err)
		}
		if after := rows(t, s); !sameRows(before, after) {
			t.Errorf("%q: %v after %v", email, after, before)
		}
	}
}
