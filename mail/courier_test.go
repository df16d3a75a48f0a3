package mail

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"doorman/model"
)

func TestTheCourierDrainsTheOutbox(t *testing.T) {
	c := newCapture(t, CaptureOptions{})
	all := letters(batchSize*2+5, "reader.")
	b := newOutbox(all...)
	k := courierOn(t, b, c.Config(), CourierOptions{})
	sent, err := k.Once(context.Background())
	if err != nil || sent != len(all) {
		t.Fatalf("sent %d, %v", sent, err)
	}
	for _, l := range all {
		got := c.Find(l.MessageID)
		if len(got) != 1 {
			t.Fatalf("%s: %d emails", l.To, len(got))
		}
		if text, err := got[0].Text(); err != nil || !strings.Contains(text, linkOf(l)) {
			t.Errorf("%s: not its link: %v", l.To, err)
		}
		if r := b.letter(l.ID); r.State != model.Sent || !strings.HasPrefix(r.Reply, "250 2.0.0 Ok: queued as") {
			t.Errorf("%s: %s, %q", l.To, r.State, r.Reply)
		}
	}
	if c.Connections() != 1 {
		t.Errorf("%d connections", c.Connections())
	}
	if s := k.Status(); s.State != "idle" || s.SentTotal != len(all) || s.Server == "" || !s.LastSentAt.Equal(noon) {
		t.Errorf("status %+v", s)
	}
	if b.currentSender() != "" {
		t.Error("the sender's place was kept")
	}
}

func TestWhatAnAttemptComesTo(t *testing.T) {
	for _, c := range []struct {
		fault    Fault
		attempts int
		expires  time.Duration
		state    model.LetterState
		says     string
		wait     time.Duration
	}{
		{fault: FaultRefuse, state: model.Undeliverable, says: "RCPT: 550 no such mailbox"},
		{fault: FaultBlockEnd, state: model.Undeliverable, says: "end of data: 554 "},
		{fault: FaultDefer, state: model.Failed, says: "RCPT: 451 ", wait: 15 * time.Second},
		{fault: FaultDrop, attempts: 3, state: model.Failed, says: "the server hung up", wait: 2 * time.Minute},
		{fault: FaultDefer, attempts: 9, state: model.Failed, says: "RCPT: 451 ", wait: 30 * time.Minute},
		{fault: FaultDefer, attempts: 9, expires: 20 * time.Minute, state: model.Failed, says: "RCPT: 451 ", wait: 10 * time.Minute},
		{fault: FaultDefer, attempts: 2, expires: 50 * time.Second, state: model.Undeliverable, says: "the reset expires before another attempt: RCPT: 451 "},
		{fault: FaultDefer, attempts: 11, state: model.Undeliverable, says: "given up after 12 attempts: RCPT: 451 "},
	} {
		l := letterTo(string(c.fault) + ".someone@example.org")
		l.Attempts = c.attempts
		if c.expires != 0 {
			l.Expires = noon.Add(c.expires)
		}
		b := newOutbox(l)
		server := newCapture(t, CaptureOptions{Fault: FaultByName})
		if sent, err := courierOn(t, b, server.Config(), CourierOptions{}).Once(context.Background()); err != nil || sent != 0 {
			t.Fatalf("%+v: sent %d, %v", c, sent, err)
		}
		r := b.letter(l.ID)
		if r.State != c.state || !strings.HasPrefix(r.LastError, strings.SplitN(c.says, "550", 2)[0]) && !strings.Contains(r.LastError, c.says) {
			t.Errorf("%+v: %s %q", c, r.State, r.LastError)
		}
		if c.state == model.Failed && r.NextTry.Sub(noon) != c.wait {
			t.Errorf("%+v: next try after %s", c, r.NextTry.Sub(noon))
		}
	}
}

