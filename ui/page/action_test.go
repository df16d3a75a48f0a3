package page

import (
	"slices"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
)

// sampleOpen opens a view on something that the sample has.
func sampleOpen(m *memory, view string) Open {
	o := Open{View: view}
	switch view {
	case "account":
		o.Ref = m.accounts[0].ID
	case "reset":
		o.Ref = m.resets[0].ID.Full()
	case "email":
		o.Ref = m.letters[0].ID
	case "batch":
		if len(m.batches) == 0 {
			m.batch(model.Act{Operator: "ada"}, model.VerbRevoke, "3 resets", model.Tally{{Label: "resets", N: 3}})
			m.acts = nil
		}
		o.Ref = m.batches[0].ID
	}
	return o
}

func TestActionsOfEveryView(t *testing.T) {
	for _, v := range Views() {
		t.Run(v.Name, func(t *testing.T) {
			m := sample()
			d := drive(t, m, sampleOpen(m, v.Name), 120, 36)
			seen := map[string]string{}
			for _, a := range d.page.Actions() {
				if len(a.Keys) == 0 || a.Help == "" || a.Run == nil {
					t.Fatalf("action %q %q lacks a key, a help or what it does", a.Keys, a.Help)
				}
				for _, k := range a.Keys {
					if other, taken := seen[k]; taken {
						t.Errorf("%q means both %q and %q", k, other, a.Help)
					}
					seen[k] = a.Help
				}
			}
		})
	}
}

// Every action of every view can be pressed on a page with data, on an empty one
// and on one whose store is broken: it does something, or says why not.
func TestEveryActionRuns(t *testing.T) {
	for _, v := range Views() {
		t.Run(v.Name, func(t *testing.T) {
			for name, m := range map[string]*memory{"sample": sample(), "broken": {broken: &model.Error{Kind: model.Unavailable, Text: "the disk is gone"}}, "empty": {}} {
				o := Open{View: v.Name, Ref: "0123456789abcdef0123456789abcdef"}
				if name == "sample" {
					o = sampleOpen(m, v.Name)
				}
				for _, a := range drive(t, m, o, 80, 20).page.Actions() {
					d := drive(t, m, o, 80, 20)
					d.env.Copy = func(string) tea.Cmd { return func() tea.Msg { return Toast{Text: "copied"} } }
					d.press(a.Keys[0])
					d.screen()
				}
			}
		})
	}
}

func TestReadOnlyStopsWhatWrites(t *testing.T) {
	for _, v := range Views() {
		t.Run(v.Name, func(t *testing.T) {
			m := sample()
			o := sampleOpen(m, v.Name)
			e := testEnv(m)
			e.ReadOnly = true
			for _, a := range driveEnv(t, e, m, o, 80, 20).page.Actions() {
				d := driveEnv(t, e, m, o, 80, 20).press(a.Keys[0])
				if d.ask != nil {
					d.press("y")
				}
			}
			if len(m.acts) > 0 {
				t.Errorf("a read-only console did %q", m.acts)
			}
		})
	}
}

// Every view that a page opens is in the registry.
func TestOpenedViewsExist(t *testing.T) {
	for _, v := range Views() {
		m := sample()
		d := drive(t, m, sampleOpen(m, v.Name), 80, 20)
		if a, ok := Find(d.page.Actions(), "enter"); ok && a.Why() == "" {
			d.press("enter")
		}
		for _, o := range d.opened {
			if _, ok := ViewNamed(o.View); !ok && !slices.Contains(later(), o.View) {
				t.Errorf("%s opens %q, which is not in the registry", v.Name, o.View)
			}
		}
	}
}

// later lists the views that are still to come.
func later() []string { return nil }
