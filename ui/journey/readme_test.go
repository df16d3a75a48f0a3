package journey

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"doorman/model/query"
)

// update writes what was generated into the reference instead of comparing.
var update = flag.Bool("update", false, "write the generated parts of the reference")

const (
	readme    = "../../README.md"
	reference = "../../.github/REFERENCE.md"
	// performance has the table of TestNightOnCall.
	performance = "../../.github/PERFORMANCE.md"
)

// TestReferenceKeys holds the key table to the program's own.
func TestReferenceKeys(t *testing.T) {
	out, err := exec.Command(program, "keys", "-o", "json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var lines []struct{ Page, Key, Does string }
	if err := json.Unmarshal(out, &lines); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	page := ""
	for _, l := range lines {
		if l.Page != page {
			page = l.Page
			fmt.Fprintf(&b, "\n| %s | |\n|---|---|\n", page)
		}
		keys := strings.Fields(strings.ReplaceAll(l.Key, "|", `\|`))
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.Join(keys, "` `"), strings.ReplaceAll(l.Does, "|", `\|`))
	}
	generated(t, "keys", b.String()+"\n")
}

// TestReferenceFilters holds the table of filter fields to the languages that read
// them.
func TestReferenceFilters(t *testing.T) {
	var b strings.Builder
	b.WriteString("\n| list | field | what it takes |\n|---|---|---|\n")
	for _, l := range []struct {
		list string
		query.Grammar
	}{
		{"Clusters", query.ForClusters()}, {"Accounts", query.ForAccounts()}, {"Resets", query.ForResets(time.Now)}, {"Blocks", query.ForRules(time.Now)},
		{"Outbox", query.ForLetters()}, {"Audit", query.ForAudit(time.Now)}, {"Cases", query.ForCases(time.Now)},
	} {
		for _, f := range l.Fields {
			fmt.Fprintf(&b, "| %s | `%s:` | %s |\n", l.list, f.Name, f.Form)
		}
		fmt.Fprintf(&b, "| %s | other words | %s |\n", l.list, l.Text)
	}
	generated(t, "filters", b.String()+"\n")
}

// TestReferenceCommands holds the help of every command to the program's own.
func TestReferenceCommands(t *testing.T) {
	var b strings.Builder
	for _, words := range commandsUnder(t) {
		fmt.Fprintf(&b, "\n### doorman %s\n\n```\n%s```\n", strings.Join(words, " "), helpOf(t, words...))
	}
	generated(t, "commands", b.String()+"\n")
}

// helpOf is the help of a command.
func helpOf(t *testing.T, words ...string) string {
	t.Helper()
	out, err := exec.Command(program, append(words, "--help")...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// commandsUnder lists every command below one, each as its words; help and
// completion, which are not our own, left out.
func commandsUnder(t *testing.T, words ...string) [][]string {
	t.Helper()
	var list [][]string
	for _, m := range regexp.MustCompile(`(?m)^  ([a-z]+)  +\S`).FindAllStringSubmatch(helpOf(t, words...), -1) {
		if m[1] == "help" || m[1] == "completion" {
			continue
		}
		below := append(slices.Clone(words), m[1])
		list = append(append(list, below), commandsUnder(t, below...)...)
	}
	return list
}

// TestReadmeIsShort: what is longer stands in the documents that it links to, all
// of which are there.
func TestReadmeIsShort(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "\n"); n > 220 {
		t.Errorf("the README has %d lines", n)
	}
	for _, m := range regexp.MustCompile(`(?:\]\(|src(?:set)?=")(\.github/[^)"]+)`).FindAllStringSubmatch(string(text), -1) {
		if _, err := os.Stat("../../" + m[1]); err != nil {
			t.Error(err)
		}
	}
}

// generated compares a marked part of the reference with what it should be.
func generated(t *testing.T, name, want string) {
	t.Helper()
	generatedIn(t, reference, name, want)
}

// generatedIn compares a marked part of a document with what it should be.
func generatedIn(t *testing.T, document, name, want string) {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->"
	before, rest, ok := strings.Cut(string(text), begin)
	got, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no part %q", document, name)
	}
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("the part %q of %s is out of date; run go test ./ui/journey -run 'Reference|Night' -update", name, document)
	}
	if err := os.WriteFile(document, []byte(before+begin+want+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestReadmeCommands sees to it that the README names every command there is,
// and none that is not.
func TestReadmeCommands(t *testing.T) {
	out, err := exec.Command(program, "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "\n## Commands\n")
	table, _, _ = strings.Cut(table, "\n## ")
	there := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^  ([a-z]+)  +\S`).FindAllStringSubmatch(string(out), -1) {
		there[m[1]] = true
		if m[1] != "help" && !regexp.MustCompile("`(doorman )?"+m[1]+"[ `]").MatchString(table) {
			t.Errorf("the README does not name the command %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile("`([a-z]+)[^`]*`").FindAllStringSubmatch(tableRows(table), -1) {
		if !there[m[1]] {
			t.Errorf("the README names %s, which is not a command", m[1])
		}
	}
}

// tableRows keeps the first column of the rows of a table.
func tableRows(text string) string {
	var rows []string
	for line := range strings.Lines(text) {
		if cells := strings.Split(line, " | "); strings.HasPrefix(line, "| `") && len(cells) > 1 {
			rows = append(rows, cells[0])
		}
	}
	return strings.Join(rows, "\n")
}
