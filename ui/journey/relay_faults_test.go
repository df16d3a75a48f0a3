//go:build unix

package journey

import (
	"io"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"doorman/mail"
)

// late stands before the relay and lets it speak only when the test says so.
type late struct {
	listener net.Listener
	gate     chan struct{} // closed: speak
	all      sync.WaitGroup
}

// newLate leads the letters of a site through a relay that hesitates.
func (s *site) newLate() *late {
	s.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	p := &late{listener: l, gate: make(chan struct{})}
	c := s.relay.Config()
	behind := net.JoinHostPort(c.Host, strconv.Itoa(c.Port))
	p.all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			p.all.Go(func() { p.join(conn, behind) })
		}
	})
	s.t.Cleanup(func() { _ = l.Close(); p.all.Wait() })
	s.setMail("port", strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	return p
}

func (p *late) join(client net.Conn, behind string) {
	defer client.Close()
	server, err := net.Dial("tcp", behind)
	if err != nil {
		return
	}
	defer server.Close()
	p.all.Go(func() { _, _ = io.Copy(server, client); _ = server.Close() })
	<-p.gate
	_, _ = io.Copy(client, server)
}

// setMail adds a line to the mail section of the configuration, in place of
// another for the same key.
func (s *site) setMail(key, value string) {
	s.t.Helper()
	var lines []string
	for line := range strings.Lines(s.read(s.path("config/doorman/config.toml"))) {
		if !strings.HasPrefix(line, key+" = ") {
			lines = append(lines, line)
		}
	}
	s.write("config/doorman/config.toml", strings.Replace(strings.Join(lines, ""), "[mail]\n", "[mail]\n"+key+" = "+value+"\n", 1))
}

// queued checks that one letter waits, untried, and that the relay has none.
func (s *site) queued(attempts int) {
	s.t.Helper()
	if n := s.count(`SELECT count(*) FROM doorman_outbox WHERE state IN ('queued', 'failed') AND attempts = ?`, attempts); n != 1 {
		s.t.Errorf("%d emails wait after %d attempts, want 1", n, attempts)
	}
	if n := s.count(`SELECT count(*) FROM doorman_lease`); n != 0 {
		s.t.Errorf("%d leases are left", n)
	}
}

// A relay that serves nobody costs no letter an attempt: the command says what is
// wrong at which step, and when the relay is well the letter leaves.
func TestARelayThatServesNobody(t *testing.T) {
	for fault, says := range map[mail.ServerFault]string{
		mail.ServerRefusesAuth: "AUTH: 535",
		mail.ServerLosesTLS:    "TLS: the server offers no STARTTLS: nothing was sent",
		mail.ServerTurnsAway:   "greeting: 421",
		mail.ServerHangsUp:     "greeting: the server hung up",
		mail.ServerMute:        "greeting: no answer in time",
		"nobody":               "connect: ",
	} {
		t.Run(string(fault), func(t *testing.T) {
			s := newSite(t).people("ada@example.org")
			s.run("issue", "ada@example.org")
			if fault == mail.ServerMute { // the others must not run out of time on a busy machine
				s.setMail("timeout", `"1s"`)
			}
			if fault == "nobody" {
				port := strconv.Itoa(s.relay.Config().Port)
				s.setMail("port", "1")
				defer s.setMail("port", port)
			}
			s.relay.SetFault(fault)
			s.try("", "deliver", "--once").complains(t, 1, "the mail relay")
			r := s.try("", "deliver", "--once")
			r.complains(t, 1, says)
			s.queued(0)
			if fault == "nobody" {
				return
			}
			s.setMail("timeout", `"3m"`)
			s.relay.SetFault(mail.ServerWell)
			s.run("deliver", "--once")
			if n := s.relay.Total(); n != 1 {
				t.Errorf("%d emails", n)
			}
		})
	}
}