func TestAnAnswerThatGotLostSendsTheSameLetterAgain(t *testing.T) {
	c := newCapture(t, CaptureOptions{Fault: func(_ string, attempt int) Fault {
		if attempt < 3 {
			return FaultLost
		}
		return FaultNone
	}})
	all := letters(5, "reader.")
	b := newOutbox(all...)
	runUntil(t, b, c.Config(), CourierOptions{}, func() bool { return b.count(model.Sent) == len(all) })
	for _, l := range all {
		got := c.Find(l.MessageID)
		if len(got) != 3 || string(got[0].Raw) != string(got[1].Raw) || string(got[1].Raw) != string(got[2].Raw) {
			t.Errorf("%s: %d emails, not all the same", l.To, len(got))
		}
	}
}

func TestTroubleWithTheServerPausesAndCountsNothing(t *testing.T) {
	for _, fault := range []ServerFault{ServerRefusesAuth, ServerLosesTLS, ServerTurnsAway, ServerHangsUp} {
		c := newCapture(t, CaptureOptions{})
		c.SetFault(fault)
		l := letterTo("someone@example.org")
		l.Expires = noon.Add(model.MaxLifetime)
		b := newOutbox(l)
		tries := 0
		o := CourierOptions{Fault: func(error) {
			if tries++; tries == 10 {
				c.SetFault(ServerWell)
			}
		}}
		waits := runUntil(t, b, c.Config(), o, func() bool { return b.count(model.Sent) == 1 })
		want := []time.Duration{2 * time.Second, 4 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute, 15 * time.Minute, 15 * time.Minute}
		for i, w := range want {
			if waits[i] != w {
				t.Errorf("%s: pause %d lasts %s, want %s", fault, i+1, waits[i], w)
			}
		}
		if r := b.letter(l.ID); r.Attempts != 1 {
			t.Errorf("%s: %d attempts counted, want the one that worked", fault, r.Attempts)
		}
	}
}

func TestAPauseSaysWhyAndUntilWhen(t *testing.T) {
	c := newCapture(t, CaptureOptions{})
	c.SetFault(ServerRefusesAuth)
	b := newOutbox(letterTo("someone@example.org"))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var seen model.CourierStatus
	var k *Courier
	k = courierOn(t, b, c.Config(), CourierOptions{Sleep: func(context.Context, time.Duration) { seen = k.Status(); cancel() }})
	if err := k.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if seen.State != "paused" || seen.Reason != "AUTH: 535 5.7.8 Authentication failed" || !seen.Until.Equal(noon.Add(2*time.Second)) {
		t.Errorf("%+v", seen)
	}
}

func TestOneOfSeveralConsolesSends(t *testing.T) {
	c := newCapture(t, CaptureOptions{})
	all := letters(30, "reader.")
	b := newOutbox(all...)
	first := courierOn(t, b, c.Config(), CourierOptions{Owner: "first"})
	if _, err := first.pass(context.Background()); err != nil {
		t.Fatal(err)
	}
	second := courierOn(t, b, c.Config(), CourierOptions{Owner: "second"})
	if sent, err := second.Once(context.Background()); sent != 0 || !model.IsKind(err, model.Conflict) {
		t.Errorf("the second sent %d, %v", sent, err)
	}
	if s := second.Status().State; s != "standby" {
		t.Errorf("the second is %s", s)
	}
	first.rest()
	if sent, err := second.Once(context.Background()); sent != len(all)-batchSize || err != nil {
		t.Errorf("after the first ended the second sent %d, %v", sent, err)
	}
	if c.Total() != len(all) {
		t.Errorf("%d emails for %d", c.Total(), len(all))
	}
}

func TestManyConsolesSendEachLetterOnce(t *testing.T) {
	c := newCapture(t, CaptureOptions{})
	all := letters(100, "reader.")
	b := newOutbox(all...)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var running sync.WaitGroup
	for range 4 {
		k := courierOn(t, b, c.Config(), CourierOptions{Sleep: func(context.Context, time.Duration) {
			if b.count(model.Sent) == len(all) {
				cancel()
			}
		}})
		running.Go(func() { _ = k.Run(ctx) })
	}
	running.Wait()
	for _, l := range all {
		if n := len(c.Find(l.MessageID)); n != 1 {
			t.Errorf("%s got %d emails", l.To, n)
		}
	}
}

