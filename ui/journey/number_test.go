//go:build unix

package journey

import (
	"fmt"
	"regexp"
	"testing"
)

// What is live of an attack is one number: in the headline, the list, the page of
// the cluster, the plan, each command, the export and the result. An office that
// is excepted and requests that are not judged yet make no difference.
func TestOneNumberAFact(t *testing.T) {
	s := newSite(t).underAttack(48)
	s.run("allow", "198.51.100.35", "--reason", "the office", "--yes")
	s.run("request", "person.001@example.org", "--ip", "198.51.100.33", "--agent", "Mozilla/5.0 Firefox/128.0")
	const live = `SELECT count(*) FROM PasswordReset WHERE requested_ip LIKE '198.51.100.%' AND was_used = 0 AND requested_ip `
	n, spared := s.count(live+"<> '198.51.100.35'"), s.count(live+"= '198.51.100.35'")
	if n != 37 || spared != 12 {
		t.Fatalf("%d live, %d of the office", n, spared)
	}
	const key = "198.51.100.32/30"
	for _, args := range [][]string{
		{"clusters", "-o", "jsonl"}, {"cluster", key, "-o", "json"}, {"export", "clusters", "-o", "jsonl"},
		{"contain", key, "--dry-run", "-o", "json"}, {"revoke", "--cluster", key, "--dry-run", "-o", "json"},
	} {
		out := s.run(args...)
		if !regexp.MustCompile(fmt.Sprintf(`"(live|resets)":%d,`, n)).MatchString(out) {
			t.Errorf("%v: not %d live in %s", args, n, out)
		}
	}
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		c := s.open(size[0], size[1], nil).sees("Clusters", "unclaimed, 37 live").on("198.51.100.32/30")
		c.sees(fmt.Sprintf("  %d  ", n)).send(enter).sees(fmt.Sprintf("%d live now", n))
		c.send("x").sees(fmt.Sprintf("%d live resets of", n), "12 live in the exception 198.51.100.35/32", fmt.Sprintf("type %d to confirm", n)).send("n")
		c.send("c").sees(fmt.Sprintf("%d live resets of", n), "12 live in the exception 198.51.100.35/32").send("n").send("q").send("q").ends(0)
	}
	c := s.open(120, 40, nil).on("198.51.100.32/30").send("c").sees("type 37 to confirm").send("3", "7", enter)
	c.sees("contained 198.51.100.32/30: 37 revoked")
	if left := s.count(live + "= '198.51.100.35'"); left != spared {
		t.Errorf("%d of %d live links of the office are left", left, spared)
	}
	if left := s.count(live + "<> '198.51.100.35'"); left != 0 {
		t.Errorf("%d of the attack are left", left)
	}
	c.send("q").ends(0)
}
