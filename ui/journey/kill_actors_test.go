//go:build unix

package journey

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

func hashOf(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	return h.Sum64()
}

// some returns a part of a time.
func some(rnd *rand.Rand, d time.Duration) time.Duration { return time.Duration(rnd.Int64N(int64(d))) }

// clerk runs one command after the other, as scripts do.
type clerk struct {
	b       *battle
	name    string
	rnd     *rand.Rand
	doomed  atomic.Bool
	usual   time.Duration // what a command takes, about
	batches []string      // acknowledged and not yet taken back
	n       int
	ended   chan struct{}
}

func (b *battle) newClerk(name string, rnd *rand.Rand) *clerk {
	k := &clerk{b: b, name: name, rnd: rnd, usual: 100 * time.Millisecond, ended: make(chan struct{})}
	go func() {
		defer close(k.ended)
		for k.act() {
		}
	}()
	return k
}

func (k *clerk) sends() bool { return false }

func (k *clerk) kill() {
	k.doomed.Store(true)
	<-k.ended
}

func (k *clerk) person() string { return fmt.Sprintf("person.%03d@example.org", k.rnd.IntN(118)) }

// act runs one command and writes down what it acknowledged. It reports false
// when the command was killed.
func (k *clerk) act() bool {
	k.n++
	who := k.person()
	switch n := k.rnd.IntN(20); {
	case n < 6:
		return k.issue(who, k.person())
	case n < 8:
		return k.batch("revoke", "revoke", "--account", who, "--yes", "-o", "json")
	case n < 9:
		return k.batch("revoke", "revoke", "--ip", "192.0.2.0/24", "--yes", "-o", "json")
	case n < 10:
		return k.batch("contain", "contain", "198.51.100.32/30", "--yes", "-o", "json")
	case n < 12:
		return k.batch("block", "block", fmt.Sprintf("203.0.113.%d", k.rnd.IntN(256)), "--yes", "-o", "json")
	case n < 13:
		return k.batch("hold", "hold", fmt.Sprintf("held.%d@example.org", k.rnd.IntN(6)), "--yes", "-o", "json")
	case n < 14:
		return k.importFile()
	case n < 15:
		return k.redeem()
	case n < 17:
		return k.request(who)
	case len(k.batches) > 0:
		return k.undo()
	}
	return k.issue(who)
}

// run runs a command until its end, or until its death when that is due.
func (k *clerk) run(stdin string, args ...string) (out string, status int) {
	cmd := exec.Command(program, args...)
	cmd.Env, cmd.Dir = k.b.env("DOORMAN_OPERATOR="+k.name), k.b.dir
	cmd.Stdin = strings.NewReader(stdin)
	var text bytes.Buffer
	cmd.Stdout = &text
	began := time.Now()
	if err := cmd.Start(); err != nil {
		k.b.t.Error(err)
		return "", -1
	}
	if k.doomed.Load() { // anywhere, but rather towards the end, where it writes
		at := some(k.rnd, k.usual+k.usual/5)
		if k.rnd.IntN(2) == 0 {
			at = k.usual/2 + at/2
		}
		defer time.AfterFunc(at, func() { _ = cmd.Process.Kill() }).Stop()
	}
	_ = cmd.Wait()
	if cmd.ProcessState.Sys().(syscall.WaitStatus).Signaled() {
		return text.String(), -1
	}
	k.usual = (3*k.usual + time.Since(began)) / 4
	return text.String(), cmd.ProcessState.ExitCode()
}

// issue issues resets; each line that was printed is an acknowledgement.
func (k *clerk) issue(who ...string) bool {
	out, status := k.run("", append([]string{"issue", "-o", "jsonl"}, who...)...)
	for line := range strings.Lines(out) {
		var r struct{ ID, Email string }
		if json.Unmarshal([]byte(line), &r) == nil && strings.HasSuffix(line, "\n") {
			k.b.ledger.note(func(l *ledger) { l.issued[r.ID] = r.Email })
		}
	}
	return status >= 0
}

// batch runs a command that answers with a batch.
func (k *clerk) batch(verb string, args ...string) bool {
	out, status := k.run("", args...)
	var one struct{ ID, Verb string }
	if json.Unmarshal([]byte(out), &one) == nil && one.ID != "" {
		k.b.ledger.note(func(l *ledger) { l.batches[one.ID] = verb })
		k.batches = append(k.batches, one.ID)
	}
	return status >= 0
}

func (k *clerk) undo() bool {
	last := len(k.batches) - 1
	id := k.batches[last]
	k.batches = k.batches[:last]
	out, status := k.run("", "undo", id, "--yes", "-o", "json")
	var one struct{ ID string }
	if json.Unmarshal([]byte(out), &one) == nil && one.ID != "" {
		k.b.ledger.note(func(l *ledger) { l.undone[one.ID] = true })
	}
	return status >= 0
}

