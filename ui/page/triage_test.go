package page

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// Every page of triage keeps to its size, also with a question open, from the
// smallest screen on.
func TestTriageFits(t *testing.T) {
	for _, o := range []Open{{View: "clusters"}, {View: "cluster", Ref: "198.51.100.0/24"}, {View: "cluster", Ref: "use:2001:db8:4:5::/64"},
		{View: "blocks"}, {View: "cases"}, {View: "whatif", Ref: "198.51.100.0/24"}} {
		for w := 60; w <= 210; w += 15 {
			for _, h := range []int{16, 20, 29, 56} {
				for _, key := range []string{"", "n", "b"} {
					d := drive(t, attacked(), o, w, h)
					if a, ok := Find(d.page.Actions(), key); ok && a.Why() == "" {
						d.do(a.Run())
					}
					lines := strings.Split(d.page.View(), "\n")
					if len(lines) > h {
						t.Errorf("%s after %q at %d×%d: %d lines", o.View, key, w, h, len(lines))
					}
					for _, l := range lines {
						if n := ansi.StringWidth(l); n > w {
							t.Errorf("%s after %q at %d×%d: a line of %d cells: %q", o.View, key, w, h, n, ansi.Strip(l))
						}
					}
				}
			}
		}
	}
}

func TestTriageSharesTheKeys(t *testing.T) {
	for _, view := range []string{"clusters", "cluster", "blocks", "cases", "whatif"} {
		seen := map[string]string{}
		for _, a := range drive(t, attacked(), Open{View: view, Ref: "198.51.100.0/24"}, 80, 20).page.Actions() {
			for _, k := range a.Keys {
				if other, taken := seen[k]; taken {
					t.Errorf("%s: %q means both %q and %q", view, k, other, a.Help)
				}
				seen[k] = a.Help
			}
		}
	}
}
