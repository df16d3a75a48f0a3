//go:build e2e

package mail

import (
	"bytes"
	"context"
	"io/fs"
	"net"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"doorman/model"
)

// postfix is the relay that .ci/postfix started.
type postfix struct {
	t   testing.TB
	cfg Config
	dir string
}

func fromEnvironment(t testing.TB) postfix {
	t.Helper()
	env := func(name string) string {
		v := os.Getenv("DOORMAN_POSTFIX_" + name)
		if v == "" {
			t.Fatalf("DOORMAN_POSTFIX_%s is not set: eval \"$(.ci/postfix start)\" first", name)
		}
		return v
	}
	port, err := strconv.Atoi(env("PORT"))
	if err != nil {
		t.Fatal(err)
	}
	return postfix{t: t, dir: env("DIR"), cfg: withLetters(Config{Host: env("HOST"), Port: port, Security: StartTLS,
		Username: env("USER"), Password: env("PASS"), CAFile: env("CA"), Hello: "localhost"})}
}

// delivered reads the mailbox: the letters by Message-ID.
func (p postfix) delivered() map[string][]Captured {
	p.t.Helper()
	found := map[string][]Captured{}
	err := filepath.WalkDir(filepath.Join(p.dir, "mail", "all", "new"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		m, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			return err
		}
		id := strings.Trim(m.Header.Get("Message-Id"), "<>")
		found[id] = append(found[id], Captured{MessageID: id, To: m.Header.Get("Delivered-To"), Raw: raw})
		return nil
	})
	if err != nil && !os.IsNotExist(err) {
		p.t.Fatal(err)
	}
	return found
}

// waitFor waits until every letter is in the mailbox and returns what is there.
func (p postfix) waitFor(all []model.Letter) map[string][]Captured {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	for {
		found, missing := p.delivered(), 0
		for _, l := range all {
			if len(found[l.MessageID]) == 0 {
				missing++
			}
		}
		if missing == 0 {
			return found
		}
		select {
		case <-ctx.Done():
			p.t.Fatalf("%d emails of %d never arrived", missing, len(all))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// start starts Postfix. It refuses as long as the one that was killed still holds
// its lock.
func (p postfix) start() {
	p.t.Helper()
	for end := time.Now().Add(3 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		out, err := exec.Command("postfix", "-c", filepath.Join(p.dir, "conf"), "start").CombinedOutput()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			p.t.Errorf("postfix start: %v\n%s", err, out)
			return
		}
	}
}

// kill ends Postfix, all of its processes, as a power cut would.
func (p postfix) kill() {
	p.t.Helper()
	b, err := os.ReadFile(filepath.Join(p.dir, "queue", "pid", "master.pid"))
	if err != nil {
		p.t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		p.t.Fatal(err)
	}
	if err := syscall.Kill(-pid, syscall.SIGKILL); err != nil {
		p.t.Fatal(err)
	}
}

// waitUp waits until somebody listens.
func (p postfix) waitUp() {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	for {
		c, err := net.Dial("tcp", p.cfg.address())
		if err == nil {
			_ = c.Close()
			return
		}
		select {
		case <-ctx.Done():
			p.t.Fatal(err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// checkLinks sees to it that every letter holds its own link and no other, and
// counts those that came more than once.
func (p postfix) checkLinks(all []model.Letter, found map[string][]Captured) (doubled int) {
	p.t.Helper()
	for _, l := range all {
		for _, m := range found[l.MessageID] {
			text, err := m.Text()
			if err != nil || !strings.Contains(text, "\n"+linkOf(l)+"\n") || strings.Count(text, "https://") != 1 {
				p.t.Errorf("%s: not its own link: %v\n%s", l.To, err, text)
			}
		}
		doubled += len(found[l.MessageID]) - 1
	}
	return doubled
}

func TestPostfixTakesAndDelivers(t *testing.T) {
	p := fromEnvironment(t)
	checks, err := newSender(t, p.cfg).Test(context.Background(), "someone@example.org")
	if err != nil {
		t.Fatalf("%v\n%+v", err, checks)
	}
	all := letters(20, "reader.")
	b := newOutbox(all...)
	if sent, err := courierOn(t, b, p.cfg, CourierOptions{}).Once(context.Background()); err != nil || sent != len(all) {
		t.Fatalf("sent %d, %v", sent, err)
	}
	if doubled := p.checkLinks(all, p.waitFor(all)); doubled != 0 {
		t.Errorf("%d emails came twice", doubled)
	}
	for _, l := range all {
		if r := b.letter(l.ID); !strings.Contains(r.Reply, "queued as") {
			t.Errorf("%s: %q", l.To, r.Reply)
		}
	}
}

func TestPostfixRefusals(t *testing.T) {
	p := fromEnvironment(t)
	s := newSender(t, p.cfg)
	if e := sendError(t, s, "refused@example.org"); !e.Permanent() || e.Step != StepTo {
		t.Errorf("%s: %v", classOf(e), e)
	}
	if e := sendError(t, s, "later@example.org"); !e.Temporary() || e.Step != StepTo {
		t.Errorf("%s: %v", classOf(e), e)
	}
	if _, err := s.Send(context.Background(), write(t, newPress(t), letterTo("well@example.org"))); err != nil {
		t.Errorf("after two refusals: %v", err)
	}
	wrong := p.cfg
	wrong.Password = "not-it"
	if e := sendError(t, newSender(t, wrong), "someone@example.org"); !e.Trouble() || e.Step != StepAuth || strings.Contains(e.Error(), "not-it") {
		t.Errorf("%s: %v", classOf(e), e)
	}
	unknown := p.cfg
	unknown.CAFile = ""
	if e := sendError(t, newSender(t, unknown), "someone@example.org"); !e.Trouble() || e.Step != StepTLS {
		t.Errorf("%s: %v", classOf(e), e)
	}
}

// TestPostfixIsKilledAndComesBack kills Postfix while letters are on their way
// and starts it again, several times over.
func TestPostfixIsKilledAndComesBack(t *testing.T) {
	p := fromEnvironment(t)
	all := letters(600, "reader.")
	for i := range all {
		all[i].Expires = noon.Add(model.MaxLifetime)
	}
	b := newOutbox(all...)
	done := make(chan struct{})
	killed := make(chan int)
	go func() {
		n := 0
		defer func() { killed <- n }()
		for at := 100; at < len(all); at += 100 {
			for b.count(model.Sent) < at {
				select {
				case <-done:
					return
				case <-time.After(time.Millisecond):
				}
			}
			p.kill()
			p.start()
			n++
		}
	}()
	runUntil(t, b, p.cfg, CourierOptions{}, func() bool {
		p.waitUp()
		return b.count(model.Sent)+b.count(model.Undeliverable) == len(all)
	})
	close(done)
	kills := <-killed
	if b.count(model.Undeliverable) != 0 {
		t.Errorf("%d emails given up", b.count(model.Undeliverable))
	}
	found := p.waitFor(all)
	doubled := p.checkLinks(all, found)
	t.Logf("%d emails, %d kills, %d came twice with the same link", len(all), kills, doubled)
	if kills == 0 {
		t.Error("Postfix was never killed")
	}
}

func BenchmarkPostfixOneConnection(b *testing.B) { benchmarkPostfix(b, false) }

func BenchmarkPostfixAConnectionEach(b *testing.B) { benchmarkPostfix(b, true) }

func benchmarkPostfix(b *testing.B, each bool) {
	p := fromEnvironment(b)
	s := newSender(b, p.cfg)
	m := write(b, newPress(b), letterTo("bench@example.org"))
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
