package mail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

var key = model.Key(bytes.Repeat([]byte{7}, model.KeySize))

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// letterTo makes a letter as the store would queue it.
func letterTo(to string) model.Letter {
	id := model.NewResetID(model.NewID(), model.SchemeSecret)
	sum := sha256.Sum256([]byte(to + id.Full()))
	return model.Letter{
		ID: model.NewID(), Kind: model.LetterIssued, ResetID: id, To: to, State: model.Queued,
		Created: noon, Expires: noon.Add(time.Hour), NextTry: noon,
		MessageID:  hex.EncodeToString(sum[:8]) + "@app.example.org",
		SecretHash: model.NewToken(key, id, model.SchemeSecret).Hash(),
	}
}

func linkOf(l model.Letter) string {
	return "https://app.example.org/reset/" + model.NewToken(key, l.ResetID, model.SchemeSecret).Reveal()
}

func newCapture(t testing.TB, o CaptureOptions) *Capture {
	t.Helper()
	c, err := NewCapture(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func withLetters(c Config) Config {
	c.From, c.ReplyTo, c.ResetURL = "Example <no-reply@example.org>", "help@example.org", "https://app.example.org/reset/{token}"
	return c
}

func newSender(t testing.TB, c Config) *Sender {
	t.Helper()
	s, err := NewSender(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func newPress(t testing.TB) *Press {
	t.Helper()
	p, err := NewPress(withLetters(Config{}), key, model.SchemeSecret)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func write(t testing.TB, p *Press, l model.Letter) Mail {
	t.Helper()
	m, err := p.Write(l)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestALetterGoesThroughARealConversation(t *testing.T) {
	for _, security := range []string{StartTLS, TLS, Plain} {
		c := newCapture(t, CaptureOptions{Security: security})
		s := newSender(t, c.Config())
		l := letterTo("someone@example.org")
		reply, err := s.Send(context.Background(), write(t, newPress(t), l))
		if err != nil {
			t.Fatalf("%s: %v", security, err)
		}
		if !strings.HasPrefix(reply, "250 2.0.0 Ok: queued as ") {
			t.Errorf("%s: reply %q", security, reply)
		}
		got := c.Find(l.MessageID)
		if len(got) != 1 || got[0].To != l.To || got[0].From != "no-reply@example.org" {
			t.Fatalf("%s: captured %+v", security, got)
		}
		text, err := got[0].Text()
		if err != nil || !strings.Contains(text, linkOf(l)+"\n") {
			t.Errorf("%s: text without its link: %v\n%s", security, err, text)
		}
		if token, ok := got[0].Token("https://app.example.org/reset/{token}"); !ok || !token.Matches(l.SecretHash, model.SchemeSecret) {
			t.Errorf("%s: no token that fits", security)
		}
	}
}

// sendError sends one letter to the capture server and returns how it failed.
func sendError(t *testing.T, s *Sender, to string) *SendError {
	t.Helper()
	_, err := s.Send(context.Background(), write(t, newPress(t), letterTo(to)))
	var e *SendError
	if !errors.As(err, &e) {
		t.Fatalf("email to %s: %v, want a *SendError", to, err)
	}
	return e
}

func classOf(e *SendError) string {
	class := ""
	for name, is := range map[string]bool{"trouble": e.Trouble(), "permanent": e.Permanent(), "temporary": e.Temporary()} {
		if is {
			class += name
		}
	}
	return class
}

func TestFaultsOfALetterAreClassed(t *testing.T) {
	c := newCapture(t, CaptureOptions{Fault: FaultByName})
	cfg := c.Config()
	s := newSender(t, cfg)
	for _, f := range []struct {
		fault Fault
		step  Step
		class string
	}{
		{FaultDefer, StepTo, "temporary"},
		{FaultRefuse, StepTo, "permanent"},
		{FaultDeferEnd, StepEnd, "temporary"},
		{FaultBlockEnd, StepEnd, "permanent"},
		{FaultDrop, StepEnd, "temporary"},
	} {
		e := sendError(t, s, string(f.fault)+".someone@example.org")
		if e.Step != f.step || classOf(e) != f.class {
			t.Errorf("%s: %s at %s (%v), want %s at %s", f.fault, classOf(e), e.Step, e, f.class, f.step)
		}
	}
	if c.Total() != 0 {
		t.Errorf("%d emails were taken", c.Total())
	}
	if _, err := s.Send(context.Background(), write(t, newPress(t), letterTo("well@example.org"))); err != nil {
		t.Errorf("the email after the faults: %v", err)
	}
	if n := c.Connections(); n != 2 {
		t.Errorf("%d connections, want 2: one up to the server's hanging up, one after", n)
	}
}

func TestALetterTakenBeforeTheServerHangsUpIsSent(t *testing.T) {
	c := newCapture(t, CaptureOptions{Fault: FaultByName})
	s := newSender(t, c.Config())
	reply, err := s.Send(context.Background(), write(t, newPress(t), letterTo("taken.someone@example.org")))
	if err != nil || reply != "250 2.0.0 Ok: queued as LAST" {
		t.Fatalf("%q, %v", reply, err)
	}
	if _, err := s.Send(context.Background(), write(t, newPress(t), letterTo("next@example.org"))); err != nil {
		t.Errorf("the email after: %v", err)
	}
	if c.Total() != 2 {
		t.Errorf("%d emails taken, want 2", c.Total())
	}
}

func TestOneConnectionServesManyLetters(t *testing.T) {
	c := newCapture(t, CaptureOptions{})
	s := newSender(t, c.Config())
	p := newPress(t)
	for range 50 {
		if _, err := s.Send(context.Background(), write(t, p, letterTo("someone@example.org"))); err != nil {
			t.Fatal(err)
		}
	}
	if c.Connections() != 1 || c.Total() != 50 {
		t.Errorf("%d emails over %d connections, want 50 over 1", c.Total(), c.Connections())
	}
}

func TestAServerThatEndsIdleConnectionsIsDialledAgain(t *testing.T) {
	for _, end := range []string{hangUp, "421 4.4.2 idle for too long"} {
		letters := 0
		r := newRelay(t, func(conversation int, command string) string {
			if command == "." {
				letters++
			}
			if conversation == 1 && command == "MAIL" && letters == 1 {
				return end
			}
			return ""
		})
		s := newSender(t, r.config())
		for range 2 {
			if _, err := s.Send(context.Background(), write(t, newPress(t), letterTo("someone@example.org"))); err != nil {
				t.Fatalf("%s: %v", end, err)
			}
		}
	}
}

func TestAFreshConnectionThatEndsAtMailIsTrouble(t *testing.T) {
	for _, end := range []string{hangUp, "421 4.3.2 going down", "530 5.7.0 log in first"} {
		r := newRelay(t, func(_ int, command string) string {
			if command == "MAIL" {
				return end
			}
			return ""
		})
		if e := sendError(t, newSender(t, r.config()), "someone@example.org"); !e.Trouble() {
			t.Errorf("%s: %s", end, classOf(e))
		}
	}
}

func TestServerFaultsAreTroubleAndSendNothing(t *testing.T) {
	c := newCapture(t, CaptureOptions{})
	for fault, step := range map[ServerFault]Step{
		ServerRefusesAuth: StepAuth, ServerLosesTLS: StepTLS, ServerTurnsAway: StepGreet, ServerHangsUp: StepGreet,
	} {
		c.SetFault(fault)
		e := sendError(t, newSender(t, c.Config()), "someone@example.org")
		if e.Step != step || !e.Trouble() {
			t.Errorf("%s: %s at %s (%v), want trouble at %s", fault, classOf(e), e.Step, e, step)
		}
	}
	if c.Total() != 0 {
		t.Errorf("%d emails were taken", c.Total())
	}
}

func TestNobodyListeningIsTrouble(t *testing.T) {
	c := newCapture(t, CaptureOptions{})
	cfg := c.Config()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if e := sendError(t, newSender(t, cfg), "someone@example.org"); e.Step != StepConnect || !e.Trouble() {
		t.Errorf("%s at %s", classOf(e), e.Step)
	}
}

func TestACertificateOfSomebodyElseIsTrouble(t *testing.T) {
	for _, security := range []string{StartTLS, TLS} {
		c := newCapture(t, CaptureOptions{Security: security})
		other := newCapture(t, CaptureOptions{})
		cfg := c.Config()
		cfg.CA = other.CA()
		if e := sendError(t, newSender(t, cfg), "someone@example.org"); e.Step != StepTLS || !e.Trouble() {
			t.Errorf("%s: %s at %s", security, classOf(e), e.Step)
		}
		if c.Total() != 0 {
			t.Errorf("%s: an email went out", security)
		}
	}
}

func TestWithoutStartTLSNeitherPasswordNorLetterLeaves(t *testing.T) {
	r := newRelay(t, func(_ int, command string) string {
		if command == "EHLO" {
			return "250-relay.invalid\n250-AUTH PLAIN LOGIN\n250 8BITMIME"
		}
		return ""
	})
	cfg := r.config()
	cfg.Security, cfg.Username, cfg.Password = StartTLS, "someone", "correct-horse"
	e := sendError(t, newSender(t, cfg), "reader@example.org")
	if e.Step != StepTLS || !e.Trouble() {
		t.Errorf("%s at %s", classOf(e), e.Step)
	}
	for _, never := range []string{"AUTH", "correct-horse", "MAIL", "reader@example.org"} {
		if strings.Contains(r.said(), never) {
			t.Errorf("%q was sent in the clear:\n%s", never, r.said())
		}
	}
}

func TestSilenceAtEveryStepEndsInTime(t *testing.T) {
	for command, want := range map[string]string{"": "trouble", "EHLO": "trouble", "MAIL": "trouble", "RCPT": "temporary", "DATA": "temporary", ".": "temporary"} {
		r := newRelay(t, func(_ int, c string) string {
			if c == command {
				return silence
			}
			return ""
		})
		cfg := r.config()
		var e *SendError
		// On a busy machine a step before the silent one may take longer than a short time.
		for cfg.Timeout = 30 * time.Millisecond; cfg.Timeout < time.Minute; cfg.Timeout *= 4 {
			e = sendError(t, newSender(t, cfg), "someone@example.org")
			if classOf(e) == want && strings.Contains(e.Text, "no answer in time") {
				break
			}
		}
		if cfg.Timeout >= time.Minute {
			t.Errorf("silence at %q: %s (%v), want %s", command, classOf(e), e, want)
		}
	}
}

func TestAServerThatTalksWithoutEndIsCutOff(t *testing.T) {
	r := newRelay(t, func(_ int, c string) string {
		if c == "EHLO" {
			return strings.Repeat("250-"+strings.Repeat("x", 1000)+"\n", 5000) + "250 end"
		}
		return ""
	})
	cfg := r.config()
	cfg.Timeout = time.Hour
	if e := sendError(t, newSender(t, cfg), "someone@example.org"); !e.Trouble() || !strings.Contains(e.Text, "talks without end") {
		t.Errorf("%s: %v", classOf(e), e)
	}
}

func TestAddressesBeyondASCIINeedARelayThatTakesThem(t *testing.T) {
	c := newCapture(t, CaptureOptions{})
	l := letterTo("jürgen@bücher.example")
	if _, err := newSender(t, c.Config()).Send(context.Background(), write(t, newPress(t), l)); err != nil {
		t.Fatal(err)
	}
	if got := c.Find(l.MessageID); len(got) != 1 || got[0].To != "jürgen@xn--bcher-kva.example" {
		t.Errorf("%+v", got)
	}
	r := newRelay(t, func(int, string) string { return "" })
	s := newSender(t, r.config())
	if e := sendError(t, s, l.To); !e.Permanent() || e.Error() != `RCPT: the relay takes no recipient with characters outside ASCII before the @, as in jürgen@xn--bcher-kva.example: it lacks SMTPUTF8` {
		t.Errorf("%s: %v", classOf(e), e)
	}
	if _, err := s.Send(context.Background(), write(t, newPress(t), letterTo("plain@example.org"))); err != nil {
		t.Error(err)
	}
}

func TestStoppingNeverWaitsForASilentServer(t *testing.T) {
	for _, command := range []string{"", "EHLO", "MAIL", "RCPT", "DATA", "."} {
		ctx, cancel := context.WithCancel(context.Background())
		r := newRelay(t, func(_ int, c string) string {
			if c == command {
				cancel()
				return silence
			}
			return ""
		})
		cfg := r.config()
		cfg.Timeout = time.Hour
		_, err := newSender(t, cfg).Send(ctx, write(t, newPress(t), letterTo("someone@example.org")))
		var e *SendError
		if !errors.As(err, &e) || e.Permanent() {
			t.Errorf("stopped at %q: %v", command, err)
		}
	}
}

func TestAnAnswerThatComesWhileStoppingCounts(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r := newRelay(t, func(_ int, c string) string {
		if c == "." {
			cancel()
		}
		return ""
	})
	reply, err := newSender(t, r.config()).Send(ctx, write(t, newPress(t), letterTo("someone@example.org")))
	if err != nil || reply != "250 2.0.0 Ok: queued as R1" {
		t.Errorf("%q, %v", reply, err)
	}
}

func TestAnswersGiveNoSecretBack(t *testing.T) {
	l := letterTo("someone@example.org")
	link := linkOf(l)
	token := link[strings.LastIndex(link, "/")+1:]
	_, secret, _ := strings.Cut(token, ".")
	for _, code := range []string{"250 2.0.0 took ", "554 5.7.1 listed: ", "451 4.7.1 checking "} {
		r := newRelay(t, func(_ int, c string) string {
			if c == "." {
				return code + link + " " + strings.ToUpper(token) + " " + secret
			}
			return ""
		})
		reply, err := newSender(t, r.config()).Send(context.Background(), write(t, newPress(t), l))
		all := fmt.Sprintf("%s %v %+v %#v", reply, err, err, err)
		if strings.Contains(strings.ToLower(all), strings.ToLower(secret)) {
			t.Errorf("the secret comes back: %s", all)
		}
		if !strings.Contains(all, placeholder) {
			t.Errorf("no mark where the secret was: %s", all)
		}
	}
	m := write(t, newPress(t), l)
	j, err := json.Marshal(m)
	if s := fmt.Sprintf("%v %+v %#v %s %s %v", m, m, m, m, j, err); strings.Contains(s, secret) {
		t.Errorf("printing an email shows its secret: %s", s)
	}
}

// TestNothingPrintsASecret prints all that holds one, with every verb.
func TestNothingPrintsASecret(t *testing.T) {
	c := Config{Host: "smtp.example.org", Username: "ada", Password: "correct-horse", From: "a@example.org", ResetURL: "https://app.example.org/{token}"}
	s, err := NewSender(c)
	if err != nil {
		t.Fatal(err)
	}
	key := model.Key("0123456789abcdef0123456789abcdef")
	p, err := NewPress(c, key, model.SchemeSecret)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]any{
		"configuration": c, "pointer to it": &c, "sender": s, "press": p, "key": key,
		"email": Mail{Text: "correct-horse", HTML: "correct-horse", Subject: "correct-horse"}, "captured": Captured{Raw: []byte("correct-horse")},
	} {
		out := ""
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%c", "%U", "%t"} {
			out += fmt.Sprintf(verb+"\n", v)
		}
		j, err := json.Marshal(v)
		if err != nil {
			t.Error(name, err)
		}
		var logged strings.Builder
		slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "v", v)
		for _, secret := range []string{c.Password, string(key)} {
			for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), fmt.Sprintf("%d", []byte(secret)),
				base64.StdEncoding.EncodeToString([]byte(secret)), fmt.Sprintf("%o", []byte(secret)), fmt.Sprintf("%b", []byte(secret))} {
				if strings.Contains(out+string(j)+logged.String(), form) {
					t.Errorf("%s shows %q:\n%s%s\n%s", name, form, out, j, logged.String())
				}
			}
		}
	}
}

func TestEveryAttemptIsTheSameLetter(t *testing.T) {
	c := newCapture(t, CaptureOptions{})
	l := letterTo("someone@example.org")
	for range 2 {
		s := newSender(t, c.Config())
		if _, err := s.Send(context.Background(), write(t, newPress(t), l)); err != nil {
			t.Fatal(err)
		}
	}
	got := c.Find(l.MessageID)
	if len(got) != 2 || !bytes.Equal(got[0].Raw, got[1].Raw) {
		t.Errorf("%d emails, not the same", len(got))
	}
}

func TestConfigurationsThatCannotBeRightAreRefused(t *testing.T) {
	good := Config{Host: "smtp.example.org"}
	for field, change := range map[string]func(*Config){
		"mail.host":     func(c *Config) { c.Host = "" },
		"mail.port":     func(c *Config) { c.Port = 70000 },
		"mail.security": func(c *Config) { c.Security = "opportunistic" },
		"mail.password": func(c *Config) { c.Username = "someone" },
		"mail.ca_file":  func(c *Config) { c.CA = []byte("no certificate") },
		"mail.dkim":     func(c *Config) { c.DKIM.Domain = "example.org" },
		"mail.hello":    func(c *Config) { c.Hello = "two words" },
	} {
		c := good
		change(&c)
		_, err := NewSender(c)
		var e *model.Error
		if !errors.As(err, &e) || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	for _, host := range []string{"smtp.example.org", "192.0.2.1", "localhost.example.org"} {
		if _, err := NewSender(Config{Host: host, Security: Plain}); !model.IsKind(err, model.Invalid) {
			t.Errorf("no TLS to %s: %v", host, err)
		}
	}
	if _, err := NewSender(Config{Host: "127.0.0.1", Security: Plain, Username: "a", Password: "b"}); !model.IsKind(err, model.Invalid) {
		t.Errorf("a password without TLS: %v", err)
	}
	if _, err := NewSender(good); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

func TestTheTestLetterTellsEachStep(t *testing.T) {
	c := newCapture(t, CaptureOptions{})
	s := newSender(t, withLetters(c.Config()))
	checks, err := s.Test(context.Background(), "me@example.org")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, k := range checks {
		names = append(names, k.Name)
	}
	if want := "connect greeting TLS AUTH MAIL RCPT end of data"; strings.Join(names, " ") != want {
		t.Errorf("steps %q, want %q", strings.Join(names, " "), want)
	}
	if !strings.Contains(checks[2].Text, "TLS 1.3, certificate of localhost") {
		t.Errorf("TLS: %q", checks[2].Text)
	}
	if c.Total() != 1 {
		t.Errorf("%d emails", c.Total())
	}

	c.SetFault(ServerRefusesAuth)
	checks, err = s.Test(context.Background(), "me@example.org")
	if last := checks[len(checks)-1]; err == nil || last.OK || last.Name != "AUTH" || last.Hint == "" {
		t.Errorf("refused: %+v, %v", last, err)
	}
}

func BenchmarkOneConnection(b *testing.B) { benchmarkSend(b, false) }

func BenchmarkAConnectionEach(b *testing.B) { benchmarkSend(b, true) }

func benchmarkSend(b *testing.B, each bool) {
	c := newCapture(b, CaptureOptions{})
	s := newSender(b, c.Config())
	p := newPress(b)
	m := write(b, p, letterTo("someone@example.org"))
	for b.Loop() {
		if _, err := s.Send(context.Background(), m); err != nil {
			b.Fatal(err)
		}
		if each {
			_ = s.Close()
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}
