package part

import (
	"io"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"doorman/ui/theme"
)

// What is searched for stands out wherever it is in a row, also in the selected
// one and without colours; the text and the width stay as they were.
func TestFoundTextStandsOut(t *testing.T) {
	for _, level := range []theme.Level{theme.NoColor, theme.ANSI16} {
		th := theme.New(lipgloss.NewRenderer(io.Discard), level, true)
		tab := NewTable(th, func(s string) string { return s }, Column[string]{Title: "name", Min: 30, Cell: func(s string) Cell { return Cell{Text: s, Ink: th.Dim} }})
		tab.SetSize(40, 6)
		tab.Take(tab.Start(), Chunk[string]{Rows: []string{"Ada.Smith@example.org", "grace@smith-smith.org", "none"}})
		plain := ansi.Strip(tab.View())
		tab.SetFound("SMITH ")
		got := tab.View()
		if ansi.Strip(got) != plain {
			t.Errorf("the text changed:\n%s\n%s", plain, ansi.Strip(got))
		}
		if n := strings.Count(got, th.Found.Paint("Smith")) + strings.Count(got, th.Found.Paint("smith")); n != 3 {
			t.Errorf("level %v: %d of 3 stand out in %q", level, n, got)
		}
		tab.SetFound()
		if strings.Contains(tab.View(), th.Found.Paint("smith")) {
			t.Error("stands out without a search")
		}
	}
}
