package page

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

// postbag is a store with letters in every state, with answers that would break
// a careless screen.
func postbag() *memory {
	m := sample()
	m.letters = nil
	for i := range 18 {
		r := &m.resets[i]
		l := model.Letter{ID: fmt.Sprintf("%08x%024x", (i+1)*7919*40503%(1<<32), i), Kind: model.LetterIssued, ResetID: r.ID, AccountID: r.AccountID, To: r.Email,
			State: model.LetterStates()[i%6], Attempts: i % 5, Created: r.Created, Expires: r.Expires, MessageID: fmt.Sprintf("%032x@doorman.invalid", 0xb0000+i)}
		switch l.State {
		case model.Queued:
			l.NextTry = testNow().Add(-time.Second)
		case model.Sent:
			l.SentAt, l.Reply = l.Created.Add(2*time.Second), "250 2.0.0 Ok: queued as 4711"
		case model.Failed:
			l.NextTry, l.LastError = testNow().Add(3*time.Minute), "451 4.3.0 \x1b[31mtry\r later"
		case model.Undeliverable:
			l.LastError = "550 5.1.1 no such user here"
		case model.Cancelled:
			l.LastError = "the reset is revoked"
		}
		m.letters = append(m.letters, l)
	}
	return m
}

func TestOutbox(t *testing.T) {
	atSizes(t, func(t *testing.T, w, h int) {
		open := Open{View: "outbox"}
		t.Run("list", func(t *testing.T) { drive(t, postbag(), open, w, h).golden() })
		t.Run("failed", func(t *testing.T) {
			drive(t, postbag(), open, w, h).press("f").write("state:failed,undeliverable").press("enter").golden()
		})
		t.Run("retry", func(t *testing.T) { drive(t, postbag(), open, w, h).press("A", "r").golden() })
		t.Run("cancel", func(t *testing.T) { drive(t, postbag(), open, w, h).press("A", "x").golden() })
		t.Run("paused", func(t *testing.T) {
			m := postbag()
			e := testEnv(m)
			e.Courier = func() model.CourierStatus {
				return model.CourierStatus{State: "paused", Reason: "535 5.7.8 authentication failed", Hint: "check mail.username and the password",
					Server: "mail.example.org:587", Until: testNow().Add(90 * time.Second), SentTotal: 3}
			}
			driveEnv(t, e, m, open, w, h).golden()
		})
		t.Run("empty", func(t *testing.T) { drive(t, &memory{}, open, w, h).golden() })
		t.Run("no match", func(t *testing.T) { drive(t, postbag(), open, w, h).press("/").write("zzz").press("enter").golden() })
	})
}

func TestRetryMarkedLetters(t *testing.T) {
	m := postbag()
	d := drive(t, m, Open{View: "outbox"}, 100, 30).press("f").write("state:failed,undeliverable,sent").press("enter", "A", "r")
	d.sees("6 emails").sees("unchanged: 3 sent").press("y").acts("retry 6")
	if d.saved[0].Kind != OfLetter || d.saved[0].Text != "queued again: 6 emails" {
		t.Errorf("saved %+v", d.saved[0])
	}
}

func TestCancelOneLetter(t *testing.T) {
	d := drive(t, postbag(), Open{View: "outbox"}, 100, 30).press("x").sees("1 email").press("enter").acts()
	d.press("x", "y").acts("cancel 1").sees("– cancelled")
}

func TestWhatCannotBeDoneToALetter(t *testing.T) {
	d := drive(t, postbag(), Open{View: "outbox"}, 100, 30).press("f").write("state:sent").press("enter", "r", "x")
	if d.ask != nil || len(d.toasts) != 2 || d.toasts[0].Text != "the email is sent" {
		t.Fatalf("asked %v, said %v", d.ask, d.toasts)
	}
}

func TestOutboxLeadsOn(t *testing.T) {
	m := postbag()
	d := drive(t, m, Open{View: "outbox"}, 80, 20).press("enter", "w", "t")
	want := []Open{{View: "email", Ref: m.letters[0].ID}, {View: "account", Ref: m.accounts[0].ID}, {View: "reset", Ref: m.resets[0].ID.Full()}}
	for i, o := range want {
		if d.opened[i] != o {
			t.Errorf("key %d opened %v, want %v", i, d.opened[i], o)
		}
	}
}

func TestOutboxStatesCycle(t *testing.T) {
	d := drive(t, postbag(), Open{View: "outbox"}, 80, 20).press("s").sees("state:queued").sees("1 of 3")
	d.press("s", "s", "s", "s", "s").sees("state:cancelled").press("s").sees("all emails")
	if strings.Contains(d.page.View(), "state:") {
		t.Error("a filter is left over")
	}
}