// request asks for a reset as an application does: the exit status is all the
// answer there is.
func (k *clerk) request(who string) bool {
	agent := fmt.Sprintf("%s asks %d", k.name, k.n)
	_, status := k.run("", "request", who, "--ip", fmt.Sprintf("192.0.2.%d", k.rnd.IntN(250)), "--agent", agent)
	if status == 0 {
		k.b.ledger.note(func(l *ledger) { l.asked[agent] = true })
	}
	return status >= 0
}

func (k *clerk) redeem() bool {
	token, id := k.b.post.some(k.rnd)
	if token == "" {
		return k.issue(k.person())
	}
	out, status := k.run(token, "redeem", "--ip", "192.0.2.251", "--agent", k.name)
	if strings.HasSuffix(out, "\n") {
		k.b.ledger.note(func(l *ledger) { l.used[id]++ })
	}
	return status >= 0
}

// importRows is how many rows come in one file: all of them or none.
const importRows = 40

func (k *clerk) importFile() bool {
	agent := fmt.Sprintf("%s brings %d", k.name, k.n)
	var b strings.Builder
	at := time.Now().UTC().Add(-5 * time.Hour)
	for i := range importRows {
		fmt.Fprintf(&b, `{"created":%q,"expires":%q,"email":%q,"ip":"203.0.113.%d","user_agent":%q}`+"\n", at.Format(time.RFC3339Nano),
			at.Add(time.Hour).Format(time.RFC3339Nano), k.person(), i, agent)
	}
	_, status := k.run(b.String(), "import", "resets", "-", "--format", "jsonl")
	k.b.ledger.note(func(l *ledger) { l.brought[agent] = status == 0 })
	return status >= 0
}

// courier is a process that sends letters.
type courier struct {
	cmd *exec.Cmd
	rnd *rand.Rand
}

func (b *battle) newCourier(rnd *rand.Rand) *courier {
	c := &courier{exec.Command(program, "deliver"), rnd}
	c.cmd.Env, c.cmd.Dir = b.env(), b.dir
	if err := c.cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	return c
}

func (c *courier) sends() bool { return true }

func (c *courier) kill() {
	time.Sleep(some(c.rnd, 300*time.Millisecond))
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// keyboard is an operator at a console. The console sends letters too.
type keyboard struct {
	b     *battle
	name  string
	rnd   *rand.Rand // of the hand on the keys
	death *rand.Rand // of the one who kills
	c     *console
	ended chan struct{}
}

func (b *battle) newKeyboard(name string, rnd *rand.Rand) *keyboard {
	death := rand.New(rand.NewPCG(rnd.Uint64(), rnd.Uint64()))
	k := &keyboard{b, name, rnd, death, b.start(100, 30, nil, withEnv("DOORMAN_OPERATOR="+name)), make(chan struct{})}
	go func() {
		defer close(k.ended)
		if !k.sees("? help") {
			return
		}
		k.c.send("2")
		for last := ""; k.sees("all accounts"); {
			who := last
			for who == last {
				who = fmt.Sprintf("person.%03d", rnd.IntN(118))
			}
			if last = who; !k.serve(who) {
				return
			}
		}
	}()
	return k
}

func (k *keyboard) sends() bool { return true }

func (k *keyboard) kill() {
	time.Sleep(some(k.death, 500*time.Millisecond))
	_ = k.c.cmd.Process.Kill()
	<-k.c.done
	<-k.ended
	k.c.close()
}

// sees waits for a text and reports false when the program is dead. Its last
// words count.
func (k *keyboard) sees(text string) bool {
	late := time.After(patience)
	for !strings.Contains(k.c.screen(), text) {
		select {
		case <-k.c.done:
			k.c.drain()
			return strings.Contains(k.c.screen(), text)
		case <-late:
			k.b.t.Errorf("%s waited in vain for %q; the screen:\n%s", k.name, text, k.c.screen())
			_ = k.c.cmd.Process.Kill()
			return false
		case <-time.After(10 * time.Millisecond):
		}
	}
	return true
}

// press sends keys to a program that may be dead.
func (k *keyboard) press(keys ...string) {
	for _, key := range keys {
		_, _ = k.c.master.WriteString(key)
	}
}

// did writes down that the screen said that something was done.
func (k *keyboard) did(verb string) {
	k.b.ledger.note(func(l *ledger) { l.shown[k.name+" "+verb]++ })
}

// serve issues a reset for a person, and sometimes revokes what is live and
// takes that back.
func (k *keyboard) serve(who string) bool {
	k.press("/", who, enter)
	if !k.sees("> "+who) && !k.sees("*"+who) {
		return false
	}
	k.press("i")
	if !k.sees("y accepts") {
		return false
	}
	k.press("y")
	if !k.sees("issued a reset for " + who) {
		return false
	}
	k.did("issue")
	if k.rnd.IntN(2) == 0 {
		k.press(enter)
		if !k.sees("Accounts > " + who) {
			return false
		}
		k.press("x")
		if !k.sees("y accepts") {
			return false
		}
		k.press("y")
		if !k.sees("z undoes it") {
			return false
		}
		k.did("revoke")
		k.press("z")
		if !k.sees("undone") {
			return false
		}
		k.did("undo")
		k.press("q")
	}
	k.press(esc)
	return true
}
