//go:build unix

package journey

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"doorman/mail"
)

// How many processes TestKills ends, and where its choices come from. What the
// machine does at the moment of a kill no seed decides.
var (
	kills    = flag.Int("kills", 50, "how many processes TestKills ends with SIGKILL")
	killSeed = flag.Uint64("killseed", 0, "of TestKills; 0 takes one from the clock")
)

// actor is a process, or one after the other, that works on the database until
// it is killed.
type actor interface {
	sends() bool // it may be the one that sends letters
	kill()       // ends it with SIGKILL in the middle of its work, and waits for its end
}

// battle is a site where programs work and die.
type battle struct {
	*site
	rnd    *rand.Rand // of the one who directs
	post   *post
	ledger *ledger
	names  int
	dead   map[string]int // by kind of actor
}

// lossy makes the relay misbehave with every fourth letter, and refuse one
// person for ever. The choice depends on the address and the attempt alone.
func lossy(seed uint64) relayOption {
	faults := []mail.Fault{mail.FaultLost, mail.FaultDrop, mail.FaultTaken, mail.FaultDefer, mail.FaultDeferEnd}
	return func(o *mail.CaptureOptions) {
		o.Fault = func(to string, attempt int) mail.Fault {
			if to == refusedPerson {
				return mail.FaultRefuse
			}
			r := rand.New(rand.NewPCG(seed, uint64(attempt)+hashOf(to)))
			if n := r.IntN(4 * len(faults)); n < len(faults) {
				return faults[n]
			}
			return mail.FaultNone
		}
	}
}

// refusedPerson has an address that the relay knows nothing of.
const refusedPerson = "person.007@example.org"

func newBattle(t *testing.T, seed uint64) *battle {
	t.Helper()
	p := newPost(t)
	s := newSite(t, lossy(seed), p.listen)
	s.write("config/doorman/config.toml", s.read(s.path("config/doorman/config.toml"))+"[reset]\nttl = \"24h\"\nper_account = 0\nper_source = 0\n")
	s.underAttack(attack)
	s.people("held.0@example.org", "held.1@example.org", "held.2@example.org", "held.3@example.org", "held.4@example.org", "held.5@example.org")
	return &battle{site: s, rnd: rand.New(rand.NewPCG(seed, 1)), post: p, ledger: newLedger(), dead: map[string]int{}}
}

// send lets an actor in. Of those that send letters there are two at most.
func (b *battle) send(others []actor) actor {
	senders := 0
	for _, a := range others {
		if a != nil && a.sends() {
			senders++
		}
	}
	b.names++
	rnd := rand.New(rand.NewPCG(b.rnd.Uint64(), uint64(b.names)))
	switch n := b.rnd.IntN(10); {
	case n < 3 && senders < 2:
		return b.newCourier(rnd)
	case n < 5 && senders < 2:
		return b.newKeyboard(fmt.Sprintf("console-%d", b.names), rnd)
	}
	return b.newClerk(fmt.Sprintf("clerk-%d", b.names), rnd)
}

// strike kills an actor, and with it the other one that sends: the leases of the
// dead run out together.
func (b *battle) strike(all []actor, i int) int {
	b.t.Helper()
	down := func(i int) {
		b.dead[strings.TrimPrefix(fmt.Sprintf("%T", all[i]), "*journey.")]++
		all[i].kill()
	}
	sender := all[i].sends()
	down(i)
	b.check()
	all[i] = nil
	n := 1
	if !sender {
		return n
	}
	for j, other := range all {
		if other != nil && other.sends() {
			down(j)
			b.check()
			all[j] = nil
			n++
		}
	}
	b.timePasses()
	return n
}

// timePasses makes leases run out and failed letters fall due, as an hour would.
// No sender may be alive.
func (b *battle) timePasses() {
	past := time.Now().UTC().Add(-time.Second).Format("2006-01-02 15:04:05.000000")
	b.exec(fmt.Sprintf(`UPDATE doorman_lease SET until = '%[1]s';
		UPDATE doorman_outbox SET lease_until = '%[1]s', next_try = '%[1]s' WHERE state = 'sending';
		UPDATE doorman_outbox SET next_try = '%[1]s' WHERE state IN ('failed', 'queued')`, past))
}