// A letter that is not taken, or whose answer is lost, is tried again and is the
// same; one that is refused for ever is given up; in each case the outbox says
// why in the relay's words.
func TestALetterThatFails(t *testing.T) {
	for fault, want := range map[mail.Fault]struct {
		state, says string
		taken       int
	}{
		mail.FaultDefer:    {"failed", "RCPT: 451 ", 0},
		mail.FaultRefuse:   {"undeliverable", "RCPT: 550 5.1.1 no such mailbox", 0},
		mail.FaultDeferEnd: {"failed", "end of data: 451 ", 0},
		mail.FaultBlockEnd: {"undeliverable", "end of data: 554 ", 0},
		mail.FaultDrop:     {"failed", "end of data: the server hung up", 0},
		mail.FaultLost:     {"failed", "end of data: the server hung up", 1},
		mail.FaultTaken:    {"sent", "250 2.0.0 Ok: queued as LAST", 1},
	} {
		t.Run(string(fault), func(t *testing.T) {
			s := newSite(t, func(o *mail.CaptureOptions) {
				o.Fault = func(_ string, attempt int) mail.Fault {
					if attempt == 1 {
						return fault
					}
					return mail.FaultNone
				}
			}).people("ada@example.org")
			s.run("issue", "ada@example.org")
			r := s.try("", "deliver", "--once")
			if (r.status == 0) != (want.state == "sent") {
				t.Errorf("%+v", r)
			}
			if want.state != "sent" {
				lines := strings.Split(strings.TrimSpace(r.err), "\n")
				if len(lines) != 3 || lines[1] != "doorman: error: some emails could not be sent" || !strings.Contains(lines[2], "doorman outbox --state failed,undeliverable tells why") {
					t.Errorf("it says:\n%s", r.err)
				}
			}
			if out := s.run("outbox", "-o", "json"); !strings.Contains(out, `"state":"`+want.state+`"`) || !strings.Contains(out, want.says) {
				t.Errorf("no %q and %q in %s", want.state, want.says, out)
			}
			if n := s.relay.Total(); n != want.taken {
				t.Errorf("%d emails taken, want %d", n, want.taken)
			}
			if want.state != "failed" {
				return
			}
			s.exec(`UPDATE doorman_outbox SET next_try = '2020-01-01 00:00:00.000000'`)
			s.run("deliver", "--once")
			all := s.relay.Messages()
			if len(all) != want.taken+1 || string(all[0].Raw) != string(all[len(all)-1].Raw) || s.count(`SELECT count(*) FROM doorman_outbox WHERE state = 'sent' AND attempts = 2`) != 1 {
				t.Errorf("%d emails, not the same", len(all))
			}
		})
	}
}

// A relay that takes its time to greet is waited for; one that says nothing at
// all keeps nobody from ending.
func TestARelayThatIsSlow(t *testing.T) {
	s := newSite(t).people("ada@example.org")
	gate := s.newLate()
	s.run("issue", "ada@example.org")
	start := func() (*exec.Cmd, chan error) {
		cmd := exec.Command(program, "deliver")
		cmd.Env, cmd.Dir = s.env(), s.dir
		s.must(cmd.Start())
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		waitFor(t, "the email in the courier's hands", func() bool {
			return s.count(`SELECT count(*) FROM doorman_outbox WHERE state = 'sending'`) == 1
		})
		return cmd, done
	}
	cmd, done := start()
	s.must(cmd.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("a mute relay keeps the courier from ending")
	}
	s.queued(0)
	cmd, done = start()
	close(gate.gate)
	s.letters(1)
	s.must(cmd.Process.Signal(syscall.SIGTERM))
	if err := <-done; err != nil {
		t.Errorf("it ended with %v", err)
	}
	if n := s.count(`SELECT count(*) FROM doorman_outbox WHERE state = 'sent' AND attempts = 1`); n != 1 {
		t.Error("the email that the slow relay took is not marked as sent")
	}
}
