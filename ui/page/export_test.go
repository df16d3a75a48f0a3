package page

import (
	"errors"
	"io"
	"strings"
	"testing"

	"doorman/model"
)

// exportTo drives a page whose files end in memory.
func exportTo(t *testing.T, m *memory, view string, files map[string]string) *driver {
	t.Helper()
	e := testEnv(m)
	e.NewFile = func(path string, write func(io.Writer) error) error {
		if _, there := files[path]; there {
			return &model.Error{Kind: model.Conflict, Field: path, Text: "exists already"}
		}
		var b strings.Builder
		if err := write(&b); err != nil {
			return err
		}
		files[path] = b.String()
		return nil
	}
	return driveEnv(t, e, m, Open{View: view}, 100, 24)
}

func (d *driver) said(want string) {
	d.t.Helper()
	if n := len(d.toasts); n == 0 || !strings.Contains(d.toasts[n-1].Text, want) {
		d.t.Errorf("said %+v, want %q", d.toasts, want)
	}
}

func TestExport(t *testing.T) {
	files := map[string]string{}
	d := exportTo(t, sample(), "resets", files).press("f").write("-state:expired").press("enter", "ctrl+s").sees("all that match as .csv")
	d.press("ctrl+u").write("out.txt").press("enter").sees("out.txt").press("ctrl+u").write("out.csv").press("enter").said("written to out.csv")
	lines := strings.Split(strings.TrimSpace(files["out.csv"]), "\n")
	if lines[0] != "id,account,email,state,created,expires,used,revoked,requested_ip,requested_agent,used_ip,issued_by,delivery" || strings.Contains(files["out.csv"], ",expired,") || len(lines) < 4 {
		t.Errorf("wrote %q", files["out.csv"])
	}
	d.press(" ", " ", "ctrl+s").sees("2 marked rows").press("ctrl+u").write("two.jsonl").press("enter").said("2 records written to two.jsonl")
	if n := strings.Count(files["two.jsonl"], "\n"); n != 2 {
		t.Errorf("%d lines", n)
	}
	if d.store.acts[1] != "export resets -state:expired 2" {
		t.Errorf("logged %q", d.store.acts)
	}
	for _, view := range []string{"accounts", "outbox", "audit", "clusters", "blocks", "cases"} {
		m := busy()
		m.watch = attacked().watch
		exportTo(t, m, view, files).press("ctrl+s").press("enter").said("written to " + view + "-20261123-030405.csv")
		if len(files[view+"-20261123-030405.csv"]) < 100 {
			t.Errorf("%s wrote %q", view, files)
		}
	}
}

// What is exported is chosen with tab: the marks, all that match, or the page on
// the screen, wherever that stands in the list.
func TestExportOfThePageShown(t *testing.T) {
	files := map[string]string{}
	d := exportTo(t, sample(), "accounts", files)
	var want []string
	for _, a := range d.press("ctrl+d", "ctrl+d", "ctrl+d", " ").page.(*accounts).Shown() {
		want = append(want, a.Email)
	}
	d.press("ctrl+s").sees("1 marked row as .csv").sees("tab: all that match")
	d.press("tab").sees("all that match as .csv").press("tab").sees("the 22 rows shown as .csv").sees("tab: 1 marked row")
	d.press("ctrl+u").write("page.jsonl").press("enter").said("22 records written to page.jsonl")
	for i, l := range strings.Split(strings.TrimSpace(files["page.jsonl"]), "\n") {
		if !strings.Contains(l, `"email":"`+want[i]+`"`) {
			t.Errorf("line %d is %s, the screen shows %s", i, l, want[i])
		}
	}
	if want[0] == "ada.000@example.org" {
		t.Error("the list did not move")
	}
	d.press("tab") // is a saved filter again, not the answer to a question
}

// Rules and clusters are exported as their filter selects them, too.
func TestExportOfFilteredTriage(t *testing.T) {
	files := map[string]string{}
	exportTo(t, attacked(), "blocks", files).press("f").write("state:any by:ada").press("enter", "ctrl+s", "ctrl+u").write("r.csv").press("enter").said("2 records")
	exportTo(t, attacked(), "clusters", files).press("f").write("kind:account").press("enter", "ctrl+s", "ctrl+u").write("c.jsonl").press("enter").said("1 record")
	exportTo(t, attacked(), "cases", files).press("f").write("state:false").press("enter", "ctrl+s", "ctrl+u").write("k.csv").press("enter").said("1 record")
	for name, want := range map[string]string{"r.csv": "prefix,action,expires,reason,by,created,lifted\n192.0.2.0/24,block,", "c.jsonl": `"kind":"account","prefix":null`, "k.csv": "agent:5eed,false_positive,"} {
		if !strings.Contains(files[name], want) {
			t.Errorf("%s is %q", name, files[name])
		}
	}
}

func TestAnExportThatFailsSaysSo(t *testing.T) {
	files := map[string]string{"out.csv": "precious"}
	m := sample()
	d := exportTo(t, m, "accounts", files).press("ctrl+s", "ctrl+u").write("out.csv").press("enter")
	if files["out.csv"] != "precious" {
		t.Error("a file was replaced")
	}
	// The question stays with what was typed and what is wrong: the next keys are no commands.
	d.sees("export to out.csv").sees("exists already").press("q", "x", "D").sees("out.csvqxD")
	d.press("backspace", "backspace", "backspace", "ctrl+u").write("new.csv").press("enter").misses("export to").said("written to new.csv")
	m.broken = errors.New("gone")
	d.press("ctrl+s", "ctrl+u").write("b.csv").press("enter")
	if _, there := files["b.csv"]; there || d.env.Saves.Running() != 0 {
		t.Errorf("%v, %d running", files, d.env.Saves.Running())
	}
	d.acts("export accounts 121")
}