func TestLettersOfADeadConsoleAreSentByAnother(t *testing.T) {
	c := newCapture(t, CaptureOptions{})
	all := letters(3, "reader.")
	b := newOutbox(all...)
	if mine, err := b.TakeSender(context.Background(), "dead", lease); !mine || err != nil {
		t.Fatal(err)
	}
	if _, err := b.ClaimLetters(context.Background(), "dead", 2, lease); err != nil {
		t.Fatal(err)
	}
	waits := runUntil(t, b, c.Config(), CourierOptions{}, func() bool { return b.count(model.Sent) == len(all) })
	if c.Total() != len(all) || len(waits) == 0 {
		t.Errorf("%d emails after %d waits", c.Total(), len(waits))
	}
}

func TestStoppingGivesLettersBackAtOnce(t *testing.T) {
	for _, fault := range []Fault{FaultStall, FaultNone} {
		ctx, cancel := context.WithCancel(context.Background())
		c := newCapture(t, CaptureOptions{Fault: func(string, int) Fault { cancel(); return fault }})
		all := letters(10, "reader.")
		b := newOutbox(all...)
		if err := courierOn(t, b, c.Config(), CourierOptions{}).Run(ctx); err != nil {
			t.Fatal(err)
		}
		if n := b.count(model.Sending); n != 0 {
			t.Errorf("%q: %d emails are still held", fault, n)
		}
		if b.count(model.Queued)+b.count(model.Sent) != len(all) || b.count(model.Sent) != c.Total() {
			t.Errorf("%q: %d queued and %d sent of %d, %d taken", fault, b.count(model.Queued), b.count(model.Sent), len(all), c.Total())
		}
		if b.currentSender() != "" {
			t.Errorf("%q: the sender's place was kept", fault)
		}
	}
}

func TestStoppingWhileTheServerIsMute(t *testing.T) {
	c := newCapture(t, CaptureOptions{})
	c.SetFault(ServerMute)
	b := newOutbox(letterTo("someone@example.org"))
	cfg := c.Config()
	cfg.Timeout = time.Hour
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	k := courierOn(t, b, cfg, CourierOptions{})
	ended := make(chan error)
	go func() { ended <- k.Run(ctx) }()
	for c.Connections() == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if b.count(model.Queued) != 1 {
		t.Error("the email was not given back")
	}
}

func TestAServerThatIsKilledLosesNothing(t *testing.T) {
	all := letters(60, "reader.")
	b := newOutbox(all...)
	var mu sync.Mutex
	taken := map[string]string{}
	keep := func(m Captured) {
		text, err := m.Text()
		mu.Lock()
		defer mu.Unlock()
		if before, ok := taken[m.MessageID]; err != nil || ok && before != text {
			t.Errorf("%s: another email: %v", m.MessageID, err)
		}
		taken[m.MessageID] = text
	}
	first, err := NewCapture(CaptureOptions{Received: keep})
	if err != nil {
		t.Fatal(err)
	}
	cfg := first.Config()
	running, restarted := first, false
	defer func() { _ = running.Close() }()
	o := CourierOptions{Report: func(model.Letter, model.Outcome) {
		if b.count(model.Sent) == 25 && !restarted {
			_ = running.Close()
		}
	}}
	runUntil(t, b, cfg, o, func() bool {
		if !restarted {
			restarted = true
			if running, err = NewCapture(CaptureOptions{Port: cfg.Port, Received: keep, Username: cfg.Username, Password: cfg.Password, certificate: &first.cert}); err != nil {
				t.Fatal(err)
			}
		}
		return b.count(model.Sent) == len(all)
	})
	for _, l := range all {
		if !strings.Contains(taken[l.MessageID], linkOf(l)) {
			t.Errorf("%s has no email with its link", l.To)
		}
		if b.letter(l.ID).Attempts != 1 {
			t.Errorf("%s: %d attempts counted", l.To, b.letter(l.ID).Attempts)
		}
	}
}

