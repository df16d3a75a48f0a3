package mail

import (
	"bufio"
	"net"
	"strings"
	"sync"
	"testing"
)

// relay is a mail server without TLS that answers each command as a script
// says, for what no well-behaved server does. It keeps every byte it is sent.
type relay struct {
	listener net.Listener
	script   func(conversation int, command string) string

	mu    sync.Mutex
	heard strings.Builder
	conns []net.Conn
}

// Answers with a meaning of their own.
const (
	hangUp  = "(hang up)"
	silence = "(silence)"
)

// newRelay starts a relay. The script is asked with "" for the greeting, with
// the verb of each command, and with "." for a whole letter; "" as its answer
// means the usual one.
func newRelay(t testing.TB, script func(conversation int, command string) string) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: l, script: script}
	t.Cleanup(func() {
		_ = l.Close()
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, c := range r.conns {
			_ = c.Close()
		}
	})
	go r.serve()
	return r
}

func (r *relay) config() Config {
	a := r.listener.Addr().(*net.TCPAddr)
	return Config{Host: "127.0.0.1", Port: a.Port, Security: Plain, Hello: "localhost"}
}

func (r *relay) said() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.heard.String()
}

func (r *relay) serve() {
	for n := 1; ; n++ {
		c, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.mu.Lock()
		r.conns = append(r.conns, c)
		r.mu.Unlock()
		go r.converse(n, c)
	}
}

func usual(command string) string {
	switch command {
	case "":
		return "220 relay.invalid ESMTP"
	case "DATA":
		return "354 go ahead"
	case "QUIT":
		return "221 bye"
	case ".":
		return "250 2.0.0 Ok: queued as R1"
	}
	return "250 ok"
}

func (r *relay) converse(n int, c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	for command := ""; ; {
		r.mu.Lock()
		said := r.script(n, command)
		r.mu.Unlock()
		switch said {
		case "":
			said = usual(command)
		case hangUp:
			return
		case silence:
			said = ""
		}
		if said != "" {
			if _, err := c.Write([]byte(strings.ReplaceAll(said, "\n", "\r\n") + "\r\n")); err != nil {
				return
			}
		}
		inData := command == "DATA" && strings.HasPrefix(said, "354")
		var err error
		if command, err = r.next(in, inData); err != nil {
			return
		}
	}
}

// next reads a command, or a whole letter, and returns what to ask the script.
func (r *relay) next(in *bufio.Reader, inData bool) (string, error) {
	for {
		line, err := in.ReadString('\n')
		r.mu.Lock()
		r.heard.WriteString(line)
		r.mu.Unlock()
		if err != nil {
			return "", err
		}
		line = strings.TrimRight(line, "\r\n")
		if inData && line != "." {
			continue
		}
		verb, _, _ := strings.Cut(line, " ")
		return strings.ToUpper(verb), nil
	}
}
