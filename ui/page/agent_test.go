package page

import (
	"slices"
	"strings"
	"testing"

	"doorman/ui/part"
)

// Screens show an agent in its short form; V and filters have it as it is stored.
func TestAgentsAreShort(t *testing.T) {
	const raw, short = "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0", "Firefox 128 · Linux"
	m := attacked()
	for _, o := range []Open{{View: "resets"}, {View: "account", Ref: m.accounts[0].ID}, {View: "reset", Ref: m.resets[0].ID.Full()}} {
		d := drive(t, m, o, 200, 60).sees(short)
		if both := strings.Contains(d.screen(), raw); both != (o.View == "reset") {
			t.Errorf("%s: the text as it is stored is shown: %v\n%s", o.View, both, d.screen())
		}
		all := d.page.(Revealer).Revealed()
		if !slices.ContainsFunc(all, func(f part.Field) bool { return f.Value == raw }) {
			t.Errorf("%s: V does not show the agent as it is stored: %q", o.View, all)
		}
	}
}

func TestAnAgentIsCountedAsItIsStored(t *testing.T) {
	m := attacked()
	list := drive(t, m, Open{View: "resets"}, 200, 60).press("#")
	d := driveEnv(t, list.env, m, list.opened[0], 200, 60).turnTo("agent").sees("Firefox 128 · Linux")
	d.press("enter")
	if got := list.page.(*resets).bar.text; !strings.Contains(got, "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0") {
		t.Errorf("the filter is %q", got)
	}
}