// One to three processes issue, revoke, contain, block, hold, take back, redeem,
// import and deliver, over a relay that loses every fourth letter, and are killed
// in the middle of it. After each kill all that was acknowledged is there,
// nothing is half done, and the file and its log are sound; at the end every
// letter has arrived, and those that came twice came the same.
func TestKills(t *testing.T) {
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-kills %d -killseed %d", *kills, seed)
	b := newBattle(t, seed)
	all := make([]actor, 1+b.rnd.IntN(3))
	for done := 0; done < *kills && !t.Failed(); {
		for i := range all {
			if all[i] == nil {
				all[i] = b.send(all)
			}
		}
		time.Sleep(some(b.rnd, 300*time.Millisecond))
		before := done
		done += b.strike(all, b.rnd.IntN(len(all)))
		if done/20 > before/20 { // another number of them
			for i := range all {
				if all[i] != nil {
					done += b.strike(all, i)
				}
			}
			all = make([]actor, 1+b.rnd.IntN(3))
		}
	}
	for i := range all {
		if all[i] != nil {
			b.strike(all, i)
		}
	}
	b.settle()
}

// settle lets what waits go out, checks that no letter is lost, and says what
// happened.
func (b *battle) settle() {
	b.t.Helper()
	const waiting = `SELECT count(*) FROM doorman_outbox WHERE state IN ('queued', 'sending', 'failed')`
	for range 40 {
		b.timePasses()
		b.try("", "deliver", "--once")
		if b.count(waiting) == 0 {
			break
		}
	}
	if n := b.count(waiting); n > 0 {
		b.t.Errorf("%d emails do not leave", n)
	}
	b.check()
	b.checkLetters()
	letters, copies := b.post.taken()
	b.t.Logf("%d kills %v, %d acts acknowledged, %d done when the kill came before the word, 0 lost; %d emails in %d copies, %d resets",
		b.dead["clerk"]+b.dead["keyboard"]+b.dead["courier"], b.dead, b.ledger.acks(), b.unsaid(), letters, copies,
		b.count(`SELECT count(*) FROM PasswordReset`))
}

// An adoption that is killed leaves the application's database as the application
// knows it, and the next opening ends what it began.
func TestKilledWhileAdopting(t *testing.T) {
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-kills %d -killseed %d", *kills, seed)
	rnd := rand.New(rand.NewPCG(seed, 2))
	s := courseSite(t)
	s.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
		INSERT INTO "PasswordReset" (id, created_date, was_used, used_ip_address) SELECT lower(hex(randomblob(16))), '2026-11-23 11:00:00.000000', i % 2, '192.0.2.' || (i % 250) FROM n`)
	whole := s.read(s.db)
	const sum = `SELECT count(*) * 1000 + sum(was_used) FROM (SELECT id, created_date, used_date, was_used, used_ip_address, user_id FROM PasswordReset WHERE used_ip_address LIKE '192.0.2.%')`
	rows, usual, killed := s.count(sum), 200*time.Millisecond, 0
	for round := 0; killed < max(*kills/5, 1) && round < *kills; round++ {
		left, _ := filepath.Glob(s.db + "*")
		for _, name := range left {
			s.must(os.Remove(name))
		}
		s.write("home/course.db", whole)
		cmd := exec.Command(program, "--db", s.db, "db", "migrate")
		cmd.Env, cmd.Dir = s.env(), s.dir
		began := time.Now()
		s.must(cmd.Start())
		stop := time.AfterFunc(some(rnd, usual), func() { _ = cmd.Process.Kill() })
		if cmd.Wait() == nil {
			stop.Stop()
			usual = (usual + time.Since(began)) / 2
		} else {
			killed++
		}
		if got := s.count(sum); got != rows {
			t.Fatalf("the rows of the application are %d, were %d", got, rows)
		}
		if n := s.count(`SELECT count(*) FROM sqlite_master WHERE name = 'doorman_lease'`); n == 1 {
			s.exec(`DELETE FROM doorman_lease`) // it runs out in ten seconds
		}
		s.run("--db", s.db, "db", "migrate")
		s.run("--db", s.db, "db", "check")
		if n := s.count(`SELECT count(*) FROM doorman_audit WHERE verb = 'adopt'`); n != 1 || s.count(sum) != rows {
			t.Errorf("%d entries of an adoption", n)
		}
	}
	t.Logf("%d kills", killed)
}
