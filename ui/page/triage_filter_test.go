package page

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

func TestFilteringClusters(t *testing.T) {
	atSizes(t, func(t *testing.T, w, h int) {
		home := Open{View: "clusters"}
		t.Run("typing", func(t *testing.T) { drive(t, attacked(), home, w, h).press("f").write("-case:").golden() })
		t.Run("filtered", func(t *testing.T) {
			drive(t, attacked(), home, w, h).press("f").write("-severity:critical").press("enter").golden()
		})
		t.Run("none", func(t *testing.T) {
			drive(t, attacked(), home, w, h).press("/").write("203.0.113.1").press("enter").golden()
		})
	})
}

// keysOf lists the clusters that a page shows.
func keysOf(d *driver) string {
	var keys []string
	for _, r := range d.page.(*clusters).Rows() {
		keys = append(keys, r.Key)
	}
	return strings.Join(keys, " ")
}

func TestWhatAFilterOfClustersSelects(t *testing.T) {
	m := attacked()
	account := "account:" + m.accounts[3].ID
	for line, want := range map[string]string{
		"severity:critical":              "198.51.100.0/24",
		"-severity:critical,past":        account + " use:2001:db8:4:5::/64 agent:5eed",
		"case:false":                     "agent:5eed",
		"ip:198.51.100.7":                "198.51.100.0/24",
		"2001:db8::/32":                  "use:2001:db8:4:5::/64",
		"agent:curl":                     "agent:5eed",
		"account:" + m.accounts[3].Email: account,
		"score:100 kind:prefix":          "198.51.100.0/24 203.0.113.99/32",
		"-case:false,closed -severity:past kind:agent": "",
	} {
		d := drive(t, m, Open{View: "clusters"}, 120, 40).press("f").write(line).press("enter")
		if got := keysOf(d); got != want {
			t.Errorf("%s selects %s, want %s", line, got, want)
		}
	}
}

// However the list is filtered, the first line tells of all that is wrong.
func TestAFilterHidesNoAlarm(t *testing.T) {
	d := drive(t, attacked(), Open{View: "clusters"}, 120, 40).press("f").write("case:false").press("enter")
	d.sees("critical: 198.51.100.0/24").sees("/case:false").sees("1 of 1")
	shares := d.page.(*clusters).times.each
	if _, counted := shares["198.51.100.0/24"]; !counted {
		t.Errorf("the timeline lacks what the filter hides: %v", shares)
	}
	d.press("/", "ctrl+u").write("zzz").press("enter").sees("critical: 198.51.100.0/24").sees("None of 5 clusters in the last 24 h matches")
	d.press("esc").misses("/zzz").sees("1 of 5")
	d.press("s").sees("/case:new").press("s").sees("/case:acknowledged").press("s", "s").sees("/case:false_positive").press("s", "s").sees("1 of 5")
}

func TestFilteringIsTyped(t *testing.T) {
	for view, line := range map[string]string{"clusters": "severity:bad", "blocks": "state:bad", "cases": "state:bad"} {
		d := drive(t, attacked(), Open{View: view}, 100, 24).press("f").write(line).press("enter")
		field, _, _ := strings.Cut(line, ":")
		d.sees("^^^^").sees("there is no " + field).press("esc").misses("^^^^")
		network := map[string]string{"clusters": "198.51.100.0/24"}[view]
		d.press("f").write("ip:19").press("tab").sees("/ip:" + cmp.Or(network, "192.0.2.0/24")).press("esc")
	}
}

func TestFilteringRules(t *testing.T) {
	m := attacked()
	d := drive(t, m, Open{View: "blocks"}, 120, 36)
	for line, want := range map[string]string{
		"by:grace": "192.0.2.7", "action:allow": "192.0.2.7", "ip:192.0.2.7": "192.0.2.0/24 192.0.2.7", "state:expired": "2001:db8:beef::/48",
		"state:any by:ada": "192.0.2.0/24 2001:db8:beef::/48", "since:150m": "192.0.2.0/24", "batch:b9": "192.0.2.0/24", "OFFICE": "192.0.2.7", "zzz": "",
	} {
		d.press("f", "ctrl+u").write(line).press("enter")
		var got []string
		for _, r := range d.page.(*blocks).Rows() {
			got = append(got, prefixText(r.Prefix))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s selects %s, want %s", line, got, want)
		}
		if c := d.page.(Commander).Command(); !strings.HasPrefix(c, "doorman blocks --filter ") {
			t.Errorf("%s is copied as %s", line, c)
		}
	}
	d.press("f", "ctrl+u").write("zzz").press("enter").sees("No rule matches.").sees("esc clears the filter, f changes it").press("esc")
	d.press("/").write("192.0.2.9").press("enter").sees("is blocked").press("f").write("by:ada").press("enter").sees("is blocked").sees("/by:ada")
	d.press("esc").misses("is blocked").sees("/by:ada").press("esc").misses("/by:ada")
	d.press("s").sees("/state:any").press("s").misses("/state:any")
}

