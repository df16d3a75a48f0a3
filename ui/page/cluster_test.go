package page

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"doorman/model"
	"doorman/model/detect"
)

func TestCluster(t *testing.T) {
	at := func(key string) Open { return Open{View: "cluster", Ref: key} }
	atSizes(t, func(t *testing.T, w, h int) {
		t.Run("flood", func(t *testing.T) { drive(t, attacked(), at("198.51.100.0/24"), w, h).golden() })
		t.Run("takeovers", func(t *testing.T) { drive(t, attacked(), at("use:2001:db8:4:5::/64"), w, h).golden() })
		t.Run("agent", func(t *testing.T) { drive(t, attacked(), at("agent:5eed"), w, h).golden() })
		t.Run("account", func(t *testing.T) { drive(t, attacked(), at("account:"+attacked().accounts[3].ID), w, h).golden() })
		t.Run("wide", func(t *testing.T) {
			m := attacked()
			m.clusters[1].Prefix, m.clusters[1].Key = netip.MustParsePrefix("2001:db8:4::/48"), "2001:db8:4::/48"
			for i := range m.resets {
				m.resets[i].RequestedIP = fmt.Sprintf("2001:db8:4:%x::%x", i*i*37%0x10000, i+1)
			}
			drive(t, m, at("2001:db8:4::/48"), w, h).golden()
		})
		if w < picturesBeside {
			t.Run("pictures", func(t *testing.T) { drive(t, attacked(), at("198.51.100.0/24"), w, h).press("tab").golden() })
		}
		t.Run("contain", func(t *testing.T) { drive(t, attacked(), at("198.51.100.0/24"), w, h).press("c").golden() })
		t.Run("gone", func(t *testing.T) { drive(t, attacked(), at("192.0.2.0/24"), w, h).golden() })
		t.Run("case_alone", func(t *testing.T) {
			m := attacked()
			drive(t, m, Open{View: "cluster", Ref: "192.0.2.0/24", Filter: m.cases[1]}, w, h).golden()
		})
	})
}

func TestContainWhatOneLooksAt(t *testing.T) {
	m := attacked()
	d := drive(t, m, Open{View: "cluster", Ref: "198.51.100.0/24"}, 80, 20).press("c", "y").acts("contain 198.51.100.0/24").sees("■ contained by ada").sees("0 live now")
	d.press("B")
	if o := d.opened[0]; o.View != "batch" || o.Ref != m.batches[0].ID {
		t.Errorf("B opened %v", o)
	}
}

func TestAClusterThatGrewIsFoundAgain(t *testing.T) {
	m := attacked()
	d := drive(t, m, Open{View: "cluster", Ref: "198.51.100.0/26"}, 120, 40).sees("12 for 12 accounts")
	if d.page.Title() != "198.51.100.0/24" {
		t.Errorf("title %q", d.page.Title())
	}
}

func TestClusterLeadsOn(t *testing.T) {
	m := attacked()
	d := drive(t, m, Open{View: "cluster", Ref: "198.51.100.0/24"}, 120, 40).press("enter", "p", "f", "w")
	var views []string
	for _, o := range d.opened {
		views = append(views, o.View)
	}
	if got := strings.Join(views, " "); got != "reset account resets whatif" {
		t.Fatalf("it leads to %s", got)
	}
	if f := d.opened[2].Filter.(model.ResetFilter); f.IP.String() != "198.51.100.0/24" {
		t.Errorf("f filters by %v", f)
	}
	d = drive(t, m, Open{View: "cluster", Ref: "account:" + m.accounts[3].ID}, 120, 40).press("p")
	if d.opened[0].Ref != m.accounts[3].ID {
		t.Errorf("p opened %v", d.opened)
	}
}

func TestResetsThatOnlyIdsNameArePaged(t *testing.T) {
	m := attacked()
	c := detect.Cluster{Kind: detect.ByPlace}
	for _, r := range m.resets {
		c.EventIDs = append(c.EventIDs, r.ID.Full())
	}
	seen := map[string]bool{}
	at := model.Paging{Limit: 7}
	for {
		p, err := clusterResets(t.Context(), m, c, at)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Items {
			if seen[r.ID.Full()] {
				t.Fatalf("%s came twice", r.ID)
			}
			seen[r.ID.Full()] = true
		}
		if p.Next == "" {
			break
		}
		at.After = p.Next
	}
	if len(seen) != len(m.resets) {
		t.Errorf("%d of %d resets", len(seen), len(m.resets))
	}
	back, _ := clusterResets(t.Context(), m, c, model.Paging{Limit: 7, Before: "10"})
	if len(back.Items) != 7 || back.Prev != "3" || back.Next != "10" {
		t.Errorf("%d items, %q, %q", len(back.Items), back.Prev, back.Next)
	}
}

// In scheme id the ids of a cluster open accounts.
func TestClustersShowNoCredential(t *testing.T) {
	m := attacked()
	for i := range m.resets {
		m.resets[i].ID = model.NewResetID(m.resets[i].ID.Full(), model.SchemeID)
	}
	for _, o := range []Open{{View: "clusters"}, {View: "cluster", Ref: "198.51.100.0/24"}} {
		d := drive(t, m, o, 200, 60).press("c")
		for _, id := range m.clusters[1].EventIDs {
			d.misses(id[:9])
		}
	}
}

// Every address of a network lies in the cell whose first address is not after
// it, and no cell is wider than another.
func TestTheMapOfANetwork(t *testing.T) {
	for text, want := range map[string]string{
		"198.51.100.0/24": "256 cells of /32", "198.51.100.64/27": "32 cells of /32", "10.0.0.0/8": "256 cells of /16", "198.51.0.0/17": "256 cells of /25",
		"2001:db8:4::/48": "256 cells of /56", "2001:db8:4:ff00::/58": "64 cells of /64", "2001:db8::/32": "256 cells of /40",
	} {
		p := netip.MustParsePrefix(text)
		g, ok := gridOf(p)
		if got := fmt.Sprintf("%d cells of /%d", g.cells, g.bits); !ok || got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
		for i := range g.cells {
			a := g.begins(i)
			if at, ok := g.cell(a); !ok || at != i {
				t.Fatalf("%s: cell %d begins with %s, which lies in %d", text, i, a, at)
			}
			if at, ok := g.cell(netip.PrefixFrom(a, g.bits).Masked().Addr()); !ok || at != i {
				t.Fatalf("%s: %s is not the start of its cell", text, a)
			}
		}
		if _, ok := g.cell(netip.MustParseAddr("192.0.2.1")); ok {
			t.Errorf("192.0.2.1 is in %s", text)
		}
	}
	for _, text := range []string{"198.51.100.7/32", "198.51.100.6/31", "2001:db8::/64", "2001:db8::1/128"} {
		if _, ok := gridOf(netip.MustParsePrefix(text)); ok {
			t.Errorf("%s has a map", text)
		}
	}
}