func TestAWrongKeyPausesAndCountsNothing(t *testing.T) {
	c := newCapture(t, CaptureOptions{})
	all := letters(3, "reader.")
	for i := range all {
		all[i].SecretHash = strings.Repeat("0", 64)
	}
	b := newOutbox(all...)
	k := courierOn(t, b, c.Config(), CourierOptions{})
	if sent, err := k.Once(context.Background()); sent != 0 || !errors.Is(err, ErrWrongKey) {
		t.Errorf("sent %d, %v", sent, err)
	}
	if b.count(model.Queued) != 3 || b.letter(all[0].ID).Attempts != 0 || c.Connections() != 0 {
		t.Errorf("%d queued, %d connections", b.count(model.Queued), c.Connections())
	}
}

func TestALetterWhoseLinkAloneIsDeadIsGivenUp(t *testing.T) {
	c := newCapture(t, CaptureOptions{})
	all := letters(4, "reader.")
	all[0].SecretHash = strings.Repeat("0", 64)
	all[1].To = "nobody"
	b := newOutbox(all...)
	if sent, err := courierOn(t, b, c.Config(), CourierOptions{}).Once(context.Background()); sent != 2 || err != nil {
		t.Errorf("sent %d, %v", sent, err)
	}
	if b.count(model.Undeliverable) != 2 || b.count(model.Sent) != 2 {
		t.Errorf("%d dead, %d sent", b.count(model.Undeliverable), b.count(model.Sent))
	}
}

func TestAnOutboxThatIsBusyStillLearnsWhatWasSent(t *testing.T) {
	c := newCapture(t, CaptureOptions{})
	l := letterTo("someone@example.org")
	b := newOutbox(l)
	b.busy = finishTries - 1
	if _, err := courierOn(t, b, c.Config(), CourierOptions{}).Once(context.Background()); err != nil {
		t.Fatal(err)
	}
	if b.letter(l.ID).State != model.Sent || c.Total() != 1 {
		t.Errorf("%s after %d emails", b.letter(l.ID).State, c.Total())
	}
}

// slow is a postman who takes his time for each letter.
type slow struct {
	clock *clock
	took  time.Duration
	sent  map[string]int
	hung  int
	do    func()
}

func (p *slow) Send(_ context.Context, m Mail) (string, error) {
	p.clock.advance(p.took)
	p.sent[m.MessageID]++
	if p.do != nil {
		p.do()
	}
	return "250 ok", nil
}

func (p *slow) Close() error { p.hung++; return nil }

func TestNoLeaseRunsOutOverASlowServer(t *testing.T) {
	all := letters(batchSize+5, "reader.")
	b := newOutbox(all...)
	p := &slow{clock: b.clock, took: 25 * time.Second, sent: map[string]int{}}
	p.do = func() {
		if mine, err := b.TakeSender(context.Background(), "another", lease); mine || err != nil {
			t.Errorf("another console became the sender: %v", err)
		}
	}
	faults := 0
	k := NewCourier(b, newPress(t), p, CourierOptions{Now: b.clock.Now, Fault: func(err error) { faults++; t.Log(err) }})
	if sent, err := k.Once(context.Background()); sent != len(all) || err != nil {
		t.Errorf("sent %d, %v", sent, err)
	}
	for id, n := range p.sent {
		if n != 1 {
			t.Errorf("%s was sent %d times", id, n)
		}
	}
	if faults != 0 {
		t.Errorf("%d leases ran out", faults)
	}
}