// Rules by the thousand are looked through some at a time, and all that fit are
// found.
func TestFilteringManyRules(t *testing.T) {
	m := &memory{}
	for i := range 12_000 {
		r := model.Rule{Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32), Action: model.Block, By: "ada",
			Created: testNow().Add(-time.Duration(i) * time.Second)}
		if i%6000 == 5999 {
			r.By = "grace"
		}
		m.rules = append(m.rules, r)
	}
	d := drive(t, m, Open{View: "blocks", Line: "by:grace"}, 120, 36).sees("1 of 2").sees("10.0.23.111").sees("10.0.46.223")
	d.press("esc").sees("10.0.0.0").press("G").sees("10.0.46.223")
}

func TestFilteringCases(t *testing.T) {
	m := attacked()
	d := drive(t, m, Open{View: "cases"}, 120, 36)
	for line, want := range map[string]string{"state:false": "agent:5eed", "-state:false": "192.0.2.0/24", "by:grace": "agent:5eed", "192.0.2.77": "192.0.2.0/24",
		"since:12h": "agent:5eed", "probe": "agent:5eed", "state:new": ""} {
		d.press("f", "ctrl+u").write(line).press("enter")
		got := ""
		for _, c := range d.page.(*cases).Rows() {
			got += c.Key
		}
		if got != want {
			t.Errorf("%s selects %s, want %s", line, got, want)
		}
	}
	for line, want := range map[string]string{"": "doorman cases", "state:new,false": "doorman cases --state new,false", "by:grace": "doorman cases --filter by:grace"} {
		d.press("f", "ctrl+u").write(line).press("enter")
		if got := d.page.(Commander).Command(); got != want {
			t.Errorf("%q is copied as %s, want %s", line, got, want)
		}
	}
}

// Saved filters, links and the counts of values work where clusters, rules and
// cases are listed as elsewhere.
func TestTriageListsSaveAndLink(t *testing.T) {
	for view, line := range map[string]string{"clusters": "-severity:past", "blocks": "state:any", "cases": "state:false"} {
		k := &kept{}
		m := attacked()
		e := testEnv(m)
		e.Keep = k
		d := driveEnv(t, e, m, Open{View: view}, 120, 36).press("f").write(line).press("enter", "S").write("mine").press("enter").sees("[mine]")
		d.press("tab").sees("[all]").misses("/" + line).press("shift+tab").sees("/" + line)
		if len(k.h.Filters) != 1 || k.h.Filters[0] != (SavedFilter{view, "mine", line}) {
			t.Errorf("saved %+v", k.h.Filters)
		}
		l := d.page.(Linker).Link()
		if err := l.Check(testNow); err != nil || l.Filter != line {
			t.Errorf("%+v: %v", l, err)
		}
		if again := drive(t, m, l.Opens()[0], 120, 36).sees("/" + line); again.page.(Linker).Link() != l {
			t.Errorf("%+v leads to %+v", l, again.page.(Linker).Link())
		}
	}
}

func TestValuesOfTriageListsFilter(t *testing.T) {
	for _, c := range []struct{ view, column, want string }{
		{"clusters", "severity", "severity:past"}, {"blocks", "rule", "action:block"}, {"blocks", "by", "by:ada"}, {"cases", "by", "by:ada"},
	} {
		list := drive(t, attacked(), Open{View: c.view}, 200, 36)
		list.press("#")
		d := driveEnv(t, list.env, list.store, list.opened[0], 200, 36).turnTo(c.column)
		for range 9 {
			if line, ok := d.page.(*counts).narrowed(); ok && line == c.want {
				break
			}
			d.press("j")
		}
		d.press("enter")
		if l := list.page.(Linker).Link(); l.Filter != c.want || list.page.(Typist).Typing() {
			t.Errorf("%s by %s filters by %q, %s", c.view, c.column, l.Filter, fmt.Sprint(d.toasts))
		}
	}
}
