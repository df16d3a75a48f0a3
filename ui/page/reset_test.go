package page

import (
	"strings"
	"testing"
	"time"

	"doorman/model"
)

// eventful is the sample with one reset that went through everything: written to
// twice, used from elsewhere, and shared by many.
func eventful() (*memory, Open) {
	m := sample()
	r := &m.resets[1]
	r.UsedIP, r.UsedAgent = "2001:db8:77::1", "curl/8\x1b[2J"
	r.Letter = model.Sent
	letter := model.Letter{ID: strings.Repeat("c", 32), Kind: model.LetterIssued, ResetID: r.ID, AccountID: r.AccountID, To: r.Email,
		State: model.Sent, Attempts: 2, Created: r.Created, SentAt: r.Created.Add(time.Minute), Reply: "250 2.0.0 queued as \x1b]0;x\x07 4711"}
	told := letter
	told.ID, told.Kind, told.State, told.Created = strings.Repeat("d", 32), model.LetterCompleted, model.Failed, r.Used
	told.NextTry, told.LastError = testNow().Add(2*time.Minute), "451 try later"
	m.letters = append(m.letters, letter, told)
	for i := range 12 {
		m.resets[10+i].RequestedIP = r.RequestedIP
	}
	return m, Open{View: "reset", Ref: r.ID.Full()}
}

func TestReset(t *testing.T) {
	atSizes(t, func(t *testing.T, w, h int) {
		m, used := eventful()
		at := func(i int) Open { return Open{View: "reset", Ref: m.resets[i].ID.Full()} }
		t.Run("used", func(t *testing.T) { drive(t, m, used, w, h).golden() })
		t.Run("live", func(t *testing.T) { drive(t, sample(), at(0), w, h).golden() })
		t.Run("revoked", func(t *testing.T) { drive(t, sample(), at(2), w, h).golden() })
		t.Run("issued", func(t *testing.T) { drive(t, sample(), at(4), w, h).golden() })
		t.Run("revoke", func(t *testing.T) { drive(t, sample(), at(0), w, h).press("x").golden() })
		t.Run("gone", func(t *testing.T) { drive(t, &memory{}, at(0), w, h).golden() })
	})
}

func TestResetLeadsOn(t *testing.T) {
	m, o := eventful()
	m.resets[1].BatchID = "b0"
	d := drive(t, m, o, 80, 20).press("w", "e", "E", "m", "B")
	var views []string
	for _, o := range d.opened {
		views = append(views, o.View)
	}
	if got := strings.Join(views, " "); got != "account resets resets email batch" {
		t.Errorf("it leads to %s", got)
	}
	if d.opened[3].Ref != strings.Repeat("d", 32) {
		t.Errorf("m opened email %s, not the newest", d.opened[3].Ref)
	}
}

func TestASpentResetIsNotRevoked(t *testing.T) {
	m, o := eventful()
	d := drive(t, m, o, 80, 20).press("x")
	if d.ask != nil || len(d.toasts) != 1 || d.toasts[0].Text != "it is used already" {
		t.Fatalf("asked %v, said %v", d.ask, d.toasts)
	}
}

func TestRevokeOneReset(t *testing.T) {
	m := sample()
	drive(t, m, Open{View: "reset", Ref: m.resets[0].ID.Full()}, 80, 24).press("x").sees("1 live reset of 1 account").press("y").
		acts("revoke 1 resets").sees("✗ revoked by ada")
}

// In scheme id the id of a reset opens the account.
func TestACredentialIsNotCopied(t *testing.T) {
	m := sample()
	id := m.resets[0].ID.Full()
	m.resets[0].ID = model.NewResetID(id, model.SchemeID)
	for _, view := range []string{"reset", "resets"} {
		e := testEnv(m)
		var copied string
		e.Copy = noting(&copied)
		d := driveEnv(t, e, m, Open{View: view, Ref: id}, 200, 40).press("y").misses(id[:9])
		d.sees(model.Mask(id))
		if copied != model.Mask(id) {
			t.Errorf("%s: copied %q", view, copied)
		}
	}
}