func TestAnIdleCourierHangsUpAndWritesNothing(t *testing.T) {
	b := newOutbox(letterTo("someone@example.org"))
	p := &slow{clock: b.clock, sent: map[string]int{}}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	polls, renewed := 0, time.Time{}
	o := CourierOptions{Now: b.clock.Now, Sleep: func(_ context.Context, d time.Duration) {
		b.clock.advance(d)
		if polls++; polls == 1 {
			renewed = b.senderUntil
		}
		if polls == 10 {
			if p.hung != 1 || !b.senderUntil.Equal(renewed) {
				t.Errorf("hung up %d times, the sender's place until %s, at first %s", p.hung, b.senderUntil, renewed)
			}
			cancel()
		}
	}}
	if err := NewCourier(b, newPress(t), p, o).Run(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestOnceEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	c := newCapture(t, CaptureOptions{Fault: func(string, int) Fault { cancel(); return FaultStall }})
	b := newOutbox(letters(3, "reader.")...)
	if _, err := courierOn(t, b, c.Config(), CourierOptions{}).Once(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if b.count(model.Queued) != 3 {
		t.Errorf("%d given back", b.count(model.Queued))
	}
}

// breaking is a postman that panics with the letter in its hands.
type breaking struct{ times int }

func (p *breaking) Send(_ context.Context, m Mail) (string, error) {
	if p.times--; p.times >= 0 {
		panic(m.Text)
	}
	return "250 ok", nil
}

func (p *breaking) Close() error { return nil }

func TestAPanicStaysInsideAndShowsNoSecret(t *testing.T) {
	l := letterTo("someone@example.org")
	b := newOutbox(l)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var faults []error
	o := CourierOptions{Now: b.clock.Now, Fault: func(err error) { faults = append(faults, err) }, Sleep: func(_ context.Context, d time.Duration) {
		if b.clock.advance(d); b.count(model.Sent) == 1 {
			cancel()
		}
	}}
	if err := NewCourier(b, newPress(t), &breaking{times: 1}, o).Run(ctx); err != nil {
		t.Fatal(err)
	}
	if len(faults) == 0 || strings.Contains(faults[0].Error(), "https://") {
		t.Errorf("faults %v", faults)
	}
	var p *panicError
	if !errors.As(faults[0], &p) || !strings.Contains(p.Stack(), "breaking") {
		t.Errorf("no stack: %v", faults[0])
	}
}

func TestWithoutMailTheCourierIsOff(t *testing.T) {
	k := NewCourier(newOutbox(), nil, nil, CourierOptions{Off: "no mail section in the configuration"})
	if _, err := k.Once(context.Background()); !model.IsKind(err, model.Unavailable) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := k.Run(ctx); err != nil {
		t.Error(err)
	}
	if s := k.Status(); s.State != "off" || s.Reason != "no mail section in the configuration" {
		t.Errorf("%+v", s)
	}
}

func TestAWakeUpIsNotSleptThrough(t *testing.T) {
	c := newCapture(t, CaptureOptions{})
	b := newOutbox()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	k := NewCourier(b, newPress(t), newSender(t, c.Config()), CourierOptions{Now: b.clock.Now, Poll: time.Hour,
		Report: func(model.Letter, model.Outcome) { cancel() }})
	ended := make(chan error)
	go func() { ended <- k.Run(ctx) }()
	b.mu.Lock()
	b.rows = append(b.rows, &row{Letter: letterTo("someone@example.org")})
	b.mu.Unlock()
	k.Wake()
	if err := <-ended; err != nil || c.Total() != 1 {
		t.Errorf("%d emails, %v", c.Total(), err)
	}
}

func TestWaitsAreRandomWithinTheirSpan(t *testing.T) {
	for n := range 80 {
		span := min(backOffCap, backOffBase<<min(n, 10))
		if d := jitter(backOffBase, backOffCap, n, func(n int64) int64 { return n - 1 }); d != span {
			t.Errorf("attempt %d: at most %s, want %s", n, d, span)
		}
		if d := jitter(backOffBase, backOffCap, n, func(int64) int64 { return 0 }); d != time.Second {
			t.Errorf("attempt %d: at least %s", n, d)
		}
	}
}
