package page

import (
	"context"
	"testing"

	"doorman/model"
)

func TestMailSettingsAreTried(t *testing.T) {
	m := busy()
	e := testEnv(m)
	var sent []string
	e.TestMail = func(_ context.Context, to string) (string, error) {
		sent = append(sent, to)
		if to == "bad@example.org" {
			return "connect: relay.example:25\n", &model.Error{Kind: model.Unavailable, Text: "auth: 535 no\x1b[2J", Hint: "check mail.username and the password"}
		}
		return "connect: relay.example:25\ngreet: ESMTP\nend: accepted: 250 ok\n", nil
	}
	d := driveEnv(t, e, m, Open{View: "outbox"}, 100, 24).press("ctrl+t").sees("test email to").write("nonsense").press("enter").sees("nonsense")
	d.press("ctrl+u").write("me@example.org").press("enter").sees("connect: relay.example:25").sees("accepted: 250 ok").sees("took the test email")
	d.press("esc").misses("relay.example").press("ctrl+t", "ctrl+u").write("bad@example.org").press("enter").sees("connect: relay.example").sees("auth: 535 no␛[2J — check mail.username")
	if len(sent) != 2 {
		t.Errorf("sent to %q", sent)
	}
	d = drive(t, busy(), Open{View: "outbox"}, 100, 24).press("ctrl+t").misses("test email to")
	d.said("do not leave from here")
}
