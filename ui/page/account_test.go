package page

import (
	"testing"

	"doorman/model"
)

// one opens the account with the longest history.
func one(m *memory) Open { return Open{View: "account", Ref: m.accounts[0].ID} }

func TestAccount(t *testing.T) {
	atSizes(t, func(t *testing.T, w, h int) {
		t.Run("detail", func(t *testing.T) { m := sample(); drive(t, m, one(m), w, h).golden() })
		t.Run("held", func(t *testing.T) {
			m := sample()
			drive(t, m, Open{View: "account", Ref: m.accounts[4].ID}, w, h).golden()
		})
		t.Run("hostile", func(t *testing.T) {
			m := sample()
			drive(t, m, Open{View: "account", Ref: m.accounts[3].ID}, w, h).golden()
		})
		t.Run("without resets", func(t *testing.T) {
			m := sample()
			drive(t, m, Open{View: "account", Ref: m.accounts[50].ID}, w, h).golden()
		})
		t.Run("revoke", func(t *testing.T) { m := sample(); drive(t, m, one(m), w, h).press("x").golden() })
		t.Run("missing", func(t *testing.T) { drive(t, sample(), Open{View: "account", Ref: "missing"}, w, h).golden() })
	})
}

func TestRevokeAndItsBatch(t *testing.T) {
	m := sample()
	d := drive(t, m, one(m), 80, 20).press("x").sees("1 live reset of 1 account")
	d.press("enter").acts().press("x", "y").acts("revoke 1 resets").sees("✗ revoked")
	if d.saved[0].Batch == "" || d.saved[0].Text != "revoked 1 reset" {
		t.Errorf("%+v", d.saved[0])
	}
}

func TestNothingLiveIsSaid(t *testing.T) {
	m := sample()
	d := drive(t, m, Open{View: "account", Ref: m.accounts[7].ID}, 80, 20).press("x").sees("nothing to do").press("y").acts()
	d.press("esc")
}

func TestOnlyTheMarkedAreRevoked(t *testing.T) {
	m := sample()
	for i := range m.resets {
		m.resets[i].AccountID = m.accounts[0].ID
	}
	d := drive(t, m, one(m), 80, 20)
	live := 0
	for _, r := range m.resets {
		if r.State(testNow()) == model.Live {
			live++
		}
	}
	if live < 2 {
		t.Fatalf("the sample has %d live resets", live)
	}
	d.press(" ").press("x").sees("Revoke 1 marked reset").press("y").acts("revoke 1 resets")
}

func TestIssueFromTheAccount(t *testing.T) {
	m := sample()
	drive(t, m, one(m), 80, 20).press("i").sees("[link goes here]").press("y").acts("issue ada.000@example.org").sees("by ada")
}

func TestEnterOpensTheReset(t *testing.T) {
	m := sample()
	d := drive(t, m, one(m), 80, 20).press("enter")
	if len(d.opened) != 1 || d.opened[0].View != "reset" || len(d.opened[0].Ref) != 32 {
		t.Errorf("%+v", d.opened)
	}
}

func TestIDsThatAreCredentialsStayMasked(t *testing.T) {
	m := sample()
	for i := range m.resets {
		m.resets[i].ID = model.NewResetID(m.resets[i].ID.Full(), model.SchemeID)
	}
	d := drive(t, m, one(m), 200, 56)
	for _, r := range m.resets {
		d.misses(r.ID.Full())
	}
}
