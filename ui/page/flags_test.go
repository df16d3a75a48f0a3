package page

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"doorman/model"
)

// Rows of a cluster carry its sign and colour wherever they stand; c leads to the
// cluster, and says why it cannot where a row belongs to none.
func TestRowsOfClustersAreFlagged(t *testing.T) {
	d := drive(t, attacked(), Open{View: "resets", Filter: model.ResetFilter{Agent: "python"}}, 120, 40).sees("▲ live")
	for line := range strings.SplitSeq(d.screen(), "\n") {
		if strings.Contains(ansi.Strip(line), "▲ live") && !strings.Contains(line, strings.TrimSuffix(d.env.Theme.Sign("critical").Ink.Paint("▲ live"), "\x1b[0m")) && !strings.Contains(line, ">") {
			t.Errorf("a live link of an attack in another colour: %q", line)
		}
	}
	d.press("c").leadsTo("198.51.100.0/24")
	d = drive(t, attacked(), Open{View: "resets"}, 120, 40).press("g")
	if r, _ := d.page.(*resets).Current(); r.Flag.IsZero() {
		d.press("c").said("it belongs to no cluster")
	}
	drive(t, attacked(), Open{View: "accounts"}, 120, 40).sees("▲")
	drive(t, attacked(), Open{View: "accounts", Filter: model.AccountFilter{Query: "ada.020"}}, 120, 40).sees("▲ ").press("c").leadsTo("198.51.100.0/24")
}

// flagged: and cluster: filter by clusters.
func TestFilterByCluster(t *testing.T) {
	m := attacked()
	d := drive(t, m, Open{View: "resets"}, 120, 40).press("f").write("cluster:198.51.100.0/24").press("enter").sees("1 of 12").misses("barbara.003@example.org  ")
	d.press("f", "ctrl+u").write("flagged:critical").press("enter").sees("1 of 12")
	d.press("f", "ctrl+u").write("-flagged:yes").press("enter").misses("▲")
	d.press("f", "ctrl+u").write("cluster:203.0.113.250").press("enter").sees("No reset matches.")
	d.press("f", "ctrl+u").write("flagged:yes").press("enter").press("X").sees("Revoke all that match flagged:yes")
}

// leadsTo checks that the page of a cluster was opened last.
func (d *driver) leadsTo(key string) {
	d.t.Helper()
	if len(d.opened) == 0 || d.opened[len(d.opened)-1].View != "cluster" || d.opened[len(d.opened)-1].Ref != key {
		d.t.Errorf("opened %+v", d.opened)
	}
}
