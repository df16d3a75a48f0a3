//go:build unix

package journey

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// attack is how many resets the attacker of underAttack asks for: few enough to
// contain without typing their number.
const attack = 18

// underAttack fills the database with the honest traffic of three days and, in
// the last hour, an attack of so many resets from addresses of one network.
func (s *site) underAttack(attack int) *site {
	s.t.Helper()
	who := crowd(100 + attack)
	s.people(who...)
	now := time.Now().UTC()
	rows := []string{"created,email,ip,user_agent,used,used_ip,expires"}
	add := func(at time.Time, email, ip, agent string, used bool) {
		spent, from := "", ""
		if used {
			spent, from = at.Add(3*time.Minute).Format(time.RFC3339), ip
		}
		rows = append(rows, strings.Join([]string{at.Format(time.RFC3339), email, ip, agent, spent, from, at.Add(2 * time.Hour).Format(time.RFC3339)}, ","))
	}
	for i := range 240 {
		add(now.Add(-72*time.Hour+time.Duration(i)*17*time.Minute), who[i%100], fmt.Sprintf("203.%d.%d.%d", i*7%256, i*13%256, 1+i%250), "Mozilla/5.0 Firefox/128.0", i%4 != 0)
	}
	for i := range attack {
		add(now.Add(-50*time.Minute+time.Duration(i)*36*time.Minute/time.Duration(attack)), who[100+i], fmt.Sprintf("198.51.100.%d", 32+i%4), "python-requests/2.31", false)
	}
	s.run("import", "resets", s.write("resets.csv", strings.Join(rows, "\n")+"\n"))
	return s
}

// contained counts the live resets of the attack and the blocks in force.
func (s *site) contained() (live, blocks int) {
	return s.count(`SELECT count(*) FROM PasswordReset WHERE requested_ip LIKE '198.51.100.%' AND revoked_date IS NULL AND was_used = 0`),
		s.count(`SELECT count(*) FROM doorman_rule WHERE action = 'block' AND ended IS NULL`)
}

// The second sentence of the contract: from the start the worst network of the
// last 24 hours is contained in three keys, with its evidence seen, and one more
// takes it back.
func TestContainTheWorstNetworkInThreeKeys(t *testing.T) {
	s := newSite(t).underAttack(attack)
	c := s.open(80, 24, nil).sees("Clusters", "last 24 h").on("198.51.100.32/30")
	c.sees("18 accounts", "0% completed")
	keys := []string{enter, "c", "y"}
	c.send(keys[0]).sees("18 for 18 accounts, 18 live now", "unfinished", "python-requests 2.31", "why", "against", "◇ live")
	c.send(keys[1]).sees("Contain 198.51.100.32/30", "blocks    198.51.100.32/30 for 24 h, until", "18 live resets of 18 accounts", "real users: none completed here", "Cancel")
	if live, blocks := s.contained(); live != attack || blocks != 0 {
		t.Fatalf("%d live, %d blocks before the yes", live, blocks)
	}
	c.send(keys[2]).sees("contained 198.51.100.32/30: 18 revoked", "z undoes it", "■ contained by anna", "✗ revoked")
	if live, blocks := s.contained(); live != 0 || blocks != 1 {
		t.Fatalf("%d live, %d blocks", live, blocks)
	}
	if n := s.count(`SELECT count(*) FROM doorman_audit WHERE verb = 'contain'`); n != 1 {
		t.Errorf("%d audit entries", n)
	}
	if r := s.try("", "check", "198.51.100.34"); r.status != 3 {
		t.Errorf("an address of the network is served: %+v", r)
	}
	s.run("request", "person.001@example.org", "--ip", "198.51.100.34", "--agent", "curl")
	if n := s.count(`SELECT count(*) FROM PasswordReset WHERE requested_agent = 'curl'`); n != 0 {
		t.Error("a blocked address requested a reset")
	}
	c.send("4").sees("■ block", "198.51.100.32/30", "in 23h").send("7").sees("■ contained", "198.51.100.32/30")
	c.send("z").sees("undone: 18 resets")
	if live, blocks := s.contained(); live != attack || blocks != 0 {
		t.Fatalf("%d live, %d blocks after it was undone", live, blocks)
	}
	c.send("4").sees("No network is blocked").send("1").on("198.51.100.32/30").sees("+ new").send("q").ends(0)
}

// What is typed ahead of a slow line does the same, and a no leaves everything
// as it is.
func TestContainTypedAhead(t *testing.T) {
	s := newSite(t).underAttack(attack)
	c := s.open(120, 40, nil).send(enter+"cn", enter).sees("Reset ").send("qq").on("198.51.100.32/30")
	if live, blocks := s.contained(); live != attack || blocks != 0 {
		t.Fatalf("%d live, %d blocks after a no", live, blocks)
	}
	c.send(enter + "cy").sees("contained 198.51.100.32/30: 18 revoked")
	if live, blocks := s.contained(); live != 0 || blocks != 1 {
		t.Errorf("%d live, %d blocks", live, blocks)
	}
	c.send("qq").ends(0)
}

// An attack that another process brings in is announced on any page, within
// seconds of crossing the line.
func TestAnAttackIsAnnounced(t *testing.T) {
	s := newSite(t).people("ada@example.org")
	c := s.open(120, 40, nil).sees("Clusters").send("2").on("ada@")
	s.underAttack(4 * attack)
	c.sees("new cluster 198.51.100.32/30").on("ada@").send("1").on("198.51.100.32/30").send("q").ends(0)
}
